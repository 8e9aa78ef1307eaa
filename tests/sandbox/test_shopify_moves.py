"""What customers and staff do in the shop, and the signed webhooks that tell of it."""

import json
from decimal import Decimal
from typing import Any

import pytest

from sandbox.client import Sandbox, SandboxError, ShopControl
from sandbox.shopify.samples import CHARDONNAY, CORKSCREW, GIFT_CARD, PINOT, Address, order_body
from sandbox.shopify.signing import signature
from tests.sandbox.outside import FIXTURES, Admin, Listener

ID = 6411122233344
ORDER = f"gid://shopify/Order/{ID}"


@pytest.fixture
def shop(sandbox: Sandbox, listener: Listener) -> ShopControl:
    shop = sandbox.shop()
    shop.configure(webhook_url=listener.url)
    return shop


def test_the_known_signatures() -> None:
    assert signature("hush", b'{"id":1,"name":"#1001"}') == "ybi5GMyq3UlgsyWLTJU1wvBRjL3uJyvuWTBki5k2cJY="
    body = (FIXTURES / "shopify/webhooks/orders_create.json").read_bytes()
    assert len(body) == 15_767
    expected = "bKU6IckIKq34zXNqIlKaTlOSpe1Ow49vRSWGsGMQdt4="
    assert signature("shpss_test_secret_for_fixtures", body) == expected


def test_a_placed_order_is_sent_byte_for_byte(
    shop: ShopControl, sandbox: Sandbox, listener: Listener, pinot_order: str
) -> None:
    shop.configure(secret="shpss_test_secret_for_fixtures")
    shop.place(pinot_order)
    assert sandbox.settle()
    (hook,) = listener.received
    assert hook.body == (FIXTURES / "shopify/webhooks/orders_create.json").read_bytes()
    assert hook.headers["x-shopify-hmac-sha256"] == "bKU6IckIKq34zXNqIlKaTlOSpe1Ow49vRSWGsGMQdt4="
    assert hook.headers["x-shopify-topic"] == "orders/create"
    assert hook.headers["x-shopify-shop-domain"] == "hollow-oak.myshopify.com"
    assert hook.headers["x-shopify-api-version"] == "2026-07"
    assert {"x-shopify-webhook-id", "x-shopify-event-id", "x-shopify-triggered-at"} <= set(hook.headers)


def test_subscriptions_decide_who_hears(
    shop: ShopControl, sandbox: Sandbox, admin: Admin, listener: Listener, pinot_order: str
) -> None:
    sub = {"uri": f"{listener.url}/mine", "name": "vs-created"}
    admin.run("WebhookSubscriptionCreate", topic="ORDERS_CREATE", sub=sub)
    twice = admin.run("WebhookSubscriptionCreate", topic="ORDERS_CREATE", sub=sub)
    assert twice["webhookSubscriptionCreate"]["userErrors"][0]["message"] == (
        "Address for this topic has already been taken"
    )
    shop.place(pinot_order, deliver=["orders/create", "orders/paid"])
    assert sandbox.settle()
    paths = {row["operation"]: row["path"] for row in sandbox.log(direction="out")}
    assert paths == {"orders/create": f"{listener.url}/mine", "orders/paid": listener.url}
    names = {one.topic: one.headers.get("x-shopify-name") for one in listener.received}
    assert names == {"orders/create": "vs-created", "orders/paid": None}


def test_redelivery_keeps_the_webhook_id(
    shop: ShopControl, sandbox: Sandbox, listener: Listener, pinot_order: str
) -> None:
    shop.place(pinot_order)
    assert sandbox.settle()
    first = listener.received[0]
    shop.redeliver(first.headers["x-shopify-webhook-id"], copies=2)
    assert sandbox.settle()
    assert [(one.headers, one.body) for one in listener.received] == [(first.headers, first.body)] * 3


def test_webhooks_are_held_and_released(
    shop: ShopControl, sandbox: Sandbox, listener: Listener, pinot_order: str
) -> None:
    shop.switch(webhooks="hold")
    shop.place(pinot_order, deliver=["orders/create", "orders/updated"])
    assert sandbox.settle()
    assert listener.received == []
    assert shop.release() == 2
    assert sandbox.settle()
    assert sorted(listener.topics) == ["orders/create", "orders/updated"]
    assert shop.release() == 0


def test_webhooks_are_lost(shop: ShopControl, sandbox: Sandbox, listener: Listener, pinot_order: str) -> None:
    shop.switch(webhooks="lose")
    shop.place(pinot_order)
    assert sandbox.settle()
    assert listener.received == []
    assert len(shop.orders()) == 1


