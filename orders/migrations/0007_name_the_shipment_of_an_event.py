from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0006_find_orders_by_any_part"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderevent",
            name="fulfillment_id",
            field=models.PositiveBigIntegerField(null=True),
        ),
    ]
