"""A shop's first year with shipments: what its staff did by hand, and what went another way than planned."""

from typing import Any

import pytest
import requests
from django.db import transaction

from crushsync.lib.queue import clock
from crushsync.vinoshipper.types import Acceptance, OrderAnswer, Progress
from fulfillment.models import Fulfillment, FulfillmentOrder, FulfillmentStatus, ReportStatus, SyncStatus
from fulfillment.reporting import report_now
from fulfillment.tracking import apply
from orders.models import OrderEvent
from sandbox.shopify.samples import CHARDONNAY, PINOT, Line, order_body
from tests.flow.conftest import TOKEN, World

SIX = Line("HO-PN23-750", quantity=6)
BY_HAND = """mutation ($fulfillment: FulfillmentInput!) {
    fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id } userErrors { message } } }"""
CANCEL = "mutation ($id: ID!) { fulfillmentCancel(id: $id) { userErrors { message } } }"
RELEASE = "mutation ($id: ID!) { fulfillmentOrderReleaseHold(id: $id) { userErrors { message } } }"


def staff(world: World, mutation: str, **variables: Any) -> None:
    """The shop's own people do something in its admin."""
    answer = requests.post(
        f"{world.shop.url}/admin/api/2026-07/graphql.json",
        json={"query": mutation, "variables": variables},
        headers={"X-Shopify-Access-Token": TOKEN},
        timeout=5,
    ).json()
    [payload] = answer["data"].values()
    assert payload["userErrors"] == []


def fulfil(world: World, quantity: int | None = None, tracking: dict[str, Any] | None = None) -> None:
    """By hand: the open fulfillment order whole, or so many pieces of its first line."""
    work = next(entry for entry in in_shop(world)["fulfillment_orders"] if entry["status"] in WORKABLE)
    share: dict[str, Any] = {"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{work['id']}"}
    if quantity:
        line = f"gid://shopify/FulfillmentOrderLineItem/{work['lines'][0]['id']}"
        share["fulfillmentOrderLineItems"] = [{"id": line, "quantity": quantity}]
    staff(world, BY_HAND, fulfillment={"lineItemsByFulfillmentOrder": [share], "trackingInfo": tracking})


WORKABLE = ("OPEN", "IN_PROGRESS")


def in_shop(world: World) -> dict[str, Any]:
    [order] = world.shop.orders()
    return order


def live(world: World) -> list[dict[str, Any]]:
    return [made for made in in_shop(world)["fulfillments"] if made["status"] == "SUCCESS"]


def pieces(made: dict[str, Any]) -> int:
    return sum(made["lines"].values())


def sell(world: World, *lines: Line, **options: Any) -> None:
    world.shop.place(order_body(number=1001, lines=lines or (PINOT,)), **options)
    world.run(world.is_sent)


def ship(world: World, to: str = "SHIPPED", **options: Any) -> None:
    world.sandbox.vinoshipper.move(world.work().number, to, **options)


def is_told(world: World) -> bool:
    made = world.shipment()
    return made.report_status == ReportStatus.REPORTED and made.reported_hash == made.news_hash


def correct(world: World, **changes: Any) -> None:
    """Another label than the one the store was told of; nobody looks at Vinoshipper any more."""
    world.run()
    FulfillmentOrder.objects.update(due_at=None)
    Fulfillment.objects.update(**changes)
    report_now(world.shipment(), "ana")


def refusal(world: World) -> str:
    world.run(lambda: Fulfillment.objects.filter(report_status=ReportStatus.FAILED).exists())
    return world.shipment().report_sentence


# ------------------------------------------------------------------------------------------------ by hand


def test_a_fulfillment_made_by_hand_is_adopted_and_gets_its_tracking(world: World) -> None:
    sell(world, SIX)
    fulfil(world)
    ship(world)
    world.run(lambda: is_told(world))
    [made] = live(world)
    assert (made["company"], made["numbers"], pieces(made)) == ("UPS", world.shipment().tracking_numbers, 6)
    assert world.shipment().store_fulfillment_id == made["id"]
    assert world.calls("shopify", "FulfillmentCreate") == []


def test_a_fulfillment_made_by_hand_with_our_number_is_left_as_it_is(world: World) -> None:
    sell(world)
    ship(world, "LABELS_GENERATED", tracking=["1Z999AA10123456784"])
    world.run(lambda: Fulfillment.objects.exists())
    fulfil(world, tracking={"company": "UPS", "numbers": ["1Z999AA10123456784"]})
    ship(world)
    world.run(lambda: is_told(world))
    assert [made["numbers"] for made in live(world)] == [["1Z999AA10123456784"]]
    assert world.calls("shopify", "FulfillmentCreate") == []


def test_what_is_left_after_some_bottles_went_by_hand_is_shown(world: World) -> None:
    sell(world, SIX)
    fulfil(world, 2, {"company": "USPS", "numbers": ["9400111899223197428490"]})
    ship(world)
    world.run(lambda: is_told(world))
    assert [(made["company"], pieces(made)) for made in live(world)] == [("USPS", 2), ("UPS", 4)]