def test_any_bytes_with_a_valid_signature(shop: ShopControl, sandbox: Sandbox, listener: Listener) -> None:
    garbage = b"\xff\xfe\x00{not json"
    shop.send_raw(garbage, topic="orders/paid", headers={"X-Shopify-Webhook-Id": "fixed"})
    assert sandbox.settle()
    (hook,) = listener.received
    assert hook.body == garbage
    assert hook.headers["x-shopify-hmac-sha256"] == signature("shpss_sandbox_secret", garbage)
    assert hook.headers["x-shopify-webhook-id"] == "fixed"


def test_an_edit_is_merged_and_told(
    shop: ShopControl, sandbox: Sandbox, admin: Admin, listener: Listener, pinot_order: str
) -> None:
    shop.place(pinot_order, deliver=[])
    shop.edit(
        ID,
        {"shipping_address": {"city": "Dallas"}, "note": None},
        lines=[{"id": 15700000000001, "sku": "HO-ZN21-750", "current_quantity": 2}],
    )
    assert sandbox.settle()
    (hook,) = listener.received
    assert hook.topic == "orders/updated"
    assert hook.json["shipping_address"]["city"] == "Dallas"
    assert hook.json["shipping_address"]["zip"] == "78704"
    order = admin.run("OrderForSync", id=ORDER)["order"]
    assert (order["shippingAddress"]["city"], order["note"]) == ("Dallas", None)
    assert order["updatedAt"] > "2026-11-18T16:42:08Z"
    line = order["lineItems"]["nodes"][0]
    assert (line["sku"], line["quantity"], line["currentQuantity"]) == ("HO-ZN21-750", 3, 2)
    work = order["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]
    assert (work["sku"], work["remainingQuantity"]) == ("HO-ZN21-750", 2)


def test_a_cancelled_order_has_no_work_left(
    shop: ShopControl, sandbox: Sandbox, admin: Admin, listener: Listener, pinot_order: str
) -> None:
    shop.place(pinot_order, deliver=[])
    shop.cancel(ID, reason="fraud")
    assert sandbox.settle()
    assert sorted(listener.topics) == ["orders/cancelled", "orders/updated"]
    order = admin.run("OrderForSync", id=ORDER)["order"]
    assert order["cancelReason"] == "FRAUD"
    assert order["cancelledAt"]
    assert order["displayFinancialStatus"] == "REFUNDED"
    assert order["currentTotalPriceSet"]["shopMoney"]["amount"] == "0.0"
    assert {line["currentQuantity"] for line in order["lineItems"]["nodes"]} == {0}
    (work,) = order["fulfillmentOrders"]["nodes"]
    assert (work["status"], work["supportedActions"]) == ("CANCELLED", [])


def test_a_refund_takes_pieces_out(
    shop: ShopControl, sandbox: Sandbox, admin: Admin, listener: Listener, pinot_order: str
) -> None:
    shop.place(pinot_order, deliver=[])
    shop.refund(ID, "HO-PN23-750", 1)
    assert sandbox.settle()
    refund = next(one.json for one in listener.received if one.topic == "refunds/create")
    assert refund["refund_line_items"][0] == {
        "line_item_id": 15700000000001,
        "quantity": 1,
        "restock_type": "cancel",
        "subtotal": 34.2,
        "total_tax": 2.82,
    }
    order = admin.run("OrderForSync", id=ORDER)["order"]
    assert order["displayFinancialStatus"] == "PARTIALLY_REFUNDED"
    assert order["totalRefundedSet"]["shopMoney"]["amount"] == "37.02"
    assert order["currentTotalPriceSet"]["shopMoney"]["amount"] == "190.69"
    work = order["fulfillmentOrders"]["nodes"][0]["lineItems"]["nodes"][0]
    assert work["remainingQuantity"] == 2
    with pytest.raises(SandboxError):
        shop.refund(ID, "HO-PN23-750", 3)


def test_payment_comes_later(shop: ShopControl, sandbox: Sandbox, listener: Listener) -> None:
    body = order_body(1001, financial_status="pending")
    shop.place(body, deliver=[])
    row = shop.mark_paid(body["id"])
    assert row["financial_status"] == "paid"
    assert sandbox.settle()
    assert sorted(listener.topics) == ["orders/paid", "orders/updated"]


@pytest.mark.parametrize("method", ["PICK_UP", "LOCAL", "RETAIL", "NONE"])
def test_delivery_methods(shop: ShopControl, admin: Admin, pinot_order: str, method: str) -> None:
    shop.place(pinot_order, deliver=[], delivery_method=method)
    (work,) = admin.run("OrderForSync", id=ORDER)["order"]["fulfillmentOrders"]["nodes"]
    assert work["deliveryMethod"]["methodType"] == method


def test_one_order_by_two_methods_and_a_gift_card(shop: ShopControl, admin: Admin) -> None:
    body = order_body(1001, [PINOT, CORKSCREW, GIFT_CARD])
    shop.place(body, deliver=[], delivery_by_sku={"HO-GEAR-CORK": "PICK_UP"})
    order = admin.run("OrderForSync", id=f"gid://shopify/Order/{body['id']}")["order"]
    work = {
        fo["deliveryMethod"]["methodType"]: [line["sku"] for line in fo["lineItems"]["nodes"]]
        for fo in order["fulfillmentOrders"]["nodes"]
    }
    assert work == {"SHIPPING": ["HO-PN23-750"], "PICK_UP": ["HO-GEAR-CORK"], "NONE": ["HO-GIFT-50"]}
    assert [line["isGiftCard"] for line in order["lineItems"]["nodes"]] == [False, False, True]


def test_bodies_that_are_no_orders_are_refused(shop: ShopControl) -> None:
    for wrong in ("{", "[]", "{}"):
        with pytest.raises(SandboxError, match="body"):
            shop.place(wrong)
    with pytest.raises(SandboxError, match="delivery_method"):
        shop.place(order_body(), delivery_method="DRONE")
    assert shop.orders() == []


def amounts(rows: list[dict[str, Any]], name: str) -> Decimal:
    return sum((Decimal(row[name]) for row in rows), Decimal(0))


def test_sample_bodies_add_up_to_the_cent() -> None:
    body = order_body(
        1007, [PINOT, CHARDONNAY, GIFT_CARD], Address(state="CA"), discount_percent=15, tax_rate="0.0775"
    )
    goods = amounts(body["line_items"], "price")
    discount = amounts([a for row in body["line_items"] for a in row["discount_allocations"]], "amount")
    taxed = [*body["line_items"], *body["shipping_lines"]]
    tax = amounts([t for row in taxed for t in row["tax_lines"]], "price")
    assert (goods, discount, tax) == (Decimal("160.00"), Decimal("16.50"), Decimal("9.17"))
    assert body["total_tax"] == "9.17"
    assert body["subtotal_price"] == "143.50"
    assert Decimal(body["total_price"]) == goods - discount + Decimal("24.95") + tax
    assert json.loads(json.dumps(body)) == body


def test_the_sample_body_has_the_shape_of_shopifys(pinot_order: str) -> None:
    real, ours = json.loads(pinot_order), order_body()
    assert set(ours) <= set(real)
    assert set(ours["line_items"][0]) <= set(real["line_items"][0])
    assert set(ours["shipping_lines"][0]) <= set(real["shipping_lines"][0])
    assert set(ours["shipping_address"]) == set(real["shipping_address"])


def test_stock_is_seen_by_sku(shop: ShopControl, admin: Admin, pinot_order: str) -> None:
    shop.place(pinot_order, deliver=[])
    shop.set_stock("HO-PN23-750", 7)
    found = admin.run("VariantsBySku", query="sku:HO-PN23-750", first=5)["productVariants"]["nodes"]
    (level,) = found[0]["inventoryItem"]["inventoryLevels"]["nodes"]
    assert {q["name"]: q["quantity"] for q in level["quantities"]}["available"] == 7


def test_an_answer_of_5xx_is_tried_again(shop: ShopControl, sandbox: Sandbox, listener: Listener) -> None:
    listener.answers = [500, 503, 200]
    shop.place(order_body())
    assert sandbox.settle()
    assert len(listener.received) == 3
    assert len({one.headers["x-shopify-webhook-id"] for one in listener.received}) == 1
    (row,) = sandbox.log(direction="out")
    assert (row["status"], row["attempts"]) == (200, 3)


def test_a_refused_signature_is_not_tried_again(
    shop: ShopControl, sandbox: Sandbox, listener: Listener
) -> None:
    listener.answers = [401]
    shop.send_raw(b"{}", headers={"X-Shopify-Hmac-Sha256": "wrong"})
    assert sandbox.settle()
    assert [one.headers["x-shopify-hmac-sha256"] for one in listener.received] == ["wrong"]
