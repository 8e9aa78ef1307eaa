"""Sends what a person let CrushSync write to a customer: each once."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from crushsync.lib.errors import OutcomeUnknown, PermanentError, SyncError
from crushsync.lib.queue import (
    CRASH_LIMIT,
    SETTLED_FIELDS,
    Done,
    Job,
    clock,
    insert_many,
    keep_ours,
    retry_wait,
    save_many,
    still_ours,
    together_or_each,
)
from fulfillment.models import CustomerMessage, MessageState
from notifications.mails.sending import send
from orders.models import EventKind, OrderEvent

FIELDS = [*SETTLED_FIELDS, "state", "sentence", "is_call_open", "sent_at"]


class CustomerMessageLane:
    """One mail for each row; cut off while it was being sent, it is not sent again by itself."""

    model = CustomerMessage
    calls = 2

    def prepare(self, rows: Sequence[CustomerMessage]) -> list[Job]:
        with transaction.atomic():
            rows = still_ours(rows)
            prefetch_related_objects(rows, "fulfillment_order__order__winery")
            jobs = [Job((row,), call) for row in rows if (call := _call(row))]
            save_many(rows, FIELDS)
            insert_many([_told(row) for row in rows if row.due_at is None])
        return jobs

    def settle(self, done: Sequence[Done]) -> None:
        together_or_each(done, _settle)


def _call(row: CustomerMessage) -> "partial[str] | None":
    order = row.fulfillment_order.order
    if row.is_call_open or row.open_claims > CRASH_LIMIT:
        _end(row, MessageState.UNKNOWN, _("The worker stopped while it was being sent."))
    elif not order.email:
        _end(row, MessageState.FAILED, _("The order has no e-mail address any more."))
    else:
        row.is_call_open = True
        message = EmailMultiAlternatives(row.content["subject"], row.content["body"], to=[order.email])
        return partial(send, message)
    return None


def _settle(done: Sequence[Done]) -> None:
    now = clock()
    ours = keep_ours([item.job.rows[0] for item in done])
    rows = []
    for item in done:
        row: CustomerMessage = item.job.rows[0]
        if row.pk not in ours:
            continue
        row.is_call_open = False
        if item.error is None:
            row.sent_at = now
            _end(row, MessageState.SENT, "")
        else:
            _failed(row, item.error, now)
        rows.append(row)
    save_many(rows, FIELDS)
    insert_many([_told(row) for row in rows if row.due_at is None])


def _told(row: CustomerMessage) -> OrderEvent:
    """What became of it, for the order's activity."""
    kind, state = row.get_kind_display(), row.get_state_display().lower()
    return OrderEvent(
        order_id=row.fulfillment_order.order_id,
        kind=EventKind.MOVED,
        code="customer_message",
        sentence=f"Message to the customer, {kind}: {state}. {row.sentence}".strip(),
    )


def _failed(row: CustomerMessage, error: SyncError, now: datetime) -> None:
    length = None if isinstance(error, PermanentError) else retry_wait(row.tries)
    if isinstance(error, OutcomeUnknown):
        _end(row, MessageState.UNKNOWN, error.sentence)
    elif length is None:
        _end(row, MessageState.FAILED, error.sentence)
    else:
        row.sentence = error.sentence
        row.settle(now + length, tries=row.tries)


def _end(row: CustomerMessage, state: MessageState, sentence: str) -> None:
    row.state, row.sentence, row.is_call_open = state, sentence, False
    row.settle(None)