def test_somebody_elses_parcel_is_never_taken_for_ours(world: World) -> None:
    sell(world, PINOT)
    fulfil(world, tracking={"company": "USPS", "numbers": ["9400111899223197428490"]})
    ship(world)
    assert refusal(world) == (
        "Order #1001 cannot be marked as shipped in Shopify: everything in the shipment is fulfilled, "
        "removed or refunded there already."
    )
    assert [made["numbers"] for made in live(world)] == [["9400111899223197428490"]]


def test_their_own_fulfillment_cancelled_first_leaves_new_work_for_ours(world: World) -> None:
    sell(world, SIX)
    old = in_shop(world)["fulfillment_orders"][0]["id"]
    fulfil(world)
    staff(world, CANCEL, id=f"gid://shopify/Fulfillment/{live(world)[0]['id']}")
    ship(world)
    world.run(lambda: is_told(world))
    [made] = live(world)
    assert pieces(made) == 6
    states = {work["id"]: work["status"] for work in in_shop(world)["fulfillment_orders"]}
    assert (len(states), states.pop(old), list(states.values())) == (2, "CLOSED", ["CLOSED"])


def test_ours_cancelled_in_the_shop_is_not_made_again_behind_their_back(world: World) -> None:
    sell(world)
    ship(world)
    world.run(lambda: is_told(world))
    staff(world, CANCEL, id=f"gid://shopify/Fulfillment/{live(world)[0]['id']}")
    ship(world, "DELIVERED")
    assert refusal(world).startswith("The fulfillment of order #1001 was canceled in Shopify.")
    assert live(world) == []


def test_ours_cancelled_and_made_again_by_hand_gets_the_delivery(world: World) -> None:
    sell(world)
    ship(world)
    world.run(lambda: is_told(world))
    [ours] = live(world)
    staff(world, CANCEL, id=f"gid://shopify/Fulfillment/{ours['id']}")
    fulfil(world, tracking={"company": "UPS", "numbers": ours["numbers"]})
    ship(world, "DELIVERED")
    world.run(lambda: world.shipment().status == FulfillmentStatus.DELIVERED and is_told(world))
    [made] = live(world)
    assert made["id"] != ours["id"]
    assert [event["status"] for event in made["events"]] == ["DELIVERED"]


# ------------------------------------------------------------------------------------------- in the way


def test_work_of_another_apps_location_is_refused_with_the_reason(world: World) -> None:
    sell(world, at_service=True)
    ship(world)
    assert refusal(world) == (
        "Order #1001 cannot be marked as shipped in Shopify: it is assigned to Other fulfillment service, "
        "which another app fulfils. Move it to a location of the winery."
    )
    assert live(world) == []
    assert world.work().status == SyncStatus.SENT


def test_a_hold_in_the_shop_is_named_and_goes_on_after_its_release(world: World) -> None:
    sell(world)
    work = in_shop(world)["fulfillment_orders"][0]["id"]
    world.hold_in_shop(work)
    ship(world)
    assert "it is on hold there (High risk of fraud). Release the hold" in refusal(world)
    staff(world, RELEASE, id=f"gid://shopify/FulfillmentOrder/{work}")
    report_now(world.shipment(), "ana")
    world.run(lambda: is_told(world))
    assert len(live(world)) == 1


def test_an_archived_order_still_shows_its_shipment(world: World) -> None:
    sell(world)
    world.shop.edit(world.order().external_id, {"closed_at": "2026-11-20T10:00:00Z"})
    ship(world)
    world.run(lambda: is_told(world))
    assert len(live(world)) == 1
    assert not world.work().needs_attention


def test_an_order_cancelled_in_the_shop_shows_no_shipment(world: World) -> None:
    sell(world)
    world.shop.cancel(world.order().external_id)
    ship(world)
    assert refusal(world) == "Order #1001 is canceled in Shopify: it cannot show a shipment."
    assert live(world) == []
    assert world.work().attention_code == "cancelled_after_sending"


# ------------------------------------------------------------------------------- numbers, boxes, carriers


def test_several_boxes_are_one_fulfillment_with_a_link_each(world: World) -> None:
    sell(world, SIX, CHARDONNAY)
    ship(world, packages=3)
    world.run(lambda: is_told(world))
    [made] = live(world)
    assert made["numbers"] == world.shipment().tracking_numbers
    assert len(set(made["numbers"])) == len(set(made["urls"])) == 3
    assert pieces(made) == 7


def test_a_number_added_later_goes_to_the_same_fulfillment(world: World) -> None:
    sell(world)
    ship(world)
    world.run(lambda: is_told(world))
    [before] = live(world)
    world.sandbox.vinoshipper.add_packages(world.work().number)
    world.run(lambda: len(world.shipment().tracking_numbers) == 2 and is_told(world))
    [made] = live(world)
    assert (made["id"], made["numbers"][0], len(made["numbers"])) == (before["id"], before["numbers"][0], 2)
    assert len(world.calls("shopify", "FulfillmentTrackingUpdate")) == 1


