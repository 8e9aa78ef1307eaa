"""Keeps the worker at work: starts django-q2's cluster, watches it from outside, starts it anew.

The cluster runs in a process group of its own. django-q2 can wedge for ever when one of its idle processes is
killed at the wrong moment, with all the others alive: https://github.com/django-q2/django-q2/issues/23. So
what counts is not whether processes live but whether the queue is being emptied.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import Error, close_old_connections
from django_q.tasks import async_task

from crushsync.lib.queue import DueRow, slots
from crushsync.lib.queue.bell import TASK
from crushsync.lib.queue.rows import count_due

log = logging.getLogger(__name__)

LOOK = 1.0  # seconds between two looks at the queue
RING_EVERY = 3.0  # seconds between two bells while work waits and nobody drains
LONGEST_BACK_OFF = 30.0  # seconds between two starts of a cluster that does not stay up
ASK_EVERY = 2.0  # seconds between two requests to end
STEADY = 60.0  # seconds after which a cluster counts as staying up
PATIENCE = 90.0  # seconds for which work may wait without a sign of life


@dataclass
class Cluster:
    """One run of django-q2: its main process and, in the same group, everything that comes from it."""

    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, worker_id: str) -> "Cluster":
        command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "qcluster"]
        environment = {**os.environ, slots.WORKER_ID: worker_id}
        process = subprocess.Popen(command, env=environment, process_group=0)  # noqa: S603 - our own program
        os.setpriority(os.PRIO_PGRP, process.pid, settings.WORKER_NICENESS)
        return cls(process)

    @property
    def age(self) -> float:
        return time.monotonic() - self.started

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> None:
        """Ask it to end; it waits for its tasks."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group at once. What was in flight comes back when its lease is over."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """`run` returns once `stop` was called, from a signal or from another thread, and all has ended.

    `models`: the due rows by which it tells whether work waits. `patience`: seconds for which they may wait
    without a drain's heartbeat before the cluster is started anew. `grace`: seconds it gets to end.
    """

    def __init__(
        self, models: Sequence[type[DueRow]], *, patience: float = PATIENCE, grace: float = 30.0
    ) -> None:
        self.worker_id = uuid.uuid4().hex
        self._models = models
        self._patience = patience
        self._grace = grace
        self._stopping = threading.Event()
        self._rang = 0.0
        self._well = time.monotonic()  # when the queue was last seen empty or being emptied

    def stop(self) -> None:
        self._stopping.set()

    def run(self, start: Callable[[str], Cluster] = Cluster.start) -> None:
        """Keep a cluster running until told to stop."""
        back_off = LOOK
        while not self._stopping.is_set():
            cluster = start(self.worker_id)
            log.info("worker %s started, process %d", self.worker_id[:8], cluster.process.pid)
            self._well = time.monotonic()
            self._ring()
            self._watch(cluster)
            self._finish(cluster)
            back_off = LOOK if cluster.age > STEADY else min(back_off * 2, LONGEST_BACK_OFF)
            self._stopping.wait(back_off)
        log.info("worker %s ended", self.worker_id[:8])

    def _watch(self, cluster: Cluster) -> None:
        """Return once it has to be started anew, or is to end."""
        while not self._stopping.wait(LOOK):
            if cluster.has_ended():
                log.error("the worker ended by itself (%s): starting it anew", cluster.process.returncode)
                return
            self._look()
            if time.monotonic() - self._well > self._patience:
                log.error("work has waited %.0f s and nobody does it: starting anew", self._patience)
                cluster.kill()
                return

    def _look(self) -> None:
        """Note whether the queue is being emptied, and ring if it is not. A lost database is waited for."""
        try:
            close_old_connections()
            if slots.is_alive() or not any(count_due(self._models, 1)):
                self._well = time.monotonic()
            elif time.monotonic() - self._rang > RING_EVERY:
                self._ring()
        except Error as error:
            self._well = time.monotonic()
            log.warning("the queue cannot be looked at: %s", str(error).partition("\n")[0])

    def _ring(self) -> None:
        self._rang = time.monotonic()
        with suppress(Error):
            async_task(TASK)

    def _finish(self, cluster: Cluster) -> None:
        """Let what is in flight be finished, then end; no process of the group is left.

        It is asked again and again: django-q2 does not heed a signal that comes while it starts.
        """
        now = asked = time.monotonic()
        deadline = now + self._grace
        while not cluster.has_ended() and now < deadline:
            if now >= asked:
                cluster.end()
                asked = now + ASK_EVERY
            self._call_off_drains()
            time.sleep(0.1)
            now = time.monotonic()
        cluster.kill()
        with suppress(Error):
            slots.free_all_of(self.worker_id)

    def _call_off_drains(self) -> None:
        """As often as it is asked to end: one may just be starting."""
        with suppress(Error):
            slots.stop_all_of(self.worker_id)


def heed_signals(supervisor: Supervisor) -> None:
    """SIGTERM and SIGINT end it in good order."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
