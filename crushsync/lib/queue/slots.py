"""Which drain may run, and whether one is alive: a heartbeat row, on either database."""

import os
import socket
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q

from crushsync.lib.models import DrainSlot
from crushsync.lib.queue.rows import clock

BEAT = 1.0  # seconds between two heartbeats
ALIVE = timedelta(seconds=3)  # a drain that beat within this time is at work
STALE = timedelta(seconds=5)  # a slot silent for this long may be taken by another drain
WORKER_ID = "CRUSHSYNC_WORKER_ID"  # environment: the supervisor's name, part of each of its drains' names


@dataclass
class Slot:
    name: str
    holder: str
    checked: float = 0.0
    held: bool = True

    def is_held(self) -> bool:
        """Beat, at most once a second. False once the slot was taken away or we were told to stop."""
        if self.held and time.monotonic() - self.checked >= BEAT:
            self.checked = time.monotonic()
            mine = DrainSlot.objects.filter(name=self.name, holder=self.holder)
            mine.update(beat_at=clock())
            self.held = mine.filter(is_stopping=False).exists()
        return self.held

    def give_back(self) -> None:
        DrainSlot.objects.filter(name=self.name, holder=self.holder).update(holder="", is_stopping=False)


def take() -> Slot | None:
    """A free slot, or None if as many drains run as may."""
    names = [f"drain-{number}" for number in range(1, settings.DRAINS + 1)]
    DrainSlot.objects.bulk_create([DrainSlot(name=name) for name in names], ignore_conflicts=True)
    holder = f"{worker_id()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    now = clock()
    free = Q(holder="") | Q(beat_at__isnull=True) | Q(beat_at__lt=now - STALE)
    for name in names:
        taken = DrainSlot.objects.filter(free, name=name)
        if taken.update(holder=holder, beat_at=now, is_stopping=False):
            return Slot(name, holder, checked=time.monotonic())
    return None


def worker_id() -> str:
    return os.environ.get(WORKER_ID) or socket.gethostname()


def is_alive() -> bool:
    """Whether some drain beat just now, and so will look at the queue by itself."""
    held = DrainSlot.objects.exclude(holder="").filter(is_stopping=False)
    return held.filter(beat_at__gte=clock() - ALIVE).exists()


def last_beat() -> datetime | None:
    return (
        DrainSlot.objects.order_by(F("beat_at").desc(nulls_last=True))
        .values_list("beat_at", flat=True)
        .first()
    )


def free_all_of(worker: str) -> int:
    """Free the slots of a supervisor whose drains are all dead, without waiting for them to go stale."""
    return DrainSlot.objects.filter(holder__startswith=f"{worker}:").update(holder="", is_stopping=False)


def stop_all_of(worker: str) -> int:
    """Tell the drains of one supervisor to finish what is in flight and end."""
    return DrainSlot.objects.filter(holder__startswith=f"{worker}:").update(is_stopping=True)
