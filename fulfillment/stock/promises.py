"""What the winery's own places have promised: to open orders that it ships itself, and nobody has packed.

Orders stand in line by the day they were placed. Each is promised its pieces from where they would be shipped
from; what no place has is promised by the first one that keeps the product, which then has too few.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import F, Q, QuerySet

from crushsync.lib.queue import save_many
from fulfillment.models import FulfillmentOrder, Listing, StockLevel, StockLocation
from fulfillment.models.fulfillment_orders import OPEN_HERE
from fulfillment.proposing import by_location
from fulfillment.stock.low import note_low
from orders.models import OrderLine
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
    place_id: int
    sku: str
    store_id: int
    quantity: int

    @property
    def key(self) -> Key:
        return self.place_id, self.sku


def own_places(winery_id: int) -> "QuerySet[StockLocation]":
    """Where the winery itself can ship from."""
    return StockLocation.objects.filter(winery=winery_id, is_active=True, vinoshipper_account=None)


def promised(winery_id: int, ahead_of: int | None = None) -> list[Promise]:
    """All that the winery's places have promised; `ahead_of`: only to orders in line before that one."""
    levels = StockLevel.objects.filter(location__in=own_places(winery_id)).order_by(
        "location__name", "location"
    )
    free = {(level.location_id, level.sku): level.on_hand for level in levels}
    if not free:
        return []
    keepers: dict[str, int] = {}
    for place, sku in free:
        keepers.setdefault(sku, place)
    found: list[Promise] = []
    for order_id, lines in groupby(_line(winery_id), key=attrgetter("order_id")):
        if order_id == ahead_of:
            break
        for promise in _to_one(list(lines), free, keepers):
            found.append(promise)
            free[promise.key] -= promise.quantity
    return found


def there(lines: Iterable[tuple[int, str, int]], free: Mapping[Key, int]) -> dict[int, dict[int, int]]:
    """Place -> line -> what it has of these (line, SKU, pieces); lines of one SKU share its bottles."""
    wanted = list(lines)
    found: dict[int, dict[int, int]] = {}
    for place in dict.fromkeys(place for place, _sku in free):
        left = {sku: max(free.get((place, sku), 0), 0) for _line, sku, _count in wanted}
        found[place] = {}
        for line, sku, count in wanted:
            found[place][line] = min(count, left[sku])
            left[sku] -= found[place][line]
    return found


def note_promised(winery_ids: Collection[int]) -> None:
    """Make `reserved` of the wineries' own places what they have promised. Call it outside a transaction."""
    for winery_id in sorted(winery_ids):
        with transaction.atomic():
            # One at a time for each winery: who comes later has seen what the other wrote.
            mine = StockLocation.objects.filter(winery=winery_id, vinoshipper_account=None).order_by("pk")
            places = {place.pk: place for place in mine.select_for_update(no_key=True)}
            if places:
                _write(places, promised(winery_id))


def _write(places: Mapping[int, StockLocation], promises: Iterable[Promise]) -> None:
    reserved: Counter[Key] = Counter()
    for promise in promises:
        reserved[promise.key] += promise.quantity
    known = StockLevel.objects.filter(location__in=places)
    stale = [level.pk for level in known if level.reserved != reserved[level.location_id, level.sku]]
    rows = StockLevel.objects.select_for_update().filter(pk__in=stale).order_by("location_id", "sku")
    changed: dict[int, list[StockLevel]] = defaultdict(list)
    for level in rows:
        level.reserved = reserved[level.location_id, level.sku]
        changed[level.location_id].append(level)
    save_many([level for levels in changed.values() for level in levels], ["reserved"])
    for place, levels in changed.items():
        note_low(places[place], levels)


def _line(winery_id: int) -> list[Wanted]:
    """The pieces to be shipped, by the order they belong to, first placed first."""
    open_here = FulfillmentOrder.objects.filter(OPEN_HERE, order__winery=winery_id, order__cancelled_at=None)
    rows = OrderLine.objects.filter(
        ~Q(sku="") & ~Q(delivery_method=DeliveryMethod.NONE),
        order__in=open_here.values("order"),
        kind=LineKind.GOODS,
        quantity__gt=F("shipped_here"),
    ).order_by("order__placed_at", "order", "position")
    listings = Listing.objects.filter(store__winery=winery_id)
    names = {
        (store, sku): ours for store, sku, ours in listings.values_list("store", "sku", "destination_sku")
    }
    fields = ("order_id", "order__store_id", "pk", "sku", "quantity", "shipped_here")
    return [
        Wanted(order, store, line, names.get((store, sku), sku), quantity - shipped)
        for order, store, line, sku, quantity, shipped in rows.values_list(*fields)
    ]


def _to_one(lines: list[Wanted], free: Mapping[Key, int], keepers: Mapping[str, int]) -> list[Promise]:
    by_id = {line.line_id: line for line in lines}
    stock = there(((line.line_id, line.sku, line.quantity) for line in lines), free)
    parts = by_location({line.line_id: line.quantity for line in lines}, stock)
    shares = [
        (part.place if part.place is not None else keepers.get(by_id[line].sku), by_id[line], count)
        for part in parts
        for line, count in part.pieces.items()
    ]
    return [
        Promise(place, line.sku, line.store_id, count) for place, line, count in shares if place is not None
    ]
