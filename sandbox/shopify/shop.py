"""One shop: its credentials, orders, subscriptions and switches, and the webhooks it sends."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from threading import RLock
from typing import Any
from uuid import uuid4

from sandbox.clock import now_iso
from sandbox.outbox import Outbox, Parcel
from sandbox.shapes import ControlError, Json
from sandbox.shopify.fulfillment import LOCATION
from sandbox.shopify.gid import Counters
from sandbox.shopify.orders import ShopOrder
from sandbox.shopify.signing import signature
from sandbox.shopify.stock import Stock, Variant, committed
from sandbox.shopify.tokens import TokenDesk

API_VERSION = "2026-07"
SCOPES = (
    "read_orders",
    "read_all_orders",
    "write_orders",
    "read_customers",
    "read_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "read_fulfillments",
    "write_fulfillments",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "read_third_party_fulfillment_orders",
)


@dataclass(frozen=True)
class Switches:
    """How the shop behaves."""

    webhooks: str = "send"  # send · hold (until released) · lose
    webhook_copies: int = 1
    echo: bool = True  # our own writes come back as webhooks
    routing_delay: float = 0.0  # seconds from the order until its fulfillment orders exist
    throttle: bool = False  # a bucket of cost points, as on the Standard plan
    bucket: float = 2000.0
    restore_rate: float = 100.0
    max_cost: float = 1000.0  # of one question
    api_version: str = API_VERSION  # what X-Shopify-API-Version says
    token_seconds: float = 0.0  # how long new access tokens live; 0: as long as Shopify's
    spent_refresh: str = "until_replaced"  # a used refresh token works until its successor is used · refused
    bulk_seconds: float = 0.0  # how long a bulk operation is at work
    bulk_error: str = ""  # the errorCode with which it ends
    cancels: bool = True  # whether a live fulfillment can be canceled
    installs: str = "approve"  # what the shop's owner says to an installation: approve · deny

    def changed(self, data: Json) -> "Switches":
        if unknown := set(data) - {f.name for f in fields(self)}:
            raise ControlError(f"no such switch: {', '.join(sorted(unknown))}")
        if data.get("webhooks", "send") not in ("send", "hold", "lose"):
            raise ControlError("webhooks must be send, hold or lose")
        if data.get("spent_refresh", "refused") not in ("until_replaced", "refused"):
            raise ControlError("spent_refresh must be until_replaced or refused")
        if data.get("installs", "deny") not in ("approve", "deny"):
            raise ControlError("installs must be approve or deny")
        return replace(self, **data)


@dataclass
class Subscription:
    """A webhook subscription; ``topic`` as in GraphQL, ORDERS_CREATE."""

    id: str
    topic: str
    uri: str
    format: str = "JSON"
    filter: str | None = None
    include_fields: tuple[str, ...] = ()
    metafield_namespaces: tuple[str, ...] = ()
    name: str | None = None
    created_at: str = field(default_factory=now_iso)
    updated_at: str = field(default_factory=now_iso)


@dataclass(frozen=True)
class Delivery:
    """One webhook as it was first sent; sending it again changes nothing of it."""

    webhook_id: str
    parcel: Parcel


@dataclass
class Shop:
    """State of one shop. ``webhook_url`` gets every topic that no subscription covers."""

    name: str
    outbox: Outbox
    token: str = "shpat_sandbox"
    secret: str = "shpss_sandbox_secret"  # the app's client secret, which signs the webhooks too
    client_id: str = "sandbox-client"
    domain: str = ""
    webhook_url: str = ""
    scopes: list[str] = field(default_factory=lambda: [*SCOPES])
    switches: Switches = field(default_factory=Switches)
    orders: dict[str, ShopOrder] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    stock: Stock = field(default_factory=Stock)
    definitions: dict[tuple[str, str, str], str] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    held: list[Delivery] = field(default_factory=list)
    bulks: dict[str, Any] = field(default_factory=dict)  # Bulk by number
    outside_url: str = ""  # where the sandbox is reached
    desk: TokenDesk = field(default_factory=TokenDesk)
    lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self.domain = self.domain or f"{self.name}.myshopify.com"

    def accepts(self, token: str) -> bool:
        """Whether it is the fixed token or one that was issued and lives."""
        is_fixed = hmac.compare_digest(token.encode(), self.token.encode()) and bool(token)
        return (is_fixed and self.desk.is_installed) or self.desk.accepts(token)

    def uninstall(self) -> None:
        """The app is removed: it hears of it, its tokens are void and its subscriptions gone."""
        self.announce("app/uninstalled", b'{"id":70000000001}')
        with self.lock:
            self.desk.uninstall()
            self.subscriptions.clear()

    def order(self, order_id: str) -> ShopOrder:
        """By REST id; ControlError (404) when there is none."""
        if order_id not in self.orders:
            raise ControlError(f"{self.name} has no order {order_id}", 404)
        return self.orders[order_id]

    def set_stock(self, sku: str, available: int, location: str = LOCATION, **fields: object) -> Variant:
        """Changes how many of a product may be sold; an unknown SKU becomes a product.

        ``fields`` are those of a variant. ``location`` is a REST id.
        """
        found = self.stock.ensure(sku, self.counters, **fields)
        sold = committed(self.orders.values(), sku, location)
        self.stock.on_hand[found.inventory_item_id, location] = available + sold
        return found

    # ---------------------------------------------------------------- webhooks

    def announce(self, topic: str, body: bytes, event_id: str = "", copies: int | None = None) -> list[str]:
        """Signs ``body`` and sends it to everybody who listens to ``topic``; the webhook ids."""
        event_id = event_id or str(uuid4())
        with self.lock:
            listeners = self._listeners(topic)
        made = [
            self.send_to(uri, topic, body, event_id=event_id, name=name, copies=copies)
            for uri, name in listeners
        ]
        return [delivery.webhook_id for delivery in made]

    def send_to(
        self,
        uri: str,
        topic: str,
        body: bytes,
        *,
        event_id: str = "",
        name: str | None = None,
        webhook_id: str = "",
        headers: Mapping[str, str] | None = None,
        copies: int | None = None,
    ) -> Delivery:
        """One signed webhook to one address; ``headers`` replace what would be sent."""
        webhook_id = webhook_id or str(uuid4())
        sent = {**self._headers(topic, body, webhook_id, event_id or str(uuid4()), name), **(headers or {})}
        delivery = Delivery(webhook_id, Parcel("shopify", self.name, topic, uri, body, sent, insists=True))
        self.deliveries[webhook_id] = delivery
        if self.switches.webhooks == "send":
            self.outbox.send(delivery.parcel, self.switches.webhook_copies if copies is None else copies)
        elif self.switches.webhooks == "hold":
            self.held.append(delivery)
        return delivery

    def redeliver(self, webhook_id: str, copies: int = 1) -> None:
        """The same webhook again, with the same X-Shopify-Webhook-Id."""
        if webhook_id not in self.deliveries:
            raise ControlError(f"no webhook {webhook_id} was sent", 404)
        self.outbox.send(self.deliveries[webhook_id].parcel, copies)

    def release(self, newest_first: bool = False) -> int:
        """Sends what was held back; how many."""
        with self.lock:
            waiting, self.held = self.held, []
        for delivery in reversed(waiting) if newest_first else waiting:
            self.outbox.send(delivery.parcel)
        return len(waiting)

    def _listeners(self, topic: str) -> list[tuple[str, str | None]]:
        wanted = topic.upper().replace("/", "_")
        listening = [(s.uri, s.name) for s in self.subscriptions.values() if s.topic == wanted]
        if not listening and self.webhook_url:
            return [(self.webhook_url, None)]
        return listening

    def _headers(
        self, topic: str, body: bytes, webhook_id: str, event_id: str, name: str | None
    ) -> dict[str, str]:
        """https://shopify.dev/docs/apps/build/webhooks/delivery-structure"""
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-Sha256": signature(self.secret, body),
            "X-Shopify-Shop-Domain": self.domain,
            "X-Shopify-API-Version": self.switches.api_version,
            "X-Shopify-Webhook-Id": webhook_id,
            "X-Shopify-Event-Id": event_id,
            "X-Shopify-Triggered-At": now_iso(),
        }
        return {**headers, "X-Shopify-Name": name} if name else headers
