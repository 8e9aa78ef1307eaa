"""What a person is offered who fulfills an order: the proposals for it, from the stock there is."""

import re

from fulfillment.models import StockLevel
from fulfillment.proposing import Proposal, by_availability, by_location, by_size
from fulfillment.shipping.counting import remaining
from fulfillment.stock import own_places, stock_skus
from fulfillment.stock.promises import promised, there
from orders.models import Order

# Bottles that do not go into the box of the others: magnums and larger, and cases.
LARGE = re.compile(r"\b(magnum|jeroboam|1[.,]5 ?l|3 ?l|1500|3000|case)\b", re.IGNORECASE)
SPLITS = ("location", "availability", "size")


def proposals(order: Order, split: str = "location", place: int | None = None) -> list[Proposal]:
    """The order's remaining pieces, divided by location, availability (at `place`) or size."""
    wanted = remaining(order)
    stock = _stock_of(order)
    first = place or next(iter(stock), None)
    if split == "size":
        large = {line.pk for line in order.lines.all() if LARGE.search(f"{line.title} {line.sku}")}
        return by_size(wanted, first, large)
    if split == "availability" and first is not None:
        return by_availability(wanted, first, stock.get(first, {}))
    return by_location(wanted, stock)


def _stock_of(order: Order) -> dict[int, dict[int, int]]:
    """Place -> the order's lines -> bottles there that are not promised to orders before it in line."""
    lines = list(order.lines.all())
    names = stock_skus(order.store, {line.sku for line in lines if line.sku})
    levels = StockLevel.objects.filter(location__in=own_places(order.winery_id), sku__in=names.values())
    free = {
        (level.location_id, level.sku): level.on_hand for level in levels.order_by("location__name", "pk")
    }
    for promise in promised(order.winery_id, ahead_of=order.pk):
        if promise.key in free:
            free[promise.key] -= promise.quantity
    return there(((line.pk, names.get(line.sku, ""), line.quantity) for line in lines), free)
