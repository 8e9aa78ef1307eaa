from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="chosen_ship_date",
            field=models.DateField(null=True, verbose_name="ship date"),
        ),
    ]
