"""Shopify over HTTP. What its answers mean is in payloads, fulfillments and shipments.

https://shopify.dev/docs/api/admin-graphql/2026-07
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from crushsync.lib.errors import PermanentError, TemporaryError
from crushsync.lib.text import clean_text
from orders.storefronts.base import Storefront
from orders.storefronts.exports import Export
from orders.storefronts.shopify import export, operations, payloads, permissions, webhooks
from orders.storefronts.shopify.fulfillments import ShippingState, to_state
from orders.storefronts.shopify.graphql import API_VERSION, AdminApi
from orders.storefronts.shopify.inventory import ShopifyInventory
from orders.storefronts.shopify.marking import Marks
from orders.storefronts.shopify.shipping import Shipments
from orders.storefronts.shopify.values import as_dict, as_list, gid, legacy_id, moment, nodes
from orders.storefronts.shopify.whole import whole_order, whole_shipping
from orders.storefronts.types import (
    ChangedOrder,
    ChangedOrders,
    ConnectionReport,
    Hint,
    OrderData,
    ReportedShipment,
    ShipmentData,
    ShopMark,
    ShownMark,
    StoreConnection,
    WebhookHeaders,
)

NEEDED_SCOPES = tuple(permissions.PERMISSIONS)
# How old an order may be without read_all_orders.
# https://shopify.dev/docs/api/usage/access-scopes#orders-permissions
DAYS_BACK = 60


class Shopify(Storefront):
    """One Shopify shop. Its base URL is the shop's own: https://<shop>.myshopify.com"""

    platform: ClassVar[str] = "shopify"
    label: ClassVar[str] = "Shopify"
    lists_orders: ClassVar[bool] = True
    credential_fields: ClassVar[Mapping[str, str]] = {
        "access_token": "Admin API access token (starts with shpat_)",
        "client_id": "Client id of the app, if Shopify issues the tokens",
        "client_secret": "Client secret of the app, for the same",
        "refresh_token": "Refresh token (starts with shprt_), if the access token came with one",
        "webhook_secret": "Client secret of the app, which signs the webhooks; old and new one on two lines",
    }
    permissions: ClassVar[Mapping[str, str]] = permissions.PERMISSIONS
    topics: ClassVar[Sequence[str]] = (
        "orders/create",
        "orders/updated",
        "orders/paid",
        "orders/edited",
        "orders/cancelled",
        "refunds/create",
        "fulfillments/create",
        "fulfillments/update",
        "app/uninstalled",
        "app/scopes_update",
    )

    def __init__(self, connection: StoreConnection) -> None:
        """Raises ConnectionProblem if address or token cannot be used at all."""
        super().__init__(connection)
        self._api = AdminApi(connection)
        self._marks = Marks(self._api)
        self.inventory = ShopifyInventory(self._api)
        self._shipments = Shipments(self._api)

    def read_order(self, order_id: str) -> OrderData | None:
        """The order as it stands now; None if the shop has no such order.

        https://shopify.dev/docs/api/admin-graphql/2026-07/queries/order
        """
        order = self._order(operations.ORDER_FOR_SYNC, order_id)
        if order is None:
            return None
        return payloads.to_order(whole_order(self._api, order), self.connection)

    def changed_orders(self, since: datetime, cursor: str = "") -> ChangedOrders:
        """A page of orders changed at or after `since`, oldest change first.

        Shopify searches in an index that lags behind: let the windows overlap.
        https://shopify.dev/docs/api/admin-graphql/2026-07/queries/orders
        """
        query = f"updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"
        data = self._api.execute(operations.ORDERS_UPDATED_SINCE, {"query": query, "after": cursor or None})
        page = as_dict(data.get("orders"))
        found = [(legacy_id(node.get("id")), moment(node.get("updatedAt"))) for node in nodes(page)]
        info = as_dict(page.get("pageInfo"))
        following = clean_text(info.get("endCursor"), 1_000) if info.get("hasNextPage") is True else ""
        return ChangedOrders(tuple(ChangedOrder(key, when) for key, when in found if key and when), following)

    def start_export(self, since: datetime) -> Export:
        """Have all orders placed since then listed aside."""
        return export.start(self._api, since)

    def look_at_export(self, export_id: str, read: int) -> Export:
        """How far a list is; once it is done, the orders that follow byte `read`."""
        return export.look(self._api, self.connection, export_id, read)

    def report_shipment(self, shipment: ShipmentData) -> ReportedShipment:
        """Show the shipment on the shop's order, once: reads what is there and writes what is missing.

        https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/fulfillmentCreate
        """
        return self._shipments.show(lambda: self._state(shipment.order_id), shipment)

    def cancel_shipment(self, shipment: ShipmentData) -> ReportedShipment:
        """Cancel the shipment on the shop's order; one that is gone or canceled already is fine.

        https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/fulfillmentCancel
        """
        return self._shipments.cancel(self._state(shipment.order_id), shipment)

    def show_state(self, order_id: str, mark: ShopMark) -> ShownMark:
        """Show the shop's staff how the order stands: reads what is there and writes what differs.

        An order's first mark is written unread; if Shopify refuses that, the order is read after all.
        Tag, pinned metafield with the number, progress, and a hold of our own. Never moves money.
        https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/fulfillmentOrderHold
        """
        if mark.work_id:
            try:
                return self._marks.show_first(gid("Order", order_id), mark)
            except PermanentError as refusal:
                if refusal.code != "user_error":
                    raise
        order = self._order(operations.ORDER_MARKS, order_id)
        if order is None:
            raise PermanentError("The order is no longer in Shopify.", code="gone")
        return self._marks.show(order, mark)

    def check(self) -> ConnectionReport:
        """A harmless authenticated read that proves credentials and permissions."""
        data = self._api.execute(operations.CONNECTION_CHECK, {})
        shop = as_dict(data.get("shop"))
        scopes = as_list(as_dict(data.get("currentAppInstallation")).get("accessScopes"))
        granted = {str(as_dict(scope).get("handle")) for scope in scopes}
        version = self._api.answered_version
        return ConnectionReport(
            name=clean_text(shop.get("name"), 200),
            currency=clean_text(shop.get("currencyCode"), 3),
            time_zone=clean_text(shop.get("ianaTimezone"), 60),
            missing=permissions.missing(granted),
            other_version=version if version != API_VERSION else "",
            days_back=None if "read_all_orders" in granted else DAYS_BACK,
        )

    def subscribe(self, callback_url: str) -> tuple[str, ...]:
        """Make sure that the webhooks exist; returns the topics that had to be made.

        Those that still go to this store's path at another address of ours, as it was before, are deleted.
        Shopify deletes a subscription after eight failed deliveries, so this is worth repeating daily.
        https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/webhookSubscriptionCreate
        """
        there = list(self._api.pages(operations.WEBHOOK_SUBSCRIPTIONS, {}, None, "webhookSubscriptions"))
        existing = {(entry.get("topic"), entry.get("uri")) for entry in there}
        missing = tuple(topic for topic in self.topics if (_enum(topic), callback_url) not in existing)
        for topic in missing:
            subscription = {"uri": callback_url, "format": "JSON"}
            self._api.execute(
                operations.WEBHOOK_SUBSCRIPTION_CREATE, {"topic": _enum(topic), "subscription": subscription}
            )
        path = urlsplit(callback_url).path
        for entry in there:
            uri = clean_text(entry.get("uri"), 1_000)
            if uri != callback_url and urlsplit(uri).path == path:
                self._api.execute(operations.WEBHOOK_SUBSCRIPTION_DELETE, {"id": entry.get("id")})
        return missing

    @classmethod
    def verify(cls, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> WebhookHeaders:
        """Who sent this? Raises WebhookRejected unless one of the secrets proves it."""
        return webhooks.verify(headers, body, secrets)

    @classmethod
    def read_hint(cls, topic: str, body: bytes) -> Hint:
        """What an authentic webhook points at. Never raises: odd content is a Hint that says so."""
        return webhooks.read_hint(topic, body)

    @classmethod
    def order_url(cls, base_url: str, order_id: str) -> str:
        """The order's page in the shop's admin."""
        return payloads.order_url(base_url, order_id)

    def _order(self, operation: operations.Operation, order_id: str) -> dict[str, Any] | None:
        order = self._api.execute(operation, {"id": gid("Order", order_id)}).get("order")
        if order is None:
            return None
        if legacy_id(as_dict(order).get("id")) != order_id:
            raise TemporaryError(
                "Shopify answered with another order than the one asked for.", code="garbage"
            )
        return as_dict(order)

    def _state(self, order_id: str) -> ShippingState:
        order = self._order(operations.ORDER_FULFILLMENT_STATE, order_id)
        if order is None:
            raise PermanentError("The order is no longer in Shopify.", code="gone")
        return to_state(whole_shipping(self._api, order))


def _enum(topic: str) -> str:
    """orders/create -> ORDERS_CREATE, as the API calls the topic."""
    return topic.replace("/", "_").upper()
