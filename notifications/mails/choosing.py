"""Who is written to about what, and when: one by one, or together when there are many.

What needs somebody is told at once, unless there is much of it. What needs nobody any more has time: all of
ten minutes is told together, and by then it is known whether it was over.

Call inside a transaction. A recipient's row is locked while their mails are chosen.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from crushsync.lib.queue import wait
from fulfillment.models import Problem
from fulfillment.problems.finding import behind_connection
from notifications.events.types import is_connection
from notifications.mails.recipients import quiet_until, written_to
from notifications.models import Kind, Mail, MailItem, MailKind, MailState, Recipient

BURST = 5  # more than so many within WINDOW are told together
WINDOW = timedelta(minutes=10)
GATHER = timedelta(minutes=1)  # many at once: wait so long for the rest of them


def note(opened: Sequence[Problem], closed: Sequence[Problem], now: datetime) -> None:
    """Make the mails about problems that came and went.

    Of a connection that is down there is one mail, not one more about all the orders that wait for it.
    """
    wineries, waiting = {problem.winery_id for problem in (*opened, *closed)}, behind_connection(opened)
    told = [problem for problem in opened if problem.pk not in waiting]
    for recipient in _recipients(wineries):
        mine = [problem for problem in told if problem.winery_id == recipient.winery_id]
        if Kind.PROBLEM in recipient.kinds:
            _tell_of_orders(recipient, [problem for problem in mine if not is_connection(problem)], now)
        if Kind.CONNECTION in recipient.kinds:
            for problem in filter(is_connection, mine):
                _one(recipient, problem, MailKind.DOWN, now)
        _tell_ends(
            recipient, [problem for problem in closed if problem.winery_id == recipient.winery_id], now
        )


def _recipients(wineries: set[int]) -> list[Recipient]:
    locked = Recipient.objects.select_for_update(of=("self",)).select_related("winery", "user")
    return list(written_to(locked.filter(winery__in=wineries)).order_by("pk"))


def _tell_of_orders(recipient: Recipient, problems: Sequence[Problem], now: datetime) -> None:
    """Together during quiet hours, while some wait to be told together already, and in a burst."""
    if not problems:
        return
    together = _waiting(recipient, MailKind.DIGEST) or _new_digest(recipient, len(problems), now)
    if together:
        _put_in(together, problems)
    else:
        for problem in problems:
            _one(recipient, problem, MailKind.PROBLEM, now)


def _waiting(recipient: Recipient, kind: MailKind) -> Mail | None:
    """Locked, so that it is not sent while something is put in."""
    mails = Mail.objects.select_for_update(of=("self",)).filter(
        recipient=recipient, kind=kind, state=MailState.WAITING, open_claims=0, tries=0
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
    ends = [problem for problem in problems if problem.pk in told]
    if Kind.CONNECTION in recipient.kinds:
        for problem in filter(is_connection, ends):
            _one(recipient, problem, MailKind.RESTORED, now)
    solved = [problem for problem in ends if not is_connection(problem)]
    if solved and Kind.SOLVED in recipient.kinds:
        later = now + wait(WINDOW)
        mail = _waiting(recipient, MailKind.SOLVED) or _mail(
            recipient, MailKind.SOLVED, quiet_until(recipient, later) or later
        )
        _put_in(mail, solved, is_end=True)


def _one(recipient: Recipient, problem: Problem, kind: MailKind, now: datetime) -> None:
    mail = _mail(recipient, kind, quiet_until(recipient, now) or now)
    _put_in(mail, [problem], is_end=kind == MailKind.RESTORED)


def _put_in(mail: Mail, problems: Sequence[Problem], *, is_end: bool = False) -> None:
    MailItem.objects.bulk_create(
        [
            MailItem(mail=mail, recipient_id=mail.recipient_id, problem=problem, is_end=is_end)
            for problem in problems
        ]
    )


def _mail(recipient: Recipient, kind: MailKind, due_at: datetime) -> Mail:
    return Mail.objects.create(winery_id=recipient.winery_id, recipient=recipient, kind=kind, due_at=due_at)
