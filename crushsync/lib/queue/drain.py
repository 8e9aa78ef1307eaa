"""The resident loop that empties the queue.

1. Take a slot; without one another drain is at work and this one ends.
2. Ask all lanes at once which have due rows; claim from those, never more than the pool can start soon,
   so that leases do not age in memory.
3. A lane prepares its claimed rows in one transaction (attempts written) and says what to call.
4. Pool threads call out. They get values and return values; they never touch the database.
5. Results are settled in batches, by lane, on this thread.
6. After its time, or when told to stop: claim nothing more, finish what is in flight, give the slot back.
"""

import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db import connection, transaction

from crushsync.lib.errors import SyncError
from crushsync.lib.faultpoint import reach
from crushsync.lib.queue import slots
from crushsync.lib.queue.rows import DueRow, as_claimed, claim, count_due, put_back

log = logging.getLogger(__name__)

IDLE_LOOK = 0.1  # seconds between two looks at an idle queue
BATCH = 100  # results settled at most in one transaction
GATHER = 0.05  # seconds to wait for company when many calls are in flight
AHEAD = 3.0  # rows claimed per call that may be in flight
LEASE_MARGIN = 25.0  # seconds that a lease outlasts its calls: for waiting in the pool, and for settling

RowT = TypeVar("RowT", bound=DueRow)


@dataclass(frozen=True)
class Job:
    """One thing to call. `rows` are the claimed rows its result settles; `context` is the lane's own."""

    rows: tuple[Any, ...]
    call: Callable[[], Any]
    context: Any = None


@dataclass(frozen=True)
class Done:
    """What became of a job: a result, or the error that says what happens next."""

    job: Job
    result: Any
    error: SyncError | None
    seconds: float


class Lane(Protocol):
    """One kind of due row. Both methods run on the database thread and open their own transaction."""

    @property
    def model(self) -> type[DueRow]: ...

    @property
    def calls(self) -> int:
        """Calls one job may make, one after the other: the lease must outlast them all."""

    def prepare(self, rows: Sequence[Any]) -> list[Job]:
        """Commit what must be known before the call. Rows that need no call are settled here."""

    def settle(self, done: Sequence[Done]) -> None:
        """Write the results of rows that are still ours. One bad row must not stop the others."""


@dataclass
class Report:
    claimed: int = 0
    settled: int = 0
    failures: int = 0


