"""Listing all orders of a time in one go: Shopify works it out aside and gives a file of JSON lines.

It costs none of the points that calls have to share.
https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from crushsync.lib.errors import PermanentError, TemporaryError
from crushsync.lib.http import Client
from crushsync.lib.text import MalformedBody, clean_text, parse_json
from orders.storefronts.exports import Export
from orders.storefronts.shopify import operations
from orders.storefronts.shopify.fulfillments import DEAD, count
from orders.storefronts.shopify.graphql import AdminApi
from orders.storefronts.shopify.payloads import to_order
from orders.storefronts.shopify.values import as_dict, as_list, legacy_id, moment, nodes
from orders.storefronts.shopify.whole import may_be_cut
from orders.storefronts.types import ChangedOrder, StoreConnection

Raw = dict[str, Any]

PARENT = "__parentId"  # on each line that is part of another one
# The file is read in pieces: an order has about 10 kB. One that does not fit is asked for in larger ones.
PIECE = 500_000
MOST_BYTES = 16_000_000
AT_WORK = frozenset({"CREATED", "RUNNING"})
# What a line of the file is part of, by the kind of its id. Shipping lines have none there.
LISTS = {
    "LineItem": "lineItems",
    "FulfillmentOrder": "fulfillmentOrders",
    "FulfillmentOrderLineItem": "lineItems",
}


class Row(NamedTuple):
    raw: Raw
    length: int  # in bytes


def start(api: AdminApi, since: datetime) -> Export:
    """Have the orders placed since then listed.

    https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/bulkOperationRunQuery
    """
    query = operations.ORDERS_IN_BULK % f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    started = as_dict(api.execute(operations.BULK_ORDERS_EXPORT, {"query": query}).get("bulkOperation"))
    return Export(clean_text(started.get("id"), 100))


def look(api: AdminApi, connection: StoreConnection, export_id: str, read: int) -> Export:
    """How far it is; once it is done, the orders that follow byte `read` of its file.

    Raises PermanentError where Shopify gave up, or an order is larger than can be.
    """
    found = as_dict(api.execute(operations.BULK_OPERATION, {"id": export_id}).get("node"))
    status = clean_text(found.get("status"), 30)
    listed = Export(export_id, _whole(found.get("rootObjectCount")))
    if status in AT_WORK:
        return listed
    if status != "COMPLETED":
        code = clean_text(found.get("errorCode"), 60) or status or "it is gone"
        raise PermanentError(f"Shopify did not finish the list of orders: {code}.", code="export_failed")
    address = clean_text(found.get("url"), 4_000)
    if not address:  # nothing was found
        return replace(listed, size=0)
    orders, end, size = _orders(address, read, connection.deadline)
    told, untold = [], []
    for order in orders:
        key, changed = legacy_id(order.get("id")), moment(order.get("updatedAt"))
        if nodes(order.get("lineItems")) and _tells_shipments(order):
            told.append(to_order(order, connection))
        elif key and changed:
            untold.append(ChangedOrder(key, changed))
    return replace(listed, size=size, read=end, orders=tuple(told), untold=tuple(untold))


def _orders(address: str, read: int, deadline: float) -> tuple[list[Raw], int, int]:
    """The whole orders that follow byte `read`, the byte after them, and the size of the file."""
    length = PIECE
    while length <= MOST_BYTES:
        body, size = _piece(address, read, length, deadline)
        is_last = read + len(body) >= size
        text = body if is_last else body[: body.rfind(b"\n") + 1]
        rows = [_row(line) for line in text.splitlines(keepends=True)]
        if not is_last:  # the last order may go on in the next piece
            rows = rows[: max((place for place, row in enumerate(rows) if PARENT not in row.raw), default=0)]
        if rows or is_last:
            return _assembled(rows), read + sum(row.length for row in rows), size
        length *= 2
    raise PermanentError("An order in Shopify's list is too large to be read.", code="too_long")


def _piece(address: str, read: int, length: int, deadline: float) -> tuple[bytes, int]:
    """Some bytes of the file from byte `read` on, and its size. The address is secret and takes no token."""
    parts = urlsplit(address)
    headers = {"Range": f"bytes={read}-{read + length - 1}", "Accept-Encoding": "identity"}
    client = Client(f"{parts.scheme}://{parts.netloc}", partner="Shopify", headers=headers, timeout=deadline)
    answer = client.call("GET", f"{parts.path}?{parts.query}", writes=False, max_bytes=MOST_BYTES)
    if answer.status != HTTPStatus.PARTIAL_CONTENT:  # the whole file, whatever was asked for
        return answer.body[read:], len(answer.body)
    return answer.body, _whole(answer.headers.get("content-range", "").rpartition("/")[2])


def _assembled(rows: Iterable[Row]) -> list[Raw]:
    """The orders with their parts inside, as OrderForSync tells them."""
    orders: list[Raw] = []
    known: dict[str, Raw] = {}
    for row in rows:
        raw = row.raw
        parent, key = raw.pop(PARENT, None), clean_text(raw.get("id"), 100)
        known[key] = raw
        if parent is None:
            orders.append(raw)
        elif parent in known:
            name = LISTS.get(key.removeprefix("gid://shopify/").partition("/")[0], "shippingLines")
            known[parent].setdefault(name, {"nodes": []})["nodes"].append(raw)
        else:
            raise _garbage()
    return orders


def _tells_shipments(order: Raw) -> bool:
    """Write into its live fulfillment what it shipped, as lists inside of lists are not told in bulk.

    Of a single one this is all that is no longer to be shipped. False where that cannot be concluded.
    """
    there = [as_dict(made) for made in as_list(order.get("fulfillments"))]
    if any(may_be_cut(told) for told in (there, *(as_list(made.get("trackingInfo")) for made in there))):
        return False
    live = [made for made in there if made.get("status") not in DEAD]
    shipped: Counter[str] = Counter()
    for work in nodes(order.get("fulfillmentOrders")):
        for line in nodes(work.get("lineItems")) if work.get("status") != "CANCELLED" else ():
            gone = count(line.get("totalQuantity")) - count(line.get("remainingQuantity"))
            shipped[clean_text(as_dict(line.get("lineItem")).get("id"), 100)] += gone
    if not live:
        return True
    lines = [{"quantity": pieces, "lineItem": {"id": key}} for key, pieces in shipped.items() if pieces]
    live[0]["fulfillmentLineItems"] = {"nodes": lines}
    return len(live) == 1 and shipped.total() == live[0].get("totalQuantity")


def _row(line: bytes) -> Row:
    try:
        raw = parse_json(line)
    except MalformedBody:
        raise _garbage() from None
    if not isinstance(raw, dict):
        raise _garbage()
    return Row(raw, len(line))


def _garbage() -> TemporaryError:
    return TemporaryError("Shopify's list of orders could not be read.", code="garbage")


def _whole(value: Any) -> int:
    """A count, which Shopify writes as text because it may be large."""
    digits = clean_text(value, 18)
    return int(digits) if digits.isascii() and digits.isdigit() else 0
