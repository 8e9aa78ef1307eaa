"""GraphQL at the Shopify stand-in: the real schema, the operations we know, Shopify's ways of refusing."""

import json
import time
from typing import Any

import pytest
import requests
from graphql import build_schema, parse, validate

from sandbox.client import Sandbox
from sandbox.shopify.execution import SCHEMA_FILE
from tests.sandbox.outside import OPERATIONS, VARIABLES, Admin, operation_names

NOT_SIMULATED = {
    "FulfillmentOrderSubmitRequest",
    "AssignedFulfillmentOrders",
    "OrderRefundState",
    "OrderSuggestedRefund",
    "OrderCancel",
    "RefundCreate",
    "InventoryAdjust",
}
ORDER = "gid://shopify/Order/6411122233344"


def test_every_operation_is_valid_on_the_schema() -> None:
    assert validate(build_schema(SCHEMA_FILE.read_text()), parse(OPERATIONS)) == []
    assert len(operation_names()) == 39
    assert {name.partition("#")[0] for name in VARIABLES} == set(operation_names())


@pytest.mark.parametrize("name", [name for name in VARIABLES if name.partition("#")[0] not in NOT_SIMULATED])
def test_every_simulated_operation_answers(
    admin: Admin, sandbox: Sandbox, pinot_order: str, name: str
) -> None:
    sandbox.shop().place(pinot_order)
    assert admin.run(name.partition("#")[0], **VARIABLES[name])


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_what_is_not_simulated_says_so(admin: Admin, sandbox: Sandbox, pinot_order: str, name: str) -> None:
    sandbox.shop().place(pinot_order)
    answer = admin.post({"query": OPERATIONS, "operationName": name, "variables": VARIABLES[name]})
    assert answer.status_code == 200
    assert "not simulated by the sandbox" in answer.json()["errors"][0]["message"]


def test_an_order_is_told_as_the_body_told_it(admin: Admin, sandbox: Sandbox, pinot_order: str) -> None:
    sandbox.shop().place(pinot_order, birth_date_metafield="1984-06-21")
    order = admin.run("OrderForSync", id=ORDER)["order"]
    assert (order["name"], order["number"], order["updatedAt"]) == ("#1042", 1042, "2026-11-18T16:42:08Z")
    assert order["customAttributes"][0] == {"key": "Date of Birth", "value": "1984-06-21"}
    assert order["customer"]["birthDate"] == {"type": "date", "value": "1984-06-21"}
    assert order["totalPriceSet"]["shopMoney"] == {"amount": "227.71", "currencyCode": "USD"}
    assert order["shippingAddress"]["provinceCode"] == "TX"
    assert [line["sku"] for line in order["lineItems"]["nodes"]] == [
        "HO-PN23-750",
        "HO-CH22-1500",
        "HO-GEAR-CORK",
    ]
    pinot = order["lineItems"]["nodes"][0]
    assert (pinot["quantity"], pinot["currentQuantity"], pinot["unfulfilledQuantity"]) == (3, 3, 3)
    assert pinot["originalUnitPriceSet"]["shopMoney"]["amount"] == "38.0"
    assert pinot["discountedUnitPriceAfterAllDiscountsSet"]["shopMoney"]["amount"] == "34.2"
    assert order["displayFinancialStatus"] == "PAID"
    (work,) = order["fulfillmentOrders"]["nodes"]
    assert (work["status"], work["deliveryMethod"]["methodType"]) == ("OPEN", "SHIPPING")
    assert "CREATE_FULFILLMENT" in [action["action"] for action in work["supportedActions"]]


def test_a_wrong_field_or_variable_fails_as_at_shopify(admin: Admin) -> None:
    answer = admin.post({"query": "{ shop { nmae } }"})
    assert answer.status_code == 200
    assert "nmae" in answer.json()["errors"][0]["message"]
    assert "data" not in answer.json()
    query = "query Q($id: ID!) { order(id: $id) { id } }"
    assert "$id" in admin.post({"query": query}).json()["errors"][0]["message"]
    event = {
        "fulfillmentId": "gid://shopify/Fulfillment/1",
        "status": "IN_TRANSIT",
        "happenedAt": "yesterday",
    }
    body = {"query": OPERATIONS, "operationName": "FulfillmentEventCreate", "variables": {"event": event}}
    assert "DateTime" in admin.post(body).json()["errors"][0]["message"]
    assert admin.post({"query": "{ shop {"}).json()["errors"]


def test_a_wrong_token_is_401(sandbox: Sandbox) -> None:
    answer = Admin(sandbox.shop().url, token="wrong").post({"query": "{ shop { name } }"})
    assert answer.status_code == 401
    assert answer.json()["errors"].startswith("[API] Invalid API key or access token")


def test_an_unknown_shop_and_a_body_that_is_no_json(sandbox: Sandbox) -> None:
    assert Admin(f"{sandbox.url}/shopify/nobody").post({}).status_code == 404
    address = f"{sandbox.shop().url}/admin/api/2026-07/graphql.json"
    headers = {"X-Shopify-Access-Token": "shpat_sandbox"}
    assert requests.post(address, data=b"\xff{", headers=headers, timeout=5).status_code == 400