@dataclass
class _Loop:
    lanes: Sequence[Lane]
    pool: ThreadPoolExecutor
    width: int
    finished: SimpleQueue[tuple[Lane, Done]] = field(default_factory=SimpleQueue)
    outstanding: int = 0
    next_look: float = 0.0
    suspect: DueRow | None = None  # the one row in flight that was cut off before, twice
    report: Report = field(default_factory=Report)

    def take_work(self) -> None:
        """Claim from every lane that has due rows, sharing the room between them."""
        room = math.ceil(self.width * AHEAD) - self.outstanding
        # A batch costs as many queries for one row as for many: while enough waits, few rows are not fetched.
        if room < self.width or time.monotonic() < self.next_look:
            return
        due = count_due([lane.model for lane in self.lanes], room)
        busy = [lane for lane, count in zip(self.lanes, due, strict=True) if count]
        if not busy:
            self.next_look = time.monotonic() + IDLE_LOOK
            return
        share = max(1, room // len(busy))
        for lane in busy:
            lease = lane.calls * settings.CALL_DEADLINE + LEASE_MARGIN
            self._start(lane, _with_one_suspect(claim(lane.model, share, lease, suspects=not self.suspect)))

    def _start(self, lane: Lane, rows: list[Any]) -> None:
        if not rows:
            return
        self.report.claimed += len(rows)
        for job in self._prepare(lane, rows):
            self.outstanding += 1
            self.suspect = next((row for row in job.rows if row.was_cut_off_twice), self.suspect)
            self.pool.submit(self._call, lane, job)
        self.next_look = 0.0

    def _prepare(self, lane: Lane, rows: list[Any]) -> list[Job]:
        """All together, or else each alone. What cannot be prepared even alone keeps its open claim: it
        comes back after its lease, and after CRASH_LIMIT a person looks."""
        try:
            return lane.prepare(rows)
        except Exception:
            if len(rows) > 1:
                return [job for row in as_claimed(rows) for job in self._prepare(lane, [row])]
            log.exception("%s: could not prepare row %s", type(lane).__name__, rows[0].pk)
            self.report.failures += 1
            return []

    def _call(self, lane: Lane, job: Job) -> None:
        started = time.monotonic()
        result, error = None, None
        reach("call")
        try:
            result = job.call()
        except SyncError as problem:
            error = problem
        except Exception as bug:
            log.exception("%s: a call failed in our own code", type(lane).__name__)
            error = SyncError("CrushSync made a mistake while handling this order.", code="internal_error")
            error.__cause__ = bug
        reach("answer")
        self.finished.put((lane, Done(job, result, error, time.monotonic() - started)))

    def settle_finished(self) -> None:
        """Wait a moment for results and settle what has come, lane by lane."""
        batches: dict[int, list[Done]] = defaultdict(list)
        lanes = {id(lane): lane for lane in self.lanes}
        for lane, done in self._gather():
            batches[id(lane)].append(done)
        for key, batch in batches.items():
            self.outstanding -= len(batch)
            if any(row is self.suspect for done in batch for row in done.job.rows):
                self.suspect = None
            try:
                lanes[key].settle(batch)
                self.report.settled += len(batch)
            except Exception:
                log.exception("%s: could not settle %d results", type(lanes[key]).__name__, len(batch))
                self.report.failures += len(batch)
            self.next_look = 0.0

    def _gather(self) -> list[tuple[Lane, Done]]:
        try:
            found = [self.finished.get(timeout=IDLE_LOOK)]
        except Empty:
            return []
        if self.outstanding > self.width // 2:
            time.sleep(GATHER)
        while len(found) < BATCH:
            try:
                found.append(self.finished.get_nowait())
            except Empty:
                break
        return found


def _with_one_suspect(rows: list[RowT]) -> list[RowT]:
    """Put back all rows that were cut off twice, but one.

    One of them may be what kills its worker. On their last chance they must not share a worker, or the
    innocent would be put on hold with the guilty.
    """
    suspects = [row for row in rows if row.was_cut_off_twice]
    put_back(suspects[1:])
    return [row for row in rows if row not in suspects[1:]]


def drain(lanes: Sequence[Lane], *, seconds: float, until_idle: bool = False) -> Report | None:
    """Empty the lanes for `seconds`, or until nothing is due now; None if no slot was free."""
    slot = slots.take()
    if slot is None:
        return None
    _reuse_plans()
    with ThreadPoolExecutor(settings.CALLS_IN_FLIGHT, thread_name_prefix="call") as pool:
        loop = _Loop(lanes, pool, settings.CALLS_IN_FLIGHT)
        try:
            _run(loop, slot, time.monotonic() + seconds, until_idle)
        finally:
            slot.give_back()
    return loop.report


def _reuse_plans() -> None:
    """A drain asks the same few things, by ids: planned once, they save a tenth of its work."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = auto")


def together_or_each(done: Sequence[Done], work: Callable[[Sequence[Done]], None]) -> None:
    """Settle all results in one transaction; if that fails, each alone, so that one bad row stops no other.
    The bad one keeps its open claim: it comes back, and after CRASH_LIMIT a person looks.
    """
    try:
        with transaction.atomic():
            work(done)
            reach("commit")
    except Exception:
        if len(done) <= 1:
            log.exception("one row could not be written")
            return
        for item in done:
            as_claimed(item.job.rows)  # the failed try may have moved them already
            together_or_each([item], work)


def _run(loop: _Loop, slot: slots.Slot, end: float, until_idle: bool) -> None:
    while slot.is_held() and time.monotonic() < end:
        loop.take_work()
        if loop.outstanding:
            loop.settle_finished()
        elif time.monotonic() < loop.next_look:
            if until_idle:
                return
            time.sleep(IDLE_LOOK)
    while loop.outstanding:
        slot.is_held()
        loop.settle_finished()
