from django.db import migrations, models

KINDS = [
    ("read", "Read from the store"),
    ("send", "Send to Vinoshipper"),
    ("void", "Void in Vinoshipper"),
    ("follow", "Look at Vinoshipper"),
    ("ship", "Mark as shipped at Vinoshipper"),
    ("report", "Report to the store"),
    ("mark", "Mark in the store"),
    ("compare", "Compare with Vinoshipper"),
]


class Migration(migrations.Migration):
    dependencies = [("fulfillment", "0002_count_promises_soon")]

    operations = [
        migrations.AddField(
            model_name="fulfillmentorder",
            name="is_ship_asked",
            field=models.BooleanField(default=False),
        ),
        # Vinoshipper's links may be signed, and long.
        migrations.AlterField(
            model_name="fulfillmentorder",
            name="id_scan_url",
            field=models.URLField(blank=True, max_length=2000),
        ),
        migrations.AlterField(
            model_name="syncattempt",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=10, verbose_name="what"),
        ),
    ]
