"""Fulfillments at the Shopify stand-in: made, tracked, told, cancelled, and refused as Shopify refuses."""

from typing import Any

import pytest

from sandbox.client import Sandbox
from tests.sandbox.outside import VARIABLES, Admin, Listener

ORDER = "gid://shopify/Order/6411122233344"
FO = "gid://shopify/FulfillmentOrder/6900000000001"
PINOT_LINE = "gid://shopify/FulfillmentOrderLineItem/6910000000001"
FULFILLMENT = "gid://shopify/Fulfillment/5600000000001"


@pytest.fixture(autouse=True)
def placed(sandbox: Sandbox, pinot_order: str) -> None:
    sandbox.shop().place(pinot_order, deliver=[])


def fulfil(admin: Admin, lines: list[dict[str, Any]] | None = None, **more: Any) -> Any:
    group: dict[str, Any] = {"fulfillmentOrderId": FO}
    if lines is not None:
        group["fulfillmentOrderLineItems"] = lines
    return admin.run("FulfillmentCreate", fulfillment={"lineItemsByFulfillmentOrder": [group], **more})[
        "fulfillmentCreate"
    ]


def state(admin: Admin) -> Any:
    return admin.run("OrderFulfillmentState", id=ORDER)["order"]


def messages(payload: Any) -> list[str]:
    return [row["message"] for row in payload["userErrors"]]


def test_a_fulfillment_of_all_that_remains(admin: Admin, sandbox: Sandbox) -> None:
    tracking = {"company": "UPS", "numbers": ["1Z999AA10123456784", "1Z999AA10312345670"]}
    made = fulfil(admin, trackingInfo=tracking, notifyCustomer=True)
    assert made["userErrors"] == []
    assert made["fulfillment"]["name"] == "#1042.1"
    assert made["fulfillment"]["totalQuantity"] == 5
    assert made["fulfillment"]["trackingInfo"] == [
        {
            "company": "UPS",
            "number": "1Z999AA10123456784",
            "url": "https://www.ups.com/track?tracknum=1Z999AA10123456784",
        },
        {
            "company": "UPS",
            "number": "1Z999AA10312345670",
            "url": "https://www.ups.com/track?tracknum=1Z999AA10312345670",
        },
    ]
    assert state(admin)["displayFulfillmentStatus"] == "FULFILLED"
    (work,) = state(admin)["fulfillmentOrders"]["nodes"]
    assert (work["status"], work["supportedActions"]) == ("CLOSED", [])
    row = sandbox.shop().order(6411122233344)
    assert row is not None
    assert row["fulfillment_status"] == "fulfilled"
    assert row["fulfillments"][0]["numbers"] == tracking["numbers"]
    assert row["fulfillments"][0]["notify_customer"] is True


def test_parts_leave_a_remainder(admin: Admin) -> None:
    made = fulfil(admin, [{"id": PINOT_LINE, "quantity": 2}])
    assert made["fulfillment"]["totalQuantity"] == 2
    (work,) = state(admin)["fulfillmentOrders"]["nodes"]
    assert work["status"] == "IN_PROGRESS"
    assert [line["remainingQuantity"] for line in work["lineItems"]["nodes"]] == [1, 1, 1]
    assert state(admin)["displayFulfillmentStatus"] == "PARTIALLY_FULFILLED"


@pytest.mark.parametrize("quantity", [4, 0, -1])
def test_more_than_remains_is_refused(admin: Admin, quantity: int) -> None:
    made = fulfil(admin, [{"id": PINOT_LINE, "quantity": quantity}])
    assert made["fulfillment"] is None
    assert messages(made) == ["Invalid fulfillment order line item quantity requested."]
    assert state(admin)["fulfillments"] == []


def test_twice_is_refused(admin: Admin) -> None:
    fulfil(admin)
    assert messages(fulfil(admin)) == ["Fulfillment order 6900000000001 has an unfulfillable status= closed."]
    assert len(state(admin)["fulfillments"]) == 1


def test_somebody_elses_service_is_refused(admin: Admin, sandbox: Sandbox, pinot_order: str) -> None:
    sandbox.shop().place(pinot_order, deliver=[], at_service=True)
    work = state(admin)["fulfillmentOrders"]["nodes"][0]
    assert [row["action"] for row in work["supportedActions"]] == ["REQUEST_FULFILLMENT", "MOVE"]
    group = {"fulfillmentOrderId": work["id"]}
    made = admin.run("FulfillmentCreate", fulfillment={"lineItemsByFulfillmentOrder": [group]})
    assert messages(made["fulfillmentCreate"]) == [
        "The api_client does not have access to the fulfillment order."
    ]


def test_unknown_ids_are_refused(admin: Admin) -> None:
    group = {"fulfillmentOrderId": "gid://shopify/FulfillmentOrder/1"}
    made = admin.run("FulfillmentCreate", fulfillment={"lineItemsByFulfillmentOrder": [group]})
    assert messages(made["fulfillmentCreate"]) == ["Fulfillment order does not exist."]
    cancelled = admin.run("FulfillmentCancel", id="gid://shopify/Fulfillment/1")
    assert messages(cancelled["fulfillmentCancel"]) == ["Fulfillment does not exist."]


