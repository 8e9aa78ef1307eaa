"""An order with all that is in its lists: what did not fit into the first question is asked for.

Shopify cuts every list. A connection says so and gives its next page; a plain list just ends.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crushsync.lib.errors import TemporaryError
from orders.storefronts.shopify import operations
from orders.storefronts.shopify.graphql import AdminApi
from orders.storefronts.shopify.operations import Operation
from orders.storefronts.shopify.values import as_dict, as_list

Raw = Mapping[str, Any]

# So many entries of a plain list are asked for at first, and of its other fulfillments in one question: each
# of them may cost.
FIRST_TOLD = 10


def whole_order(api: AdminApi, order: Raw) -> dict[str, Any]:
    """The order of OrderForSync with all of its lines, and all that is shipped and to be shipped."""
    lines = _pages(api, order, operations.ORDER_LINE_ITEMS_PAGE, "lineItems")
    ways = _pages(api, order, operations.ORDER_SHIPPING_LINES_PAGE, "shippingLines")
    return {**whole_shipping(api, order), "lineItems": lines, "shippingLines": ways}


def whole_shipping(api: AdminApi, order: Raw) -> dict[str, Any]:
    """The order with all of its fulfillment orders and fulfillments, each of them with all of its lines."""
    work = _pages(api, order, operations.ORDER_FULFILLMENT_ORDERS_PAGE, "fulfillmentOrders")["nodes"]
    complete = [{**entry, "lineItems": {"nodes": _work_lines(api, entry)}} for entry in work]
    made = [_whole_fulfillment(api, entry) for entry in _all_fulfillments(api, order)]
    return {**order, "fulfillmentOrders": {"nodes": complete}, "fulfillments": made}


def may_be_cut(told: Sequence[Any]) -> bool:
    """Whether a plain list may go on: Shopify told as much of it as was asked for."""
    return len(told) >= FIRST_TOLD


def _pages(api: AdminApi, order: Raw, operation: Operation, name: str) -> dict[str, Any]:
    return {"nodes": list(api.pages(operation, {"id": order.get("id")}, order.get(name), "order", name))}


def _work_lines(api: AdminApi, work: Raw) -> list[dict[str, Any]]:
    lines, following = work.get("lineItems"), {"id": work.get("id")}
    return list(api.pages(operations.FULFILLMENT_ORDER_LINES_PAGE, following, lines, "node", "lineItems"))


def _all_fulfillments(api: AdminApi, order: Raw) -> list[dict[str, Any]]:
    """Those that the order's question told, and, if there may be more, the others by their ids."""
    told = _objects(order.get("fulfillments"))
    if not may_be_cut(told):
        return told
    answer = api.execute(operations.ORDER_FULFILLMENT_IDS, {"id": order.get("id")})
    known = {entry.get("id") for entry in told}
    ids = [entry.get("id") for entry in _objects(as_dict(answer.get("order")).get("fulfillments"))]
    others = [key for key in ids if key not in known]
    for start in range(0, len(others), FIRST_TOLD):
        wanted = others[start : start + FIRST_TOLD]
        found = _objects(api.execute(operations.FULFILLMENTS, {"ids": wanted}).get("nodes"))
        if len(found) != len(wanted):
            raise _left_out()
        told += found
    return told


def _whole_fulfillment(api: AdminApi, told: dict[str, Any]) -> dict[str, Any]:
    """The fulfillment with all of its parcels, lines and events."""
    lists = [as_dict(told.get(name)) for name in ("fulfillmentLineItems", "events")]
    has_more = any(as_dict(page.get("pageInfo")).get("hasNextPage") is True for page in lists)
    if not has_more and not may_be_cut(as_list(told.get("trackingInfo"))):
        return told
    operation, following = operations.FULFILLMENT_WHOLE, {"id": told.get("id")}
    whole = api.execute(operation, following).get("node")
    if not isinstance(whole, dict):
        raise _left_out()
    first = whole.get("fulfillmentLineItems")
    lines = list(api.pages(operation, following, first, "node", "fulfillmentLineItems"))
    return {**told, **whole, "fulfillmentLineItems": {"nodes": lines}}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in as_list(value) if isinstance(entry, dict)]


def _left_out() -> TemporaryError:
    return TemporaryError("Shopify left out a part of its answer.", code="garbage")
