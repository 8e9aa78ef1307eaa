from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_let_wineries_ship_themselves'),
        ('fulfillment', '0006_ask_customers_for_addresses'),
        ('orders', '0006_find_orders_by_any_part'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='fulfillmentorder',
            name='fulfillment_order_open_here',
        ),
        migrations.AddIndex(
            model_name='fulfillmentorder',
            index=models.Index(condition=models.Q(('reason_code__in', ('local_delivery', 'state_not_selected', 'not_us', 'own_cellar')), ('status', 'not_required')), fields=['order'], name='fulfillment_order_open_here'),
        ),
    ]
