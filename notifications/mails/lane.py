"""Daily summaries are made and mails are sent when they are due: each once, with retries of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.lib.errors import OutcomeUnknown, PermanentError, SyncError
from crushsync.lib.queue import (
    CRASH_LIMIT,
    SETTLED_FIELDS,
    Done,
    Job,
    clock,
    keep_ours,
    retry_wait,
    ring,
    save_many,
    still_ours,
    together_or_each,
    wait,
)
from notifications.mails.letters import Letter, as_message, write
from notifications.mails.recipients import next_daily, quiet_until
from notifications.mails.sending import send
from notifications.models import Mail, MailItem, MailKind, MailState, Recipient

FIELDS = [*SETTLED_FIELDS, "state", "sentence", "is_call_open", "provider_id", "sent_at"]
LOOK_AGAIN = timedelta(seconds=10)
# Their end follows the mail that told of the beginning.
ENDS = (MailKind.SOLVED, MailKind.RESTORED)


class DailyLane:
    """Makes each recipient's daily summary."""

    model = Recipient
    calls = 1

    def prepare(self, rows: Sequence[Recipient]) -> list[Job]:
        """A mail that is due now; whether there is anything to say is seen when it is written."""
        now = clock()
        with transaction.atomic():
            for recipient in still_ours(rows):
                at = next_daily(recipient, now)
                if at is not None:
                    due_at = quiet_until(recipient, now) or now
                    Mail.objects.create(
                        winery_id=recipient.winery_id, recipient=recipient, kind=MailKind.DAILY, due_at=due_at
                    )
                recipient.settle(at)
                recipient.save(update_fields=SETTLED_FIELDS)
        return []

    def settle(self, done: Sequence[Done]) -> None:
        """There are no calls."""


class MailLane:
    """Sends mails."""

    model = Mail
    calls = 2  # connect and send, each within the mail server's own time limit

    def prepare(self, rows: Sequence[Mail]) -> list[Job]:
        """Write the mails, and note that a call is open: cut off in it, a mail is not sent again alone."""
        now, jobs = clock(), []
        with transaction.atomic():
            rows = still_ours(rows)
            people = Recipient.objects.select_related("winery", "user").in_bulk(
                [row.recipient_id for row in rows]
            )
            for mail in rows:
                call = _call(mail, people[mail.recipient_id], now)
                if call:
                    mail.is_call_open = True
                    jobs.append(Job((mail,), call))
            save_many(rows, FIELDS)
        return jobs

    def settle(self, done: Sequence[Done]) -> None:
        together_or_each(done, _settle)


def send_again(mail: Mail) -> None:
    """A person wants it sent whatever came of it before: it is due now."""
    with transaction.atomic():
        row = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
        if row.state in (MailState.FAILED, MailState.UNKNOWN, MailState.BOUNCED):
            row.state, row.sentence, row.provider_id = MailState.WAITING, "", ""
            row.settle(clock())
            row.save(update_fields=FIELDS)
            ring()


def _call(mail: Mail, recipient: Recipient, now: datetime) -> "partial[str] | None":
    """The sending of it; None if it is not sent now, and then its claim is ended. Not saved."""
    if mail.is_call_open:
        _end(mail, MailState.UNKNOWN, _("The worker stopped while it was being sent."))
    elif mail.open_claims > CRASH_LIMIT:
        _end(mail, MailState.FAILED, _("Writing it stopped the worker three times."))
    elif not recipient.is_active and mail.kind != MailKind.TEST:
        _end(mail, MailState.SKIPPED, _("The recipient gets no more mails."))
    elif not recipient.email:
        _end(mail, MailState.FAILED, _("The login of this person has no address."))
    elif mail.kind in ENDS and (begin := _beginning(mail)) != MailState.SENT:
        if begin == MailState.WAITING:
            mail.settle(now + wait(LOOK_AGAIN))
        else:
            _end(mail, MailState.SKIPPED, _("Its beginning was not told either."))
    elif (written := _written(mail, recipient)) is None:
        _end(mail, MailState.SKIPPED, _("There was nothing left to say."))
    else:
        message_id = make_msgid(f"crushsync.{mail.pk}.{mail.fence}", "crushsync.invalid")
        return partial(send, as_message(written, recipient, message_id))
    return None


def _written(mail: Mail, recipient: Recipient) -> Letter | None:
    """What is over before it was told is taken out: then its end is not told either."""
    mail.items.filter(is_end=False, problem__closed_at__isnull=False).delete()
    return write(mail, recipient)


def _beginning(mail: Mail) -> str:
    """What became of the mail that told of what now ended."""
    ends = MailItem.objects.filter(mail=mail).values("problem")
    began = MailItem.objects.filter(recipient=mail.recipient_id, problem__in=ends, is_end=False)
    return began.values_list("mail__state", flat=True).first() or ""


def _settle(done: Sequence[Done]) -> None:
    now = clock()
    ours = keep_ours([item.job.rows[0] for item in done])
    rows = []
    for item in done:
        mail: Mail = item.job.rows[0]
        if mail.pk in ours:
            mail.is_call_open = False
            if item.error is None:
                mail.provider_id, mail.sent_at = item.result[:200], now
                _end(mail, MailState.SENT, "")
            else:
                _failed(mail, item.error, now)
            rows.append(mail)
    save_many(rows, FIELDS)


def _failed(mail: Mail, error: SyncError, now: datetime) -> None:
    if isinstance(error, OutcomeUnknown):
        _end(mail, MailState.UNKNOWN, error.sentence)
        return
    length = None if isinstance(error, PermanentError) else retry_wait(mail.tries)
    if length is None:
        _end(mail, MailState.FAILED, error.sentence)
    else:
        mail.sentence = error.sentence
        mail.settle(now + length, tries=mail.tries)


def _end(mail: Mail, state: MailState, sentence: str) -> None:
    mail.state, mail.sentence, mail.is_call_open = state, sentence, False
    mail.settle(None)
