"""What staff may do, and what happens then."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from compliance.catalog import client
from compliance.models import ComplianceEvent
from fulfillment.actions import ACTIONS, Asked, run, why_not
from fulfillment.models import (
    Fulfillment,
    FulfillmentOrder,
    FulfillmentStatus,
    Problem,
    ReportStatus,
    SyncStatus,
)
from fulfillment.outgoing import order_input
from fulfillment.refusals import NotAllowed
from fulfillment.reporting import report_now
from orders.models import OrderEvent
from sandbox.shopify.samples import order_body
from tests.flow.conftest import World


@pytest.fixture
def sent(world: World) -> World:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    return world


def act(world: World, name: str, reason: str = "") -> str:
    return run(name, world.work().pk, Asked("ana", reason))


def test_void_and_send_again_under_a_new_number(sent: World) -> None:
    first = sent.work().number
    act(sent, "void-sync", "wrong address")
    sent.run(lambda: sent.work().status == SyncStatus.VOIDED)
    [there] = sent.at_vinoshipper()
    assert there["orderStatus"] == "CANCELLED"
    assert there["cancelReason"] == "wrong address"
    act(sent, "retry")
    sent.run(sent.is_sent)
    assert sent.work().number == f"{first}-2"
    assert sent.accepted() == [first, f"{first}-2"]
    assert OrderEvent.objects.filter(kind="acted", actor="ana").count() == 2


def test_a_voided_order_that_is_not_to_go_and_then_is(sent: World) -> None:
    """The voided number is used up: whatever a person decides in between, it goes under the next one."""
    first = sent.work().number
    act(sent, "void-sync", "wrong address")
    sent.run(lambda: sent.work().status == SyncStatus.VOIDED)
    act(sent, "dont-send")
    act(sent, "send")
    sent.run(sent.is_sent)
    assert sent.accepted() == [first, f"{first}-2"]
    assert not sent.work().void_reason


@pytest.mark.parametrize("late", [400, 409])
def test_void_too_late(sent: World, late: int) -> None:
    sent.sandbox.vinoshipper.switch(late_cancel=late, lose_webhooks=True)
    sent.sandbox.vinoshipper.move(sent.work().number, "SHIPPED")
    act(sent, "void-sync", "changed their mind")
    sent.run(lambda: not sent.work().void_reason)
    assert (sent.work().status, sent.work().attention_code) == (SyncStatus.SENT, "void_too_late")
    sent.run(lambda: sent.shipment().status == FulfillmentStatus.SHIPPED)
    assert why_not(ACTIONS["void-sync"], sent.work()).startswith("The parcel is on its way")


def test_a_void_after_the_report_is_canceled_in_the_shop_too(sent: World) -> None:
    """Where the shop refuses, a problem says so and what to do; then it goes by itself."""
    sent.account.report_at_label = True
    sent.account.save()
    sent.sandbox.vinoshipper.move(sent.work().number, "LABELS_GENERATED")
    sent.run(sent.is_reported)
    sent.shop.switch(cancels=False)
    sent.sandbox.vinoshipper.move(sent.work().number, "CANCELLED", reason="out of stock")
    sent.run(lambda: sent.shipment().report_status == ReportStatus.FAILED)
    assert (sent.work().status, sent.shipment().status) == (SyncStatus.VOIDED, FulfillmentStatus.CANCELED)
    [problem] = Problem.objects.filter(closed_at=None)
    assert (problem.code, problem.said) == (
        "report_by_hand",
        "Shopify refused: Fulfillment cannot be cancelled.",
    )
    assert [shown["status"] for shown in sent.shop.orders()[0]["fulfillments"]] == ["SUCCESS"]

    sent.shop.switch(cancels=True)
    report_now(sent.shipment(), "ana")
    sent.run(sent.is_reported)
    assert [shown["status"] for shown in sent.shop.orders()[0]["fulfillments"]] == ["CANCELLED"]
    assert not Problem.objects.filter(closed_at=None).exists()
    assert OrderEvent.objects.filter(code="canceled").count() == 1


def test_a_void_before_the_report_tells_the_shop_nothing(sent: World) -> None:
    sent.sandbox.vinoshipper.move(sent.work().number, "LABELS_GENERATED")
    sent.run(Fulfillment.objects.exists)
    sent.sandbox.vinoshipper.move(sent.work().number, "CANCELLED", reason="out of stock")
    sent.run(lambda: sent.work().status == SyncStatus.VOIDED)
    sent.run()
    made = sent.shipment()
    assert (made.status, made.report_status, made.news_since) == ("canceled", ReportStatus.NOT_YET, None)
    assert sent.shop.orders()[0]["fulfillments"] == []


def unknown(world: World) -> str:
    """An order whose call was cut off before it arrived: nobody knows whether it did."""
    world.sandbox.add_fault("reset", system="vinoshipper", match="PUT *")
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.works() != [] and world.work().status == SyncStatus.UNKNOWN)
    return world.work().number


def cancels(world: World) -> list[int]:
    return [call["status"] for call in world.calls() if call["path"].endswith("/cancel")]


def test_void_of_what_never_arrived(world: World) -> None:
    unknown(world)
    act(world, "void-sync", "changed their mind")
    world.run(lambda: world.work().status == SyncStatus.VOIDED)
    assert (cancels(world), world.at_vinoshipper()) == ([404, 404, 404], [])


def test_void_of_what_arrives_late(world: World) -> None:
    """The call that was given up may still be under way when they are asked to cancel: it is asked again."""
    number = unknown(world)
    act(world, "void-sync", "changed their mind")
    world.run(lambda: cancels(world) == [404])
    assert world.work().status == SyncStatus.UNKNOWN
    sent = world.work().attempts.filter(kind="send").latest("pk")
    assert sent.outcome == "unknown"
    work = FulfillmentOrder.objects.select_related("account", "order__store").get()
    client(world.account).put_order(order_input(work, {}))
    world.run(lambda: world.work().status == SyncStatus.VOIDED)
    assert cancels(world)[-1] == 200
    assert [(there["number"], there["orderStatus"]) for there in world.at_vinoshipper()] == [
        (number, "CANCELLED")
    ]


def test_void_needs_a_reason_and_something_sent(sent: World) -> None:
    with pytest.raises(NotAllowed, match="say why"):
        act(sent, "void-sync", " ")
    assert not sent.work().void_reason


def test_dont_send_and_undo(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    act(world, "dont-send")
    world.shop.mark_paid(placed["id"])
    world.run()
    assert world.work().status == SyncStatus.DONT_SEND
    assert world.calls() == []
    with pytest.raises(NotAllowed, match="Undo that first"):
        act(world, "retry")
    act(world, "send")
    world.run(world.is_sent)


def test_hold_keeps_it_and_release_lets_it_go(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    act(world, "hold", "ask about the gift note")
    world.shop.mark_paid(placed["id"])
    world.run()
    assert (world.work().status, world.work().reason_code) == (SyncStatus.WAITING, "held")
    assert world.calls() == []
    act(world, "release")
    world.run(world.is_sent)


def test_check_fulfillment_asks_now(sent: World) -> None:
    sent.sandbox.vinoshipper.switch(lose_webhooks=True)
    sent.sandbox.vinoshipper.move(sent.work().number, "SHIPPED")
    act(sent, "check-fulfillment")
    sent.run(lambda: sent.shipment().status == FulfillmentStatus.SHIPPED)
    assert sent.work().attempts.filter(kind="follow", actor="ana").count() == 1


def test_looks_change_nothing(world: World) -> None:
    """Compare names what differs, and no values; Re-check keeps the verdict. Neither sends anything."""
    placed = world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    assert act(world, "recheck-compliance") == "Vinoshipper says that it may go. Nothing was sent."
    assert ComplianceEvent.objects.filter(asked="check", is_compliant=True).count() == 1
    assert world.at_vinoshipper() == []
    world.shop.mark_paid(placed["id"])
    world.run(world.is_sent)
    assert act(world, "compare") == "Both sides are the same."
    address = world.shop.orders()[0]["rest"]["shipping_address"]
    world.shop.edit(placed["id"], {"shipping_address": {**address, "address1": "1 Other Street"}})
    world.run(lambda: world.work().needs_attention)
    assert act(world, "compare") == "Not the same: Street."
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]
    assert not OrderEvent.objects.filter(kind="acted").exists()
    assert world.work().attempts.filter(kind="compare", actor="ana").count() == 2


def test_what_is_not_allowed_says_why(sent: World) -> None:
    refused = {name: why_not(action, sent.work()) for name, action in ACTIONS.items()}
    assert refused == {
        "retry": "Vinoshipper has it already.",
        "void-sync": "",
        "mark-shipped": "",
        "dont-send": "Vinoshipper has it already. Use Void Sync.",
        "send": "Nobody decided not to send it.",
        "check-fulfillment": "",
        "reread": "",
        "replay": "",
        "recheck-compliance": "Vinoshipper has it already, and has judged it.",
        "compare": "",
        "show-again": "The store shows how it stands, or is about to.",
        "hold": "Vinoshipper has it already, or may have it: a hold here would not stop it. Use Void Sync.",
        "release": "It is not on hold.",
        "ship-date": "Vinoshipper has it already, or may have it, with its day. Use Void Sync first.",
        "assign": "It has no problem.",
        "snooze": "It has no problem.",
        "wake": "Nobody has put it off.",
        "note": "",
    }


def test_staff_choose_another_ship_date_than_the_store(world: World) -> None:
    """It waits for the day they choose, and goes with it; without one the store's counts again."""
    today = timezone.now().astimezone(ZoneInfo(world.account.winery.time_zone)).date()
    asked_for, far, near = (today + timedelta(days=days) for days in (40, 60, 5))
    world.shop.place(order_body(number=1001, attributes={"Requested Ship Date": asked_for.isoformat()}))
    world.run(lambda: world.works() and world.work().reason_code == "ship_date")
    choose = partial(run, "ship-date", world.work().pk)
    with pytest.raises(NotAllowed, match="That day is over"):
        choose(Asked("ana", day=today - timedelta(days=1)))
    assert world.order().chosen_ship_date is None
    assert choose(Asked("ana", day=far)).startswith(f"Ships on {far:%B %-d, %Y}: To be shipped on")
    assert world.order().ship_date == far
    assert choose(Asked("ana")).startswith("Ships when the store says: To be shipped on")
    assert (world.order().ship_date, world.calls()) == (asked_for, [])
    choose(Asked("ana", day=near))
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    assert there["request"]["specialInstructions"]["shipDate"] == near.isoformat()
    world.shop.edit(world.order().external_id, {"note": "read anew"})
    world.run(lambda: world.order().note == "read anew")
    assert world.order().chosen_ship_date == near


