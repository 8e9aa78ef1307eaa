from django.db import migrations, models

FIELD = models.JSONField(blank=True, default=list, verbose_name="fee lines")


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_find_emails_and_acts"),
    ]

    operations = [
        migrations.AddField(model_name="store", name="fee_titles", field=FIELD),
        migrations.AddField(model_name="historicalstore", name="fee_titles", field=FIELD.clone()),
    ]
