"""Daily summaries are made and mails are sent when they are due: each once, with retries of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from crushsync.lib.queue import SETTLED_FIELDS, Done, Job, clock, ring, still_ours, wait
from fulfillment.models import Problem
from fulfillment.models.problems import OPEN
from notifications.mails.letters import Letter, as_message, write
from notifications.mails.once import FIELDS, OnceLane
from notifications.mails.recipients import next_daily, quiet_until, standing, written_to
from notifications.models import Mail, MailItem, MailKind, MailState, Recipient

LOOK_AGAIN = timedelta(seconds=10)


class DailyLane:
    """Makes each recipient's daily summary."""

    model = Recipient
    calls = 1

    def prepare(self, rows: Sequence[Recipient]) -> list[Job]:
        """A mail that is due now; whether there is anything to say is seen when it is written."""
        now = clock()
        with transaction.atomic():
            rows = still_ours(rows)
            mine = Recipient.objects.filter(pk__in=[row.pk for row in rows])
            there = set(written_to(mine).values_list("pk", flat=True))
            for recipient in rows:
                at = next_daily(recipient, now)
                if at is not None and recipient.pk in there:
                    due_at = quiet_until(recipient, now) or now
                    Mail.objects.create(
                        winery_id=recipient.winery_id, recipient=recipient, kind=MailKind.DAILY, due_at=due_at
                    )
                recipient.settle(at)
                recipient.save(update_fields=SETTLED_FIELDS)
        return []

    def settle(self, done: Sequence[Done]) -> None:
        """There are no calls."""


class MailLane(OnceLane[Mail]):
    """What a mail says is made when it is sent."""

    model = Mail
    states = MailState

    def load(self, rows: Sequence[Mail]) -> None:
        people = standing(Recipient.objects.select_related("winery", "user"))
        prefetch_related_objects(rows, Prefetch("recipient", people))

    def write(self, mail: Mail, now: datetime) -> EmailMultiAlternatives | None:
        recipient = mail.recipient
        is_off = not recipient.is_active and mail.kind != MailKind.TEST
        if is_off or not recipient.is_of_winery:
            self.end(mail, MailState.SKIPPED, _("The recipient gets no more mails."))
        elif not recipient.email:
            self.end(mail, MailState.FAILED, _("The login of this person has no address."))
        elif _is_ahead_of_its_beginning(mail):
            mail.settle(now + wait(LOOK_AGAIN))
        elif (written := _written(mail, recipient)) is None:
            self.end(mail, MailState.SKIPPED, _("There was nothing left to say."))
        else:
            message_id = make_msgid(f"crushsync.{mail.pk}.{mail.fence}", "crushsync.invalid")
            return as_message(written, recipient, message_id)
        return None

    def not_before(self, mail: Mail, at: datetime) -> datetime:
        return quiet_until(mail.recipient, at) or at


def send_again(mail: Mail) -> None:
    """A person wants it sent whatever came of it before: it is due now."""
    with transaction.atomic():
        row = Mail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
        if row.state in (MailState.FAILED, MailState.UNKNOWN, MailState.BOUNCED):
            row.state, row.sentence, row.provider_id = MailState.WAITING, "", ""
            row.settle(clock())
            row.save(update_fields=FIELDS)
            ring()


def _written(mail: Mail, recipient: Recipient) -> Letter | None:
    """What has come to be untrue meanwhile is taken out first, and is not told later either.

    1. A problem that is over: then its end is not told.
    2. An end of which the beginning was not told.
    3. The end of a problem while its order, or its connection, has another: the one that took its place, or
       the same again after a change.
    """
    began = _beginnings(mail).filter(mail__state=MailState.SENT)
    its = {name: OuterRef(f"problem__{name}") for name in ("winery", "family", "subject")}
    of_order = Exists(Problem.objects.filter(OPEN, order=OuterRef("problem__order")))
    of_connection = Exists(Problem.objects.filter(OPEN, order=None, **its)) & Q(problem__order=None)
    over = Q(is_end=False, problem__closed_at__isnull=False)
    mail.items.filter(over | Q(is_end=True) & (~Exists(began) | of_order | of_connection)).delete()
    return write(mail, recipient)


def _is_ahead_of_its_beginning(mail: Mail) -> bool:
    """Whether it tells the end of something that is about to be told."""
    waiting = _beginnings(mail).filter(mail__state=MailState.WAITING)
    return mail.items.filter(Exists(waiting), is_end=True).exists()


def _beginnings(mail: Mail) -> QuerySet[MailItem]:
    """In which mail the recipient was told of a problem."""
    return MailItem.objects.filter(recipient=mail.recipient_id, problem=OuterRef("problem"), is_end=False)
