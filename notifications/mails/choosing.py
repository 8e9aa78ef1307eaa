"""Who is written to about what, and when: one by one, or together when there are many.

Call inside a transaction. A recipient's row is locked while their mails are chosen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from crushsync.lib.queue import wait
from fulfillment.models import Problem
from notifications.events.types import is_connection
from notifications.mails.recipients import quiet_until
from notifications.models import Endpoint, Kind, Mail, MailItem, MailKind, MailState, Recipient

BURST = 5  # more than so many within WINDOW are told together
WINDOW = timedelta(minutes=10)
GATHER = timedelta(minutes=1)  # many at once: wait so long for the rest of them


def note(opened: Sequence[Problem], closed: Sequence[Problem], now: datetime) -> None:
    """Make the mails about problems that came and went."""
    wineries = {problem.winery_id for problem in (*opened, *closed)}
    for recipient in _recipients(wineries):
        mine = [problem for problem in opened if problem.winery_id == recipient.winery_id]
        if Kind.PROBLEM in recipient.kinds:
            _tell_of_orders(recipient, [problem for problem in mine if not is_connection(problem)], now)
        if Kind.CONNECTION in recipient.kinds:
            for problem in filter(is_connection, mine):
                _one(recipient, problem, MailKind.DOWN, now)
        _tell_ends(
            recipient, [problem for problem in closed if problem.winery_id == recipient.winery_id], now
        )


def note_endpoint(endpoint: Endpoint, now: datetime) -> None:
    """An endpoint was switched off because nobody answers there."""
    for recipient in _recipients({endpoint.winery_id}):
        if Kind.CONNECTION in recipient.kinds:
            _mail(recipient, MailKind.ENDPOINT, quiet_until(recipient, now) or now, endpoint=endpoint)


def _recipients(wineries: set[int]) -> list[Recipient]:
    active = Recipient.objects.select_for_update(of=("self",)).select_related("winery", "user")
    return list(active.filter(winery__in=wineries, is_active=True).order_by("pk"))


def _tell_of_orders(recipient: Recipient, problems: Sequence[Problem], now: datetime) -> None:
    """Together during quiet hours, while some wait to be told together already, and in a burst."""
    if not problems:
        return
    together = _waiting_digest(recipient) or _new_digest(recipient, len(problems), now)
    if together:
        _put_in(together, problems)
    else:
        for problem in problems:
            _one(recipient, problem, MailKind.PROBLEM, now)


def _waiting_digest(recipient: Recipient) -> Mail | None:
    """Locked, so that it is not sent while something is put in."""
    mails = Mail.objects.select_for_update(of=("self",)).filter(
        recipient=recipient, kind=MailKind.DIGEST, state=MailState.WAITING, open_claims=0, tries=0
    )
    return mails.order_by("pk").first()


def _new_digest(recipient: Recipient, count: int, now: datetime) -> Mail | None:
    """A digest if it is quiet, or if these make a burst of what was told lately."""
    if quiet := quiet_until(recipient, now):
        return _mail(recipient, MailKind.DIGEST, quiet)
    if count > BURST:
        return _mail(recipient, MailKind.DIGEST, now + wait(GATHER))
    told = MailItem.objects.filter(recipient=recipient, mail__kind__in=(MailKind.PROBLEM, MailKind.DIGEST))
    lately = told.filter(at__gt=now - wait(WINDOW))
    times = list(lately.order_by("at").values_list("at", flat=True)[: BURST + 1])
    if len(times) + count <= BURST:
        return None
    return _mail(recipient, MailKind.DIGEST, times[0] + wait(WINDOW))


def _tell_ends(recipient: Recipient, problems: Sequence[Problem], now: datetime) -> None:
    """Only of what they were told of, or are about to be."""
    told = set(
        MailItem.objects.filter(recipient=recipient, problem__in=problems, is_end=False).values_list(
            "problem", flat=True
        )
    )
    for problem in problems:
        kind, choice = MailKind.SOLVED, Kind.SOLVED
        if is_connection(problem):
            kind, choice = MailKind.RESTORED, Kind.CONNECTION
        if problem.pk in told and choice in recipient.kinds:
            _one(recipient, problem, kind, now)


def _one(recipient: Recipient, problem: Problem, kind: MailKind, now: datetime) -> None:
    mail = _mail(recipient, kind, quiet_until(recipient, now) or now)
    _put_in(mail, [problem], is_end=kind in (MailKind.SOLVED, MailKind.RESTORED))


def _put_in(mail: Mail, problems: Sequence[Problem], *, is_end: bool = False) -> None:
    MailItem.objects.bulk_create(
        [
            MailItem(mail=mail, recipient_id=mail.recipient_id, problem=problem, is_end=is_end)
            for problem in problems
        ]
    )


def _mail(recipient: Recipient, kind: MailKind, due_at: datetime, endpoint: Endpoint | None = None) -> Mail:
    return Mail.objects.create(
        winery_id=recipient.winery_id, recipient=recipient, kind=kind, endpoint=endpoint, due_at=due_at
    )
