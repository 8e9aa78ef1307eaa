"""Mutations about the order itself, its metafields, and webhook subscriptions."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace

from sandbox.clock import now_iso
from sandbox.shapes import Json
from sandbox.shopify.gid import gid, number_of
from sandbox.shopify.graph_order import metafield_node, order_node
from sandbox.shopify.mutations_fulfillment import Refused, guarded
from sandbox.shopify.orders import Metafield, ShopOrder
from sandbox.shopify.queries import subscription_node
from sandbox.shopify.shop import Shop, Subscription

MOST_METAFIELDS = 25
NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")

TagChange = Callable[[set[str]], set[str]]


class OrderMutations:
    """The verbs over one shop; called under the shop's lock."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def resolvers(self) -> Json:
        return {
            "tagsAdd": guarded(self.tags_add, "node"),
            "tagsRemove": guarded(self.tags_remove, "node"),
            "orderUpdate": guarded(self.update, "order"),
            "metafieldsSet": guarded(self.metafields_set, "metafields"),
            "metafieldDefinitionCreate": guarded(self.definition_create, "createdDefinition"),
            "webhookSubscriptionCreate": guarded(self.subscribe, "webhookSubscription"),
            "webhookSubscriptionUpdate": guarded(self.resubscribe, "webhookSubscription"),
            "webhookSubscriptionDelete": guarded(self.unsubscribe, "deletedWebhookSubscriptionId"),
        }

    # ---------------------------------------------------------------- the order

    def tags_add(self, id: str, tags: list[str]) -> Json:
        return self._set_tags(id, lambda old: old | set(tags))

    def tags_remove(self, id: str, tags: list[str]) -> Json:
        return self._set_tags(id, lambda old: old - set(tags))

    def update(self, input: Json) -> Json:
        """note, email, phone, tags and customAttributes; given lists replace the old ones whole."""
        order = self._order(input["id"])
        for name in ("note", "email", "phone"):
            if name in input:
                order.rest[name] = input[name]
        if "tags" in input:
            order.rest["tags"] = ", ".join(sorted(input["tags"] or []))
        if "customAttributes" in input:
            order.rest["note_attributes"] = [
                {"name": row["key"], "value": row["value"]} for row in input["customAttributes"] or []
            ]
        self._echo(order)
        return {"order": order_node(order)}

    def metafields_set(self, metafields: list[Json]) -> Json:
        """All or none; ``compareDigest`` makes it compare-and-set."""
        if len(metafields) > MOST_METAFIELDS:
            raise Refused(
                "Exceeded the maximum metafields input limit of 25.", ["metafields"], "LESS_THAN_OR_EQUAL_TO"
            )
        made = [self._metafield(place, given) for place, given in enumerate(metafields)]
        for order, row in made:
            order.metafields[(row.namespace, row.key)] = row
        for order in {id(order): order for order, _ in made}.values():
            self._echo(order)
        return {"metafields": [metafield_node(row) for _, row in made]}

    def definition_create(self, definition: Json) -> Json:
        key = (definition["ownerType"], definition.get("namespace") or "$app", definition["key"])
        if key in self._shop.definitions:
            raise Refused(
                "Key is in use for Order metafields on the namespace.", ["definition", "key"], "TAKEN"
            )
        self._shop.definitions[key] = number = self._shop.counters.next("MetafieldDefinition")
        node = {"id": gid("MetafieldDefinition", number), "namespace": key[1], "key": key[2]}
        return {"createdDefinition": node}

    # ---------------------------------------------------------------- subscriptions

    def subscribe(self, topic: str, webhookSubscription: Json) -> Json:
        uri = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl")
        self._check_subscription(uri, webhookSubscription.get("name"))
        if any((s.topic, s.uri) == (topic, uri) for s in self._shop.subscriptions.values()):
            raise Refused(
                "Address for this topic has already been taken", ["webhookSubscription", "callbackUrl"]
            )
        row = Subscription(self._shop.counters.next("WebhookSubscription"), topic, str(uri))
        self._shop.subscriptions[row.id] = _filled(row, webhookSubscription)
        return {"webhookSubscription": self._subscription_node(row.id)}

    def resubscribe(self, id: str, webhookSubscription: Json) -> Json:
        row = self._subscription(id)
        uri = webhookSubscription.get("uri") or webhookSubscription.get("callbackUrl") or row.uri
        self._check_subscription(uri, webhookSubscription.get("name"))
        changed = replace(row, uri=uri, updated_at=now_iso())
        self._shop.subscriptions[row.id] = _filled(changed, webhookSubscription)
        return {"webhookSubscription": self._subscription_node(row.id)}

    def unsubscribe(self, id: str) -> Json:
        del self._shop.subscriptions[self._subscription(id).id]
        return {"deletedWebhookSubscriptionId": id}

    # ---------------------------------------------------------------- inside

    def _order(self, node_id: str) -> ShopOrder:
        order = self._shop.orders.get(number_of(node_id))
        if order is None or "/Order/" not in node_id:
            raise Refused("Order does not exist", ["id"])
        return order

    def _set_tags(self, node_id: str, change: TagChange) -> Json:
        order = self._order(node_id)
        tags = change(set(order.tags))
        if tags != set(order.tags):
            order.rest["tags"] = ", ".join(sorted(tags))
            self._echo(order)
        return {"node": order_node(order)}

    def _metafield(self, place: int, given: Json) -> tuple[ShopOrder, Metafield]:
        order = self._shop.orders.get(number_of(given["ownerId"]))
        if order is None:
            raise Refused("Owner does not exist.", ["metafields", str(place), "ownerId"], "INVALID")
        namespace = given.get("namespace") or "$app"
        old = order.metafields.get((namespace, given["key"]))
        if (
            not given.get("type")
            and not old
            and ("ORDER", namespace, given["key"]) not in self._shop.definitions
        ):
            raise Refused("Type can't be blank", ["metafields", str(place), "type"], "BLANK")
        if "compareDigest" in given and given["compareDigest"] != _digest(old):
            raise Refused(
                "The resource has been updated since it was loaded.",
                ["metafields", str(place)],
                "STALE_OBJECT",
            )
        number = old.id if old else self._shop.counters.next("Metafield")
        kind = given.get("type") or (old.type if old else "single_line_text_field")
        return order, Metafield(number, namespace, given["key"], kind, given["value"], now_iso())

    def _check_subscription(self, uri: object, name: object) -> None:
        if not str(uri or "").startswith(("http://", "https://", "pubsub://", "arn:")):
            raise Refused("Address is invalid", ["webhookSubscription", "uri"])
        if name is not None and not NAME.fullmatch(str(name)):
            raise Refused("Name is invalid", ["webhookSubscription", "name"])

    def _subscription(self, node_id: str) -> Subscription:
        row = self._shop.subscriptions.get(number_of(node_id))
        if row is None:
            raise Refused("Webhook subscription does not exist", ["id"])
        return row

    def _subscription_node(self, number: str) -> Json:
        return subscription_node(self._shop.subscriptions[number], self._shop.switches.api_version)

    def _echo(self, order: ShopOrder) -> None:
        order.touch()
        if self._shop.switches.echo:
            self._shop.announce("orders/updated", order.raw)


def _filled(row: Subscription, given: Json) -> Subscription:
    return replace(
        row,
        format=given.get("format") or row.format,
        filter=given.get("filter", row.filter),
        include_fields=tuple(given.get("includeFields") or row.include_fields),
        metafield_namespaces=tuple(given.get("metafieldNamespaces") or row.metafield_namespaces),
        name=given.get("name", row.name),
    )


def _digest(old: Metafield | None) -> str | None:
    return None if old is None else hashlib.sha256(old.value.encode()).hexdigest()
