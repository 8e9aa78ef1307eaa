"""What one order costs in calls until the shop shows it as shipped, and which hints cost none."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from crushsync.lib.queue import clock
from fulfillment.echoes import OLDER
from fulfillment.models import MarkStatus, StoreMark
from orders.models import InboundHint, Order, Store
from sandbox.shopify.samples import CHARDONNAY, CORKSCREW, PINOT, Line, order_body
from tests.flow.conftest import World


@pytest.fixture(autouse=True)
def unhurried(world: World, settings: Settings) -> None:
    """On a slow machine, too, Vinoshipper's word of the new order comes before the first look, and no call is
    given up and made again."""
    settings.WAIT_FACTOR, settings.CALL_DEADLINE = 0.1, 20.0


def is_marked(world: World) -> bool:
    return StoreMark.objects.get(fulfillment_order=world.work("#1002")).status == MarkStatus.SHOWN


def shopify_calls(world: World) -> list[str]:
    """All but the definition of the number's field, which is made once for each shop."""
    made = [call["operation"] for call in world.calls("shopify")]
    return [operation for operation in made if operation != "MetafieldDefinitionCreate"]


def buy_and_ship(world: World, lines: tuple[Line, ...], packages: int) -> None:
    world.shop.place(order_body(number=1002, lines=lines))
    world.run(lambda: is_marked(world))
    world.run()
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED", packages=packages)
    world.run(world.is_reported)
    world.run()


@pytest.mark.parametrize(("lines", "packages"), [((PINOT,), 1), ((PINOT, CHARDONNAY, CORKSCREW), 3)])
def test_calls_of_one_order(world: World, lines: tuple[Line, ...], packages: int) -> None:
    buy_and_ship(world, lines, packages)
    assert shopify_calls(world) == [
        "OrderForSync",
        "OrderMark",
        "OrderFulfillmentState",
        "FulfillmentCreate",
    ]
    assert [call["method"] for call in world.calls()] == ["PUT", "GET"]
    [shown] = world.shop.orders()
    assert len(shown["fulfillments"][0]["numbers"]) == packages
    assert shown["tags"] == ["vinoshipper-sent"]


def test_a_poll_of_what_was_read_reads_nothing(world: World) -> None:
    buy_and_ship(world, (PINOT,), 1)
    before = len(shopify_calls(world))
    Store.objects.update(polled_to=clock(), due_at=clock())
    world.run()
    assert shopify_calls(world)[before:] == ["OrdersUpdatedSince"]


def test_an_edit_after_sending_is_read(world: World) -> None:
    buy_and_ship(world, (PINOT,), 1)
    before = len(shopify_calls(world))
    world.shop.edit(world.order().external_id, {"note": "Ring twice."})
    world.run(lambda: world.order().note == "Ring twice.")
    assert shopify_calls(world)[before:] == ["OrderForSync"]


def test_an_edit_hidden_behind_our_own_writing_is_read(world: World) -> None:
    """The shop's word of the edit is lost; the echo of our mark carries it."""
    placed = world.shop.place(order_body(number=1002), deliver=[])
    world.shop.tell(placed["id"], "orders/create")
    world.run(world.is_sent)
    world.shop.edit(placed["id"], {"note": "Ring twice."}, deliver=[])
    world.run(lambda: is_marked(world))
    world.run(lambda: world.order().note == "Ring twice.")
    assert shopify_calls(world) == ["OrderForSync", "OrderMark", "OrderForSync"]


def test_an_older_webhook_that_comes_late_is_not_read(world: World) -> None:
    placed = world.shop.place(order_body(number=1002), deliver=[])
    world.shop.switch(webhooks="hold")
    world.shop.tell(placed["id"], "orders/create")
    world.shop.switch(webhooks="send")
    world.shop.tell(placed["id"], "orders/updated")
    world.run(lambda: is_marked(world))
    Order.objects.update(store_updated_at=clock() + timedelta(hours=1))
    before = len(shopify_calls(world))
    world.shop.release()
    world.run()
    assert shopify_calls(world)[before:] == []
    assert InboundHint.objects.get(topic="orders/create").sentence == str(OLDER)


def test_while_an_order_waits_everything_about_it_is_read(world: World) -> None:
    """A hold that the shop's staff release changes nothing in the order's body."""
    world.sandbox.vinoshipper.switch(lose_webhooks=True)
    placed = world.shop.place(order_body(number=1002), deliver=[])
    world.hold_in_shop(world.shop.orders()[0]["fulfillment_orders"][0]["id"])
    world.shop.tell(placed["id"], "orders/create")
    world.run(lambda: world.orders_known() == 1)
    world.run()
    before = shopify_calls(world).count("OrderForSync")
    world.shop.tell(placed["id"], "orders/updated")
    world.run()
    assert shopify_calls(world).count("OrderForSync") == before + 1


def test_a_mark_that_is_no_longer_possible_unread_is_read(world: World) -> None:
    """Between reading the order and marking it, its work was moved: its id is another one."""
    world.shop.place(order_body(number=1002))
    world.run(world.is_sent)
    Order.objects.update(work_ids=["gid://shopify/FulfillmentOrder/404"])
    world.run(lambda: is_marked(world))
    marking = [name for name in shopify_calls(world) if name.startswith("OrderMark")]
    assert marking == ["OrderMark", "OrderMarks", "OrderMark"]
    [shown] = world.shop.orders()
    assert (shown["tags"], shown["fulfillment_orders"][0]["status"]) == (["vinoshipper-sent"], "IN_PROGRESS")
