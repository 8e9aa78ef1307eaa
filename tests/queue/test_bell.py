"""The bell: rung once work is committed, and only if nobody is draining."""

import pytest
from django.db import transaction
from django_q.models import OrmQ, Schedule

from crushsync import schedules
from crushsync.lib.queue import bell, ring, slots


@pytest.fixture(autouse=True)
def _never_asked(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "_asked_at", -bell.QUIET)


def rung() -> list[str]:
    return [entry.func() for entry in OrmQ.objects.order_by("pk")]


def test_a_committed_ring_starts_a_drain() -> None:
    with transaction.atomic():
        ring()
        assert rung() == []
    assert rung() == ["crushsync.schedules.drain"]


def test_a_rollback_rings_nothing() -> None:
    with transaction.atomic():
        ring()
        transaction.set_rollback(True)
    assert rung() == []
    ring()
    assert len(rung()) == 1


def test_many_rings_are_one() -> None:
    for _ in range(20):
        with transaction.atomic():
            ring()
            ring()
    assert len(rung()) == 1


def test_nothing_is_rung_while_a_drain_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    held = slots.take()
    assert held is not None
    ring()
    assert rung() == []
    held.give_back()
    monkeypatch.setattr(bell, "_asked_at", -bell.QUIET)
    ring()
    assert len(rung()) == 1


def test_the_bell_names_the_task_that_drains() -> None:
    assert f"{schedules.__name__}.{schedules.drain.__name__}" == bell.TASK


def test_the_schedule_is_one_however_often_it_is_ensured() -> None:
    schedules.ensure_schedules()
    schedules.ensure_schedules()
    entry = Schedule.objects.get(name="drain")
    assert (entry.func, entry.minutes, entry.repeats) == ("crushsync.schedules.drain", 1, -1)


def test_a_drain_has_the_next_one_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "DRAIN_SECONDS", 0.1)
    assert schedules.drain() == "0 settled, 0 failed"
    assert rung() == ["crushsync.schedules.drain"]


def test_a_second_drain_ends_at_once_and_starts_none() -> None:
    assert slots.take() is not None
    assert schedules.drain() == "another drain is at work"
    assert rung() == []
