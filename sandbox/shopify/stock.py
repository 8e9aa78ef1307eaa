"""What a shop has in stock: on hand by product and location; what is sold and not shipped is committed.

https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.shapes import Json
from sandbox.shopify.fulfillment import LOCATION, Shipped
from sandbox.shopify.gid import Counters, inventory_item_of
from sandbox.shopify.orders import ShopOrder

Place = tuple[str, str]  # inventory item id, location id


@dataclass
class Variant:
    """A product variant. A bundle has no number of its own, and one that is not tracked neither."""

    id: str
    product_id: str
    inventory_item_id: str
    sku: str
    title: str
    product_type: str = "Wine"
    price: str = "0.00"
    is_tracked: bool = True
    is_bundle: bool = False


@dataclass
class Stock:
    """`answers`: idempotency key -> the input it came with, and the payload it got."""

    variants: dict[str, Variant] = field(default_factory=dict)
    on_hand: Counter[Place] = field(default_factory=Counter)
    answers: dict[str, tuple[Json, Json]] = field(default_factory=dict)

    def by_item(self, item_id: str) -> Variant | None:
        return next((v for v in self.variants.values() if v.inventory_item_id == item_id), None)

    def by_sku(self, sku: str | None) -> Variant | None:
        return next((v for v in self.variants.values() if v.sku == sku), None)

    def ensure(self, sku: str, counters: Counters, **fields: object) -> Variant:
        """The variant of that SKU, made if it is new."""
        found = self.by_sku(sku)
        if found is None:
            number = counters.next("ProductVariant")
            found = Variant(number, number, inventory_item_of(number), sku, sku)
            self.variants[number] = found
        for name, value in fields.items():
            setattr(found, name, value)
        return found

    def ship(self, lines: Iterable[Shipped], sign: int, location: str = LOCATION) -> None:
        """Pieces leave the location, or come back to it; what the shop does not count is left out."""
        for shipped in lines:
            variant = self.by_sku(shipped.source.sku)
            if variant and (variant.inventory_item_id, location) in self.on_hand:
                self.on_hand[variant.inventory_item_id, location] += sign * shipped.quantity


def committed(orders: Iterable[ShopOrder], sku: str, location: str) -> int:
    """How many of the SKU open orders still wait for at the location."""
    return sum(
        line.remaining
        for order in orders
        for work in order.fulfillment_orders
        if work.status not in ("CLOSED", "CANCELLED")
        and not work.service_location
        and work.location == location
        for line in work.lines
        if line.sku == sku
    )
