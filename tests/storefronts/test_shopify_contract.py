"""Shopify keeps the promises of every connector."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crushsync.lib.signing import hmac_sha256_base64
from orders.storefronts.base import Storefront
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.types import (
    OrderData,
    ReportAction,
    ShipmentData,
    ShipmentStatus,
    ShopMark,
    ShownMark,
    StoreConnection,
    TrackingNumber,
)
from sandbox.client import ShopControl
from tests.storefronts.answers import ORDER_ID, as_json, recorded, webhook
from tests.storefronts.conftest import TOKEN
from tests.storefronts.contract import SECRET, MarkingContract, ReportingContract, StorefrontContract
from tests.storefronts.test_shopify_orders import ORDER_1042

SHIPMENT = ShipmentData(
    order_id=ORDER_ID,
    reference="HO-1042",
    carrier="UPS",
    tracking=(TrackingNumber("1Z999AA10123456784", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),),
    lines=(("15700000000001", 3), ("15700000000002", 1), ("15700000000003", 1)),
    status=ShipmentStatus.SHIPPED,
    shipped_at=datetime(2026, 11, 20, 10, 11, tzinfo=UTC),
    delivered_at=None,
    notify_customer=True,
)


class TestShopify(StorefrontContract):
    storefront: ClassVar[type[Storefront]] = Shopify
    order_topic: ClassVar[str] = "orders/create"
    order_body: ClassVar[bytes] = webhook("orders_create")
    order_id: ClassVar[str] = ORDER_ID
    shipment: ClassVar[ShipmentData] = SHIPMENT

    def signed(self, body: bytes, topic: str, secret: str) -> dict[str, str]:
        return {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": hmac_sha256_base64(secret, body)}

    def connection(self, base_url: str) -> StoreConnection:
        credentials = (("access_token", "shpat_test"), ("webhook_secret", SECRET))
        return StoreConnection(base_url.rstrip("/"), credentials, deadline=2.0)

    def order_answer(self) -> bytes:
        return as_json(recorded("order__1042")).encode()

    def no_order_answer(self) -> Response:
        return Response('{"data":{"order":null}}', content_type="application/json")

    def is_write(self, request: Request) -> bool:
        return request.json is not None and "\nmutation" in "\n" + request.json["query"]

    def read_answer(self, request: Request) -> bytes:
        return as_json(recorded("state__1042_open")).encode()

    def expected(self, server: HTTPServer) -> OrderData:
        return replace(ORDER_1042, source_url=server.url_for(f"/admin/orders/{ORDER_ID}"))


class TestShopifyReporting(ReportingContract):
    shipment: ClassVar[ShipmentData] = SHIPMENT

    @pytest.fixture(autouse=True)
    def in_a_shop(self, shop: ShopControl, order_1042: None) -> None:
        self.shop = shop
        self.connector = Shopify(StoreConnection(shop.url, (("access_token", TOKEN),)))

    def report(self, shipment: ShipmentData) -> tuple[str, ReportAction]:
        reported = self.connector.report_shipment(shipment)
        return reported.fulfillment_id, reported.action

    def shown(self) -> list[dict[str, Any]]:
        order = self.shop.order(ORDER_ID)
        assert order is not None
        return [
            {"id": made["id"], "numbers": made["numbers"], "pieces": sum(made["lines"].values())}
            for made in order["fulfillments"]
            if made["status"] == "SUCCESS"
        ]


class TestShopifyMarking(MarkingContract):
    @pytest.fixture(autouse=True)
    def in_a_shop(self, shop: ShopControl, order_1042: None) -> None:
        self.connector = Shopify(StoreConnection(shop.url, (("access_token", TOKEN),)))

    def show(self, mark: ShopMark) -> ShownMark:
        return self.connector.show_state(ORDER_ID, mark)

    def show_on_nothing(self, mark: ShopMark) -> ShownMark:
        return self.connector.show_state("42", mark)
