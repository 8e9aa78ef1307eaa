"""The bell: work has come, somebody should be draining.

A running drain looks ten times a second, so the bell only matters when none runs. A bell that is lost costs
until the next one, or until the schedule's minute; it never costs a row.
"""

import time

from django.db import transaction
from django_q.tasks import async_task

from crushsync.lib.queue import slots

TASK = "crushsync.schedules.drain"
QUIET = 1.0  # seconds in which one process does not ask or ring again

_asked_at = 0.0


def ring() -> None:
    """Once the surrounding transaction commits, start a drain unless one runs. A rollback rings nothing."""
    transaction.on_commit(_ring_now)


def _ring_now() -> None:
    global _asked_at
    if time.monotonic() - _asked_at < QUIET:
        return
    _asked_at = time.monotonic()
    if not slots.is_alive():
        async_task(TASK)
