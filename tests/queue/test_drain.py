"""The drain: every result lands once, and what goes wrong with one row stays with that row."""

import threading
import time

import pytest
from pytest_django import Settings

from crushsync.lib.errors import SyncError, TemporaryError
from crushsync.lib.queue import claim, clock, drain
from crushsync.lib.queue.drain import AHEAD, Done, Job
from orders.models import HintState, InboundHint
from tests.queue.conftest import MakeHints
from tests.queue.lanes import FakeLane


def empty(lane: FakeLane) -> tuple[int, int, int]:
    """Drain until nothing is due: how many were claimed, settled, and could not be handled."""
    report = drain([lane], seconds=20, until_idle=True)
    assert report is not None
    return report.claimed, report.settled, report.failures


def states() -> list[str]:
    return list(InboundHint.objects.order_by("pk").values_list("state", flat=True))


def test_every_due_row_is_called_once_and_settled(make_hints: MakeHints) -> None:
    hints = make_hints(120)
    called: list[int] = []
    assert empty(FakeLane(called.append)) == (120, 120, 0)
    assert sorted(called) == [hint.pk for hint in hints]
    assert set(InboundHint.objects.values_list("state", "open_claims", "tries", "due_at", "fence")) == {
        (HintState.DONE, 0, 0, None, 1)
    }


def test_never_more_calls_than_may_be_in_flight(make_hints: MakeHints, settings: Settings) -> None:
    settings.CALLS_IN_FLIGHT = 3
    make_hints(20)
    lock, now, most = threading.Lock(), 0, 0

    def call(pk: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1

    assert empty(FakeLane(call)) == (20, 20, 0)
    assert most == 3


def test_claims_stay_close_to_what_can_start_soon(make_hints: MakeHints, settings: Settings) -> None:
    settings.CALLS_IN_FLIGHT = 4
    make_hints(30)
    waiting: list[int] = []

    def call(pk: int) -> None:
        time.sleep(0.05)
        waiting.append(sum(map(len, lane.prepared)) - len(lane.settled))

    lane = FakeLane(call)
    empty(lane)
    assert max(waiting) <= 4 * AHEAD


def test_an_error_of_theirs_reaches_the_lane_as_it_was(make_hints: MakeHints) -> None:
    make_hints(2)

    def call(pk: int) -> None:
        raise TemporaryError("They are busy.", code="busy", retry_after=7)

    lane = FakeLane(call)
    assert empty(lane) == (2, 2, 0)
    error = lane.settled[0].error
    assert isinstance(error, TemporaryError)
    assert (error.code, error.retry_after) == ("busy", 7)


def test_a_bug_in_a_call_is_that_rows_result_and_nobody_elses(
    make_hints: MakeHints, caplog: pytest.LogCaptureFixture
) -> None:
    bad, *good = make_hints(10)

    def call(pk: int) -> str:
        if pk == bad.pk:
            raise KeyError("Elena")
        return "ok"

    lane = FakeLane(call)
    assert empty(lane) == (10, 10, 0)
    errors = {item.job.rows[0].pk: item.error for item in lane.settled if item.error}
    assert set(errors) == {bad.pk}
    assert type(errors[bad.pk]) is SyncError
    assert errors[bad.pk].code == "internal_error"
    assert "a call failed in our own code" in caplog.text
    assert len(good) == sum(item.error is None for item in lane.settled)


def test_a_row_that_cannot_be_prepared_stops_no_other(
    make_hints: MakeHints, caplog: pytest.LogCaptureFixture
) -> None:
    bad = make_hints(10)[4]
    lane = FakeLane(unpreparable={bad.pk})
    assert empty(lane) == (10, 9, 1)
    assert states() == [HintState.WAITING if place == 4 else HintState.DONE for place in range(10)]
    bad.refresh_from_db()
    assert (bad.open_claims, bad.due_at is not None and bad.due_at > clock()) == (1, True)
    assert f"could not prepare row {bad.pk}" in caplog.text


def test_a_row_that_cannot_be_written_stops_no_other(
    make_hints: MakeHints, caplog: pytest.LogCaptureFixture
) -> None:
    bad = make_hints(10)[4]
    lane = FakeLane(lambda pk: "ok", unwritable={bad.pk})
    empty(lane)
    assert states() == [HintState.WAITING if place == 4 else HintState.DONE for place in range(10)]
    bad.refresh_from_db()
    assert (bad.open_claims, bad.sentence) == (1, "")
    # The others were settled from what the database holds, not from what the failed try left in memory.
    others = InboundHint.objects.exclude(pk=bad.pk)
    assert set(others.values_list("sentence", flat=True)) == {"waiting ok"}
    assert "one row could not be written" in caplog.text


def test_a_lane_that_fails_altogether_leaves_the_other_lanes_alone(make_hints: MakeHints) -> None:
    class Broken(FakeLane):
        def settle(self, done: object) -> None:
            raise ZeroDivisionError("nothing can be settled")

    make_hints(3)
    healthy = FakeLane()
    report = drain([Broken(), healthy], seconds=5, until_idle=True)
    assert report is not None
    assert (report.claimed, report.settled + report.failures) == (3, 3)
    assert InboundHint.objects.filter(state=HintState.WAITING, open_claims=0).count() == 0


def test_a_late_result_does_not_land(make_hints: MakeHints) -> None:
    [hint] = make_hints(1)
    [late] = claim(InboundHint, 1, 0.0)
    time.sleep(0.01)
    [newer] = claim(InboundHint, 1, 60.0)
    lane = FakeLane()
    lane.settle([Done(Job((late,), str), "late", None, 0.1)])
    hint.refresh_from_db()
    assert (hint.state, hint.sentence, hint.open_claims, lane.settled) == (HintState.WAITING, "", 2, [])
    lane.settle([Done(Job((newer,), str), "in time", None, 0.1)])
    hint.refresh_from_db()
    assert (hint.state, hint.sentence, hint.open_claims) == (HintState.DONE, "waiting in time", 0)


def test_a_drain_ends_after_its_time(make_hints: MakeHints) -> None:
    started = time.monotonic()
    report = drain([FakeLane()], seconds=0.5)
    assert report is not None
    assert 0.5 <= time.monotonic() - started < 5
