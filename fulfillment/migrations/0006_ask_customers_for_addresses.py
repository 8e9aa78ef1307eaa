from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fulfillment', '0005_note_bounced_messages'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customermessage',
            name='kind',
            field=models.CharField(choices=[('id_scan', 'ID scan'), ('not_compliant', 'May not be shipped there'), ('address', 'Where to deliver it')], max_length=15, verbose_name='about'),
        ),
    ]
