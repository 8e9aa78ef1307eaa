"""How fast an outside account is called: calls in flight, calls a second, and the rest it asks for.

The limits and what the account told us stand on its row; who is in flight is known to the one process
that drains. A row over the budget is put off to a place of its own and loses no try.

1. `admit` lets rows in while there is room, and puts the others off.
2. `guarded` makes the call of one that was let in, unless the account has asked for rest meanwhile.
3. `slow_down`, `note_failure` and `note_good_answer` keep on the row what came of it.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext as _

from crushsync.accounts import connections
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.errors import ConnectionProblem, SyncError, TemporaryError
from crushsync.lib.http import calls_made
from crushsync.lib.queue import DueRow, wait

SLOW_DOWN, RESTING = "slow_down", "resting"
REST = timedelta(seconds=5)  # where they name no time themselves
SLOWEST = 1 / 16
RECOVERY = timedelta(minutes=8)  # from a standstill to full speed
FURTHEST = timedelta(seconds=30)  # a row is put off at most so far, so that a void is not last in a long line
FAILURES = 5  # in a row, then the account pauses
BREAK = timedelta(minutes=1)
STALE = 120.0  # seconds; a place that was never given back, as its row could not be prepared

RowT = TypeVar("RowT", bound=DueRow)
Result = TypeVar("Result")


@dataclass
class _Gate:
    """One account's traffic in this process. Times are monotonic seconds."""

    lock: Lock = field(default_factory=Lock)
    inside: dict[str, float] = field(default_factory=dict)  # row -> since when
    interval: float = 0.0  # seconds between two calls, when a row was last let in
    paid_until: float = 0.0  # each call costs its share of a second
    line_ends: float = 0.0  # when the last row put off will have its turn
    rests_until: float = 0.0

    def enter(self, row: str, most: int, interval: float) -> bool:
        """Whether there is room for the row; then it is inside until it leaves."""
        now = time.monotonic()
        with self.lock:
            self.inside = {key: since for key, since in self.inside.items() if now - since < STALE}
            self.interval = interval
            is_over = self.paid_until - now > most * interval  # as many at once as may be in flight
            if row not in self.inside and (len(self.inside) >= most or is_over or now < self.rests_until):
                return False
            self.inside[row] = now
            self._pay(now, interval)
            return True

    def pay_more(self, calls: int) -> None:
        """A row that was let in for one call has made so many more: those who come after wait for them."""
        with self.lock:
            self._pay(time.monotonic(), calls * self.interval)

    def _pay(self, now: float, seconds: float) -> None:
        self.paid_until = max(self.paid_until, now) + seconds

    def place(self, interval: float) -> float:
        """Seconds until the turn of a row that has to wait: the end of the line."""
        now = time.monotonic()
        with self.lock:
            furthest = now + FURTHEST.total_seconds()
            soonest = max(self.line_ends, self.rests_until, self.paid_until, now)
            self.line_ends = min(soonest + max(interval, 0.005), max(furthest, self.rests_until))
            return self.line_ends - now

    def leave(self, row: str) -> None:
        with self.lock:
            self.inside.pop(row, None)

    def rest(self, seconds: float) -> None:
        with self.lock:
            self.rests_until = max(self.rests_until, time.monotonic() + seconds)

    @property
    def rest_left(self) -> float:
        return max(self.rests_until - time.monotonic(), 0.0)


_GATES: defaultdict[str, _Gate] = defaultdict(_Gate)


def _gate(account: VinoshipperAccount) -> _Gate:
    return _GATES[account.hint_key]


def pace(account: VinoshipperAccount, now: datetime) -> float:
    """The part of its full speed at which the account is called: it recovers with time."""
    if account.slowed_at is None:
        return 1.0
    return min(account.pace + (now - account.slowed_at) / wait(RECOVERY), 1.0)


def admit(
    rows: Sequence[RowT], account_of: Callable[[RowT], VinoshipperAccount], now: datetime
) -> list[RowT]:
    """The rows there is room for; the others are put off (not saved)."""
    admitted = []
    for row in rows:
        account = account_of(row)
        gate = _gate(account)
        if account.rest_until and account.rest_until > now:
            gate.rest((account.rest_until - now).total_seconds())
        speed = pace(account, now)
        most = max(int(account.calls_in_flight * speed / settings.DRAINS), 1)
        interval = _interval(account, speed)
        if gate.enter(_name(row), most, interval):
            admitted.append(row)
        else:
            put_off(row, now + timedelta(seconds=gate.place(interval)))
    return admitted


