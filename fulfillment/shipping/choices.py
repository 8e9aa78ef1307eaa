"""What a person is offered who fulfills an order: the proposals for it, from the stock there is."""

import re

from fulfillment.models import FulfillmentOrder, StockLevel
from fulfillment.models.fulfillment_orders import OPEN_HERE
from fulfillment.proposing import Proposal, by_availability, by_location, by_size
from fulfillment.shipping.counting import remaining
from fulfillment.stock import own_places, stock_skus
from fulfillment.stock.promises import promised, there
from orders.models import Order

# Bottles that do not go into the box of the others: magnums and larger, and cases.
LARGE = re.compile(r"\b(magnum|jeroboam|1[.,]5 ?l|3 ?l|1500|3000|case)\b", re.IGNORECASE)


def proposals(order: Order) -> dict[str, list[Proposal]]:
    """The order's remaining pieces, divided in each way: by location; by availability, at the place that has
    most of them; by size."""
    wanted, stock = remaining(order), _stock_of(order)
    located = by_location(wanted, stock)
    place = next((part.place for part in located if part.place is not None), next(iter(stock), None))
    large = {line.pk for line in order.lines.all() if LARGE.search(f"{line.title} {line.sku}")}
    return {
        "location": located,
        "availability": by_availability(wanted, place, stock.get(place, {}) if place else {}),
        "size": by_size(wanted, place, large),
    }


def _stock_of(order: Order) -> dict[int, dict[int, int]]:
    """Place -> the order's lines -> bottles there that are not promised to orders before it in line."""
    lines = list(order.lines.all())
    names = stock_skus(order.store, {line.sku for line in lines if line.sku})
    levels = StockLevel.objects.filter(location__in=own_places(order.winery_id), sku__in=names.values())
    free = {
        (level.location_id, level.sku): level.on_hand for level in levels.order_by("location__name", "pk")
    }
    is_in_line = FulfillmentOrder.objects.filter(OPEN_HERE, order=order).exists()
    for promise in promised(order.winery_id, up_to=order if is_in_line else None):
        if promise.key in free and promise.order_id != order.pk:
            free[promise.key] -= promise.quantity
    wanted = [(line.pk, names.get(line.sku, ""), line.quantity) for line in lines]
    return there(wanted, dict.fromkeys(place for place, _sku in free), free)
