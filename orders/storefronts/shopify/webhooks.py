"""Shopify's webhooks: who sent it, and which order it points at. Of the body only an order's id is read.

https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
https://shopify.dev/docs/api/webhooks?reference=toml
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from crushsync.lib.errors import WebhookRejected
from crushsync.lib.signing import signature_matches
from crushsync.lib.text import MalformedBody, clean_text, parse_json
from orders.storefronts.shopify.fulfillments import DEAD
from orders.storefronts.shopify.values import as_dict, as_list, moment
from orders.storefronts.types import AppNews, Hint, HintedShipment, HintKind, WebhookHeaders

# topic -> where its body has the id of the order
ORDER_ID_KEYS = {
    "orders/create": "id",
    "orders/updated": "id",
    "orders/paid": "id",
    "orders/partially_fulfilled": "id",
    "orders/fulfilled": "id",
    "orders/cancelled": "id",
    "orders/delete": "id",
    "orders/edited": "order_id",  # inside "order_edit"
    "refunds/create": "order_id",
    "fulfillments/create": "order_id",
    "fulfillments/update": "order_id",
    "fulfillment_events/create": "order_id",
    "fulfillment_events/delete": "order_id",
    "returns/approve": "order_id",
    "returns/close": "order_id",
    "order_transactions/create": "order_id",
}
# Topics whose body is the whole order; what of it follows from our own tags and shipments.
ORDER_TOPICS = frozenset({"orders/create", "orders/updated", "orders/paid"})
ORDER_ECHOES = ("updated_at", "tags", "fulfillments", "fulfillment_status", "closed_at")
LINE_ECHOES = ("fulfillment_status", "fulfillable_quantity")
WRAPPERS = {"orders/edited": "order_edit"}
# Sent for fulfillment orders; their bodies seldom name the order.
WORK_TOPICS = "fulfillment_orders/"
NO_ORDER_NAMED = "It names a fulfillment order without its order; a waiting order is read again by itself."
PERSONAL_DATA = "A request about personal data. Answer it from the customer's orders here."
IGNORED = {
    "customers/data_request": PERSONAL_DATA,
    "customers/redact": PERSONAL_DATA,
    "shop/redact": "The shop was removed: its personal data has to be erased.",
    "app_subscriptions/update": "Billing of the app is no order.",
    "shop/update": "Settings of the shop are read by the connection check.",
    "products/create": "Products are read when stock is pushed.",
    "products/update": "Products are read when stock is pushed.",
    "products/delete": "Products are read when stock is pushed.",
    "inventory_levels/update": "Stock in the shop follows ours.",
    "inventory_levels/connect": "Stock in the shop follows ours.",
    "inventory_levels/disconnect": "Stock in the shop follows ours.",
    "inventory_items/update": "Stock in the shop follows ours.",
    "locations/create": "Locations are read when they are mapped.",
    "locations/update": "Locations are read when they are mapped.",
    "customers/create": "A customer is read with the order.",
    "customers/update": "A customer is read with the order.",
    "carts/create": "A cart is not an order yet.",
    "carts/update": "A cart is not an order yet.",
    "checkouts/create": "A checkout is not an order yet.",
    "checkouts/update": "A checkout is not an order yet.",
    "draft_orders/create": "A draft is not an order yet.",
    "draft_orders/update": "A draft is not an order yet.",
}
APP_NEWS = {"app/uninstalled": AppNews.REMOVED, "app/scopes_update": AppNews.PERMISSIONS}

_DELIVERY_ID = re.compile(r"[!-~]{1,100}")
_ORDER_ID = re.compile(r"(?:gid://shopify/Order/)?([1-9]\d{0,19})", re.ASCII)


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> WebhookHeaders:
    """Return what the headers of an authentic webhook say; raise WebhookRejected for any other.

    Only the body is signed: a missing or odd topic makes an unknown webhook, not a forged one.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if not signature_matches(secrets, body, given.get("x-shopify-hmac-sha256")):
        raise WebhookRejected("The signature of this Shopify webhook is missing or wrong.")
    topic = clean_text(given.get("x-shopify-topic"), 100).strip().lower()
    return WebhookHeaders(
        topic=topic,
        delivery_id=_delivery_id(given.get("x-shopify-webhook-id", ""), topic, body),
        event_id=clean_text(given.get("x-shopify-event-id"), 100),
        triggered_at=clean_text(given.get("x-shopify-triggered-at"), 40),
    )


def read_hint(topic: str, body: bytes) -> Hint:
    """Return the order that a webhook points at, or why there is none."""
    if topic in IGNORED:
        return Hint(HintKind.IGNORED, sentence=IGNORED[topic])
    if topic in APP_NEWS:
        return Hint(HintKind.APP, sentence="The connection is looked at.", news=APP_NEWS[topic])
    if topic not in ORDER_ID_KEYS and not topic.startswith(WORK_TOPICS):
        return Hint(HintKind.UNKNOWN, sentence=f"Nobody has told us what the topic {topic[:100]!r} means.")
    try:
        content = parse_json(body)
    except MalformedBody as fault:
        return Hint(HintKind.MALFORMED, sentence=f"The body cannot be read: {fault}.")
    order_id = _order_id(topic, content)
    if order_id:
        return Hint(HintKind.ORDER, order_id, **_version(topic, content))
    if topic.startswith(WORK_TOPICS) and isinstance(content, dict):
        return Hint(HintKind.IGNORED, sentence=NO_ORDER_NAMED)
    return Hint(HintKind.MALFORMED, sentence="The body names no order.")


def _version(topic: str, content: dict[str, Any]) -> dict[str, Any]:
    """What tells an echo from news: of an order its version and shipments, of a shipment itself."""
    if topic in ORDER_TOPICS:
        made = tuple(map(_shipment, as_list(content.get("fulfillments"))))
        changed_at = moment(content.get("updated_at"))
        return {"changed_at": changed_at, "content": _fingerprint(content), "shipments": made}
    if topic in ("fulfillments/create", "fulfillments/update"):
        return {"shipments": (_shipment(content),)}
    return {}


def _shipment(told: Any) -> HintedShipment:
    raw = as_dict(told)
    numbers = tuple(str(number) for number in as_list(raw.get("tracking_numbers")))
    return HintedShipment(str(raw.get("id")), clean_text(raw.get("status"), 20).upper() not in DEAD, numbers)


def _fingerprint(order: dict[str, Any]) -> str:
    """Of an order's body without what marks and shipments change in it."""
    lines = [{**as_dict(line), **dict.fromkeys(LINE_ECHOES)} for line in as_list(order.get("line_items"))]
    told = {**order, **dict.fromkeys(ORDER_ECHOES), "line_items": lines}
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def _order_id(topic: str, content: Any) -> str:
    key = ORDER_ID_KEYS.get(topic, "order_id")
    wrapper = WRAPPERS.get(topic, "fulfillment_order" if topic.startswith(WORK_TOPICS) else "")
    if not isinstance(content, dict):
        return ""
    inner = content.get(wrapper)
    for place in (inner if isinstance(inner, dict) else {}, content):
        value = place.get(key)
        is_id = isinstance(value, int | str) and not isinstance(value, bool)
        if is_id and (match := _ORDER_ID.fullmatch(str(value))):
            return match[1]
    return ""


def _delivery_id(given: str, topic: str, body: bytes) -> str:
    """Return Shopify's id of the delivery; without one, equal bodies on one topic are one delivery."""
    if _DELIVERY_ID.fullmatch(given):
        return given
    return hashlib.sha256(topic.encode(errors="replace") + b"\n" + body).hexdigest()
