"""Rows whose transactions commit late, behind newer ids, are told all the same, and once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from crushsync.lib.queue import clock
from notifications.models import KEPT_FOR, Delivery, DeliveryState, Endpoint, Message, Sweep
from notifications.sources import SOURCES, horizon, newest, reach
from notifications.sweeping import TIDY_EVERY, look
from orders.models import EventKind, Order, OrderEvent
from tests.factories import OrderEventFactory, OrderFactory, ProblemFactory, StoreFactory


@contextmanager
def open_transaction(order: Order, code: str) -> Iterator[None]:
    """Somebody else has inserted an event and not committed it, until the block ends."""
    is_written, may_commit = Event(), Event()

    def write() -> None:
        with transaction.atomic():
            OrderEvent.objects.create(order_id=order.pk, kind=EventKind.DECIDED, code=code)
            is_written.set()
            assert may_commit.wait(20)
        connection.close()

    thread = Thread(target=write)
    thread.start()
    try:
        assert is_written.wait(20)
        yield
    finally:
        may_commit.set()
        thread.join(20)


def sweep_once() -> Sweep:
    with transaction.atomic():
        sweep = Sweep.objects.select_for_update().get()
        look(sweep, clock())
    return sweep


def told() -> list[str]:
    found = Message.objects.order_by("pk").values_list("source", flat=True)
    events = OrderEvent.objects.in_bulk([int(str(source).split(":")[1]) for source in found])
    return [events[int(str(source).split(":")[1])].code for source in found]


@pytest.fixture
def order(endpoint: Endpoint) -> Order:
    made: Order = OrderFactory.create(store=StoreFactory.create(winery=endpoint.winery))
    return made


def test_what_was_there_before_is_not_told(order: Order) -> None:
    """The order of this test was made after the endpoint; what nobody asked for stays untold."""
    Sweep.objects.all().delete()
    OrderEventFactory.create(order=order)
    Sweep.objects.create(told=newest())
    sweep_once()
    assert not Message.objects.exists()


def test_each_row_is_told_once(order: Order) -> None:
    for code in ("a", "b", "c"):
        OrderEventFactory.create(order=order, kind=EventKind.DECIDED, code=code)
    for _ in range(3):
        sweep_once()
    assert told() == ["a", "b", "c"]
    assert Delivery.objects.count() == 3


def test_a_source_that_is_new_is_not_told_from_its_beginning(order: Order) -> None:
    event = OrderEventFactory.create(order=order)
    sweep = Sweep(told={"verdict": 0})
    assert horizon(sweep)["order-event"] == event.pk
    assert sweep.told["order-event"] == event.pk


@pytest.mark.postgres
def test_a_row_that_commits_behind_a_newer_one_is_told(order: Order) -> None:
    """The naive reading, all ids beyond the last one seen, loses it: shown beside ours."""
    seen = newest()["order-event"]
    with open_transaction(order, "late"):
        OrderEventFactory.create(order=order, kind=EventKind.DECIDED, code="early")
        naive = list(OrderEvent.objects.filter(pk__gt=seen).order_by("pk"))
        sweep = sweep_once()
        assert (told(), sweep.seen["order-event"]) == ([], naive[-1].pk)
        sweep_once()
        assert told() == [], "as long as the writer writes"
    newer = list(OrderEvent.objects.filter(pk__gt=naive[-1].pk))
    assert [event.code for event in (*naive, *newer)] == ["early"], "the naive one has lost the late one"
    sweep_once()
    assert told() == ["late", "early"]
    sweep_once()
    assert told() == ["late", "early"]


@pytest.mark.postgres
def test_new_writers_do_not_hold_up_what_is_decided(order: Order) -> None:
    """Under load somebody always writes; only those are waited for who wrote at the last look."""
    with open_transaction(order, "first"):
        sweep_once()
    with open_transaction(order, "second"):
        sweep_once()
        assert told() == []
    with open_transaction(order, "third"):
        sweep_once()
        assert told() == ["first"]
    sweep_once()
    sweep_once()
    assert told() == ["first", "second", "third"]


@pytest.mark.postgres
def test_a_rollback_is_not_waited_for_longer_than_it_lasts(order: Order) -> None:
    with transaction.atomic():
        OrderEventFactory.create(order=order)
        transaction.set_rollback(True)
    OrderEventFactory.create(order=order, kind=EventKind.DECIDED, code="after")
    sweep_once()
    assert told() == ["after"]


def test_every_source_only_grows() -> None:
    """What is read by its id must be told by its id: the rows named here are never written again."""
    assert {name: model.__name__ for name, model in SOURCES.items()} == {
        "order-event": "OrderEvent",
        "verdict": "ComplianceEvent",
        "problem": "Problem",
        "stock": "StockMovement",
    }


def test_a_look_reads_at_most_so_many_rows_and_none_before_its_time(order: Order) -> None:
    """Ids have gaps, and a short source does not run ahead of a long one."""
    start = clock()
    events = [OrderEventFactory.create(order=order, at=start + timedelta(seconds=n)) for n in range(5)]
    early = ProblemFactory.create(fulfillment_order__order=order, opened_at=start)
    late = ProblemFactory.create(
        fulfillment_order=early.fulfillment_order, opened_at=start + timedelta(seconds=9), code="other"
    )
    sweep, upto = Sweep.objects.get(), newest()
    first = reach(sweep, upto, 2)
    assert (first["order-event"], first["problem"]) == (events[1].pk, early.pk)
    sweep.told = first
    second = reach(sweep, upto, 2)
    assert (second["order-event"], second["problem"]) == (events[3].pk, early.pk)
    sweep.told = second
    assert reach(sweep, upto, 2) == upto
    assert upto["problem"] == late.pk


def test_what_is_old_is_forgotten_however_much_it_is(
    order: Order, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of a busy day, and at once; not what still waits to be told."""
    monkeypatch.setattr("notifications.sweeping.TIDY_MOST", 2)
    OrderEventFactory.create_batch(7, order=order, kind=EventKind.DECIDED)
    sweep_once()
    Delivery.objects.update(state=DeliveryState.DELIVERED)
    *_old, waiting, new = Message.objects.order_by("pk")
    Message.objects.exclude(pk=new.pk).update(at=clock() - KEPT_FOR - timedelta(minutes=1))
    waiting.deliveries.update(state=DeliveryState.WAITING)
    Sweep.objects.update(tidied_at=clock() - TIDY_EVERY)
    kept = [(sweep_once().tidied_at is not None, Message.objects.count()) for _ in range(4)]
    assert kept == [(False, 5), (False, 3), (True, 2), (True, 2)]
    assert set(Message.objects.all()) == {waiting, new}
    assert Delivery.objects.count() == 2
    Message.objects.update(at=clock() - KEPT_FOR - timedelta(minutes=1))
    assert sweep_once().tidied_at is not None
    assert Message.objects.count() == 2, "it was looked at within the last minutes"