def test_cancelling_makes_a_new_fulfillment_order(admin: Admin) -> None:
    fulfil(admin)
    cancelled = admin.run("FulfillmentCancel", id=FULFILLMENT)["fulfillmentCancel"]
    assert cancelled["fulfillment"]["status"] == "CANCELLED"
    old, fresh = state(admin)["fulfillmentOrders"]["nodes"]
    assert (old["id"], old["status"]) == (FO, "CLOSED")
    assert (fresh["id"], fresh["status"]) == ("gid://shopify/FulfillmentOrder/6900000000002", "OPEN")
    assert [line["remainingQuantity"] for line in fresh["lineItems"]["nodes"]] == [3, 1, 1]
    assert state(admin)["displayFulfillmentStatus"] == "UNFULFILLED"
    assert messages(admin.run("FulfillmentCancel", id=FULFILLMENT)["fulfillmentCancel"]) == [
        "Fulfillment has already been cancelled."
    ]


def test_tracking_can_be_corrected(admin: Admin) -> None:
    fulfil(admin, trackingInfo={"company": "UPS", "number": "1Z1"})
    admin.run("FulfillmentTrackingUpdate", **VARIABLES["FulfillmentTrackingUpdate"])
    (made,) = state(admin)["fulfillments"]
    assert made["trackingInfo"][0]["number"] == "794600000001"
    assert made["trackingInfo"][0]["company"] == "FedEx"


def test_events_move_the_display_status(admin: Admin) -> None:
    fulfil(admin)
    admin.run("FulfillmentEventCreate", **VARIABLES["FulfillmentEventCreate"])
    admin.run("FulfillmentEventCreate", **VARIABLES["FulfillmentEventCreate#delivered"])
    (made,) = state(admin)["fulfillments"]
    assert made["displayStatus"] == "DELIVERED"
    assert (made["inTransitAt"], made["deliveredAt"]) == ("2026-11-20T10:11:00Z", "2026-11-23T19:01:00Z")
    assert [event["status"] for event in made["events"]["nodes"]] == ["DELIVERED", "IN_TRANSIT"]


def test_a_hold_stops_and_its_release_frees(admin: Admin) -> None:
    variables = VARIABLES["FulfillmentOrderHold"]
    held = admin.run("FulfillmentOrderHold", **variables)["fulfillmentOrderHold"]
    assert held["fulfillmentOrder"]["status"] == "ON_HOLD"
    again = admin.run("FulfillmentOrderHold", **variables)["fulfillmentOrderHold"]
    assert again["userErrors"][0]["code"] == "DUPLICATE_FULFILLMENT_HOLD_HANDLE"
    assert messages(fulfil(admin)) == [
        "Fulfillment order 6900000000001 has an unfulfillable status= on_hold."
    ]
    admin.run("FulfillmentOrderReleaseHold", **VARIABLES["FulfillmentOrderReleaseHold"])
    assert fulfil(admin)["userErrors"] == []


def test_progress_shows(admin: Admin) -> None:
    admin.run("FulfillmentOrderReportProgress", **VARIABLES["FulfillmentOrderReportProgress"])
    assert state(admin)["displayFulfillmentStatus"] == "IN_PROGRESS"


def test_our_writes_come_back_as_webhooks(admin: Admin, sandbox: Sandbox, listener: Listener) -> None:
    sandbox.shop().configure(webhook_url=listener.url)
    fulfil(admin, trackingInfo={"company": "UPS", "number": "1Z999AA10123456784"})
    assert sandbox.settle()
    assert sorted(listener.topics) == ["fulfillments/create", "orders/updated"]
    bodies = {one.topic: one.json for one in listener.received}
    assert bodies["fulfillments/create"]["tracking_number"] == "1Z999AA10123456784"
    assert bodies["fulfillments/create"]["order_id"] == 6411122233344
    assert bodies["orders/updated"]["fulfillment_status"] == "fulfilled"
    assert bodies["orders/updated"]["fulfillments"][0]["name"] == "#1042.1"
    sandbox.shop().switch(echo=False)
    admin.run("TagsAdd", id=ORDER, tags=["quiet"])
    assert sandbox.settle()
    assert len(listener.received) == 2


def test_tags_are_sets_and_tell_only_changes(admin: Admin, sandbox: Sandbox, listener: Listener) -> None:
    sandbox.shop().configure(webhook_url=listener.url)
    for _ in range(2):
        admin.run("TagsAdd", id=ORDER, tags=["sent", "vinoshipper"])
    admin.run("TagsRemove", id=ORDER, tags=["sent"])
    assert sandbox.settle()
    assert listener.topics == ["orders/updated"] * 2
    row = sandbox.shop().order(6411122233344)
    assert row is not None
    assert row["tags"] == ["vinoshipper"]


def test_metafields_compare_and_set(admin: Admin, sandbox: Sandbox) -> None:
    field = VARIABLES["MetafieldsSet"]["metafields"][0]
    made = admin.run("MetafieldsSet", metafields=[field])["metafieldsSet"]["metafields"][0]
    digest = made["compareDigest"]
    ok = admin.run("MetafieldsSet", metafields=[{**field, "value": "HO-2", "compareDigest": digest}])
    assert ok["metafieldsSet"]["userErrors"] == []
    stale = admin.run("MetafieldsSet", metafields=[{**field, "value": "HO-3", "compareDigest": digest}])
    assert stale["metafieldsSet"]["userErrors"][0]["code"] == "STALE_OBJECT"
    row = sandbox.shop().order(6411122233344)
    assert row is not None
    assert row["metafields"] == {"$app:vinoshipper.order_number": "HO-2"}
    synced = admin.run("OrderForSync", id=ORDER)["order"]["sync"]["nodes"]
    assert [node["value"] for node in synced] == ["HO-2"]