def test_a_corrected_number_replaces_the_old_one_in_place(world: World) -> None:
    sell(world)
    ship(world)
    world.run(lambda: is_told(world))
    [before] = live(world)
    [old] = before["numbers"]
    world.sandbox.vinoshipper.relabel(world.work().number, old, "1Z999AA10123456784")
    world.run(lambda: world.shipment().tracking_numbers == ["1Z999AA10123456784"] and is_told(world))
    [made] = live(world)
    assert (made["id"], made["numbers"]) == (before["id"], ["1Z999AA10123456784"])
    assert world.shipment().replaced_numbers == [old]
    assert f"Shipment: Shipped, UPS 1Z999AA10123456784 instead of {old}." in [
        event.sentence for event in OrderEvent.objects.all()
    ]


def test_one_of_two_numbers_is_corrected(world: World) -> None:
    sell(world)
    ship(world, packages=2)
    world.run(lambda: is_told(world))
    first, second = world.shipment().tracking_numbers
    world.sandbox.vinoshipper.relabel(world.work().number, first, "1Z999AA10123456784")
    world.run(lambda: "1Z999AA10123456784" in world.shipment().tracking_numbers and is_told(world))
    [made] = live(world)
    assert sorted(made["numbers"]) == sorted([second, "1Z999AA10123456784"])


def test_an_answer_with_fewer_packages_takes_no_number_away(world: World) -> None:
    sell(world)
    ship(world, packages=2)
    world.run(lambda: is_told(world))
    both = world.shipment().tracking_numbers
    late = OrderAnswer("", Acceptance.ACCEPTED, Progress.LABELED, "", "", tracking_numbers=(both[0],))
    with transaction.atomic():
        assert apply(world.work(), late, clock()) == []
    assert world.shipment().tracking_numbers == both


def test_an_unknown_carrier_is_other(world: World) -> None:
    sell(world)
    ship(world)
    world.run(lambda: is_told(world))
    [before] = live(world)
    correct(world, carrier="VALLEYCOURIER", tracking_numbers=["VC-77"], replaced_numbers=before["numbers"])
    world.run(lambda: is_told(world))
    [made] = live(world)
    assert (made["company"], made["numbers"]) == ("Other", ["VC-77"])


@pytest.mark.parametrize("copies", [1, 3])
def test_each_event_of_a_parcel_is_told_once(world: World, copies: int) -> None:
    world.sandbox.vinoshipper.switch(webhook_copies=copies)
    sell(world)
    ship(world)
    world.run(lambda: is_told(world))
    ship(world, "DELIVERED")
    world.run(lambda: world.shipment().status == FulfillmentStatus.DELIVERED and is_told(world))
    world.run()
    [made] = live(world)
    assert [event["status"] for event in made["events"]] == ["DELIVERED"]  # Shopify follows UPS itself


# --------------------------------------------------------------------------- edited, refunded, exchanged


def test_one_bottle_refunded_before_sending_is_not_sent(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, lines=(SIX,)), deliver=[])
    world.shop.refund(placed["id"], "HO-PN23-750", 1)
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    assert [line["quantity"] for line in there["request"]["products"]] == [5]


def test_one_bottle_refunded_between_label_and_report(world: World) -> None:
    sell(world, SIX)
    ship(world, "LABELS_GENERATED")
    world.run(lambda: Fulfillment.objects.exists())
    world.shop.refund(world.order().external_id, "HO-PN23-750", 1)
    world.run(lambda: world.work().attention_code == "changed_after_sending")
    ship(world)
    world.run(lambda: is_told(world))
    [made] = live(world)
    assert pieces(made) == 5  # the shop takes no more than it still has to ship


def test_everything_refunded_before_sending_sends_nothing(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, lines=(SIX,)), deliver=[])
    world.shop.refund(placed["id"], "HO-PN23-750", 6)
    world.run()
    assert (world.work().status, world.work().reason_code) == (SyncStatus.NOT_REQUIRED, "nothing_left")
    assert world.calls() == []


def test_a_line_exchanged_after_the_label_is_a_conflict_and_the_parcel_is_still_shown(world: World) -> None:
    sell(world, PINOT, CHARDONNAY)
    ship(world, "LABELS_GENERATED")
    world.run(lambda: Fulfillment.objects.exists())
    line = in_shop(world)["rest"]["line_items"][1]["id"]
    world.shop.edit(world.order().external_id, lines=[{"id": line, "current_quantity": 0}])
    world.run(lambda: world.work().attention_code == "changed_after_sending")
    ship(world)
    world.run(lambda: is_told(world))
    [made] = live(world)
    assert list(made["lines"].values()) == [1]
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]
