"""Shopify's global ids: ``gid://shopify/Order/6411122233344``."""

from collections.abc import Iterator
from itertools import count


def gid(kind: str, number: object) -> str:
    return f"gid://shopify/{kind}/{number}"


def number_of(text: str) -> str:
    """The last part of a gid, or the text itself."""
    return text.rsplit("/", 1)[-1]


class Counters:
    """Running numbers by kind, starting where Shopify's sample payloads start."""

    STARTS = {
        "FulfillmentOrder": 6_900_000_000_001,
        "FulfillmentOrderLineItem": 6_910_000_000_001,
        "Fulfillment": 5_600_000_000_001,
        "FulfillmentEvent": 7_300_000_000_001,
        "Refund": 9_900_000_000_001,
        "OrderTransaction": 7_900_000_000_001,
        "ProductVariant": 47_100_000_000_501,
        "Metafield": 3_000_000_000_001,
    }

    def __init__(self) -> None:
        self._counters: dict[str, Iterator[int]] = {}

    def next(self, kind: str) -> str:
        counter = self._counters.setdefault(kind, count(self.STARTS.get(kind, 1)))
        return str(next(counter))


def inventory_item_of(variant_id: str) -> str:
    """Each variant has one inventory item; their numbers run beside each other, as in the sample payloads."""
    return str(int(variant_id) + 900_000_000_000) if variant_id.isdigit() else variant_id
