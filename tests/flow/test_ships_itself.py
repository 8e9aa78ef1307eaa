"""Goods that the winery ships itself, under Vinoshipper's license: they are told that it left, once."""

import pytest

from fulfillment.actions import ACTIONS, Asked, run, why_not
from fulfillment.models import Fulfillment, FulfillmentStatus, Outcome, SyncStatus
from orders.models import OrderEvent
from sandbox.shopify.samples import CHARDONNAY, PINOT, order_body
from tests.flow.conftest import World

KNOWN = "Vinoshipper knows that it is shipped."


@pytest.fixture
def sent(world: World) -> World:
    world.account.ships_itself = True
    world.account.save()
    world.shop.place(order_body(number=1001, lines=(PINOT, CHARDONNAY)))
    world.run(world.is_sent)
    world.run()
    return world


def told(world: World) -> int:
    return len([call for call in world.calls() if call["path"].endswith("/shipped")])


def there(world: World) -> str:
    [order] = world.at_vinoshipper()
    return str(order["orderStatus"])


def ship_in_shop(world: World, sku: str) -> None:
    world.shop.fulfill(world.order().external_id, lines={sku: 1}, company="FedEx", numbers=["794644790138"])


def test_what_the_shops_staff_have_shipped_is_marked_as_shipped_there(sent: World) -> None:
    ship_in_shop(sent, "HO-PN23-750")
    sent.run()
    assert (told(sent), there(sent)) == (0, "OPEN")  # one of the two bottles is still in the cellar
    ship_in_shop(sent, "HO-CH22-1500")
    sent.run(lambda: sent.work().partner_order_status == "SHIPPED")
    sent.run()
    assert (told(sent), there(sent), sent.work().status) == (1, "SHIPPED", SyncStatus.SENT)
    [made] = Fulfillment.objects.all()
    assert (made.status, made.report_status) == (FulfillmentStatus.SHIPPED, "not_yet")
    assert len(sent.shop.orders()[0]["fulfillments"]) == 2  # the staff's own, and none of ours beside them
    assert OrderEvent.objects.filter(code="shipped_itself").count() == 1
    assert why_not(ACTIONS["mark-shipped"], sent.work()) == KNOWN


def test_a_fulfillment_whose_webhook_is_lost_is_found_behind_an_echo(sent: World) -> None:
    """Shopify's word of the order says nothing else that is new, and no later look would find it."""
    sent.shop.switch(webhooks="lose")
    for sku in ("HO-PN23-750", "HO-CH22-1500"):
        ship_in_shop(sent, sku)
    sent.shop.switch(webhooks="send")
    sent.shop.tell(sent.order().external_id, "orders/updated")
    sent.run(lambda: sent.work().partner_order_status == "SHIPPED")
    before = len(sent.calls("shopify", "OrderForSync"))
    sent.shop.tell(sent.order().external_id, "orders/updated")
    sent.run()
    assert len(sent.calls("shopify", "OrderForSync")) == before  # now it is known


def test_without_the_setting_nobody_is_told(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.run()
    ship_in_shop(world, "HO-PN23-750")
    world.run()
    assert (told(world), there(world)) == (0, "OPEN")


def test_our_own_report_is_no_shipment_of_the_winery(sent: World) -> None:
    sent.account.report_at_label = True
    sent.account.save()
    sent.sandbox.vinoshipper.move(sent.work().number, "LABELS_GENERATED")
    sent.run(sent.is_reported)
    sent.run()
    assert (told(sent), there(sent)) == (0, "LABELS_GENERATED")


def test_a_person_says_so(sent: World) -> None:
    run("mark-shipped", sent.work().pk, Asked("ana"))
    assert why_not(ACTIONS["mark-shipped"], sent.work()) != ""
    sent.run(lambda: sent.work().partner_order_status == "SHIPPED")
    assert (told(sent), sent.work().is_ship_asked) == (1, False)
    assert sent.work().attempts.filter(kind="ship", actor="ana", outcome=Outcome.OK).count() == 1
    assert why_not(ACTIONS["void-sync"], sent.work()).startswith("The parcel is on its way")


@pytest.mark.parametrize("fault", ["reset", "accept_then_reset"])
def test_an_answer_that_is_lost_is_looked_for(sent: World, fault: str) -> None:
    sent.sandbox.vinoshipper.switch(lose_webhooks=True)
    sent.sandbox.add_fault(fault, system="vinoshipper", match="POST */shipped")
    run("mark-shipped", sent.work().pk, Asked("ana"))
    sent.run(lambda: sent.work().partner_order_status == "SHIPPED")
    sent.run()
    assert told(sent) == (2 if fault == "reset" else 1)
    assert (there(sent), sent.work().is_ship_asked) == ("SHIPPED", False)


def test_a_refusal_is_a_problem_and_the_order_is_followed_on(sent: World) -> None:
    sent.sandbox.add_fault(
        "status", system="vinoshipper", match="POST */shipped", status=400, says="Not yours."
    )
    run("mark-shipped", sent.work().pk, Asked("ana"))
    sent.run(lambda: sent.work().attention_code == "refused")
    work = sent.work()
    assert (work.status, work.is_ship_asked, work.due_at is None) == (SyncStatus.SENT, False, False)
    assert sent.work().attempts.get(kind="ship").outcome == Outcome.REFUSED
    assert there(sent) == "OPEN"


def test_who_has_nothing_there_cannot_say_so(world: World) -> None:
    world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    assert why_not(ACTIONS["mark-shipped"], world.work()) == "Vinoshipper does not have it."
