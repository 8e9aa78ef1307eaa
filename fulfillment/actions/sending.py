"""Whether an order goes: try again, void, mark as shipped, keep it from going."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.lib.queue import clock
from fulfillment.actions.base import OPEN_CALL, Action, Ask, Asked, Doubt
from fulfillment.models import SHIPPED_THERE, FulfillmentOrder, SyncStatus
from fulfillment.outgoing import number_of
from fulfillment.routing import decide
from fulfillment.stock import count_soon

NEVER_SENT = lazy("It was never sent. Use Don't Send to keep it from going.")


def _cannot_retry(work: FulfillmentOrder) -> str:
    if work.status == SyncStatus.SENT:
        return _("Vinoshipper has it already.")
    if work.status == SyncStatus.NOT_REQUIRED:
        return _("It does not have to be sent: %(why)s") % {"why": work.reason}
    if work.status == SyncStatus.DONT_SEND:
        return _("Somebody decided not to send it. Undo that first.")
    return _("It is on hold. Release it first.") if work.is_held else ""


def _retry(work: FulfillmentOrder, asked: Asked) -> str:
    """Make it due now; its problem stays until the outcome is known. After a void it gets its next number."""
    _leave_voided_number(work)
    work.asked_by, work.tries = asked.actor, 0
    if work.is_call_open:
        work.due_at = clock()
        work.save()
        return _("Vinoshipper is looked at first; it is sent only if they do not have it.")
    work.move(SyncStatus.WAITING)
    work.save()
    return _("Tried again: %(why)s") % {"why": decide(work.order).reason}


def _leave_voided_number(work: FulfillmentOrder) -> None:
    if work.status == SyncStatus.VOIDED:
        work.version += 1
        work.number = number_of(work.order, work.version)
        work.sent_at, work.sent_hash, work.void_reason = None, "", ""
        work.partner_status = work.partner_order_status = work.id_scan_url = ""


def _cannot_void(work: FulfillmentOrder) -> str:
    if work.void_reason:
        return _("It is being voided.")
    if work.status == SyncStatus.VOIDED:
        return _("It is voided already.")
    if work.status not in (SyncStatus.SENT, SyncStatus.UNKNOWN):
        return str(OPEN_CALL if work.is_call_open else NEVER_SENT)
    if work.partner_order_status in SHIPPED_THERE:
        return _("The parcel is on its way: Vinoshipper can no longer cancel it.")
    return ""


def _void(work: FulfillmentOrder, asked: Asked) -> str:
    work.void_reason, work.asked_by = asked.reason, asked.actor
    work.due_at, work.tries = clock(), 0
    work.save()
    return _("Void asked for: %(why)s") % {"why": asked.reason}


def _cannot_mark_shipped(work: FulfillmentOrder) -> str:
    if work.status != SyncStatus.SENT:
        return _("Vinoshipper does not have it.")
    if work.void_reason:
        return _("It is being voided.")
    if work.is_ship_asked:
        return _("Vinoshipper is being told.")
    return _("Vinoshipper knows that it is shipped.") if work.partner_order_status in SHIPPED_THERE else ""


def _mark_shipped(work: FulfillmentOrder, asked: Asked) -> str:
    work.is_ship_asked, work.asked_by = True, asked.actor
    work.due_at, work.tries = clock(), 0
    work.save()
    return _("Vinoshipper is told now that it is shipped.")


def _cannot_forgo(work: FulfillmentOrder) -> str:
    if work.status == SyncStatus.DONT_SEND:
        return _("That is decided already.")
    if work.status == SyncStatus.SENT:
        return _("Vinoshipper has it already. Use Void Sync.")
    return str(OPEN_CALL) if work.is_call_open else ""


def _forgo(work: FulfillmentOrder, asked: Asked) -> str:
    _leave_voided_number(work)
    work.move(SyncStatus.DONT_SEND)
    work.reason_code, work.reason_setting = "dont_send", ""
    work.reason = _("%(who)s decided not to send it.") % {"who": asked.actor}
    work.attention_code = work.attention = ""
    work.settle(None)
    work.save()
    transaction.on_commit(partial(count_soon, {work.order.winery_id}))  # nothing is promised to it now
    return _("Will not be sent.")


def _cannot_unforgo(work: FulfillmentOrder) -> str:
    return "" if work.status == SyncStatus.DONT_SEND else _("Nobody decided not to send it.")


def _unforgo(work: FulfillmentOrder, asked: Asked) -> str:
    work.move(SyncStatus.WAITING)
    work.asked_by = asked.actor
    work.save()
    return _("Decided again: %(why)s") % {"why": decide(work.order).reason}


SENDING = [
    Action(
        "retry",
        lazy("Retry"),
        lazy(
            "The order is checked and sent again now. If Vinoshipper has it already, nothing is sent twice."
        ),
        _cannot_retry,
        _retry,
        doubt=Doubt(
            SyncStatus.VOIDED,
            lazy(
                "Vinoshipper has canceled this order, perhaps because the customer no longer wants it. It"
                " goes there again, under a new number, and is shipped. Why it was voided: %(why)s"
            ),
            lazy("Send those that are voided in Vinoshipper again, too, each under a new number"),
            lazy("It is voided in Vinoshipper. To send it again, press Retry on its own page."),
        ),
    ),
    Action(
        "void-sync",
        lazy("Void Sync"),
        lazy(
            "Vinoshipper is asked to cancel the order. This does not refund the customer and does not"
            " cancel the order in the store."
        ),
        _cannot_void,
        _void,
        is_dangerous=True,
        asks=Ask.REASON,
    ),
    Action(
        "mark-shipped",
        lazy("Mark as Shipped"),
        lazy(
            "Vinoshipper is told that the winery has shipped the order itself, under Vinoshipper's license."
            " It can no longer be voided then."
        ),
        _cannot_mark_shipped,
        _mark_shipped,
        is_dangerous=True,
    ),
    Action(
        "dont-send",
        lazy("Don't Send"),
        lazy(
            "CrushSync will not send this order to Vinoshipper. It does not cancel or refund it in the store."
        ),
        _cannot_forgo,
        _forgo,
        is_dangerous=True,
    ),
    Action(
        "send",
        lazy("Undo Don't Send"),
        lazy("The order is decided about again, and sent if nothing speaks against it."),
        _cannot_unforgo,
        _unforgo,
    ),
]
