"""Fulfillment orders and fulfillments: what is to be shipped, and what was.

Model: https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps/manage-fulfillments
"""

from dataclasses import dataclass, field

from sandbox.clock import now_iso
from sandbox.shapes import Json

WORKABLE = ("OPEN", "IN_PROGRESS")
LOCATION = "81000000001"

# Carriers whose tracking address Shopify builds by itself; names with exactly these capitals.
# https://shopify.dev/docs/api/admin-graphql/latest/input-objects/FulfillmentTrackingInput
CARRIER_URLS = {
    "UPS": "https://www.ups.com/track?tracknum={}",
    "FedEx": "https://www.fedex.com/fedextrack/?trknbr={}",
    "GLS": "https://gls-group.eu/track/{}",
    "USPS": "https://tools.usps.com/go/TrackConfirmAction.action?tLabels={}",
}


@dataclass
class FulfillmentOrderLine:
    """A share of an order line; ``remaining`` is what no live fulfillment covers."""

    id: str
    line_item_id: str
    sku: str | None
    total: int
    remaining: int
    requires_shipping: bool


@dataclass(frozen=True)
class Hold:
    id: str
    handle: str
    reason: str
    notes: str | None


@dataclass
class FulfillmentOrder:
    """The part of an order to be shipped from one location by one delivery method."""

    id: str
    method: str
    lines: list[FulfillmentOrderLine]
    service_location: bool = False  # belongs to somebody else's fulfillment service: we may not fulfil it
    location: str = LOCATION
    status: str = "OPEN"
    holds: list[Hold] = field(default_factory=list)
    created_at: str = field(default_factory=now_iso)
    updated_at: str = field(default_factory=now_iso)

    @property
    def actions(self) -> list[str]:
        """supportedActions, by status."""
        if self.status in ("CLOSED", "CANCELLED"):
            return []
        if self.holds:
            return ["RELEASE_HOLD", "HOLD", "MOVE"]
        if self.service_location:
            return ["REQUEST_FULFILLMENT", "MOVE"]
        return ["CREATE_FULFILLMENT", "REPORT_PROGRESS", "MOVE", "HOLD", "SPLIT"]

    def settle(self) -> None:
        """Sets the status from the holds and from what remains."""
        self.updated_at = now_iso()
        if self.status == "CANCELLED":
            return
        if not any(line.remaining for line in self.lines):
            self.status = "CLOSED"
        elif self.holds:
            self.status = "ON_HOLD"
        elif self.status == "ON_HOLD":
            self.status = "OPEN"


@dataclass(frozen=True)
class Shipped:
    """Quantity of one order line in a fulfillment, and the fulfillment order line it was taken from."""

    line_item_id: str
    quantity: int
    source: FulfillmentOrderLine


@dataclass(frozen=True)
class Tracking:
    company: str | None = None
    numbers: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()

    def rows(self) -> list[Json]:
        """One row per number; a known carrier's address is built where none was given."""
        count = max(len(self.numbers), len(self.urls))
        return [self._row(place) for place in range(count)]

    def _row(self, place: int) -> Json:
        number = self.numbers[place] if place < len(self.numbers) else None
        url = self.urls[place] if place < len(self.urls) else None
        if url is None and number and self.company in CARRIER_URLS:
            url = CARRIER_URLS[self.company].format(number)
        return {"company": self.company, "number": number, "url": url}


def tracking_from(given: Json | None) -> Tracking:
    """FulfillmentTrackingInput: one ``number``/``url`` or lists of them."""
    given = given or {}
    numbers = given.get("numbers") or ([given["number"]] if given.get("number") else [])
    urls = given.get("urls") or ([given["url"]] if given.get("url") else [])
    return Tracking(given.get("company"), tuple(numbers), tuple(urls))


@dataclass(frozen=True)
class Event:
    id: str
    status: str
    happened_at: str
    message: str | None
    place: Json


@dataclass
class Fulfillment:
    """A shipment as the shop knows it."""

    id: str
    name: str
    lines: list[Shipped]
    tracking: Tracking
    notify_customer: bool
    message: str | None = None
    location: str = LOCATION
    status: str = "SUCCESS"
    events: list[Event] = field(default_factory=list)
    created_at: str = field(default_factory=now_iso)
    updated_at: str = field(default_factory=now_iso)

    @property
    def is_live(self) -> bool:
        return self.status == "SUCCESS"

    @property
    def pieces(self) -> dict[str, int]:
        """Quantities by line; a line may come from several fulfillment orders."""
        found: dict[str, int] = {}
        for shipped in self.lines:
            found[shipped.line_item_id] = found.get(shipped.line_item_id, 0) + shipped.quantity
        return found

    @property
    def display_status(self) -> str:
        if not self.is_live:
            return "CANCELED"
        latest = max(self.events, key=lambda e: e.happened_at, default=None)
        return latest.status if latest else "FULFILLED"

    def first_event(self, status: str) -> str | None:
        """When the first event of that status happened."""
        return min((e.happened_at for e in self.events if e.status == status), default=None)
