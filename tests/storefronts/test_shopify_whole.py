"""Nothing of an order is lost at the end of a page: lists of any length, over HTTP against the sandbox."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from orders.storefronts.shopify import operations
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.shopify.fulfillments import MOST_TOLD
from orders.storefronts.shopify.graphql import AdminApi
from orders.storefronts.shopify.payloads import MORE_SHIPPED, to_order
from orders.storefronts.types import OrderData, ReportAction, ShipmentStatus, StoreConnection, TrackingNumber
from sandbox.client import Sandbox, ShopControl
from sandbox.shopify.samples import CORKSCREW, PINOT, Line, order_body
from tests.storefronts.answers import CONNECTION, made, recorded_order
from tests.storefronts.conftest import TOKEN
from tests.storefronts.test_shopify_contract import SHIPMENT

PARCELS = [f"1Z999AA1{number:010d}" for number in range(30)]
MANY = Line(CORKSCREW.sku, CORKSCREW.title, "18.00", 40)


@pytest.fixture
def connection(shop: ShopControl) -> StoreConnection:
    return StoreConnection(shop.url, (("access_token", TOKEN),), deadline=5.0)


@pytest.fixture
def shopify(connection: StoreConnection) -> Shopify:
    return Shopify(connection)


def placed(shop: ShopControl, *lines: Line) -> str:
    return str(shop.place(order_body(1070, lines), deliver=[])["id"])


def read(shopify: Shopify, order_id: str) -> OrderData:
    order = shopify.read_order(order_id)
    assert order is not None
    assert order.defects == ()
    return order


def test_every_fulfillment_is_told(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    order_id = placed(shop, MANY)
    ids = [shop.fulfill(order_id, {MANY.sku: 1}, company="UPS", numbers=[one]) for one in PARCELS]
    shipments = read(shopify, order_id).shipments
    assert [shipment.external_id for shipment in shipments] == ids
    assert [shipment.tracking[0].number for shipment in shipments] == PARCELS
    assert {shipment.lines[0][1] for shipment in shipments} == {1}
    assert len(sandbox.log(system="shopify", operation="Fulfillments")) == 2  # ten were told at first


def test_as_many_as_are_asked_for_may_be_all(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    order_id = placed(shop, MANY)
    for _ in range(10):
        shop.fulfill(order_id, {MANY.sku: 1})
    assert len(read(shopify, order_id).shipments) == 10
    asked = [entry["operation"] for entry in sandbox.log(system="shopify", direction="in")]
    assert asked == ["OrderForSync", "OrderFulfillmentIds"]


@pytest.mark.parametrize("max_cost", [None, 400])
def test_every_line_of_a_fulfillment_is_told(
    shop: ShopControl, shopify: Shopify, max_cost: int | None
) -> None:
    """Also where Shopify wants smaller pages."""
    lines = [Line(f"SKU-{number}", f"Wine {number}", quantity=2) for number in range(320)]
    order_id = placed(shop, *lines)
    bought = tuple((line.external_id, 2) for line in read(shopify, order_id).lines)
    shopify.report_shipment(replace(SHIPMENT, order_id=order_id, lines=bought))
    if max_cost:
        shop.switch(max_cost=max_cost)
    order = read(shopify, order_id)
    [shipment] = order.shipments
    assert shipment.is_whole
    assert shipment.lines == tuple(sorted(bought))
    assert len(order.lines) == 320


def test_every_parcel_of_a_fulfillment_is_told(shop: ShopControl, shopify: Shopify) -> None:
    order_id = placed(shop, MANY)
    shop.fulfill(order_id, {MANY.sku: 40}, company="UPS", numbers=PARCELS)
    [shipment] = read(shopify, order_id).shipments
    assert [entry.number for entry in shipment.tracking] == PARCELS


def test_the_tax_on_every_way_of_shipping_is_told(shop: ShopControl, shopify: Shopify) -> None:
    """Shopify keeps those that were replaced in the list."""
    body = order_body(1071, [PINOT]) | {"taxes_included": True}
    [way] = body["shipping_lines"]
    taxes = [{**tax, "price": "1.00"} for tax in way["tax_lines"][:1]]
    one = {**way, "tax_lines": taxes, "price": "24.95"}
    body["shipping_lines"] = [{**one, "id": 900 + place, "is_removed": place < 11} for place in range(12)]
    order = read(shopify, str(shop.place(body, deliver=[])["id"]))
    dear = str(order.shipping_price)
    body["shipping_lines"] = [{**one, "id": 900}]
    body = {**body, "id": body["id"] + 1}
    cheap = str(read(shopify, str(shop.place(body, deliver=[])["id"])).shipping_price)
    assert (dear, order.shipping_method) == (cheap, way["title"])


def test_what_was_told_is_found_behind_many_others(shop: ShopControl, shopify: Shopify) -> None:
    """Creating is never done twice, however many fulfillments and parcels come before ours."""
    order_id = placed(shop, PINOT, MANY)
    ours = next(line for line in read(shopify, order_id).lines if line.sku == PINOT.sku).external_id
    for _ in range(12):
        shop.fulfill(order_id, {MANY.sku: 1})
    parcels = tuple(TrackingNumber(number, f"https://ups.test/{number}") for number in PARCELS)
    shipment = replace(SHIPMENT, order_id=order_id, lines=((ours, 1),), tracking=parcels)
    assert shopify.report_shipment(shipment).action is ReportAction.CREATED
    for known in (shipment, replace(shipment, tracking=parcels[-1:])):
        assert shopify.report_shipment(known).action is ReportAction.ADOPTED
    order = shop.order(order_id)
    assert order is not None
    assert [fulfillment["numbers"] for fulfillment in order["fulfillments"]] == [*[[]] * 12, PARCELS]


def test_an_event_behind_many_others_is_not_told_again(
    shop: ShopControl, shopify: Shopify, connection: StoreConnection
) -> None:
    order_id = placed(shop, PINOT)
    line = read(shopify, order_id).lines[0].external_id
    label = replace(
        SHIPMENT, order_id=order_id, lines=((line, 1),), status=ShipmentStatus.PENDING, shipped_at=None
    )
    made_id = shopify.report_shipment(label).fulfillment_id
    api = AdminApi(connection)
    for day in range(1, 29):
        when = datetime(2030, 2, day, tzinfo=UTC).isoformat()
        event = {
            "fulfillmentId": f"gid://shopify/Fulfillment/{made_id}",
            "status": "DELAYED",
            "happenedAt": when,
        }
        api.execute(operations.FULFILLMENT_EVENT_CREATE, {"event": event})
    shopify.report_shipment(replace(label, fulfillment_id=made_id))
    order = shop.order(order_id)
    assert order is not None
    events = Counter(event["status"] for event in order["fulfillments"][0]["events"])
    assert events == {"LABEL_PRINTED": 1, "DELAYED": 28}


def test_more_than_shopify_tells_is_said() -> None:
    whole = made(1, {1: 1}, "1ZA", totalQuantity=1)
    assert to_order(recorded_order(fulfillments=[whole]), CONNECTION).defects == ()
    cut_lines = made(1, {1: 1}, "1ZA", totalQuantity=2)
    cut_parcels = made(1, {1: 1}, *(f"1Z{number}" for number in range(MOST_TOLD)), totalQuantity=1)
    for fulfillments in ([whole] * MOST_TOLD, [cut_lines], [cut_parcels]):
        assert to_order(recorded_order(fulfillments=fulfillments), CONNECTION).defects == (MORE_SHIPPED,)
    dead = made(1, {1: 1}, totalQuantity=2, status="CANCELLED")
    assert to_order(recorded_order(fulfillments=[dead]), CONNECTION).defects == ()
