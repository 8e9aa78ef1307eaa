"""Shopify's answers as recorded, and small changes to them."""

import json
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from crushsync.lib.text import parse_json
from orders.storefronts.types import StoreConnection

FIXTURES = Path(__file__).parents[1] / "fixtures" / "shopify"
ORDER_ID = "6411122233344"
CONNECTION = StoreConnection("https://hollow-oak.myshopify.com", (("access_token", "shpat_test"),))


@lru_cache
def _recorded(name: str) -> Any:
    return parse_json((FIXTURES / "graphql" / f"{name}.json").read_bytes())


def recorded(name: str) -> dict[str, Any]:
    """A whole recorded answer, the caller's own copy."""
    answer: dict[str, Any] = deepcopy(_recorded(name))
    return answer


def recorded_order(fixture: str = "order__1042", /, **changes: Any) -> dict[str, Any]:
    """The `order` of a recorded answer with some fields replaced."""
    order: dict[str, Any] = recorded(fixture)["data"]["order"]
    return {**order, **changes}


def webhook(name: str) -> bytes:
    return (FIXTURES / "webhooks" / f"{name}.json").read_bytes()


def money(amount: str, currency: str = "USD") -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def attributes(**pairs: str | None) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in pairs.items()]


def line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A line item without discount or tax."""
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "title": "Estate Pinot Noir",
        "variantTitle": None,
        "sku": f"SKU-{number}",
        "quantity": 1,
        "currentQuantity": 1,
        "requiresShipping": True,
        "isGiftCard": False,
        "customAttributes": [],
        "originalUnitPriceSet": money("10.00"),
        "discountAllocations": [],
        "taxLines": [],
        **changes,
    }


def work(number: int, remaining: dict[int, int], **changes: Any) -> dict[str, Any]:
    """A fulfillment order with lines {line number: pieces that remain}."""
    return {
        "id": f"gid://shopify/FulfillmentOrder/{number}",
        "status": "OPEN",
        "fulfillAt": None,
        "deliveryMethod": {"methodType": "SHIPPING"},
        "fulfillmentHolds": [],
        "supportedActions": [{"action": "CREATE_FULFILLMENT"}],
        "assignedLocation": {
            "name": "Cellar",
            "location": {"id": "gid://shopify/Location/1", "isFulfillmentService": False},
        },
        "lineItems": {
            "nodes": [
                {
                    "id": f"gid://shopify/FulfillmentOrderLineItem/{number}{key}",
                    "remainingQuantity": pieces,
                    "lineItem": {"id": f"gid://shopify/LineItem/{key}"},
                }
                for key, pieces in remaining.items()
            ]
        },
        **changes,
    }


def made(number: int, lines: dict[int, int], *numbers: str, **changes: Any) -> dict[str, Any]:
    """A fulfillment with lines {line number: pieces} and tracking numbers of UPS."""
    return {
        "id": f"gid://shopify/Fulfillment/{number}",
        "name": f"#1042.{number}",
        "status": "SUCCESS",
        "deliveredAt": None,
        "trackingInfo": [
            {"company": "UPS", "number": one, "url": f"https://ups.test/{one}"} for one in numbers
        ],
        "fulfillmentLineItems": {
            "nodes": [
                {"quantity": pieces, "lineItem": {"id": f"gid://shopify/LineItem/{key}"}}
                for key, pieces in lines.items()
            ]
        },
        "events": {"nodes": []},
        **changes,
    }


def nodes(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": list(entries)}


def shipping_state(
    works: list[dict[str, Any]], fulfillments: list[dict[str, Any]], **changes: Any
) -> dict[str, Any]:
    """The `order` of OrderFulfillmentState."""
    return {
        "id": f"gid://shopify/Order/{ORDER_ID}",
        "name": "#1042",
        "cancelledAt": None,
        "fulfillmentOrders": nodes(*works),
        "fulfillments": fulfillments,
        **changes,
    }


def as_json(value: Any) -> str:
    """JSON for a test server; Decimals of a recorded answer become numbers."""
    return json.dumps(value, default=float)
