"""Whose numbers count between a store and us, and which numbers those are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crushsync.lib.queue import clock, ring, wait
from fulfillment.models import ListedStock, Listing, LocationMapping, StockDirection, StockLevel, StoreStock
from fulfillment.stock.comparing import Place
from fulfillment.stock.demand import open_at_vinoshipper
from fulfillment.stock.promises import promised
from orders.models import Store
from orders.stores import storefront

# A fulfillment changes several levels within a moment; the store is told of where they come to rest.
CALM = timedelta(seconds=5)


def share(store: Store, direction: StockDirection) -> StoreStock:
    """Say who is right about the store's numbers; they are compared at once.

    Raises ValidationError where the platform has no numbers we can read, and where taking over would make
    two masters of one place: another store that is taken over too, or Vinoshipper's own count.
    """
    refuse(store, direction)
    with transaction.atomic():
        StoreStock.objects.get_or_create(store=store)
        row: StoreStock = StoreStock.objects.select_for_update().get(store=store)
        row.direction, row.sentence, row.is_failing = direction, "", False
        if not row.is_in_flight:
            row.settle(None if direction == StockDirection.OFF else clock())
        row.save()
        ring()
    return row


def refuse(store: Store, direction: StockDirection) -> None:
    """Raises ValidationError where `share` would not let this direction be chosen."""
    if direction != StockDirection.OFF and storefront(store).inventory is None:
        raise ValidationError(_("CrushSync cannot read this platform's stock numbers."), code="platform")
    if direction == StockDirection.TAKE:
        _refuse_two_masters(store)


def wake(location_ids: Iterable[int], after: timedelta = CALM) -> None:
    """Have the stores compared soon that show these places' numbers. Call it without a lock on a level."""
    due = clock() + wait(after)
    concerned = StoreStock.objects.filter(
        Q(due_at__isnull=True) | Q(due_at__gt=due),
        direction=StockDirection.PUSH,
        open_claims=0,
        is_parked=False,
        store__location_mappings__in=LocationMapping.objects.filter(
            location__in=list(location_ids), shares_stock=True
        ),
    )
    rows = list(concerned.values_list("pk", flat=True))
    if rows:
        StoreStock.objects.filter(pk__in=rows, open_claims=0).update(due_at=due)
        ring()


def mappings_of(store: Store) -> list[LocationMapping]:
    """The store's locations whose numbers are kept the same."""
    found = LocationMapping.objects.filter(store=store, shares_stock=True, location__is_active=True)
    return list(found.select_related("location").order_by("pk"))


def numbers_for(store: Store) -> tuple[Place, ...]:
    """What the store should show: on hand, less what other stores have sold and nobody has shipped.

    What the store itself has sold it takes off by itself. Never below zero.
    """
    mappings = mappings_of(store)
    places = {mapping.location_id: mapping.location for mapping in mappings}
    sold = open_at_vinoshipper(places.values())
    elsewhere: Counter[tuple[int, str]] = Counter()
    for key, demands in sold.items():
        elsewhere[key] += sum(demand.quantity for demand in demands if demand.store_id != store.pk)
    for promise in promised(store.winery_id):
        if promise.store_id != store.pk:
            elsewhere[promise.key] += promise.quantity
    names = shop_skus(store)
    renamed = {sku for shops in names.values() for sku in shops}
    numbers: dict[int, dict[str, int]] = defaultdict(dict)
    for level in StockLevel.objects.filter(location__in=places):
        own_name = [] if level.sku in renamed else [level.sku]
        for sku in (*own_name, *names.get(level.sku, ())):
            numbers[level.location_id][sku] = max(level.on_hand - elsewhere[level.location_id, level.sku], 0)
    seen: dict[int, dict[str, int]] = defaultdict(dict)
    listed = ListedStock.objects.filter(mapping__in=mappings)
    for mapping_id, item, number in listed.values_list("mapping", "item_id", "number"):
        seen[mapping_id][item] = number
    return tuple(
        Place(mapping.external_id, numbers[mapping.location_id], seen[mapping.pk]) for mapping in mappings
    )


def shop_skus(store: Store) -> Mapping[str, list[str]]:
    """SKU of a level -> what the store calls it, where the store says otherwise."""
    names: dict[str, list[str]] = defaultdict(list)
    for sku, ours in Listing.objects.filter(store=store).values_list("sku", "destination_sku"):
        names[ours].append(sku)
    return names


def _refuse_two_masters(store: Store) -> None:
    own = mappings_of(store)
    if any(mapping.location.vinoshipper_account_id for mapping in own):
        raise ValidationError(_("Vinoshipper's own count is right about its location."), code="two_masters")
    others = LocationMapping.objects.filter(
        location__in=[mapping.location_id for mapping in own],
        shares_stock=True,
        store__stock__direction=StockDirection.TAKE,
    ).exclude(store=store)
    if others.exists():
        raise ValidationError(
            _("Another store's numbers are taken over for the same location."), code="two_masters"
        )
