from django.db import migrations, models

FIELD = models.BooleanField(
    default=False,
    help_text="Under Vinoshipper's licence: what the shop's staff have fulfilled is marked as shipped there.",
    verbose_name="the winery ships the goods itself",
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_callers_outlive_their_key")]

    operations = [
        migrations.AddField(model_name="vinoshipperaccount", name="ships_itself", field=FIELD),
        migrations.AddField(model_name="historicalvinoshipperaccount", name="ships_itself", field=FIELD.clone()),
    ]
