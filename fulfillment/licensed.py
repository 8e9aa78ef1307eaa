"""What the winery ships itself under Vinoshipper's license: once it has left, Vinoshipper is told."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from fulfillment.models import SHIPPED_THERE, FulfillmentOrder, StoreFulfillment, StoreState, SyncStatus
from orders.models import EventKind, Order, OrderEvent
from orders.storefronts.shipments import StoreShipment


def note_shipped(order: Order, shipments: Sequence[StoreShipment], now: datetime) -> bool:
    """Have Vinoshipper told if the store's staff have fulfilled all that it has of the order. Call under the
    order's lock, after these shipments were taken in.

    False: Vinoshipper is just being asked about it, so the store has to be read again in a moment.
    """
    account = order.store.vinoshipper_account
    if not shipments or account is None or not account.ships_itself:
        return True
    sent = FulfillmentOrder.objects.select_for_update().filter(order=order, status=SyncStatus.SENT)
    untold = sent.filter(void_reason="", is_ship_asked=False)
    work = untold.exclude(partner_order_status__in=SHIPPED_THERE).first()
    if work is None or not _has_left(work, shipments):
        return True
    if work.is_in_flight:
        return False
    work.is_ship_asked, work.due_at, work.tries = True, now, 0
    work.save(update_fields=["is_ship_asked", "due_at", "tries"])
    sentence = _("The shop's staff have shipped all of it: Vinoshipper is told.")
    OrderEvent.objects.create(order=order, kind=EventKind.CHANGED, code="shipped_itself", sentence=sentence)
    return True


def _has_left(work: FulfillmentOrder, shipments: Sequence[StoreShipment]) -> bool:
    """Whether fulfillments that are nobody's but the store's staff's cover all of it: our own reports of what
    Vinoshipper ships come back as fulfillments, too."""
    by_staff = StoreFulfillment.objects.filter(order=work.order_id, state=StoreState.AWAITED)
    awaited = set(by_staff.values_list("external_id", flat=True))
    lines = work.lines.select_related("order_line")
    left = Counter({line.order_line.external_id: line.quantity for line in lines})
    for told in shipments:
        if told.is_live and told.external_id in awaited:
            left.subtract(dict(told.lines))
    return all(pieces <= 0 for pieces in left.values())