def test_changed_after_sending_is_a_conflict_that_goes_when_it_is_undone(sent: World) -> None:
    order_id = sent.order().external_id
    before = sent.shop.orders()[0]["rest"]["shipping_address"]
    sent.shop.edit(order_id, {"shipping_address": {**before, "address1": "1 Other Street"}})
    sent.run(lambda: sent.work().attention_code == "changed_after_sending")
    assert sent.work().status == SyncStatus.SENT
    assert [there["puts"] for there in sent.at_vinoshipper()] == [1]
    sent.shop.edit(order_id, {"shipping_address": before})
    sent.run(lambda: not sent.work().needs_attention)


def test_cancelled_after_sending_asks_for_a_void(sent: World) -> None:
    sent.shop.cancel(sent.order().external_id)
    sent.run(lambda: sent.work().attention_code == "cancelled_after_sending")
    assert why_not(ACTIONS["void-sync"], sent.work()) == ""
    act(sent, "void-sync", "cancelled by the customer")
    sent.run(lambda: sent.work().status == SyncStatus.VOIDED)
    assert not sent.work().needs_attention


def test_cancelled_at_vinoshipper_shows_as_voided(sent: World) -> None:
    sent.sandbox.vinoshipper.move(sent.work().number, "CANCELLED", reason="out of stock")
    sent.run(lambda: sent.work().status == SyncStatus.VOIDED)
    assert "out of stock" in sent.work().reason
