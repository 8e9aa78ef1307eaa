"""What the winery's own places have promised: to open orders that it ships itself, and nobody has packed.

Orders stand in line by the day they were placed. Each is promised its pieces from where they would be shipped
from; what no place has is promised by the first one that keeps the product, which then has too few.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db.models import F, Q, QuerySet

from fulfillment.models import FulfillmentOrder, StockLevel, StockLocation
from fulfillment.models.fulfillment_orders import OPEN_HERE
from fulfillment.proposing import by_location
from fulfillment.stock.mapping import winery_skus
from orders.models import Order, OrderLine
from orders.storefronts.types import DeliveryMethod, LineKind

Key = tuple[int, str]  # location id, SKU of the level


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pieces of one order line that the winery has to ship."""

    order_id: int
    store_id: int
    line_id: int
    sku: str  # the level's
    quantity: int


@dataclass(frozen=True, slots=True)
class Promise:
    """`is_there`: the place has these pieces; otherwise it is short of them."""

    place_id: int
    sku: str
    store_id: int
    order_id: int
    quantity: int
    is_there: bool

    @property
    def key(self) -> Key:
        return self.place_id, self.sku


def own_places(winery_id: int) -> "QuerySet[StockLocation]":
    """Where the winery itself can ship from."""
    return StockLocation.objects.filter(winery=winery_id, is_active=True, vinoshipper_account=None)


def promised(winery_id: int, up_to: Order | None = None) -> list[Promise]:
    """All that the winery's places have promised; `up_to`: only to that order and to those before it."""
    levels = StockLevel.objects.filter(location__in=own_places(winery_id)).order_by(
        "location__name", "location_id"
    )
    free = {(place, sku): count for place, sku, count in levels.values_list("location", "sku", "on_hand")}
    if not free:
        return []
    keepers: dict[str, list[int]] = {}  # of each SKU the places that keep it
    for place, sku in free:
        keepers.setdefault(sku, []).append(place)
    found: list[Promise] = []
    for _order, lines in groupby(_line(winery_id, up_to), key=attrgetter("order_id")):
        for promise in _to_one(list(lines), free, keepers):
            found.append(promise)
            free[promise.key] -= promise.quantity
    return found


def there(
    lines: Collection[tuple[int, str, int]], places: Iterable[int], free: Mapping[Key, int]
) -> dict[int, dict[int, int]]:
    """Place -> line -> what it has of these (line, SKU, pieces); lines of one SKU share its bottles."""
    found: dict[int, dict[int, int]] = {}
    for place in places:
        left = {sku: max(free.get((place, sku), 0), 0) for _line, sku, _count in lines}
        found[place] = {}
        for line, sku, count in lines:
            found[place][line] = min(count, left[sku])
            left[sku] -= found[place][line]
    return found


def _line(winery_id: int, up_to: Order | None) -> list[Wanted]:
    """The pieces to be shipped, by the order they belong to, first placed first."""
    open_here = FulfillmentOrder.objects.filter(OPEN_HERE, order__winery=winery_id, order__cancelled_at=None)
    rows = OrderLine.objects.filter(
        ~Q(sku="") & ~Q(delivery_method=DeliveryMethod.NONE),
        order__in=open_here.values("order"),
        kind=LineKind.GOODS,
        quantity__gt=F("shipped_here"),
    ).order_by("order__placed_at", "order_id", "position")
    if up_to:
        earlier = Q(order__placed_at=up_to.placed_at, order_id__lte=up_to.pk)
        rows = rows.filter(Q(order__placed_at__lt=up_to.placed_at) | earlier)
    names = winery_skus([winery_id])
    fields = ("order_id", "order__store_id", "pk", "sku", "quantity", "shipped_here")
    return [
        Wanted(order, store, line, names.get((store, sku), sku), quantity - shipped)
        for order, store, line, sku, quantity, shipped in rows.values_list(*fields)
    ]


def _to_one(
    lines: list[Wanted], free: Mapping[Key, int], keepers: Mapping[str, Sequence[int]]
) -> list[Promise]:
    by_id = {line.line_id: line for line in lines}
    places = {place for line in lines for place in keepers.get(line.sku, ())}
    stock = there([(line.line_id, line.sku, line.quantity) for line in lines], places, free)
    found = []
    for part in by_location({line.line_id: line.quantity for line in lines}, stock):
        for key, count in part.pieces.items():
            line = by_id[key]
            place = keepers.get(line.sku, (None,))[0] if part.place is None else part.place
            if place is not None:
                is_there = part.place is not None
                found.append(Promise(place, line.sku, line.store_id, line.order_id, count, is_there))
    return found
