"""The sandbox's stock numbers move as Shopify's do: compared, all or none, once for each key."""

from typing import Any

import pytest

from sandbox.client import Sandbox, ShopControl
from sandbox.shopify.samples import CHARDONNAY, PINOT, order_body
from tests.sandbox.outside import Admin

SET = """mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta item { sku } location { name } } }
    userErrors { field message code } } }"""
CELLAR, TASTING_ROOM = "81000000001", "81000000003"


@pytest.fixture
def shop(sandbox: Sandbox) -> ShopControl:
    return sandbox.shop()


@pytest.fixture
def items(shop: ShopControl) -> dict[str, str]:
    return {sku: shop.set_stock(sku, 20)["inventory_item_id"] for sku in (PINOT.sku, CHARDONNAY.sku)}


def quantity(item: str, becomes: int, was: int | None, **more: Any) -> dict[str, Any]:
    return {
        "inventoryItemId": f"gid://shopify/InventoryItem/{item}",
        "locationId": f"gid://shopify/Location/{CELLAR}",
        "quantity": becomes,
        "changeFromQuantity": was,
        **more,
    }


def ask(admin: Admin, key: str, *quantities: dict[str, Any], name: str = "on_hand") -> dict[str, Any]:
    given = {"name": name, "reason": "correction", "quantities": list(quantities)}
    body = {"query": SET, "operationName": "Set", "variables": {"input": given, "key": key}}
    answer: dict[str, Any] = admin.post(body).json()["data"]["inventorySetQuantities"]
    return answer


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["code"] for error in answer["userErrors"]]


def on_hand(shop: ShopControl, sku: str = PINOT.sku) -> int:
    return int(shop.stock()[sku][CELLAR]["on_hand"])


def test_numbers_are_set_and_told(shop: ShopControl, admin: Admin, items: dict[str, str]) -> None:
    answer = ask(admin, "one", quantity(items[PINOT.sku], 17, 20), quantity(items[CHARDONNAY.sku], 5, None))
    assert codes(answer) == []
    changes = answer["inventoryAdjustmentGroup"]["changes"]
    assert [(change["item"]["sku"], change["delta"]) for change in changes] == [
        (PINOT.sku, -3),
        (CHARDONNAY.sku, -15),
    ]
    assert (on_hand(shop), on_hand(shop, CHARDONNAY.sku)) == (17, 5)


def test_a_stale_number_stops_all_of_them(shop: ShopControl, admin: Admin, items: dict[str, str]) -> None:
    answer = ask(admin, "one", quantity(items[CHARDONNAY.sku], 5, 20), quantity(items[PINOT.sku], 17, 19))
    assert codes(answer) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert answer["userErrors"][0]["field"] == ["input", "quantities", "1", "changeFromQuantity"]
    assert (on_hand(shop), on_hand(shop, CHARDONNAY.sku)) == (20, 20)


def test_a_key_counts_once(shop: ShopControl, admin: Admin, items: dict[str, str]) -> None:
    down = quantity(items[PINOT.sku], 17, None)
    first = ask(admin, "one", down)
    shop.set_stock(PINOT.sku, 30)
    assert ask(admin, "one", down) == first
    assert on_hand(shop) == 30
    assert codes(ask(admin, "one", quantity(items[PINOT.sku], 18, None))) == [
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    ]
    assert codes(ask(admin, "two", quantity(items[PINOT.sku], 17, 1))) == ["CHANGE_FROM_QUANTITY_STALE"]
    assert codes(ask(admin, "two", quantity(items[PINOT.sku], 17, 1))) == [
        "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"
    ]
    assert on_hand(shop) == 30


def test_a_key_is_required(admin: Admin, items: dict[str, str]) -> None:
    text = SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    given = {"name": "on_hand", "reason": "correction", "quantities": [quantity(items[PINOT.sku], 1, None)]}
    answer = admin.post({"query": text, "operationName": "Set", "variables": {"input": given}}).json()
    assert "@idempotent directive is required" in answer["errors"][0]["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inventoryItemId": "gid://shopify/InventoryItem/1"}, "INVALID_INVENTORY_ITEM"),
        ({"locationId": "gid://shopify/Location/1"}, "INVALID_LOCATION"),
        ({"locationId": f"gid://shopify/Location/{TASTING_ROOM}"}, "ITEM_NOT_STOCKED_AT_LOCATION"),
        ({"quantity": -1}, "INVALID_QUANTITY_NEGATIVE"),
        ({"quantity": 1_000_000_001}, "INVALID_QUANTITY_TOO_HIGH"),
    ],
)
def test_what_is_wrong_is_named(
    shop: ShopControl, admin: Admin, items: dict[str, str], change: dict[str, Any], code: str
) -> None:
    assert codes(ask(admin, "one", quantity(items[PINOT.sku], 17, 20, **change))) == [code]
    assert on_hand(shop) == 20


def test_a_bundle_and_a_repeated_item_are_refused(
    shop: ShopControl, admin: Admin, items: dict[str, str]
) -> None:
    twice = quantity(items[PINOT.sku], 17, 20)
    assert codes(ask(admin, "one", twice, twice)) == ["NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"]
    shop.set_stock(PINOT.sku, 20, is_bundle=True)
    assert codes(ask(admin, "two", twice)) == ["NON_MUTABLE_INVENTORY_ITEM"]
    assert codes(ask(admin, "three", twice, name="committed")) == ["INVALID_NAME"]
    assert on_hand(shop) == 20


def test_what_is_sold_is_committed_until_it_is_shipped(
    shop: ShopControl, admin: Admin, items: dict[str, str]
) -> None:
    placed = shop.place(order_body(lines=[PINOT]), deliver=[])
    assert shop.stock()[PINOT.sku][CELLAR] == {"on_hand": 20, "committed": 1, "available": 19}
    [work] = placed["fulfillment_orders"]
    made = admin.run(
        "FulfillmentCreate",
        fulfillment={
            "lineItemsByFulfillmentOrder": [
                {"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{work['id']}"}
            ]
        },
    )
    assert shop.stock()[PINOT.sku][CELLAR] == {"on_hand": 19, "committed": 0, "available": 19}
    admin.run("FulfillmentCancel", id=made["fulfillmentCreate"]["fulfillment"]["id"])
    assert shop.stock()[PINOT.sku][CELLAR] == {"on_hand": 20, "committed": 1, "available": 19}
