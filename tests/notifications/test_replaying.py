"""A stretch of time is told again: what was missed, or all of it, in its order, and not too much at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crushsync.lib.queue import clock
from notifications.models import Delivery, DeliveryState, Endpoint, Message
from notifications.webhooks.endpoints import change
from notifications.webhooks.replaying import replay, replay_range
from orders.models import EventKind
from tests.factories import OrderEventFactory, OrderFactory, StoreFactory
from tests.notifications.conftest import Receiver, Run

HOUR = timedelta(hours=1)


@pytest.fixture
def told(endpoint: Endpoint, run: Run) -> list[Message]:
    """Four messages about one order, an hour apart: two were delivered, one given up, one missed."""
    order: Any = OrderFactory.create(store=StoreFactory.create(winery=endpoint.winery))
    for code in "abcd":
        OrderEventFactory.create(order=order, kind=EventKind.DECIDED, code=code)
    run(lambda: Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == 4)
    messages = list(Message.objects.order_by("pk"))
    for hours, message in enumerate(reversed(messages)):
        Message.objects.filter(pk=message.pk).update(at=clock() - HOUR * (hours + 1))
    Delivery.objects.filter(message=messages[1]).update(state=DeliveryState.FAILED)
    Delivery.objects.filter(message=messages[2]).update(state=DeliveryState.MISSED)
    return list(Message.objects.order_by("pk"))


def waiting() -> list[int]:
    rows = Delivery.objects.filter(state=DeliveryState.WAITING, is_replay=True).order_by("pk")
    return list(rows.values_list("message", flat=True))


def test_what_was_not_delivered_and_nothing_else(told: list[Message], endpoint: Endpoint) -> None:
    assert replay_range(endpoint, told[0].at, told[3].at) == 2
    assert waiting() == [told[1].pk, told[2].pk]


def test_all_of_it_from_the_first_moment_up_to_the_last(
    told: list[Message], endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    assert replay_range(endpoint, told[1].at, told[3].at, only_missed=False) == 2
    assert replay_range(endpoint, told[3].at, told[3].at, only_missed=False) == 0
    assert replay_range(endpoint, told[0].at, clock(), only_missed=False) == 2
    assert waiting() == [told[1].pk, told[2].pk, told[0].pk, told[3].pk]
    run(lambda: not waiting())
    ids = [headers["Webhook-Id"] for headers, _body in receiver.got]
    assert ids[4:] == [told[n].message_id for n in (1, 2, 0, 3)]


def test_too_much_at_once_is_refused(
    told: list[Message], endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.webhooks.replaying.MOST", 1)
    with pytest.raises(ValidationError, match="more than 1"):
        replay_range(endpoint, told[0].at, clock())
    assert waiting() == []
    assert replay_range(endpoint, told[1].at, told[2].at) == 1


@pytest.mark.parametrize("how", ["another address", "all of it", "one"])
def test_whoever_has_mended_it_need_not_wait_for_the_next_try(
    endpoint: Endpoint, receiver: Receiver, run: Run, how: str
) -> None:
    """After a day of failure the next try is many hours away."""
    orders: list[Any] = OrderFactory.create_batch(2, store=StoreFactory.create(winery=endpoint.winery))
    receiver.status = 500
    for order in orders:
        OrderEventFactory.create_batch(2, order=order, kind=EventKind.DECIDED)
    run(lambda: len(receiver.got) >= 2)
    later = clock() + 14 * HOUR
    Delivery.objects.filter(next_at__isnull=False).update(next_at=later, tries=8)
    Endpoint.objects.update(due_at=later, failures=8)
    receiver.status, before = 204, len(receiver.got)
    first = Delivery.objects.order_by("pk")[0]
    match how:
        case "another address":
            change(endpoint, name="Mended", url=f"{receiver.url}?new", event_types=["*"])
        case "all of it":
            assert replay_range(endpoint, later, later) == 0
        case "one":
            assert replay(first) == first
    expected = 2 if how == "one" else 4
    run(lambda: Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == expected)
    assert len(receiver.got) - before == expected, "each once"
    tries = Delivery.objects.filter(state=DeliveryState.DELIVERED).values_list("tries", flat=True)
    assert sorted(tries) == [1] * (expected // 2) + [9] * (expected // 2)
