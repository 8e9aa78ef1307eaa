"""A fulfillment is canceled: its bottles are back, once, and its pieces may be shipped again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.lib.queue import clock
from fulfillment.models import AttemptKind, Fulfillment, FulfillmentStatus, ReportStatus, SyncStatus
from fulfillment.routing import decide
from fulfillment.shipping.booking import book_back
from fulfillment.shipping.counting import give_back
from fulfillment.shipping.making import announce, fresh, note
from fulfillment.shipping.parcels import Refused
from orders.models import EventKind, Order


def cancel_fulfillment(fulfillment_id: int, *, actor: str) -> Fulfillment:
    """Cancel what the winery ships itself; the store is told. One that is canceled already stays so.

    Restoring stock never fails. Raises Refused for what Vinoshipper ships and for what was delivered.
    """
    with transaction.atomic():
        made = locked(fulfillment_id)
        if not made.is_live:
            return made
        if not made.is_own:
            raise Refused(_("Vinoshipper ships it. Use Void Sync."))
        if made.status == FulfillmentStatus.DELIVERED:
            raise Refused(_("It was delivered. Book what comes back as a return."))
        undo(made, clock())
        untell(made, clock())
        made.save()
        note(made, EventKind.ACTED, "canceled", _("The fulfillment was canceled; its stock is back."), actor)
        free_pieces(made.order)
    return made


def locked(fulfillment_id: int) -> Fulfillment:
    """The fulfillment under its order's lock and its own, in that order. Raises Fulfillment.DoesNotExist."""
    order_id = Fulfillment.objects.values_list("order_id", flat=True).get(pk=fulfillment_id)
    Order.objects.select_for_update().get(pk=order_id)
    rows = Fulfillment.objects.select_for_update(of=("self",)).select_related("order__store")
    made: Fulfillment = rows.get(pk=fulfillment_id)
    return made


def undo(made: Fulfillment, now: datetime) -> None:
    """Give pieces and bottles back. Call under the order's lock, for a live one of our own. Not saved."""
    give_back({line.order_line_id: line.quantity for line in made.lines.all()})
    made.status, made.canceled_at = FulfillmentStatus.CANCELED, now
    book_back(made)


def untell(made: Fulfillment, now: datetime) -> None:
    """The store cancels what it shows, or may show, of a fulfillment that is off, whoever made it; what it
    was never told, it is not told. Not saved."""
    if made.store_fulfillment_id or made.attempts.filter(kind=AttemptKind.REPORT).exists():
        announce(made, now)
        return
    made.fence += 1  # whoever holds it has told nothing yet, and must not begin
    made.report_status, made.news_since = ReportStatus.NOT_YET, None
    made.settle(None)


def free_pieces(order: Order) -> None:
    """Decide about the order again. Pieces that would go to Vinoshipper now wait for a person: they were to
    be shipped here, and somebody may only be correcting a mistake."""
    work = decide(fresh(order))
    if work.status != SyncStatus.WAITING or work.reason_code != "send" or work.was_sent:
        return
    work.is_held = True
    work.hold_reason = _("a fulfillment was canceled; fulfill it again, or release it to Vinoshipper")
    work.save(update_fields=["is_held", "hold_reason"])
    decide(fresh(order))
