"""Reading and setting stock numbers as Shopify does: compared, all or none, once for each key.

https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/inventorySetQuantities
https://shopify.dev/docs/api/usage/implementing-idempotency
"""

from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, get_directive_values

from sandbox.clock import now_iso
from sandbox.shapes import Json
from sandbox.shopify.connection import MOST, connection
from sandbox.shopify.gid import gid, number_of
from sandbox.shopify.graph_fulfillment import LOCATIONS
from sandbox.shopify.mutations_fulfillment import Refused
from sandbox.shopify.shop import Shop
from sandbox.shopify.stock import Variant, committed

NAMES = ("available", "on_hand")
# https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states
REASONS = frozenset(
    {"correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created",
     "movement_received", "movement_updated", "other", "promotion", "quality_control", "received",
     "reservation_created", "reservation_deleted", "reservation_updated", "restock", "safety_stock",
     "shrinkage"}
)  # fmt: skip
HIGHEST = 1_000_000_000


def inventory_node(shop: Shop, row: Variant) -> Json:
    """An inventory item with its levels."""
    places = [location for item, location in shop.stock.on_hand if item == row.inventory_item_id]
    return {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", row.inventory_item_id),
        "sku": row.sku,
        "tracked": row.is_tracked,
        "requiresShipping": True,
        "inventoryLevels": connection([level_node(shop, row, place) for place in places]),
        "inventoryLevel": lambda _info, locationId, includeInactive=False: (
            level_node(shop, row, number_of(locationId)) if number_of(locationId) in places else None
        ),
    }


def level_node(shop: Shop, row: Variant, location: str) -> Json:
    """The numbers of one item at one location."""
    amounts = quantities(shop, row, location)

    def resolve(_info: object, names: list[str]) -> list[Json]:
        return [
            {
                "id": gid("InventoryQuantity", f"{row.id}-{location}?name={name}"),
                "name": name,
                "quantity": amounts[name],
            }
            for name in names
            if name in amounts
        ]

    return {
        "id": gid("InventoryLevel", f"{location}?inventory_item_id={row.inventory_item_id}"),
        "item": lambda _info: inventory_node(shop, row),
        "location": LOCATIONS[location],
        "quantities": resolve,
    }


def location_node(shop: Shop, location: str) -> Json | None:
    """A location with the levels of everything stocked there."""
    if location not in LOCATIONS:
        return None
    rows = [v for v in shop.stock.variants.values() if (v.inventory_item_id, location) in shop.stock.on_hand]
    levels = [level_node(shop, row, location) for row in rows]
    return {**LOCATIONS[location], "inventoryLevels": connection(levels)}


def quantities(shop: Shop, row: Variant, location: str) -> dict[str, int]:
    on_hand = shop.stock.on_hand[row.inventory_item_id, location]
    sold = committed(shop.orders.values(), row.sku, location)
    return {"on_hand": on_hand, "committed": sold, "available": on_hand - sold}


