"""Rows that are a mail each, to staff or to a customer: handed to the mail server once, with retries.

A call is noted as open before it is made. Cut off in it, or without an answer, a mail is not sent again by
itself: nobody knows whether it was taken.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.lib.errors import PermanentError, SyncError, TemporaryError
from crushsync.lib.queue import (
    CRASH_LIMIT,
    SETTLED_FIELDS,
    Done,
    Job,
    clock,
    keep_ours,
    retry_wait,
    save_many,
    still_ours,
    together_or_each,
)
from fulfillment.models import CustomerMessage, MessageState
from notifications.mails.sending import send
from notifications.models import Mail, MailState

RowT = TypeVar("RowT", Mail, CustomerMessage)
FIELDS = (*SETTLED_FIELDS, "state", "sentence", "is_call_open", "provider_id", "sent_at")


class OnceLane(Generic[RowT]):
    """Sends the due rows of one model. What a row says, and what else its end means, is the subclass's."""

    model: type[RowT]
    states: type[MailState] | type[MessageState]
    calls = 2  # connect and send, each within the mail server's own time limit

    def load(self, rows: Sequence[RowT]) -> None:
        """Read along what `write` looks at."""
        raise NotImplementedError

    def write(self, row: RowT, now: datetime) -> EmailMultiAlternatives | None:
        """The mail to send; None if it is not sent now: then the row's claim is ended already."""
        raise NotImplementedError

    def not_before(self, row: RowT, at: datetime) -> datetime:
        """When it may be tried again, if not at that time."""
        return at

    def ended(self, rows: Sequence[RowT]) -> None:
        """These are over, one way or another; called in the transaction that says so."""

    def end(self, row: RowT, state: str, sentence: str = "") -> None:
        """It is over. Not saved."""
        row.state, row.sentence, row.is_call_open = state, sentence, False
        row.settle(None)

    def prepare(self, rows: Sequence[RowT]) -> list[Job]:
        now, jobs = clock(), []
        with transaction.atomic():
            rows = still_ours(rows)
            self.load(rows)
            for row in rows:
                if message := self._message(row, now):
                    row.is_call_open = True
                    jobs.append(Job((row,), partial(send, message)))
            self._save(rows)
        return jobs

    def settle(self, done: Sequence[Done]) -> None:
        together_or_each(done, self._settle)

    def _message(self, row: RowT, now: datetime) -> EmailMultiAlternatives | None:
        if row.is_call_open:
            self.end(row, self.states.UNKNOWN, _("The worker stopped while it was being sent."))
        elif row.open_claims > CRASH_LIMIT:
            self.end(row, self.states.FAILED, _("Writing it stopped the worker three times."))
        else:
            return self.write(row, now)
        return None

    def _settle(self, done: Sequence[Done]) -> None:
        now = clock()
        ours = keep_ours([item.job.rows[0] for item in done])
        rows: list[RowT] = []
        for item in done:
            row: RowT = item.job.rows[0]
            if row.pk in ours:
                row.is_call_open = False
                self._note(row, item.result, item.error, now)
                rows.append(row)
        self._save(rows)

    def _note(self, row: RowT, result: str, error: SyncError | None, now: datetime) -> None:
        match error:
            case None:
                row.sent_at, row.provider_id = now, result[:200]
                self.end(row, self.states.SENT)
            case TemporaryError() if (length := retry_wait(row.tries)) is not None:
                row.sentence = error.sentence
                row.settle(self.not_before(row, now + length), tries=row.tries)
            case TemporaryError() | PermanentError():
                self.end(row, self.states.FAILED, error.sentence)
            case _:
                self.end(row, self.states.UNKNOWN, error.sentence)

    def _save(self, rows: Sequence[RowT]) -> None:
        save_many(rows, FIELDS)
        self.ended([row for row in rows if row.due_at is None])
