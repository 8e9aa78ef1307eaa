"""A repeated call is known under a key that took another's place, and its answer keeps its tag."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("apikey", "line", models.BigIntegerField(editable=False, null=True)),
        migrations.AddField("idempotentcall", "tag", models.CharField(blank=True, max_length=40)),
    ]
