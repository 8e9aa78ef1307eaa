"""Store and Vinoshipper side by side: only what differs, each with what to do about it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.catalog import client
from crushsync.accounts import limits
from crushsync.lib.errors import ConnectionProblem, PermanentError, SyncError
from crushsync.vinoshipper.payloads import Difference, side_by_side
from crushsync.vinoshipper.types import Acceptance, OrderAnswer, Progress
from fulfillment.models import (
    AttemptKind,
    Fulfillment,
    FulfillmentOrder,
    Outcome,
    ReportStatus,
    SyncAttempt,
)
from fulfillment.outgoing import listings_for, order_input

MOVING = {Progress.SHIPPED, Progress.DELIVERED}
TURNED_DOWN = {Acceptance.REJECTED, Acceptance.AGE_FAILED, Acceptance.AGE_LOCKED}
LABELS = {
    "quantity": lazy("Quantity of %(sku)s"),
    "price": lazy("Price of %(sku)s, in all"),
    "street": lazy("Street"),
    "city": lazy("City"),
    "state": lazy("State"),
    "postal_code": lazy("ZIP code"),
    "email": lazy("E-mail"),
    "name": lazy("Customer"),
    "ship_date": lazy("Requested ship date"),
}


@dataclass(frozen=True)
class Row:
    """One thing that differs. `action` names the act of fulfillment.actions that mends it; "" is none."""

    label: str
    in_store: str
    at_vinoshipper: str
    fix: str | Promise
    action: str = ""


@dataclass(frozen=True)
class Comparison:
    """Values may name people: it is shown and not kept."""

    number: str
    looked_at: datetime
    is_there: bool
    rows: tuple[Row, ...]


def compare(work: FulfillmentOrder, *, actor: str) -> Comparison:
    """Look at Vinoshipper now and compare with the order as the store last told it.

    Calls out, so never inside a transaction; writes one attempt and changes nothing else. Raises SyncError
    where Vinoshipper could not be asked, ValueError where the order goes to no account.
    """
    prefetch_related_objects(
        [work], "order__store", "order__lines", "order__fulfillments", "account__rate_rules"
    )
    started, clock = timezone.now(), time.monotonic()
    try:
        limits.heed_rest(work.partner, started)
        found = client(work.partner).get_order(work.number)
    except SyncError as error:
        _record(work, actor, started, clock, _outcome(error), error.sentence, error.trace_id)
        raise
    rows = tuple(_rows(work, found))
    told = _("Compared: %(count)d differences.") % {"count": len(rows)}
    _record(work, actor, started, clock, Outcome.OK, told, found.trace_id if found else "")
    return Comparison(work.number, started, found is not None, rows)


def _rows(work: FulfillmentOrder, found: OrderAnswer | None) -> Iterator[Row]:
    """What stands where, then where the parcel is, then the order itself."""
    state = _state(work, found)
    if state:
        yield state
    if found is None or (state and state.action != "retry"):
        return
    yield from _tracking(work, found)
    fix, action = _content_fix(found)
    for difference in side_by_side(order_input(work, listings_for([work])), found):
        yield Row(_label(difference), difference.ours or "–", difference.theirs or "–", fix, action)


def _state(work: FulfillmentOrder, found: OrderAnswer | None) -> Row | None:
    """Whether both sides agree that there is an order to ship."""
    is_over = found is None or found.progress == Progress.CANCELLED or found.acceptance == Acceptance.DELETED
    here = _("Canceled") if work.order.cancelled_at else _("To be shipped")
    there = _("Not there") if found is None else _("Canceled") if is_over else found.order_status
    label = _("The order")
    if work.order.cancelled_at and found is not None and not is_over:
        if found.progress in MOVING:
            return Row(label, here, there, _("It is on its way: ask the carrier to bring it back."))
        return Row(label, here, there, _("Void it at Vinoshipper too."), "void-sync")
    if work.order.cancelled_at or not is_over:
        return None
    if work.was_sent:
        return Row(
            label, here, there, _("Check Fulfillment takes over that it is gone."), "check-fulfillment"
        )
    return Row(label, here, there, _("Retry sends it as the store has it now."), "retry")


def _tracking(work: FulfillmentOrder, found: OrderAnswer) -> Iterator[Row]:
    """Whether the store knows where the parcel is."""
    if found.progress not in MOVING:
        return
    made = [f for f in work.order.fulfillments.all() if f.is_live]
    told = {n for f in made if f.report_status == ReportStatus.REPORTED for n in f.tracking_numbers}
    missing = [number for number in found.tracking_numbers if number not in told]
    if missing:
        fix, action = _tracking_fix(made, missing)
        yield Row(
            _("Tracking"), ", ".join(sorted(told)) or "–", ", ".join(found.tracking_numbers), fix, action
        )


def _tracking_fix(made: list[Fulfillment], missing: list[str]) -> tuple[str, str]:
    known = {number for f in made for number in f.tracking_numbers}
    refused = [f.report_sentence for f in made if f.report_status == ReportStatus.FAILED]
    if not known.issuperset(missing):
        return _("Check Fulfillment takes the tracking number over."), "check-fulfillment"
    if refused:
        return _("The store refused it: %(said)s") % {"said": refused[0]}, ""
    return _("The store is told by itself in a moment."), ""


def _content_fix(found: OrderAnswer) -> tuple[str, str]:
    if found.progress in MOVING:
        return _("It is on its way: settle it with the customer and in the store."), ""
    if found.acceptance in TURNED_DOWN:
        return _("Retry sends it as the store has it now."), "retry"
    return _("Vinoshipper changes no accepted order: Void Sync, then Retry."), "void-sync"


def _label(difference: Difference) -> str:
    return str(LABELS[difference.field]) % {"sku": difference.sku}


def _outcome(error: SyncError) -> Outcome:
    if isinstance(error, ConnectionProblem):
        return Outcome.CONNECTION
    return Outcome.REFUSED if isinstance(error, PermanentError) else Outcome.TEMPORARY


def _record(
    work: FulfillmentOrder,
    actor: str,
    started: datetime,
    clock: float,
    outcome: Outcome,
    sentence: str,
    trace_id: str,
) -> None:
    """Written after the call: it reads only, so one that is cut off leaves nothing to look into."""
    SyncAttempt.objects.create(
        order_id=work.order_id,
        fulfillment_order=work,
        kind=AttemptKind.COMPARE,
        actor=actor,
        started_at=started,
        seconds=round(time.monotonic() - clock, 3),
        outcome=outcome,
        sentence=sentence,
        trace_id=trace_id[:80],
    )
