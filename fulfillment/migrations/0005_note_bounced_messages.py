from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0004_find_tracking_numbers_by_any_part'),
    ]

    operations = [
        migrations.AddField(
            model_name='customermessage',
            name='provider_id',
            field=models.CharField(blank=True, db_index=True, max_length=200),
        ),
        migrations.AlterField(
            model_name='customermessage',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed'), ('unknown', 'Unknown whether it was sent'), ('bounced', 'Bounced')], default='waiting', max_length=10, verbose_name='state'),
        ),
    ]