def test_the_api_version_is_in_the_answer(admin: Admin, sandbox: Sandbox) -> None:
    assert admin.post({"query": "{ shop { name } }"}).headers["X-Shopify-API-Version"] == "2026-07"
    sandbox.shop().switch(api_version="2026-10")
    assert admin.post({"query": "{ shop { name } }"}).headers["X-Shopify-API-Version"] == "2026-10"


def place_many(sandbox: Sandbox, pinot_order: str, count: int) -> None:
    for place in range(count):
        body = json.loads(pinot_order) | {
            "id": 1000 + place,
            "name": f"#{place}",
            "updated_at": f"2026-11-18T10:{place:02d}:00-06:00",
        }
        sandbox.shop().place(body)


def test_polling_by_time_pages_in_order(admin: Admin, sandbox: Sandbox, pinot_order: str) -> None:
    place_many(sandbox, pinot_order, 5)
    query = "updated_at:>='2026-11-18T16:01:00Z'"
    names: list[str] = []
    after: Any = None
    for _ in range(2):
        page = admin.run("OrdersUpdatedSince", first=3, after=after, query=query)["orders"]
        names += [order["name"] for order in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert names == ["#1", "#2", "#3", "#4"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert admin.run("OrdersCountSince", query=query)["ordersCount"]["count"] == 4
    assert [o["name"] for o in admin.run("OrderByName", query="name:#3")["orders"]["nodes"]] == ["#3"]


def test_a_page_needs_a_size_of_at_most_250(admin: Admin) -> None:
    assert admin.query("{ orders { nodes { id } } }")["errors"][0]["message"] == (
        "you must provide one of first or last"
    )
    assert "at most 250" in admin.query("{ orders(first: 251) { nodes { id } } }")["errors"][0]["message"]


def test_costs_are_told_and_throttle_when_switched_on(admin: Admin, sandbox: Sandbox) -> None:
    cost = admin.query("{ shop { name } }")["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (1, 1)
    sandbox.shop().switch(throttle=True, bucket=12, restore_rate=0.001)
    query = "{ orders(first: 250) { nodes { id } } }"
    answers = [admin.query(query) for _ in range(2)]
    costs = [answer["extensions"]["cost"]["actualQueryCost"] for answer in answers]
    assert costs[1] is None
    assert answers[1]["errors"][0]["extensions"]["code"] == "THROTTLED"


def test_fulfillment_orders_come_after_routing(admin: Admin, sandbox: Sandbox, pinot_order: str) -> None:
    sandbox.shop().switch(routing_delay=0.3)
    sandbox.shop().place(pinot_order)
    assert admin.run("OrderFulfillmentState", id=ORDER)["order"]["fulfillmentOrders"]["nodes"] == []
    time.sleep(0.3)
    assert len(admin.run("OrderFulfillmentState", id=ORDER)["order"]["fulfillmentOrders"]["nodes"]) == 1


BULK = """mutation ($query: String!) { bulkOperationRunQuery(query: $query) {
    bulkOperation { id status } userErrors { message } } }"""


def bulk(admin: Admin, query: str) -> dict[str, Any]:
    answer = admin.post({"query": BULK, "variables": {"query": query}}).json()
    result: dict[str, Any] = answer["data"]["bulkOperationRunQuery"]
    return result


def test_one_bulk_operation_at_a_time(admin: Admin, sandbox: Sandbox) -> None:
    sandbox.shop().switch(bulk_seconds=60)
    query = "{ orders { edges { node { id } } } }"
    assert bulk(admin, query)["bulkOperation"]["status"] == "RUNNING"
    refused = bulk(admin, query)
    assert refused["bulkOperation"] is None
    assert "already in progress" in refused["userErrors"][0]["message"]


@pytest.mark.parametrize("query", ["{ orders {", "{ shop { name } }", "{ orders { nodes { id } } }"])
def test_a_bulk_question_without_a_list_is_refused(admin: Admin, query: str) -> None:
    assert "ulk quer" in bulk(admin, query)["userErrors"][0]["message"]


@pytest.mark.parametrize(
    ("inner", "refusal"),
    [
        ("lineItems { nodes { id } }", "Selecting"),
        ("fulfillments { fulfillmentLineItems { edges { node { id } } } }", "within a list field"),
        (
            "fulfillmentOrders { edges { node { id lineItems { edges { node { id "
            "lineItem { id } more: lineItems { edges { node { id } } } } } } } } }",
            "nesting depth",
        ),
        (" ".join(f"a{n}: lineItems {{ edges {{ node {{ id }} }} }}" for n in range(5)), "more than 5"),
    ],
)
def test_what_a_bulk_question_may_not_hold(admin: Admin, inner: str, refusal: str) -> None:
    refused = bulk(admin, f"{{ orders {{ edges {{ node {{ id {inner} }} }} }} }}")
    assert refused["bulkOperation"] is None
    assert refusal in refused["userErrors"][0]["message"]
