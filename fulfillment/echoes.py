"""Hints that tell nothing new: an older version than the one we read, and the echo of our own writing.

Two changes within one second have the same version, so a version alone proves nothing about itself; with the
same content beside it, and no shipment that is news, it does. While an order waits for something, everything
about it is read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as lazy

from fulfillment.models import (
    Fulfillment,
    FulfillmentOrder,
    FulfillmentStatus,
    StoreFulfillment,
    StoreState,
    SyncStatus,
)
from orders.models import HintSource, HintState, InboundHint, Order
from orders.storefronts.types import Hint, HintedShipment

OLDER = lazy("A newer state of the order is known.")
ECHO = lazy("Our own writing came back: nothing that matters changed.")
OURS = lazy("Our own shipment came back.")


@dataclass(frozen=True)
class Known:
    """An order as we have it; `is_sent`: all of its work is at its destination."""

    order_id: int
    version: datetime
    webhook_hash: str
    is_sent: bool


@dataclass
class Shown:
    """An order's shipments as the store is known to have them."""

    # The store's id -> whether it is canceled there, and its numbers; None: it is none of ours.
    by_id: dict[str, tuple[bool, list[str] | None]] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)  # numbers of ours whose id there we have not heard yet

    def has(self, told: HintedShipment) -> bool:
        """Whether what is told of a shipment is no news."""
        if told.id not in self.by_id:
            return told.is_live and bool(told.tracking) and self.untold.issuperset(told.tracking)
        is_canceled, numbers = self.by_id[told.id]
        return is_canceled != told.is_live and (numbers is None or set(numbers).issuperset(told.tracking))


def end_known(hints: Sequence[InboundHint], heard: Mapping[int, Hint]) -> None:
    """Settle the hints that need no reading (not saved). Call inside a transaction."""
    telling = [
        hint
        for hint in hints
        if hint.source != HintSource.STAFF
        and (told := heard.get(hint.pk))
        and (told.changed_at or told.shipments)
    ]
    orders = _orders(telling)
    is_shipment_told = any(heard[hint.pk].shipments for hint in telling)
    shown = _shown([order.order_id for order in orders.values()] if is_shipment_told else [])
    for hint in telling:
        order = orders.get(_key(hint))
        if order and (why := _why_known(order, heard[hint.pk], shown[order.order_id])):
            hint.state, hint.sentence = HintState.DONE, why
            hint.settle(None)


def _key(hint: InboundHint) -> tuple[int | None, str]:
    return hint.store_id, hint.order_number


def _orders(hints: Sequence[InboundHint]) -> dict[tuple[int | None, str], Known]:
    """The hints' orders that we have."""
    if not hints:
        return {}
    works = FulfillmentOrder.objects.filter(order=OuterRef("pk"))
    found = Order.objects.filter(
        store__in={hint.store_id for hint in hints}, external_id__in={hint.order_number for hint in hints}
    ).annotate(
        is_sent=Exists(works.filter(status=SyncStatus.SENT)) & ~Exists(works.exclude(status=SyncStatus.SENT))
    )
    rows = found.values_list("store_id", "external_id", "pk", "store_updated_at", "webhook_hash", "is_sent")
    return {(store_id, external_id): Known(*row) for store_id, external_id, *row in rows}


def _shown(orders: Sequence[int]) -> dict[int, Shown]:
    """What the store is known to show of these orders, by the order's id."""
    found: dict[int, Shown] = defaultdict(Shown)
    if orders:
        rows = StoreFulfillment.objects.filter(order__in=orders)
        fields = ("order_id", "external_id", "state", "fulfillment__tracking_numbers")
        for order_id, key, state, numbers in rows.values_list(*fields):
            found[order_id].by_id[key] = (state == StoreState.CANCELED, numbers)
        untold = Fulfillment.objects.filter(order__in=orders, in_store=None)
        live = untold.exclude(status=FulfillmentStatus.CANCELED)
        for order_id, numbers in live.values_list("order_id", "tracking_numbers"):
            found[order_id].untold.update(numbers)
    return found


def _why_known(order: Known, told: Hint, shown: Shown) -> str:
    are_known = all(map(shown.has, told.shipments))
    if told.changed_at is None:
        return str(OURS) if are_known else ""
    if told.changed_at < order.version:
        return str(OLDER)
    if not order.is_sent or not are_known or told.content != order.webhook_hash or not told.content:
        return ""
    Order.objects.filter(pk=order.order_id, store_updated_at__lt=told.changed_at).update(
        store_updated_at=told.changed_at
    )
    return str(ECHO)