def put_off(row: DueRow, until: datetime) -> None:
    """End the present claim without a try: it is not the row's turn. Not saved."""
    row.settle(until, tries=max(row.tries - 1, 0))


def leave(row: DueRow, account: VinoshipperAccount) -> None:
    """Give back the place of a row that was let in and has nothing to call."""
    _gate(account).leave(_name(row))


def guarded(account: VinoshipperAccount, row: DueRow, call: Callable[[], Result]) -> Result:
    """Make the call, then give the place back. Asks the database nothing: it runs on a pool thread.

    Raises what the call raises; a gate's web page becomes TemporaryError `slow_down`. If the account has
    asked for rest since the row was let in, nothing is called: TemporaryError `resting`.
    """
    gate, before = _gate(account), calls_made()
    try:
        if left := gate.rest_left:
            raise TemporaryError(_("Vinoshipper has asked us to wait."), code=RESTING, retry_after=left)
        return call()
    except ConnectionProblem as problem:
        if not _is_gate_page(problem):
            raise
        gate.rest(wait(REST).total_seconds())
        sentence = "Vinoshipper's gate turned us away for calling too often."
        raise TemporaryError(sentence, code=SLOW_DOWN, trace_id=problem.trace_id) from problem
    except TemporaryError as error:
        if error.code == SLOW_DOWN:
            gate.rest(rest_asked(error).total_seconds())
        raise
    finally:
        gate.leave(_name(row))
        if (more := calls_made() - before - 1) > 0:
            gate.pay_more(more)


def heed_rest(account: VinoshipperAccount, now: datetime) -> None:
    """For calls that a person waits for: raises TemporaryError `resting` if the account wants no call now."""
    if account.rest_until and account.rest_until > now:
        left = (account.rest_until - now).total_seconds()
        raise TemporaryError(_("Vinoshipper has asked us to wait."), code=RESTING, retry_after=left)


def rest_asked(error: TemporaryError) -> timedelta:
    """How long the account wants no call."""
    return wait(REST) if error.retry_after is None else timedelta(seconds=error.retry_after)


def slow_down(account: VinoshipperAccount, error: TemporaryError, now: datetime) -> datetime:
    """The account was called too fast: half the speed, and no call until the time returned."""
    until = max(account.rest_until or now, now + rest_asked(error))
    if account.slowed_at is None or now - account.slowed_at > wait(REST):  # one burst is one warning
        account.pace = max(pace(account, now) / 2, SLOWEST)
        account.slowed_at = now
        note_failure(account, error, now)
    account.rest_until = until
    account.save(update_fields=["pace", "slowed_at", "rest_until"])
    return until


def note_failure(account: VinoshipperAccount, error: SyncError, now: datetime) -> None:
    """No good answer came. After several in a row the account pauses, and one call at a time tries again."""
    table = VinoshipperAccount.objects.filter(pk=account.pk)
    table.update(failures=F("failures") + 1)
    account.failures = table.values_list("failures", flat=True)[0]
    if account.failures >= FAILURES:
        sentence = f"{account.failures} calls in a row failed. The last: {error.sentence}"
        connections.pause(account, ConnectionProblem(sentence, code="no_answer"), now, length=BREAK)


def note_good_answer(account: VinoshipperAccount, now: datetime) -> None:
    """A good answer came: whatever failed before is over."""
    if account.failures:
        account.failures = 0
        account.save(update_fields=["failures"])
    connections.note_success(account, now)


def _name(row: DueRow) -> str:
    return f"{row._meta.label}:{row.pk}"


def _interval(account: VinoshipperAccount, speed: float) -> float:
    """Seconds between two calls; 0: as fast as they go."""
    if not account.calls_per_second:
        return 0.0
    return wait(timedelta(seconds=settings.DRAINS / (account.calls_per_second * speed))).total_seconds()


def _is_gate_page(problem: ConnectionProblem) -> bool:
    """Cloudflare's page instead of the API. Their login page is a 200, a missing permission is JSON.

    https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    """
    answer = problem.answer
    if problem.code != "not_json" or answer is None:
        return False
    return answer.status == 403 or "cf-mitigated" in answer.headers
