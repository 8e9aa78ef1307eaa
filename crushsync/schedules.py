"""What runs by itself: the tasks django-q2 starts, and when."""

import logging
import time

from django_q.models import Schedule
from django_q.tasks import async_task

from crushsync.api.once import sweep
from crushsync.lib.queue import Lane
from crushsync.lib.queue import drain as run_drain
from crushsync.lib.queue.bell import TASK
from fulfillment import pipeline
from fulfillment.models import StockLocation
from fulfillment.stock import count_soon
from notifications.lanes import lanes as telling

log = logging.getLogger(__name__)

DRAIN_SECONDS = 50


def lanes() -> list[Lane]:
    """All that comes due: orders on their way, and who is told of them."""
    return [*pipeline.lanes(), *telling()]


def drain() -> str:
    """Empty the queue for a while, then have the next drain started; ends at once if one is at work."""
    started = time.monotonic()
    report = run_drain(lanes(), seconds=DRAIN_SECONDS)
    if report is None:
        return "another drain is at work"
    async_task(TASK)
    told = f"{report.settled} settled, {report.failures} failed"
    if report.claimed:
        log.info("%s in %.0f s", told, time.monotonic() - started)
    return told


def tidy() -> str:
    """Forget what was kept for a while only, and have counted anew what a worker may have died over."""
    count_soon(set(StockLocation.objects.values_list("winery", flat=True)))
    return f"{sweep()} answers of the API forgotten"


def ensure_schedules() -> None:
    """The safety net: a drain is started each minute even if every bell was lost."""
    Schedule.objects.update_or_create(
        name="tidy", defaults={"func": "crushsync.schedules.tidy", "schedule_type": Schedule.HOURLY}
    )
    Schedule.objects.update_or_create(
        name="drain",
        defaults={
            "func": TASK,
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )
