"""Slots: as many drains as may run, a dead one's place is taken, and one that is told to stop stops."""

import os
import threading
from datetime import timedelta

from pytest_django import Settings

from crushsync.lib.models import DrainSlot
from crushsync.lib.queue import clock, drain, slots
from crushsync.lib.queue.drain import AHEAD
from orders.models import HintState, InboundHint
from tests.queue.conftest import MakeHints
from tests.queue.lanes import FakeLane


def silent_for(seconds: float) -> None:
    DrainSlot.objects.update(beat_at=clock() - timedelta(seconds=seconds))


def test_one_drain_at_a_time(transactional_db: None) -> None:
    held = slots.take()
    assert held is not None
    assert slots.take() is None
    assert drain([FakeLane()], seconds=1, until_idle=True) is None
    held.give_back()
    again = slots.take()
    assert again is not None
    assert again.holder != held.holder


def test_as_many_drains_as_the_setting_says(transactional_db: None, settings: Settings) -> None:
    settings.DRAINS = 3
    taken = [slot for slot in [slots.take() for _ in range(5)] if slot]
    assert [slot.name for slot in taken] == ["drain-1", "drain-2", "drain-3"]


def test_a_silent_slot_is_taken_and_its_holder_notices(transactional_db: None) -> None:
    first = slots.take()
    assert first is not None
    silent_for(4)
    assert slots.take() is None
    silent_for(6)
    second = slots.take()
    assert second is not None
    first.checked = 0.0
    assert first.is_held() is False
    first.give_back()
    assert second.is_held() is True
    assert DrainSlot.objects.get().holder == second.holder


def test_a_beating_drain_is_alive_until_it_gives_its_slot_back(transactional_db: None) -> None:
    assert slots.is_alive() is False
    held = slots.take()
    assert held is not None
    assert slots.is_alive() is True
    silent_for(3.5)
    assert slots.is_alive() is False
    held.checked = 0.0
    before = clock()
    assert held.is_held() is True
    assert slots.is_alive() is True
    last = slots.last_beat()
    assert last is not None
    assert last >= before
    held.give_back()
    assert slots.is_alive() is False


def test_stopping_reaches_the_drains_of_one_supervisor(transactional_db: None, settings: Settings) -> None:
    settings.DRAINS = 2
    os.environ[slots.WORKER_ID] = "one"
    try:
        mine = slots.take()
        os.environ[slots.WORKER_ID] = "another"
        other = slots.take()
    finally:
        del os.environ[slots.WORKER_ID]
    assert mine is not None
    assert other is not None
    assert slots.stop_all_of("one") == 1
    mine.checked = other.checked = 0.0
    assert (mine.is_held(), other.is_held()) == (False, True)
    assert slots.is_alive() is True


def test_a_drain_told_to_stop_finishes_what_is_in_flight(make_hints: MakeHints, settings: Settings) -> None:
    settings.CALLS_IN_FLIGHT = 2
    make_hints(20)
    running, go_on = threading.Event(), threading.Event()

    def call(pk: int) -> int:
        running.set()
        go_on.wait(5)
        return pk

    def stop() -> None:
        running.wait(5)
        slots.stop_all_of(slots.worker_id())
        # A drain looks at its slot once a second; let it see the flag before the calls end.
        threading.Timer(1.5, go_on.set).start()

    lane = FakeLane(call)
    stopper = threading.Thread(target=stop)
    stopper.start()
    report = drain([lane], seconds=30)
    stopper.join()
    assert report is not None
    claimed = InboundHint.objects.exclude(fence=0)
    assert report.claimed == report.settled == claimed.count() == 2 * AHEAD
    assert set(claimed.values_list("state", "open_claims")) == {(HintState.DONE, 0)}
    assert slots.is_alive() is False
