from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_let_shops_name_fee_lines"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="inboundhint",
            index=models.Index(
                condition=models.Q(("body__isnull", False), models.Q(("order_number", ""), _negated=True)),
                fields=["order_number"],
                name="orders_hint_about",
            ),
        ),
    ]
