"""Large orders, dear questions and old orders: read whole, or told what is missing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crushsync.lib.queue import clock
from fulfillment.models import SyncStatus
from orders.models import Order, Store
from orders.storefronts.registry import connect
from sandbox.shopify.samples import Line, order_body
from tests.flow.conftest import World

CHECKED = "ConnectionCheck"
PAGE_OF_50 = "\n    lineItems(first: 50)"  # of the order itself


@pytest.fixture(autouse=True)
def fresh_connectors() -> None:
    """A connector remembers how large its pages may be."""
    connect.cache_clear()


def many_lines(count: int) -> tuple[Line, ...]:
    return tuple(Line("HO-PN23-750", price=f"{10 + number % 7}.25") for number in range(count))


def poll_now(world: World) -> Store:
    Store.objects.update(due_at=clock())
    world.run()
    return Store.objects.get()


def firsts(call: dict[str, Any]) -> str:
    return str(json.loads(call["request"])["query"])


def test_an_order_of_500_lines_is_read_whole_sent_and_shown(world: World) -> None:
    world.shop.place(order_body(number=1001, lines=many_lines(500)))
    world.run(world.is_sent)
    sent = world.at_vinoshipper()[0]["request"]["products"]
    assert (len(sent), sum(line["quantity"] for line in sent)) == (500, 500)
    assert len(world.calls("shopify", "OrderLineItemsPage")) % 5 == 0  # 50, then 450 by hundreds
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    world.run(world.is_reported)
    [shown] = world.shop.orders()[0]["fulfillments"]
    assert sum(shown["lines"].values()) == 500


def test_too_costly_a_question_is_asked_in_smaller_pages(world: World) -> None:
    world.shop.switch(max_cost=500)
    world.shop.place(order_body(number=1001, lines=many_lines(60)))
    world.run(world.is_sent)
    assert len(world.at_vinoshipper()[0]["request"]["products"]) == 60
    asked = [firsts(call) for call in world.calls("shopify", "OrderForSync")]
    assert [text.count(PAGE_OF_50) for text in asked[:2]] == [1, 0]
    assert "lineItems(first: 25)" in asked[1]
    assert "fulfillments(first: 10)" in asked[-1]  # a plain list has no pages that could be smaller


def test_smaller_pages_are_kept_for_the_next_order(world: World) -> None:
    world.shop.switch(max_cost=500)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    before = len(world.calls("shopify", "OrderForSync"))
    world.shop.place(order_body(number=1002), deliver=["orders/create"])
    world.run(lambda: world.orders_known() == 2)
    assert PAGE_OF_50 not in firsts(world.calls("shopify", "OrderForSync")[before])


def test_a_question_that_stays_too_costly_is_given_up(world: World) -> None:
    world.shop.switch(max_cost=5)
    world.shop.place(order_body(number=1001))
    world.run()
    assert world.orders_known() == 0
    assert len(world.calls("shopify", "OrderForSync")) == 5  # whole, half, ... a sixteenth
    [hint] = world.store.hints.all()
    assert (hint.state, "exceeds the single query max cost limit" in hint.sentence) == ("failed", True)


def test_a_busy_bucket_is_waited_for(world: World) -> None:
    world.shop.switch(throttle=True, bucket=700, restore_rate=2500)
    for number in range(1001, 1005):
        world.shop.place(order_body(number=number))
    world.run(lambda: sum(work.status == SyncStatus.SENT for work in world.works()) == 4, seconds=60)
    assert len(world.accepted()) == 4


def test_the_poll_says_which_orders_it_may_not_see(world: World) -> None:
    world.shop.configure(scopes=["read_orders"])
    old = (datetime.now(UTC) - timedelta(days=90)).isoformat()
    world.shop.place(order_body(number=1001, created_at=old), deliver=[])
    store = poll_now(world)
    assert store.poll_note == (
        "The shop shows this app the orders of the last 60 days only: older ones, since January 1, 2026, are "
        "not found. Ask for permission to read all orders (read_all_orders)."
    )
    assert Order.objects.count() == 0


def test_once_it_may_see_them_it_finds_them(world: World) -> None:
    world.shop.configure(scopes=["read_orders"])
    old = (datetime.now(UTC) - timedelta(days=90)).isoformat()
    world.shop.place(order_body(number=1001, created_at=old), deliver=[])
    world.shop.place(order_body(number=1002), deliver=[])
    poll_now(world)
    assert [order.name for order in Order.objects.all()] == ["#1002"]
    world.shop.configure(scopes=["read_orders", "read_all_orders"])
    assert poll_now(world).poll_note == ""
    poll_now(world)
    assert {order.name for order in Order.objects.all()} == {"#1001", "#1002"}


def test_a_store_that_starts_today_misses_nothing(world: World) -> None:
    world.shop.configure(scopes=["read_orders"])
    Store.objects.update(starts_at=datetime.now(UTC) - timedelta(days=1))
    assert poll_now(world).poll_note == ""


def test_a_poll_that_goes_on_asks_no_more_than_it_needs(world: World) -> None:
    world.shop.place(order_body(number=1001), deliver=[])
    poll_now(world)
    checks = len(world.calls("shopify", CHECKED))
    poll_now(world)
    assert len(world.calls("shopify", CHECKED)) == checks == 1
