"""Whole flows against a shop that remembers, over HTTP; the shop's own view is the oracle."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crushsync.lib.errors import ConnectionProblem, OutcomeUnknown, PermanentError, TemporaryError
from orders.storefronts.shopify.connector import NEEDED_SCOPES, Shopify
from orders.storefronts.types import (
    ConnectionReport,
    DeliveryMethod,
    ReportAction,
    ShipmentStatus,
    StoreConnection,
    TrackingNumber,
)
from sandbox.client import Sandbox, ShopControl
from sandbox.shopify.samples import CHARDONNAY, GIFT_CARD, PINOT, Line, order_body
from tests.storefronts.answers import ORDER_ID
from tests.storefronts.conftest import TOKEN
from tests.storefronts.test_shopify_contract import SHIPMENT
from tests.storefronts.test_shopify_orders import ORDER_1042

BY_COURIER = replace(SHIPMENT, carrier="GLS", tracking=(TrackingNumber("GLS-1", "https://gls.test/GLS-1"),))
SECOND = TrackingNumber("1Z999AA10123456793", "https://www.ups.com/track?tracknum=1Z999AA10123456793")


@pytest.fixture
def shopify(shop: ShopControl) -> Shopify:
    return Shopify(StoreConnection(shop.url, (("access_token", TOKEN),), deadline=2.0))


def _made(shop: ShopControl, order_id: object = ORDER_ID) -> list[dict[str, Any]]:
    order = shop.order(order_id)
    assert order is not None
    return list(order["fulfillments"])


def _writes(sandbox: Sandbox) -> list[str]:
    names = [entry["operation"] for entry in sandbox.log(system="shopify", direction="in")]
    return [name for name in names if "Create" in name or ("Update" in name and name != "OrdersUpdatedSince")]


# ---------------------------------------------------------------- reading


@pytest.mark.usefixtures("order_1042")
def test_the_sample_order_is_read_to_the_last_cent(shop: ShopControl, shopify: Shopify) -> None:
    order = shopify.read_order(ORDER_ID)
    assert order
    assert len(order.work_ids) == 1
    expected = replace(ORDER_1042, source_url=f"{shop.url}/admin/orders/{ORDER_ID}", work_ids=order.work_ids)
    assert order == expected


@pytest.mark.usefixtures("order_1042")
def test_a_refunded_piece_is_no_longer_there(shop: ShopControl, shopify: Shopify) -> None:
    shop.refund(ORDER_ID, "HO-PN23-750", 1, deliver=[])
    order = shopify.read_order(ORDER_ID)
    assert order is not None
    line = order.lines[0]
    assert (line.sku, line.quantity) == ("HO-PN23-750", 2)
    assert (line.discount, line.tax) == (Decimal("7.60"), Decimal("5.64"))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("SHIPPING", DeliveryMethod.SHIPPING),
        ("PICK_UP", DeliveryMethod.PICKUP),
        ("LOCAL", DeliveryMethod.LOCAL_DELIVERY),
        ("PICKUP_POINT", DeliveryMethod.PICKUP_POINT),
        ("RETAIL", DeliveryMethod.NONE),
    ],
)
def test_how_an_order_is_delivered(
    shop: ShopControl, shopify: Shopify, method: str, expected: DeliveryMethod
) -> None:
    placed = shop.place(order_body(1050, [PINOT]), delivery_method=method, deliver=[])
    order = shopify.read_order(placed["id"])
    assert order is not None
    assert (order.lines[0].delivery_method, order.is_routed) == (expected, True)


def test_an_order_is_waited_for_until_it_is_routed(shop: ShopControl, shopify: Shopify) -> None:
    shop.switch(routing_delay=60.0)
    placed = shop.place(order_body(1051, [PINOT, GIFT_CARD]), deliver=[])
    order = shopify.read_order(placed["id"])
    assert order is not None
    assert (order.is_routed, order.lines[0].delivery_method) == (False, DeliveryMethod.UNKNOWN)


def test_an_order_with_more_lines_than_a_page(shop: ShopControl, shopify: Shopify) -> None:
    lines = [Line(f"SKU-{number}", f"Wine {number}") for number in range(90)]
    placed = shop.place(order_body(1052, lines), deliver=[])
    order = shopify.read_order(placed["id"])
    assert order is not None
    assert [line.sku for line in order.lines] == [line.sku for line in lines]
    assert {line.delivery_method for line in order.lines} == {DeliveryMethod.SHIPPING}


def test_changed_orders_come_oldest_first_page_by_page(shop: ShopControl, shopify: Shopify) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for number in range(60):
        when = (start + timedelta(minutes=number)).isoformat()
        shop.place(order_body(2000 + number, [PINOT], created_at=when), deliver=[])
    first = shopify.changed_orders(start + timedelta(minutes=3))
    second = shopify.changed_orders(start + timedelta(minutes=3), first.next_cursor)
    assert (len(first.orders), len(second.orders), second.next_cursor) == (50, 7, "")
    found = [*first.orders, *second.orders]
    assert [order.updated_at for order in found] == [start + timedelta(minutes=n) for n in range(3, 60)]
    assert found[0].external_id == str(6_500_000_002_003)


def test_a_wrong_token_is_a_connection_problem(shop: ShopControl) -> None:
    stranger = Shopify(StoreConnection(shop.url, (("access_token", "shpat_stolen"),)))
    with pytest.raises(ConnectionProblem) as caught:
        stranger.read_order(ORDER_ID)
    assert caught.value.code == "credentials"


def test_the_connection_check_names_missing_permissions(shop: ShopControl, shopify: Shopify) -> None:
    assert shopify.check() == ConnectionReport("hollow-oak", "USD", "America/Los_Angeles", ())
    shop.configure(scopes=["write_orders", "read_products"])
    assert shopify.check().missing == (*NEEDED_SCOPES[2:5], *NEEDED_SCOPES[6:])


def test_subscribing_makes_only_what_is_missing(shopify: Shopify) -> None:
    address = "http://127.0.0.1:8000/webhooks/shopify/key/"
    assert shopify.subscribe(address) == tuple(Shopify.topics)
    assert shopify.subscribe(address) == ()
    assert shopify.subscribe(address + "2/") == tuple(Shopify.topics)


def test_subscriptions_ask_for_whole_bodies(sandbox: Sandbox, shopify: Shopify) -> None:
    """Of bodies cut to some fields Shopify drops those that come out equal, as if they were sent twice."""
    shopify.subscribe("https://sync.example.com/webhooks/shopify/key/")
    asked = sandbox.log(system="shopify", operation="WebhookSubscriptionCreate")
    wanted = [json.loads(call["request"])["variables"]["subscription"] for call in asked]
    whole = {"uri": "https://sync.example.com/webhooks/shopify/key/", "format": "JSON"}
    assert wanted == [whole] * len(Shopify.topics)


# ---------------------------------------------------------------- reporting


@pytest.mark.usefixtures("order_1042")
def test_a_shipment_from_label_to_door(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    label = replace(SHIPMENT, status=ShipmentStatus.PENDING, shipped_at=None)
    first = shopify.report_shipment(label)
    known = replace(SHIPMENT, fulfillment_id=first.fulfillment_id)
    moving = shopify.report_shipment(known)
    both = replace(known, tracking=(*SHIPMENT.tracking, SECOND))
    two_packages = shopify.report_shipment(both)
    arrived = datetime(2026, 11, 23, 19, 1, tzinfo=UTC)
    delivered = shopify.report_shipment(replace(both, status=ShipmentStatus.DELIVERED, delivered_at=arrived))
    actions = [report.action for report in (first, moving, two_packages, delivered)]
    unchanged = ReportAction.UNCHANGED
    assert actions == [ReportAction.CREATED, unchanged, ReportAction.UPDATED, unchanged]
    [made] = _made(shop)
    assert made["id"] == first.fulfillment_id
    assert (made["company"], made["notify_customer"]) == ("UPS", True)
    assert made["numbers"] == [SHIPMENT.tracking[0].number, SECOND.number]
    assert made["urls"] == [SHIPMENT.tracking[0].url, SECOND.url]
    assert made["lines"] == dict(SHIPMENT.lines)
    events = [(event["status"], event["happened_at"][:16]) for event in made["events"]]
    assert events[1:] == [("DELIVERED", "2026-11-23T19:01")]  # that UPS moves it Shopify knows by itself
    assert events[0][0] == "LABEL_PRINTED"


@pytest.mark.usefixtures("order_1042")
def test_an_unchanged_report_writes_nothing(sandbox: Sandbox, shopify: Shopify) -> None:
    made = shopify.report_shipment(SHIPMENT)
    before = _writes(sandbox)
    assert before == ["FulfillmentCreate"]
    again = shopify.report_shipment(replace(SHIPMENT, fulfillment_id=made.fulfillment_id))
    assert (again.action, again.sentence) == (ReportAction.UNCHANGED, "Shopify shows all of it already.")
    assert _writes(sandbox) == before


@pytest.mark.usefixtures("order_1042")
@pytest.mark.parametrize("kind", ["accept_then_reset", "timeout_after_accept", "garbage", "truncated"])
def test_an_answer_that_never_came_does_not_ship_twice(
    sandbox: Sandbox, shop: ShopControl, shopify: Shopify, kind: str
) -> None:
    sandbox.add_fault(kind, system="shopify", match="FulfillmentCreate", seconds=4.0)
    with pytest.raises(OutcomeUnknown):
        shopify.report_shipment(SHIPMENT)
    report = shopify.report_shipment(SHIPMENT)
    assert report.action is ReportAction.ADOPTED
    [made] = _made(shop)
    assert (made["id"], made["numbers"]) == (report.fulfillment_id, [SHIPMENT.tracking[0].number])


@pytest.mark.usefixtures("order_1042")
def test_an_event_whose_answer_never_came_is_there_once(
    sandbox: Sandbox, shop: ShopControl, shopify: Shopify
) -> None:
    sandbox.add_fault("accept_then_reset", system="shopify", match="FulfillmentEventCreate")
    with pytest.raises(OutcomeUnknown):
        shopify.report_shipment(BY_COURIER)
    shopify.report_shipment(BY_COURIER)
    [made] = _made(shop)
    assert [event["status"] for event in made["events"]] == ["IN_TRANSIT"]


@pytest.mark.usefixtures("order_1042")
def test_an_answer_that_never_came_without_a_number(
    sandbox: Sandbox, shop: ShopControl, shopify: Shopify
) -> None:
    sandbox.add_fault("accept_then_reset", system="shopify", match="FulfillmentCreate")
    unnumbered = replace(SHIPMENT, tracking=(), lines=(("15700000000001", 1),))
    with pytest.raises(OutcomeUnknown):
        shopify.report_shipment(unnumbered)
    assert shopify.report_shipment(unnumbered).action is ReportAction.ADOPTED
    assert len(_made(shop)) == 1


@pytest.mark.usefixtures("order_1042")
def test_throttled_wrote_nothing(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    sandbox.add_fault("throttled", system="shopify", match="FulfillmentCreate")
    with pytest.raises(TemporaryError):
        shopify.report_shipment(SHIPMENT)
    assert _made(shop) == []
    assert shopify.report_shipment(SHIPMENT).action is ReportAction.CREATED


@pytest.mark.usefixtures("order_1042")
def test_a_refused_event_is_told_and_the_tracking_stays(
    sandbox: Sandbox, shop: ShopControl, shopify: Shopify
) -> None:
    sandbox.add_fault("status", system="shopify", match="FulfillmentEventCreate", status=403)
    report = shopify.report_shipment(BY_COURIER)
    assert report.action is ReportAction.CREATED
    assert report.sentence == (
        "Shopify shows the shipment. Its progress could not be added: Shopify does not permit this to the "
        "access token. Check the app's access scopes."
    )
    [made] = _made(shop)
    assert (made["numbers"], made["events"]) == (["GLS-1"], [])


@pytest.mark.usefixtures("order_1042")
def test_two_shipments_of_one_order(shop: ShopControl, shopify: Shopify) -> None:
    first = replace(SHIPMENT, lines=(("15700000000001", 2),))
    second = replace(SHIPMENT, lines=(("15700000000001", 1), ("15700000000002", 1)), tracking=(SECOND,))
    ids = [shopify.report_shipment(shipment).fulfillment_id for shipment in (first, second)]
    assert [made["id"] for made in _made(shop)] == ids
    assert [made["lines"] for made in _made(shop)] == [dict(first.lines), dict(second.lines)]
    assert [made["numbers"] for made in _made(shop)] == [[SHIPMENT.tracking[0].number], [SECOND.number]]


def test_a_pickup_is_left_alone(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    placed = shop.place(order_body(1060, [PINOT]), delivery_method="PICK_UP", deliver=[])
    line = placed["fulfillment_orders"][0]["lines"][0]["line_item_id"]
    with pytest.raises(PermanentError, match="collected or delivered locally"):
        shopify.report_shipment(replace(SHIPMENT, order_id=placed["id"], lines=((line, 1),)))
    assert (_made(shop, placed["id"]), _writes(sandbox)) == ([], [])


def test_another_apps_location_is_said(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    placed = shop.place(order_body(1061, [PINOT]), at_service=True, deliver=[])
    line = placed["fulfillment_orders"][0]["lines"][0]["line_item_id"]
    with pytest.raises(PermanentError, match="Other fulfillment service, which another app fulfils"):
        shopify.report_shipment(replace(SHIPMENT, order_id=placed["id"], lines=((line, 1),)))
    assert _writes(sandbox) == []


@pytest.mark.usefixtures("order_1042")
def test_cancelled_and_gone_orders_are_said(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    shop.cancel(ORDER_ID, deliver=[])
    with pytest.raises(PermanentError, match="Order #1042 is canceled in Shopify"):
        shopify.report_shipment(SHIPMENT)
    with pytest.raises(PermanentError, match="no longer in Shopify"):
        shopify.report_shipment(replace(SHIPMENT, order_id="42"))
    assert _writes(sandbox) == []


def test_a_mixed_order_ships_only_what_is_shipped(shop: ShopControl, shopify: Shopify) -> None:
    body = order_body(1062, [PINOT, CHARDONNAY])
    placed = shop.place(json.dumps(body), delivery_by_sku={"HO-CH22-1500": "PICK_UP"}, deliver=[])
    shipped, collected = (str(row["id"]) for row in body["line_items"])
    everything = replace(SHIPMENT, order_id=placed["id"], lines=((shipped, 1), (collected, 1)))
    shopify.report_shipment(everything)
    assert [made["lines"] for made in _made(shop, placed["id"])] == [{shipped: 1}]
