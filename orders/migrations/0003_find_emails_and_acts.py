from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_let_staff_choose_the_ship_date"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(Upper("email"), name="orders_order_email"),
        ),
        migrations.AddIndex(
            model_name="orderevent",
            index=models.Index(
                condition=models.Q(("kind", "acted")), fields=["-id"], name="orders_event_acts"
            ),
        ),
    ]
