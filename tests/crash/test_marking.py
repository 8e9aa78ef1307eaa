"""Workers killed with -9 while they mark an order in the shop: the shop shows each mark once, and rightly."""

import pytest

from fulfillment.marking import MarkLane
from fulfillment.models import AttemptKind, MarkStatus, Outcome, StoreMark, SyncAttempt
from tests.crash.conftest import KILLED, Workers, heal, leases_end, make_due, shipped, slots_are_free
from tests.flow.conftest import World

PLACES = ("call", "answer", "commit")

pytestmark = pytest.mark.crash


def test_each_mark_is_shown_whatever_worker_dies(world: World, workers: Workers) -> None:
    shipped(world, 2 * len(PLACES))
    marks = list(StoreMark.objects.order_by("pk"))
    StoreMark.objects.update(due_at=None)
    for place, mark in zip(PLACES * 2, marks, strict=True):
        slots_are_free()
        make_due([mark])
        assert workers.run("mark", fault=place) == [KILLED]
    cut_off = SyncAttempt.objects.filter(kind=AttemptKind.MARK, outcome=Outcome.RUNNING)
    assert cut_off.count() == len(marks)
    leases_end()
    heal([MarkLane()], lambda: not StoreMark.objects.exclude(status=MarkStatus.SHOWN).exists())

    for order in world.shop.orders():
        assert order["tags"] == ["vinoshipper-sent"]
        assert [work["status"] for work in order["fulfillment_orders"]] == ["IN_PROGRESS"]
    assert not cut_off.exists()
    told = SyncAttempt.objects.filter(kind=AttemptKind.MARK).order_by("fulfillment_order", "number")
    assert [attempt.outcome for attempt in told] == [Outcome.UNKNOWN, Outcome.OK] * len(marks)


def test_a_mark_that_kills_three_workers_waits_for_a_person(world: World, workers: Workers) -> None:
    shipped(world, 1)
    mark = StoreMark.objects.get()
    StoreMark.objects.update(due_at=None)
    for _ in range(3):
        slots_are_free()
        make_due([mark])
        assert workers.run("mark", fault="call") == [KILLED]
    leases_end()
    heal([MarkLane()], lambda: StoreMark.objects.filter(status=MarkStatus.FAILED).exists())
    assert StoreMark.objects.get().sentence == "Showing this in the store stopped the worker three times."
    assert StoreMark.objects.get().due_at is None
    assert world.calls("shopify", "OrderMark") == []
