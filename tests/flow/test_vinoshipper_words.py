"""Every word Vinoshipper may say about an order has a place here, also words nobody has told us about."""

from dataclasses import dataclass

import pytest

from crushsync.vinoshipper.payloads import ACCEPTANCE, PROGRESS
from fulfillment.models import FulfillmentStatus, ReportStatus, SyncStatus
from sandbox.shopify.samples import order_body
from tests.flow.conftest import World

ALL_OPEN = "ON_THE_MOON"


@dataclass(frozen=True)
class Place:
    """Where an order stands: sync, what a person reads, shipment ("" none), and whether we look again."""

    sync: SyncStatus
    attention: str = ""
    shipment: str = ""
    is_followed: bool = True


# After acceptance, Vinoshipper's orderStatus changes.
LATER = {
    "OPEN": Place(SyncStatus.SENT),
    "NEW_MEMBER": Place(SyncStatus.SENT),
    "LABELS_GENERATED": Place(SyncStatus.SENT, shipment=FulfillmentStatus.PENDING),
    "SHIPPED": Place(SyncStatus.SENT, shipment=FulfillmentStatus.SHIPPED),
    "DELIVERED": Place(SyncStatus.SENT, shipment=FulfillmentStatus.DELIVERED, is_followed=False),
    "PICKED_UP": Place(SyncStatus.SENT, shipment=FulfillmentStatus.DELIVERED, is_followed=False),
    "CANCELLED": Place(SyncStatus.VOIDED, is_followed=False),
    "RETURNED": Place(SyncStatus.SENT, "returned", is_followed=False),
    "UNPAID": Place(SyncStatus.SENT, "partner_trouble"),
    "PROBLEM": Place(SyncStatus.SENT, "partner_trouble"),
    ALL_OPEN: Place(SyncStatus.SENT, "partner_trouble"),
    "": Place(SyncStatus.SENT, "partner_trouble"),
}
# After acceptance, Vinoshipper's status changes: it is not what they accepted any more.
WITHDRAWN = {
    "SUCCESS": Place(SyncStatus.SENT),
    "DELETED": Place(SyncStatus.VOIDED, is_followed=False),
    "PENDING": Place(SyncStatus.SENT, "partner_trouble"),
    "PROBLEM": Place(SyncStatus.SENT, "partner_trouble"),
    "PAYMENT_AUTHORIZED": Place(SyncStatus.SENT, "partner_trouble"),
    "PAYMENT_CAPTURE_FAILED": Place(SyncStatus.SENT, "partner_trouble"),
    "AGE_VERIFICATION_FAILED": Place(SyncStatus.SENT, "partner_trouble"),
    "AGE_VERIFICATION_LOCKED": Place(SyncStatus.SENT, "partner_trouble"),
    ALL_OPEN: Place(SyncStatus.SENT, "partner_trouble"),
}
# The answer to sending was lost, and the look finds this status.
FOUND = {
    "SUCCESS": Place(SyncStatus.SENT),
    "PENDING": Place(SyncStatus.UNKNOWN),
    "PAYMENT_AUTHORIZED": Place(SyncStatus.UNKNOWN),
    ALL_OPEN: Place(SyncStatus.UNKNOWN, "partner_trouble"),
}


def test_the_tables_are_complete() -> None:
    assert set(LATER) == {*PROGRESS, ALL_OPEN, ""}
    assert set(WITHDRAWN) == {*ACCEPTANCE, ALL_OPEN}


def standing(world: World) -> Place:
    work = world.work()
    made = work.fulfillments.first()
    shipment = made.status if made else ""
    return Place(SyncStatus(work.status), work.attention_code, shipment, work.due_at is not None)


@pytest.fixture
def sent(world: World) -> World:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    return world


@pytest.mark.parametrize("word", LATER)
def test_their_order_status(sent: World, word: str) -> None:
    sent.sandbox.vinoshipper.add_packages(sent.work().number)
    sent.sandbox.vinoshipper.say(sent.work().number, order_status=word)
    sent.run(lambda: sent.work().partner_order_status == word)
    assert standing(sent) == LATER[word]
    if standing(sent).attention == "partner_trouble":
        assert word in sent.work().attention


@pytest.mark.parametrize("word", WITHDRAWN)
def test_their_status_after_acceptance(sent: World, word: str) -> None:
    sent.sandbox.vinoshipper.say(sent.work().number, status=word)
    sent.run(lambda: sent.work().partner_status == word and sent.work().followed_at is not None)
    assert standing(sent) == WITHDRAWN[word]
    assert [there["puts"] for there in sent.at_vinoshipper()] == [1]
    if word not in ("SUCCESS", "DELETED"):
        assert word in sent.work().attention
        sent.sandbox.vinoshipper.say(sent.work().number, status="SUCCESS")
        sent.run(lambda: not sent.work().needs_attention)


@pytest.mark.parametrize("word", FOUND)
def test_their_status_where_the_answer_was_lost(world: World, word: str) -> None:
    world.sandbox.add_fault("accept_then_reset", system="vinoshipper", match="PUT *")
    world.sandbox.add_fault("status", system="vinoshipper", match="GET *", status=503, times=None)
    world.shop.place(order_body(number=1001))
    world.run(lambda: bool(world.at_vinoshipper()) and world.work().status == SyncStatus.UNKNOWN)
    world.sandbox.vinoshipper.say(world.work().number, status=word)
    world.sandbox.clear_faults()
    world.run(lambda: world.work().partner_status == word)
    assert standing(world) == FOUND[word]
    world.sandbox.vinoshipper.say(world.work().number, status="SUCCESS")
    world.run(world.is_sent)
    assert not world.work().needs_attention
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]


def test_cancelled_behind_our_back_after_the_label(sent: World) -> None:
    number = sent.work().number
    sent.sandbox.vinoshipper.move(number, "LABELS_GENERATED")
    sent.run(lambda: sent.shipment().status == FulfillmentStatus.PENDING)
    sent.sandbox.vinoshipper.move(number, "CANCELLED", reason="bottle broke")
    sent.run(lambda: sent.work().status == SyncStatus.VOIDED)
    assert "bottle broke" in sent.work().reason
    assert sent.shipment().status == FulfillmentStatus.CANCELED
    assert sent.shipment().report_status == ReportStatus.NOT_YET
    assert sent.shop.orders()[0]["fulfillments"] == []


def test_a_label_has_a_number_and_the_shop_does_not_hear_of_it_yet(sent: World) -> None:
    sent.sandbox.vinoshipper.move(sent.work().number, "LABELS_GENERATED")
    sent.run(lambda: sent.work().fulfillments.exists())
    assert len(sent.shipment().tracking_numbers) == 1
    assert sent.shop.orders()[0]["fulfillments"] == []
    sent.sandbox.vinoshipper.move(sent.work().number, "SHIPPED")
    sent.run(sent.is_reported)
    assert len(sent.shop.orders()[0]["fulfillments"]) == 1


def test_returned_after_it_was_shipped(sent: World) -> None:
    sent.sandbox.vinoshipper.move(sent.work().number, "SHIPPED")
    sent.run(sent.is_reported)
    sent.sandbox.vinoshipper.move(sent.work().number, "RETURNED")
    sent.run(lambda: sent.work().attention_code == "returned")
    assert sent.shipment().status == FulfillmentStatus.SHIPPED
    assert sent.work().due_at is None
