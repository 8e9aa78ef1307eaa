"""The root of queries over one shop."""

from datetime import timedelta
from functools import partial
from typing import Any

from graphql import GraphQLError

from sandbox.clock import now_iso, parse
from sandbox.shapes import Json
from sandbox.shopify.bulk import bulk_node
from sandbox.shopify.connection import connection
from sandbox.shopify.fulfillment import LOCATION
from sandbox.shopify.gid import gid, number_of
from sandbox.shopify.graph_fulfillment import (
    LOCATIONS,
    fulfillment_node,
    fulfillment_order_node,
)
from sandbox.shopify.graph_line import line_node
from sandbox.shopify.graph_order import moment, order_node
from sandbox.shopify.inventory import inventory_node, location_node
from sandbox.shopify.orders import ShopOrder
from sandbox.shopify.search import matching, terms
from sandbox.shopify.shop import Shop, Subscription
from sandbox.shopify.stock import Variant

# Supported on a day of late 2026: https://shopify.dev/docs/api/usage/versioning
VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
# https://shopify.dev/changelog/apps-now-need-shopify-approval-to-read-orders-older-than-60-days
DAYS_SHOWN = timedelta(days=60)
SORT_FIELDS = {"UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "PROCESSED_AT": "processed_at"}


class Queries:
    """Resolvers of QueryRoot; called under the shop's lock."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def resolvers(self) -> Json:
        return {
            "order": self.order,
            "orders": self.orders,
            "ordersCount": self.orders_count,
            "fulfillment": self.fulfillment,
            "node": self.node,
            "nodes": lambda info, ids: [self.node(info, id) for id in ids],
            "location": self.location,
            "locations": lambda _info, **arguments: connection([*LOCATIONS.values()])(_info, **arguments),
            "productVariants": self.variants,
            "inventoryItem": self.inventory_item,
            "webhookSubscriptions": self.subscriptions,
            "shop": self.shop,
            "currentAppInstallation": self.installation,
            "publicApiVersions": [version_node(handle) for handle in VERSIONS],
            "job": lambda _info, id: {"id": id, "done": True},
        }

    def order(self, _info: object, id: str) -> Json | None:
        found = self._shop.orders.get(number_of(id)) if "/Order/" in id else None
        return order_node(found) if found and self._is_shown(found) else None

    def orders(
        self,
        _info: object,
        query: str | None = None,
        sortKey: str = "PROCESSED_AT",
        **arguments: Any,
    ) -> Json:
        found = self.found(query)
        by_time = SORT_FIELDS.get(sortKey)
        found.sort(
            key=(lambda o: (moment(o.rest.get(by_time)) or "", o.id)) if by_time else (lambda o: ("", o.id))
        )
        page = connection(found)(_info, **arguments)
        return {**page, "nodes": [order_node(order) for order in page["nodes"]]}

    def orders_count(self, _info: object, query: str | None = None, **_others: Any) -> Json:
        return {"count": len(self.found(query)), "precision": "EXACT"}

    def found(self, query: str | None) -> list[ShopOrder]:
        """The orders that a search finds and the app may see."""
        try:
            return [order for order in matching(self._shop.orders.values(), query) if self._is_shown(order)]
        except ValueError:
            raise GraphQLError("Invalid search field value in query.") from None

    def _is_shown(self, order: ShopOrder) -> bool:
        """Without read_all_orders an app sees the orders of the last 60 days."""
        placed = order.rest.get("processed_at") or order.rest.get("created_at")
        is_old = placed is not None and parse(placed) < parse(now_iso()) - DAYS_SHOWN
        return not is_old or "read_all_orders" in self._shop.scopes

    def fulfillment(self, _info: object, id: str) -> Json | None:
        for order in self._shop.orders.values():
            for one in order.fulfillments:
                if gid("Fulfillment", one.id) == id:
                    return _fulfillment_of(order, one)
        return None

    def node(self, info: object, id: str) -> Json | None:
        kinds = {
            "Order": self.order,
            "Fulfillment": self.fulfillment,
            "FulfillmentOrder": self.fulfillment_order,
            "BulkOperation": self.bulk_operation,
        }
        resolve = kinds.get(id.removeprefix("gid://shopify/").partition("/")[0])
        return resolve(info, id) if resolve else None

    def fulfillment_order(self, _info: object, id: str) -> Json | None:
        for order in self._shop.orders.values():
            for one in order.visible_fulfillment_orders:
                if gid("FulfillmentOrder", one.id) == id:
                    return fulfillment_order_node(one, order, partial(_line_of, order))
        return None

    def bulk_operation(self, _info: object, id: str) -> Json | None:
        bulk = self._shop.bulks.get(number_of(id))
        return bulk_node(self._shop, bulk) if bulk else None

    def variants(self, _info: object, query: str | None = None, **arguments: Any) -> Json:
        wanted = {value for name, _, value in terms(query) if name == "sku"}
        found = [v for v in self._shop.stock.variants.values() if not wanted or v.sku in wanted]
        return connection([variant_node(self._shop, v) for v in found])(_info, **arguments)

    def inventory_item(self, _info: object, id: str) -> Json | None:
        variant = self._shop.stock.by_item(number_of(id))
        return inventory_node(self._shop, variant) if variant else None

    def location(self, _info: object, id: str | None = None) -> Json | None:
        return location_node(self._shop, number_of(id) if id else LOCATION)

    def subscriptions(
        self, _info: object, topics: list[str] | None = None, uri: str | None = None, **arguments: Any
    ) -> Json:
        rows = [
            subscription_node(s, self._shop.switches.api_version)
            for s in self._shop.subscriptions.values()
            if (not topics or s.topic in topics) and uri in (None, s.uri)
        ]
        return connection(rows)(
            _info, **{k: arguments[k] for k in ("first", "last", "after") if k in arguments}
        )

    def shop(self, _info: object) -> Json:
        return {
            "id": gid("Shop", 70_000_000_001),
            "name": self._shop.name,
            "myshopifyDomain": self._shop.domain,
            "primaryDomain": {"id": gid("Domain", 1), "host": self._shop.domain},
            "contactEmail": "shop@example.com",
            "ianaTimezone": "America/Los_Angeles",
            "currencyCode": "USD",
            "countriesInShippingZones": {"countryCodes": ["US"]},
            "plan": {"publicDisplayName": "Basic", "shopifyPlus": False, "partnerDevelopment": False},
        }

    def installation(self, _info: object) -> Json:
        return {
            "id": gid("AppInstallation", 1),
            "app": {"id": gid("App", 1), "title": "Sandbox app", "apiKey": "sandbox"},
            "accessScopes": [{"handle": handle} for handle in self._shop.scopes],
        }


def _fulfillment_of(order: ShopOrder, one: Any) -> Json:
    return fulfillment_node(one, partial(_line_of, order), lambda _info: order_node(order))


def _line_of(order: ShopOrder, line_item_id: str) -> Json:
    return line_node(order, order.line(line_item_id))


def version_node(handle: str) -> Json:
    return {"handle": handle, "displayName": handle, "supported": True}


def subscription_node(row: Subscription, version: str) -> Json:
    return {
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", row.id),
        "legacyResourceId": row.id,
        "topic": row.topic,
        "uri": row.uri,
        "format": row.format,
        "filter": row.filter,
        "includeFields": list(row.include_fields),
        "metafieldNamespaces": list(row.metafield_namespaces),
        "name": row.name,
        "apiVersion": version_node(version),
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def variant_node(shop: Shop, row: Variant) -> Json:
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", row.id),
        "sku": row.sku,
        "barcode": None,
        "displayName": row.title,
        "title": row.title,
        "price": row.price,
        "requiresComponents": False,
        "product": {
            "id": gid("Product", row.product_id),
            "title": row.title,
            "status": "ACTIVE",
            "productType": row.product_type,
            "tags": [],
            "vendor": "Hollow Oak Winery",
        },
        "inventoryItem": inventory_node(shop, row),
    }
