"""The questions we ask Shopify, one file each, named as in Shopify's logs.

https://shopify.dev/docs/api/admin-graphql/2026-07
"""

import re
from dataclasses import dataclass
from pathlib import Path

_PAGED = re.compile(r"\(first: (\d+)([^()]*\) \{\s*pageInfo)")
_FOLDER = Path(__file__).parent
_FRAGMENTS = {path.stem: path.read_text() for path in sorted((_FOLDER / "fragments").glob("*.graphql"))}


@dataclass(frozen=True, slots=True)
class Operation:
    """One question with the fragments it uses; `writes` if Shopify changes something by it."""

    name: str
    text: str
    writes: bool

    def smaller(self, divisor: int) -> str:
        """The text with pages of a `divisor`th. Plain lists, which have none, keep their size."""
        return _PAGED.sub(lambda page: f"(first: {max(int(page[1]) // divisor, 1)}{page[2]}", self.text)


def _with_fragments(text: str) -> str:
    """Append the fragments that `text` spreads, and those that they spread, each once."""
    wanted = re.findall(r"\.\.\.(\w+)", text)
    for name in wanted:
        wanted.extend(inner for inner in re.findall(r"\.\.\.(\w+)", _FRAGMENTS[name]) if inner not in wanted)
    return "\n".join([text, *(_FRAGMENTS[name] for name in dict.fromkeys(wanted))])


def _in_bulk(name: str) -> str:
    """A question to be asked in bulk: one text, with its fragments written out."""
    text = (_FOLDER / "bulk" / f"{name}.graphql").read_text()
    while spread := re.search(r"\.\.\.(\w+)", text):
        body = _FRAGMENTS[spread[1]].partition("{")[2].rpartition("}")[0].strip()
        text = f"{text[: spread.start()]}{body}{text[spread.end() :]}"
    return text


def _load(name: str) -> Operation:
    text = _with_fragments((_FOLDER / f"{name}.graphql").read_text())
    return Operation(name, text, writes=re.search(r"^mutation ", text, re.MULTILINE) is not None)


BULK_OPERATION = _load("BulkOperation")
BULK_ORDERS_EXPORT = _load("BulkOrdersExport")
CONNECTION_CHECK = _load("ConnectionCheck")
FULFILLMENT_CANCEL = _load("FulfillmentCancel")
FULFILLMENT_CREATE = _load("FulfillmentCreate")
FULFILLMENT_EVENT_CREATE = _load("FulfillmentEventCreate")
FULFILLMENT_ORDER_LINES_PAGE = _load("FulfillmentOrderLinesPage")
FULFILLMENT_ORDER_MOVE = _load("FulfillmentOrderMove")
FULFILLMENT_TRACKING_UPDATE = _load("FulfillmentTrackingUpdate")
FULFILLMENT_WHOLE = _load("FulfillmentWhole")
FULFILLMENTS = _load("Fulfillments")
METAFIELD_DEFINITION_CREATE = _load("MetafieldDefinitionCreate")
ORDER_FOR_SYNC = _load("OrderForSync")
ORDER_FULFILLMENT_IDS = _load("OrderFulfillmentIds")
ORDER_FULFILLMENT_ORDERS_PAGE = _load("OrderFulfillmentOrdersPage")
ORDER_FULFILLMENT_STATE = _load("OrderFulfillmentState")
ORDER_LINE_ITEMS_PAGE = _load("OrderLineItemsPage")
ORDER_MARK = _load("OrderMark")
ORDER_MARKS = _load("OrderMarks")
ORDER_SHIPPING_LINES_PAGE = _load("OrderShippingLinesPage")
ORDERS_UPDATED_SINCE = _load("OrdersUpdatedSince")
STOCK_LEVELS = _load("StockLevels")
STOCK_LOCATIONS = _load("StockLocations")
STOCK_SET = _load("StockSet")
WEBHOOK_SUBSCRIPTION_CREATE = _load("WebhookSubscriptionCreate")
WEBHOOK_SUBSCRIPTION_DELETE = _load("WebhookSubscriptionDelete")
WEBHOOK_SUBSCRIPTIONS = _load("WebhookSubscriptions")

# Bulk questions; %s stands for a time.
ORDERS_IN_BULK = _in_bulk("Orders")

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
