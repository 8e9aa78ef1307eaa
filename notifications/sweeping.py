"""Looking for what is new in the other rooms, and handing it to those who tell it.

What is read and that it was read are committed together: each row is told once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import models, transaction

from crushsync.lib.queue import SETTLED_FIELDS, Done, Job, clock, still_ours
from fulfillment.models import Problem
from notifications.events import read_all
from notifications.mails import choosing
from notifications.models import KEPT_FOR, DeliveryState, Endpoint, Message, Recipient, Sweep, ToldProblem
from notifications.sources import SOURCES, horizon, reach, unread
from notifications.webhooks.lines import enqueue

EVERY = timedelta(seconds=2)  # not shortened with the other waits: without news a look costs one small query
AGAIN = timedelta(milliseconds=200)  # while writers are waited for
MOST = 100  # rows of each source in one look: others wait for the thread that looks
ENDS = 200  # ends of problems in one look
TIDY_EVERY = timedelta(minutes=10)
TIDY_MOST = 500
FIELDS = [*SETTLED_FIELDS, "told", "seen", "writers", "tidied_at"]


class SweepLane:
    """Looks for news. All of it is done while preparing: nothing is called."""

    model = Sweep
    calls = 1

    def prepare(self, rows: Sequence[Sweep]) -> list[Job]:
        for sweep in rows:
            with transaction.atomic():
                if still_ours([sweep]):
                    look(sweep, clock())
        return []

    def settle(self, done: Sequence[Done]) -> None:
        """There are no calls."""


def look(sweep: Sweep, now: datetime) -> None:
    """Tell what is new, and say when to look again. Call inside a transaction; saves the sweep."""
    upto = horizon(sweep)
    has_news = any(upto[name] > sweep.told[name] for name in SOURCES)
    ended = list(_ended()[:ENDS])
    if has_news or ended:
        there = reach(sweep, upto, MOST)
        _tell(sweep, there, ended, now)
        sweep.told = there
    is_behind = len(ended) == ENDS or any(sweep.told[name] < upto[name] for name in SOURCES)
    if sweep.tidied_at is None or now - sweep.tidied_at >= TIDY_EVERY:
        is_tidy = _tidy(now) < TIDY_MOST
        sweep.tidied_at = now if is_tidy else None  # more in the next look: a busy day has many thousands
    sweep.settle(now + (timedelta(0) if is_behind else AGAIN if sweep.seen else EVERY))
    sweep.save(update_fields=FIELDS)


def _tell(sweep: Sweep, upto: Mapping[str, int], ended: Sequence[ToldProblem], now: datetime) -> None:
    """To the endpoints and recipients of the wineries that have any."""
    endpoints = list(Endpoint.objects.select_for_update().order_by("pk"))
    wineries = {endpoint.winery_id for endpoint in endpoints}
    events, verdicts, problems, movements = (unread(sweep, name, upto[name]) for name in SOURCES)
    everybody = wineries | set(Recipient.objects.values_list("winery", flat=True))
    opened: list[Problem] = list(problems.filter(winery__in=everybody).select_related("order", "winery"))
    closed = [told.problem for told in ended]
    happenings = read_all(
        events.filter(order__winery__in=wineries),
        verdicts.filter(order__winery__in=wineries),
        [problem for problem in opened if problem.winery_id in wineries],
        [problem for problem in closed if problem.winery_id in wineries],
        movements.filter(location__winery__in=wineries),
    )
    enqueue(happenings, endpoints, now)
    choosing.note(opened, closed, now)
    ToldProblem.objects.bulk_create([ToldProblem(problem=problem) for problem in opened])
    ToldProblem.objects.filter(pk__in=[told.pk for told in ended]).update(is_end_told=True)


def _ended() -> "models.QuerySet[ToldProblem]":
    """Problems that were told of and are over, oldest end first."""
    running = ToldProblem.objects.filter(is_end_told=False, problem__closed_at__isnull=False)
    return running.select_related("problem__order", "problem__winery").order_by("problem__closed_at", "pk")


def _tidy(now: datetime) -> int:
    """Forget what nobody can want to replay any more; returns how many messages."""
    old = Message.objects.filter(at__lt=now - KEPT_FOR).exclude(deliveries__state=DeliveryState.WAITING)
    gone = list(old.order_by("at").values_list("pk", flat=True)[:TIDY_MOST])
    Message.objects.filter(pk__in=gone).delete()
    return len(gone)