class InventoryMutations:
    """The verbs over one shop's stock; called under the shop's lock."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def resolvers(self) -> Json:
        return {"inventorySetQuantities": self.set_quantities}

    def set_quantities(self, info: "GraphQLResolveInfo[Any]", input: Json) -> Json:
        """The payload of the first call with this key, or of this one. The key is required since 2026-04."""
        answers, key = self._shop.stock.answers, _key(info)
        if key in answers:
            return _repeated(*answers[key], input)
        if len(input["quantities"]) > MOST:
            raise GraphQLError(f"The input array size of {len(input['quantities'])} is greater than {MOST}.")
        try:
            payload = self._set(input)
        except Refused as refused:
            payload = _refusal(refused)
        answers[key] = (input, payload)
        return payload

    def _set(self, wanted: Json) -> Json:
        if wanted["name"] not in NAMES:
            raise Refused(
                "The quantity name must be either 'available' or 'on_hand'.",
                ["input", "name"],
                "INVALID_NAME",
            )
        if wanted["reason"] not in REASONS:
            raise Refused("The specified reason is invalid.", ["input", "reason"], "INVALID_REASON")
        rows = [
            self._checked(place, given, wanted["name"]) for place, given in enumerate(wanted["quantities"])
        ]
        if len({(row.inventory_item_id, location) for row, location, _delta in rows}) < len(rows):
            raise Refused(
                "The combination of inventoryItemId and locationId must be unique.",
                ["input", "quantities"],
                "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
            )
        for row, location, delta in rows:
            self._shop.stock.on_hand[row.inventory_item_id, location] += delta
        group = {
            "id": gid("InventoryAdjustmentGroup", self._shop.counters.next("InventoryAdjustmentGroup")),
            "createdAt": now_iso(),
            "reason": wanted["reason"],
            "referenceDocumentUri": wanted.get("referenceDocumentUri"),
            "changes": lambda _info, **_names: [
                {
                    "name": wanted["name"],
                    "delta": delta,
                    "quantityAfterChange": None,
                    "item": inventory_node(self._shop, row),
                    "location": LOCATIONS[location],
                }
                for row, location, delta in rows
            ],
        }
        return {"inventoryAdjustmentGroup": group, "userErrors": []}

    def _checked(self, place: int, given: Json, name: str) -> tuple[Variant, str, int]:
        """The item, the location and the difference; Refused in Shopify's words."""
        at = ["input", "quantities", str(place)]
        row = self._shop.stock.by_item(number_of(given["inventoryItemId"]))
        location = number_of(given["locationId"])
        if row is None:
            raise Refused(
                "The specified inventory item could not be found.",
                [*at, "inventoryItemId"],
                "INVALID_INVENTORY_ITEM",
            )
        if location not in LOCATIONS:
            raise Refused(
                "The specified location could not be found.", [*at, "locationId"], "INVALID_LOCATION"
            )
        if (row.inventory_item_id, location) not in self._shop.stock.on_hand:
            raise Refused(
                "The specified inventory item is not stocked at the location.",
                [*at, "locationId"],
                "ITEM_NOT_STOCKED_AT_LOCATION",
            )
        if row.is_bundle:
            raise Refused(
                "The specified inventory item is not allowed to be adjusted via API.",
                [*at, "inventoryItemId"],
                "NON_MUTABLE_INVENTORY_ITEM",
            )
        return row, location, self._difference(at, given, quantities(self._shop, row, location)[name])

    def _difference(self, at: list[str], given: Json, there: int) -> int:
        if not 0 <= given["quantity"] <= HIGHEST:
            code = "INVALID_QUANTITY_NEGATIVE" if given["quantity"] < 0 else "INVALID_QUANTITY_TOO_HIGH"
            raise Refused("The quantity is out of range.", [*at, "quantity"], code)
        if "changeFromQuantity" not in given:
            raise Refused(
                "The changeFromQuantity argument must be given to each quantity.",
                [*at, "changeFromQuantity"],
                "COMPARE_QUANTITY_REQUIRED",
            )
        if given["changeFromQuantity"] is not None and given["changeFromQuantity"] != there:
            raise Refused(
                "The changeFromQuantity value does not match persisted value.",
                [*at, "changeFromQuantity"],
                "CHANGE_FROM_QUANTITY_STALE",
            )
        return int(given["quantity"]) - there


def _key(info: "GraphQLResolveInfo[Any]") -> str:
    directive = info.schema.get_directive("idempotent")
    given: dict[str, Any] = (
        directive and get_directive_values(directive, info.field_nodes[0], info.variable_values)
    ) or {}
    key = str(given.get("key") or "").strip()
    if not key:
        raise GraphQLError("The @idempotent directive is required for this mutation but was not provided.")
    return key


def _repeated(first_input: Json, first_payload: Json, wanted: Json) -> Json:
    """A key that was used: the same answer to the same input, unless that was a refusal."""
    if first_input != wanted:
        return _refusal(
            Refused(
                "The same idempotency key cannot be used with different operation parameters.",
                None,
                "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
            )
        )
    if first_payload["userErrors"]:
        return _refusal(
            Refused(
                "A previous request with this idempotency key failed. Retry with a new idempotency key.",
                None,
                "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
            )
        )
    return first_payload


def _refusal(refused: Refused) -> Json:
    return {"inventoryAdjustmentGroup": None, "userErrors": [refused.row]}
