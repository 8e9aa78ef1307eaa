from django.db import migrations, models

from crushsync.lib.part_index import part_index

TEXTS = ("name", "email", "first_name", "last_name")


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_find_webhooks_of_an_order")]
    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["-placed_at", "-id"], name="orders_order_all_newest"),
        ),
        part_index("orders_order_words", "orders_order", *(f"upper({text})" for text in TEXTS)),
    ]
