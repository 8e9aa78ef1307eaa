"""What we ask is what the shop's schema knows, without anything deprecated."""

import re
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLSchema,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    build_schema,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql.execution.values import get_variable_values

import sandbox.shopify
from orders.storefronts.shopify import operations
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.shopify.fulfillments import MOST_TOLD
from orders.storefronts.shopify.marks import DEFINITION, HANDLE
from orders.storefronts.shopify.operations import Operation
from orders.storefronts.shopify.whole import FIRST_TOLD

SCHEMA = build_schema(Path(sandbox.shopify.__file__).with_name("admin-subset-2026-07.graphql").read_text())
WORK = "gid://shopify/FulfillmentOrder/1"
ORDER, MADE = "gid://shopify/Order/6411122233344", "gid://shopify/Fulfillment/5600000000001"
VARIABLES: dict[str, dict[str, Any]] = {
    "BulkOperation": {"id": "gid://shopify/BulkOperation/1"},
    "BulkOrdersExport": {"query": "{ orders { edges { node { id } } } }"},
    "ConnectionCheck": {},
    "FulfillmentCreate": {
        "message": "Shipped as order HO-1042",
        "fulfillment": {
            "lineItemsByFulfillmentOrder": [
                {
                    "fulfillmentOrderId": "gid://shopify/FulfillmentOrder/1",
                    "fulfillmentOrderLineItems": [
                        {"id": "gid://shopify/FulfillmentOrderLineItem/1", "quantity": 3}
                    ],
                }
            ],
            "notifyCustomer": True,
            "trackingInfo": {"company": "UPS", "numbers": ["1Z"], "urls": ["https://ups.test/1Z"]},
        },
    },
    "FulfillmentEventCreate": {
        "event": {"fulfillmentId": MADE, "status": "DELIVERED", "happenedAt": "2026-11-20T10:11:00Z"}
    },
    "FulfillmentOrderLinesPage": {"id": "gid://shopify/FulfillmentOrder/1", "after": "abc"},
    "FulfillmentTrackingUpdate": {
        "id": MADE,
        "tracking": {"company": "UPS", "numbers": ["1Z"], "urls": ["https://ups.test/1Z"]},
        "notifyCustomer": False,
    },
    "FulfillmentWhole": {"id": MADE, "after": None},
    "Fulfillments": {"ids": [MADE]},
    "MetafieldDefinitionCreate": {"definition": DEFINITION},
    "FulfillmentCancel": {"id": MADE},
    "FulfillmentOrderMove": {
        "id": WORK,
        "location": "gid://shopify/Location/1",
        "lines": [{"id": "gid://shopify/FulfillmentOrderLineItem/1", "quantity": 3}],
    },
    "OrderForSync": {"id": ORDER},
    "OrderFulfillmentIds": {"id": ORDER},
    "OrderFulfillmentOrdersPage": {"id": ORDER, "after": "abc"},
    "OrderFulfillmentState": {"id": ORDER},
    "OrderLineItemsPage": {"id": ORDER, "after": None},
    "OrderMark": {
        "order": ORDER,
        "work": WORK,
        "add": ["vinoshipper-sent"],
        "adds": True,
        "remove": ["vinoshipper-failed"],
        "removes": True,
        "metafields": [
            {
                "ownerId": ORDER,
                "namespace": "$app:vinoshipper",
                "key": "order_number",
                "type": "single_line_text_field",
                "value": "CS-1",
            }
        ],
        "numbers": True,
        "holdIds": ["gid://shopify/FulfillmentHold/1"],
        "releases": True,
        "hold": {
            "reason": "OTHER",
            "handle": HANDLE,
            "reasonNotes": "Vinoshipper refused it.",
            "notifyMerchant": False,
        },
        "holds": True,
        "progress": "Accepted by Vinoshipper as CS-1.",
        "progresses": True,
    },
    "OrderMarks": {"id": ORDER, "after": None},
    "OrderShippingLinesPage": {"id": ORDER, "after": "abc"},
    "OrdersUpdatedSince": {"query": "updated_at:>='2026-11-18T00:00:00Z'", "after": None},
    "StockLevels": {"id": "gid://shopify/Location/81000000001", "after": "abc"},
    "StockLocations": {"after": None},
    "StockSet": {
        "key": "0d0c6c28-8d1a-4fd0-a7d4-9a0c8c0b7f10",
        "input": {
            "name": "on_hand",
            "reason": "correction",
            "quantities": [
                {
                    "inventoryItemId": "gid://shopify/InventoryItem/48000000000001",
                    "locationId": "gid://shopify/Location/81000000001",
                    "quantity": 117,
                    "changeFromQuantity": 120,
                }
            ],
        },
    },
    "WebhookSubscriptionCreate": {
        "topic": "ORDERS_CREATE",
        "subscription": {"uri": "https://sync.example.com/webhooks/shopify/k/", "format": "JSON"},
    },
    "WebhookSubscriptionDelete": {"id": "gid://shopify/WebhookSubscription/1"},
    "WebhookSubscriptions": {"after": None},
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return SCHEMA


@pytest.mark.parametrize("operation", operations.ALL, ids=lambda operation: operation.name)
def test_the_schema_knows_every_field_and_variable(schema: GraphQLSchema, operation: Operation) -> None:
    document = parse(operation.text)
    assert validate(schema, document, [*specified_rules, NoDeprecatedCustomRule]) == []
    definition = get_operation_ast(document, operation.name)
    assert isinstance(definition, OperationDefinitionNode)
    given = get_variable_values(
        schema, tuple(definition.variable_definitions or ()), VARIABLES[operation.name]
    )
    assert not isinstance(given, list), given
    assert operation.writes == (definition.operation.value == "mutation")


def test_every_operation_file_is_loaded() -> None:
    folder = Path(operations.__file__).parent
    assert {operation.name for operation in operations.ALL} == {
        file.stem for file in folder.glob("*.graphql")
    }
    assert len(operations.ALL) == len(VARIABLES) == 27


def test_shopify_knows_every_topic_we_subscribe_to(schema: GraphQLSchema) -> None:
    known = schema.type_map["WebhookSubscriptionTopic"]
    assert isinstance(known, GraphQLEnumType)
    assert [topic for topic in Shopify.topics if topic.replace("/", "_").upper() not in known.values] == []


def test_nothing_we_write_moves_money_cancels_an_order_or_replaces_what_others_wrote() -> None:
    """No orderCancel or refundCreate, which cannot be undone, and no orderUpdate, which replaces all tags."""
    written = set()
    for operation in operations.ALL:
        definition = get_operation_ast(parse(operation.text), operation.name)
        assert definition is not None
        if operation.writes:
            fields = definition.selection_set.selections
            written |= {field.name.value for field in fields if isinstance(field, FieldNode)}
    assert written == {
        *("bulkOperationRunQuery", "fulfillmentCancel", "fulfillmentCreate", "fulfillmentEventCreate"),
        *("fulfillmentOrderHold", "fulfillmentOrderMove", "fulfillmentOrderReleaseHold"),
        *("fulfillmentOrderReportProgress", "fulfillmentTrackingInfoUpdate", "inventorySetQuantities"),
        *("metafieldDefinitionCreate", "metafieldsSet", "tagsAdd", "tagsRemove"),
        *("webhookSubscriptionCreate", "webhookSubscriptionDelete"),
    }


def test_no_page_is_larger_than_shopify_gives() -> None:
    sizes = [int(size) for entry in operations.ALL for size in re.findall(r"first: (\d+)", entry.text)]
    assert max(sizes) == 250


@pytest.mark.parametrize("operation", operations.ALL, ids=lambda operation: operation.name)
def test_every_list_that_is_cut_can_be_followed(schema: GraphQLSchema, operation: Operation) -> None:
    """A connection says whether it goes on; of a plain list as many are asked for as is_cut counts with."""
    told = re.sub(r"(metafields|events)\(first: (10|250), [^)]*\) \{ nodes", "", operation.text)
    unpaged = re.findall(r"\(first: (\d+)[^()]*\) \{(?!\s*pageInfo)", told)
    assert {int(size) for size in unpaged} <= {FIRST_TOLD, MOST_TOLD}


def test_a_released_hold_is_always_named() -> None:
    """Without holdIds Shopify releases all holds, also those of staff and other apps."""
    mark = next(entry for entry in operations.ALL if entry.name == "OrderMark")
    assert "fulfillmentOrderReleaseHold(id: $work, holdIds: $holdIds)" in mark.text
