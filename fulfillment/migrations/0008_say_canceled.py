from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0007_let_pushed_stores_ship_their_own'),
    ]

    operations = [
        migrations.AlterField(
            model_name='batch',
            name='cancelled_at',
            field=models.DateTimeField(null=True, verbose_name='canceled'),
        ),
        migrations.AlterField(
            model_name='batchrow',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('refused', 'Not done'), ('failed', 'Failed'), ('cancelled', 'Canceled')], default='waiting', max_length=10, verbose_name='result'),
        ),
        migrations.AlterField(
            model_name='stockimportline',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('refused', 'Not done'), ('failed', 'Failed'), ('cancelled', 'Canceled')], default='waiting', max_length=10, verbose_name='result'),
        ),
    ]
