"""An order of the shop. Its truth is the REST-shaped body of the webhook; all else is kept beside it."""

import json
import time
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sandbox.clock import now_iso
from sandbox.shapes import Json
from sandbox.shopify.fulfillment import Fulfillment, FulfillmentOrder, FulfillmentOrderLine
from sandbox.shopify.gid import Counters


@dataclass(frozen=True)
class Metafield:
    id: str
    namespace: str
    key: str
    type: str
    value: str
    updated_at: str


@dataclass
class ShopOrder:
    """``raw`` is what the last webhook body was, byte for byte; ``rest`` the same as an object."""

    rest: Json
    raw: bytes
    fulfillment_orders: list[FulfillmentOrder] = field(default_factory=list)
    fulfillments: list[Fulfillment] = field(default_factory=list)
    metafields: dict[tuple[str, str], Metafield] = field(default_factory=dict)
    birth_date_metafield: str | None = None
    routed_at: float = 0.0  # time.monotonic() from which the fulfillment orders are visible

    @property
    def id(self) -> str:
        return str(self.rest["id"])

    @property
    def name(self) -> str:
        return str(self.rest.get("name") or f"#{self.id}")

    @property
    def lines(self) -> list[Json]:
        return list(self.rest.get("line_items") or [])

    @property
    def tags(self) -> list[str]:
        return sorted(t for t in (tag.strip() for tag in (self.rest.get("tags") or "").split(",")) if t)

    @property
    def visible_fulfillment_orders(self) -> list[FulfillmentOrder]:
        return self.fulfillment_orders if time.monotonic() >= self.routed_at else []

    def line(self, line_item_id: str) -> Json:
        return next(row for row in self.lines if str(row["id"]) == line_item_id)

    def fulfilled(self, line_item_id: str) -> int:
        """Pieces of a line in live fulfillments."""
        return sum(
            shipped.quantity
            for fulfillment in self.fulfillments
            if fulfillment.is_live
            for shipped in fulfillment.lines
            if shipped.line_item_id == line_item_id
        )

    def follow(self, line: Json) -> None:
        """The line's open shares of the work become what is left of it; what is new goes to the last."""
        key = str(line["id"])
        left = max(0, current_quantity(line) - self.fulfilled(key))
        work = [fo for fo in self.fulfillment_orders if fo.status not in ("CLOSED", "CANCELLED")]
        shares = [(fo, share) for fo in work for share in fo.lines if share.line_item_id == key]
        for place, (fo, share) in enumerate(shares, start=1):
            share.sku = line.get("sku")
            share.remaining = left if place == len(shares) else min(share.remaining, left)
            share.total = max(share.total, share.remaining)
            left -= share.remaining
            fo.settle()

    def touch(self) -> None:
        """After any change: a new updated_at, and the body as the next webhook carries it."""
        self.rest["updated_at"] = now_iso()
        self.rest["fulfillment_status"] = self._fulfillment_status()
        for row in self.lines:
            row["fulfillable_quantity"] = max(0, current_quantity(row) - self.fulfilled(str(row["id"])))
        self.raw = json.dumps(self.rest).encode()

    def _fulfillment_status(self) -> str | None:
        wanted = {str(row["id"]): current_quantity(row) for row in self.lines if current_quantity(row)}
        done = {key: self.fulfilled(key) for key in wanted}
        if not any(done.values()):
            return None
        return "fulfilled" if all(done[key] >= wanted[key] for key in wanted) else "partial"


def current_quantity(row: Json) -> int:
    """Pieces of a line after edits and refunds; what is not a number counts as none."""
    value = row.get("current_quantity", row.get("quantity"))
    return int(value) if isinstance(value, int | float) else 0


def money(value: object) -> Decimal:
    return Decimal(str(value or "0"))


def total(rows: list[Json] | None, name: str) -> Decimal:
    """The sum of one amount over rows."""
    return sum((money(row[name]) for row in rows or []), Decimal(0))


def make_fulfillment_orders(
    order: ShopOrder, counters: Counters, method: str, by_sku: Json, at_service: bool
) -> list[FulfillmentOrder]:
    """One fulfillment order per delivery method; lines that need no shipping are their own, method NONE."""
    groups: dict[str, list[Json]] = {}
    for row in order.lines:
        if current_quantity(row) > 0:
            ships = bool(row.get("requires_shipping", True))
            groups.setdefault(by_sku.get(str(row.get("sku")), method) if ships else "NONE", []).append(row)
    return [
        FulfillmentOrder(
            counters.next("FulfillmentOrder"), kind, [_line(row, counters) for row in rows], at_service
        )
        for kind, rows in groups.items()
    ]


def split(
    order: ShopOrder, counters: Counters, fo: FulfillmentOrder, location: str, pieces: dict[str, int]
) -> FulfillmentOrder | None:
    """Takes pieces (by the fulfillment order line's id; none: all) into a new one at the location."""
    lines = []
    for line in fo.lines:
        count = min(pieces.get(line.id, 0), line.remaining) if pieces else line.remaining
        if count:
            line.remaining -= count
            line.total -= count
            number = counters.next("FulfillmentOrderLineItem")
            lines.append(replace(line, id=number, total=count, remaining=count))
    if not lines:
        return None
    moved = FulfillmentOrder(counters.next("FulfillmentOrder"), fo.method, lines, location=location)
    order.fulfillment_orders.append(moved)
    fo.settle()
    return moved


def _line(row: Json, counters: Counters) -> FulfillmentOrderLine:
    quantity = current_quantity(row)
    return FulfillmentOrderLine(
        id=counters.next("FulfillmentOrderLineItem"),
        line_item_id=str(row["id"]),
        sku=row.get("sku"),
        total=quantity,
        remaining=quantity,
        requires_shipping=bool(row.get("requires_shipping", True)),
    )
