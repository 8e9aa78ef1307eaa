"""Shopify's stock numbers: read by location, set all or none, compared and once for each key.

https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crushsync.lib.errors import PermanentError, TemporaryError
from crushsync.lib.text import clean_text
from orders.storefronts.inventory import Inventory, LevelChange, SetAnswer, ShopLevel, ShopLocation
from orders.storefronts.shopify import operations
from orders.storefronts.shopify.graphql import AdminApi
from orders.storefronts.shopify.values import as_dict, as_list, gid, legacy_id

# All that is in the building. Shopify takes what is sold and not shipped off this number by itself.
QUANTITY = "on_hand"
# userErrors[].code -> what they mean for us.
# https://shopify.dev/docs/api/admin-graphql/2026-07/enums/InventorySetQuantitiesUserErrorCode
STALE = frozenset(
    {
        "CHANGE_FROM_QUANTITY_STALE",
        "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
        "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED",
    }
)
BUSY = "IDEMPOTENCY_CONCURRENT_REQUEST"
NEVER = frozenset({"INVALID_INVENTORY_ITEM", "ITEM_NOT_STOCKED_AT_LOCATION", "NON_MUTABLE_INVENTORY_ITEM"})
MOST = 1_000_000_000


class ShopifyInventory(Inventory):
    """The stock of one Shopify shop."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def locations(self) -> tuple[ShopLocation, ...]:
        """https://shopify.dev/docs/api/admin-graphql/2026-07/queries/locations"""
        found = self._api.pages(operations.STOCK_LOCATIONS, {}, None, "locations")
        return tuple(
            ShopLocation(
                legacy_id(node.get("id")),
                clean_text(node.get("name"), 120),
                node.get("isFulfillmentService") is True,
            )
            for node in found
            if node.get("isActive") is True and legacy_id(node.get("id"))
        )

    def levels(self, location_id: str) -> tuple[ShopLevel, ...]:
        """All tracked products at the place; Shopify keeps no number for the others.

        https://shopify.dev/docs/api/admin-graphql/2026-07/objects/Location#field-inventoryLevels
        """
        variables = {"id": gid("Location", location_id)}
        place = self._api.execute(operations.STOCK_LEVELS, variables).get("location")
        if place is None:
            raise PermanentError("Shopify no longer has this location.", code="gone")
        rows = self._api.pages(
            operations.STOCK_LEVELS,
            variables,
            as_dict(place).get("inventoryLevels"),
            "location",
            "inventoryLevels",
        )
        found = (_level(location_id, row) for row in rows)
        return tuple(level for level in found if level is not None)

    def set_levels(self, changes: Sequence[LevelChange], key: str) -> SetAnswer:
        """https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/inventorySetQuantities"""
        quantities = [
            {
                "inventoryItemId": gid("InventoryItem", change.item_id),
                "locationId": gid("Location", change.location_id),
                "quantity": change.becomes,
                "changeFromQuantity": change.was,
            }
            for change in changes
        ]
        wanted = {"name": QUANTITY, "reason": "correction", "quantities": quantities}
        payload = self._api.try_to_write(operations.STOCK_SET, {"input": wanted, "key": key})
        return _judge([as_dict(error) for error in as_list(payload.get("userErrors"))], changes)


def _level(location_id: str, row: Mapping[str, Any]) -> ShopLevel | None:
    item = as_dict(row.get("item"))
    counted = [
        quantity.get("quantity")
        for quantity in map(as_dict, as_list(row.get("quantities")))
        if quantity.get("name") == QUANTITY
    ]
    item_id = legacy_id(item.get("id"))
    if item.get("tracked") is not True or not item_id or not counted:
        return None
    number = counted[0]
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > MOST:
        return None
    return ShopLevel(location_id, item_id, clean_text(item.get("sku"), 100), number)


def _judge(errors: Sequence[Mapping[str, Any]], changes: Sequence[LevelChange]) -> SetAnswer:
    """What the userErrors mean. Any of them means that nothing was written."""
    codes = {str(error.get("code")) for error in errors}
    if not errors:
        return SetAnswer(is_written=True)
    if BUSY in codes:
        raise TemporaryError("Shopify is still busy with the same numbers.", code="busy")
    refused = {
        changes[place].item_id: clean_text(error.get("message"), 200)
        for error in errors
        if error.get("code") in NEVER and (place := _place(error, len(changes))) is not None
    }
    if refused:
        return SetAnswer(is_written=False, refused=refused)
    if codes <= STALE:
        return SetAnswer(is_written=False, is_stale=True)
    messages = "; ".join(clean_text(error.get("message"), 200) for error in errors)
    raise PermanentError(f"Shopify refused: {messages[:500]}", code="user_error")


def _place(error: Mapping[str, Any], most: int) -> int | None:
    """Which of the changes an error is about: ["input", "quantities", "3", "inventoryItemId"] -> 3."""
    numbers = [
        int(part) for part in as_list(error.get("field")) if isinstance(part, str) and part.isdecimal()
    ]
    return numbers[0] if numbers and numbers[0] < most else None
