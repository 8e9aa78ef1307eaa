"""From what Vinoshipper says of an order to the shipments it made."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from crushsync.lib.queue import ring, wait
from crushsync.vinoshipper.types import OrderAnswer, Progress
from fulfillment.models import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    FulfillmentOrderLine,
    FulfillmentStatus,
    ReportStatus,
)
from fulfillment.models.fulfillments import RANK
from fulfillment.shipping.canceling import untell
from orders.models import EventKind, OrderEvent

# Their orderStatus -> our shipment's status. A label is not a shipment: nothing moves yet.
STATUS_OF = {
    Progress.LABELED: FulfillmentStatus.PENDING,
    Progress.SHIPPED: FulfillmentStatus.SHIPPED,
    Progress.DELIVERED: FulfillmentStatus.DELIVERED,
}
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=6)


def follow_wait(since: datetime | None, now: datetime) -> timedelta:
    """When to look next: soon after sending, then ever slower, but never not at all.

    A quarter of the time gone by, within a minute and six hours; their hints come between.
    """
    age = now - since if since else timedelta(0)
    return wait(min(max(age / 4, SOONEST), LATEST))


def apply(work: FulfillmentOrder, answer: OrderAnswer, now: datetime) -> list[OrderEvent]:
    """Bring the order's shipment up to what Vinoshipper says; returns what to write into its history.

    One Vinoshipper order is one shipment, its packages merge: a late answer with fewer of them takes no
    number away and does not move the status back. Call inside a transaction.
    """
    status = STATUS_OF.get(answer.progress)
    if status is None:
        return []
    made = (
        Fulfillment.objects.select_for_update()
        .filter(fulfillment_order=work)
        .exclude(status=FulfillmentStatus.CANCELED)
        .first()
    )
    if made is None:
        made = _create(work)
    before, told = (made.status, list(made.tracking_numbers)), made.news_hash
    if RANK[status] > RANK[FulfillmentStatus(made.status)]:
        made.status = status
    made.carrier = answer.carrier or made.carrier
    _number(made, answer.tracking_numbers)
    if made.status != FulfillmentStatus.PENDING:
        made.shipped_at = made.shipped_at or answer.shipped_at or now
    if made.status == FulfillmentStatus.DELIVERED:
        made.delivered_at = made.delivered_at or answer.delivered_at or now
    if made.report_status != ReportStatus.FAILED or made.news_hash != told:  # the same is refused again
        _ask_for_report(made, work, now)
    made.save()
    return _story(made, before)


def _ask_for_report(made: Fulfillment, work: FulfillmentOrder, now: datetime) -> None:
    """Make the report to the store due if there is news and it is time for it. Not saved."""
    is_time = made.status != FulfillmentStatus.PENDING or (work.account and work.account.report_at_label)
    # The customer's mail goes out with the report: it waits for the number, unless there will be none.
    is_complete = bool(made.tracking_numbers) or made.carrier == "SELF"
    if not is_time or not is_complete or made.news_hash == made.reported_hash:
        return
    made.report_status = ReportStatus.WAITING
    made.news_since = made.news_since or now
    if not made.is_in_flight:
        made.due_at = now
    ring()


def cancel_all(work: FulfillmentOrder, now: datetime) -> list[OrderEvent]:
    """The order is void there: its shipments are off, in the store too. Returns what to write into its
    history. Call inside a transaction."""
    live = list(work.fulfillments.select_for_update().exclude(status=FulfillmentStatus.CANCELED))
    for made in live:
        made.status, made.canceled_at = FulfillmentStatus.CANCELED, now
        untell(made, now)
        made.save()
    sentence = _("The shipment is off: Vinoshipper's order is canceled.")
    return [_moved(made, sentence) for made in live]


def _create(work: FulfillmentOrder) -> Fulfillment:
    made = Fulfillment.objects.create(
        winery_id=work.winery_id, order_id=work.order_id, fulfillment_order=work
    )
    lines = FulfillmentOrderLine.objects.filter(fulfillment_order=work)
    FulfillmentLine.objects.bulk_create(
        [
            FulfillmentLine(fulfillment=made, order_line_id=line.order_line_id, quantity=line.quantity)
            for line in lines
        ]
    )
    return made


def _number(made: Fulfillment, told: Sequence[str]) -> None:
    """Take the packages' numbers over. Another one for each package we know of: labels were replaced."""
    known = made.tracking_numbers
    if len(told) >= len(known):
        gone = [number for number in known if number not in told]
        made.tracking_numbers = list(told)
        made.replaced_numbers = [n for n in [*made.replaced_numbers, *gone] if n not in told]
    else:
        made.tracking_numbers = [*known, *(number for number in told if number not in known)]


def _story(made: Fulfillment, before: tuple[str, list[str]]) -> list[OrderEvent]:
    status, numbers = before
    added = [number for number in made.tracking_numbers if number not in numbers]
    gone = [number for number in numbers if number not in made.tracking_numbers]
    if status == made.status and not added:
        return []
    sentence = f"Shipment: {made.get_status_display()}"
    if added:
        sentence += f", {made.carrier} {', '.join(added)}".rstrip()
    if gone:
        sentence += f" instead of {', '.join(gone)}"
    return [_moved(made, f"{sentence}.")]


def _moved(made: Fulfillment, sentence: str) -> OrderEvent:
    return OrderEvent(
        order_id=made.order_id,
        kind=EventKind.MOVED,
        code=made.status,
        sentence=sentence,
        fulfillment_id=made.pk,
    )
