"""What the store shipped from a location that nobody has mapped, and what it shipped a second time.

The pieces count at once; only the bottles wait until a person says which place the location is.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from compliance.problems import entry
from crushsync.lib.queue import clock
from fulfillment import stock
from fulfillment.models import (
    Fulfillment,
    FulfillmentStatus,
    StockLocation,
    StoreFulfillment,
    StoreState,
)
from fulfillment.problems.noting import SUBJECT_LENGTH, Cause, note_codes
from fulfillment.shipping.booking import book_out
from fulfillment.shipping.making import note
from orders.models import EventKind, Order, Store

UNMAPPED, TWICE = "unmapped_location", "fulfilled_twice"


def map_place(store: Store, external_id: str, location: StockLocation, *, actor: str) -> int:
    """Say which place the store's location is, and book what was shipped from it since. Returns how many
    fulfillments that were. Raises ValidationError for a place of another winery."""
    name = _unplaced(store, external_id).values_list("place_name", flat=True).first() or ""
    mapping = partial(stock.map_location, store, external_id, location, name)
    return with_mapping(store, external_id, mapping, actor=actor)


def with_mapping(store: Store, external_id: str, save: Callable[[], object], *, actor: str) -> int:
    """`save` the mapping of the store's location, and book what was shipped from it since, in one
    transaction. Returns how many fulfillments waited for it."""
    with transaction.atomic():
        concerned = _unplaced(store, external_id).values("order")
        waiting = list(Order.objects.select_for_update().filter(pk__in=concerned).order_by("pk"))
        count = _unplaced(store, external_id).count()
        save()
        for order in waiting:
            settle_places(order, clock(), actor)
    return count


def settle_places(order: Order, now: datetime, actor: str = "") -> None:
    """Book what has a place by now, and make the order's problems say what has none. Call under the order's
    lock."""
    for row in unplaced(order):
        place = stock.location_of(order.store, row.place)
        if place is not None and row.fulfillment is not None:
            _put(row.fulfillment, place, actor)
    _note_problems(order, now)


def _put(made: Fulfillment, place: StockLocation, actor: str) -> None:
    made.location = place
    made.save(update_fields=["location"])
    book_out(made, made.lines.select_related("order_line"), may_go_negative=True)
    note(made, EventKind.ACTED if actor else EventKind.MOVED, "placed", _("It ships from %s.") % place, actor)


def unplaced(order: Order) -> QuerySet[StoreFulfillment]:
    """What the store shipped of the order from a location that means no place here."""
    return _unplaced(order.store).filter(order=order)


def _unplaced(store: Store, external_id: str = "") -> QuerySet[StoreFulfillment]:
    """The store's live fulfillments whose location means no place here."""
    rows = StoreFulfillment.objects.filter(
        store=store, state=StoreState.KNOWN, fulfillment__location=None, fulfillment__fulfillment_order=None
    ).exclude(Q(place="") | Q(fulfillment__status=FulfillmentStatus.CANCELED))
    rows = rows.filter(place=external_id) if external_id else rows
    return rows.select_related("fulfillment__order__store").order_by("pk")


def _note_problems(order: Order, now: datetime) -> None:
    """One open problem for each unmapped location and each fulfillment too many; a winery without places of
    its own keeps no stock here, and has no problem with them."""
    causes = []
    if stock.own_places(order.winery_id).exists():
        causes += [_cause(order, UNMAPPED, row.place_name or row.place) for row in unplaced(order)]
    doubled = StoreFulfillment.objects.filter(order=order, state=StoreState.TOO_MUCH)
    causes += [_cause(order, TWICE, row.external_id) for row in doubled]
    note_codes([order.pk], (UNMAPPED, TWICE), causes, now)


def _cause(order: Order, code: str, subject: str) -> Cause:
    subject = subject[:SUBJECT_LENGTH]
    return Cause(order.winery_id, code, subject, entry(code).say(subject), order_id=order.pk)
