"""What the shop has of an order's shipping: the work that is left and the fulfillments made. Pure reading.

https://shopify.dev/docs/apps/build/orders-fulfillment/order-management-apps/manage-fulfillments
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crushsync.lib.carriers import bare
from crushsync.lib.text import clean_text
from orders.storefronts.shipments import ShipmentStatus, StoreShipment, TrackingNumber
from orders.storefronts.shopify.values import as_dict, as_list, legacy_id, moment, nodes

# Of a list without pages Shopify tells no more than this.
MOST_TOLD = 250
# A failed or canceled fulfillment ships nothing: Shopify opened its pieces again.
DEAD = frozenset({"CANCELLED", "ERROR", "FAILURE"})
# What somebody collects or brings is no business of a carrier's shipment.
SHIPPED_METHODS = frozenset({"SHIPPING", "PICKUP_POINT", ""})


@dataclass(frozen=True, slots=True)
class WorkLine:
    gid: str
    line_id: str
    remaining: int


@dataclass(frozen=True, slots=True)
class Work:
    """A fulfillment order: the share of one location and one delivery method."""

    gid: str
    status: str
    method: str
    can_fulfill: bool
    can_move: bool
    location_id: str
    location_name: str
    is_at_service: bool  # the location is run by another app
    holds: tuple[str, ...]
    fulfill_at: str
    lines: tuple[WorkLine, ...]

    @property
    def is_shipped(self) -> bool:
        return self.method in SHIPPED_METHODS

    @property
    def is_open(self) -> bool:
        return self.status not in ("CLOSED", "CANCELLED")


@dataclass(frozen=True, slots=True)
class Made:
    """A fulfillment that ships something."""

    id: str
    name: str
    company: str
    tracking: tuple[TrackingNumber, ...]
    quantities: Counter[str]  # by line id
    events: frozenset[str]
    place: str = ""  # id of the location it shipped from

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(bare(entry.number) for entry in self.tracking)


@dataclass(frozen=True, slots=True)
class ShippingState:
    """The order as it stands right before a write."""

    name: str
    is_cancelled: bool
    work: tuple[Work, ...]
    made: tuple[Made, ...]
    is_complete: bool  # no fulfillment can be missing here
    cancelled_ids: frozenset[str]


def to_state(order: Mapping[str, Any]) -> ShippingState:
    """Turn the `order` of OrderFulfillmentState, with all pages of its lists, into a ShippingState."""
    fulfillments = [entry for entry in as_list(order.get("fulfillments")) if isinstance(entry, dict)]
    return ShippingState(
        name=clean_text(order.get("name"), 60),
        is_cancelled=bool(order.get("cancelledAt")),
        work=tuple(_work(entry) for entry in nodes(order.get("fulfillmentOrders"))),
        made=tuple(
            _made(entry)
            for entry in fulfillments
            if entry.get("status") not in DEAD and legacy_id(entry.get("id"))
        ),
        is_complete=not is_cut(order),
        cancelled_ids=frozenset(
            legacy_id(entry.get("id")) for entry in fulfillments if entry.get("status") == "CANCELLED"
        ),
    )


def _work(raw: Mapping[str, Any]) -> Work:
    assigned = as_dict(raw.get("assignedLocation"))
    location = as_dict(assigned.get("location"))
    holds = (
        clean_text(as_dict(hold).get("displayReason"), 200) for hold in as_list(raw.get("fulfillmentHolds"))
    )
    actions = {as_dict(entry).get("action") for entry in as_list(raw.get("supportedActions"))}
    fulfill_at = moment(raw.get("fulfillAt"))
    return Work(
        gid=clean_text(raw.get("id"), 100),
        status=clean_text(raw.get("status"), 30),
        method=clean_text(as_dict(raw.get("deliveryMethod")).get("methodType"), 30),
        can_fulfill="CREATE_FULFILLMENT" in actions,
        can_move="MOVE" in actions,
        location_id=clean_text(location.get("id"), 100),
        location_name=clean_text(assigned.get("name"), 100),
        is_at_service=location.get("isFulfillmentService") is True,
        holds=tuple(hold for hold in holds if hold),
        fulfill_at=f"{fulfill_at:%Y-%m-%d}" if fulfill_at else "",
        lines=tuple(_work_line(line) for line in nodes(raw.get("lineItems"))),
    )


def _work_line(raw: Mapping[str, Any]) -> WorkLine:
    line_id = legacy_id(as_dict(raw.get("lineItem")).get("id"))
    return WorkLine(clean_text(raw.get("id"), 100), line_id, count(raw.get("remainingQuantity")))


def _made(raw: Mapping[str, Any]) -> Made:
    info = [as_dict(entry) for entry in as_list(raw.get("trackingInfo"))]
    quantities: Counter[str] = Counter()
    for line in nodes(raw.get("fulfillmentLineItems")):
        quantities[legacy_id(as_dict(line.get("lineItem")).get("id"))] += count(line.get("quantity"))
    events = {clean_text(event.get("status"), 40) for event in nodes(raw.get("events"))}
    return Made(
        id=legacy_id(raw.get("id")),
        name=clean_text(raw.get("name"), 60),
        company=next((name for entry in info if (name := clean_text(entry.get("company"), 100))), ""),
        tracking=tuple(
            TrackingNumber(number, clean_text(entry.get("url"), 1_000))
            for entry in info
            if (number := clean_text(entry.get("number"), 100).strip())
        ),
        quantities=quantities,
        events=frozenset(events | ({"DELIVERED"} if raw.get("deliveredAt") else set())),
        place=legacy_id(as_dict(raw.get("location")).get("id")),
    )


def is_cut(order: Mapping[str, Any]) -> bool:
    """Whether an order's fulfillments, or the parcels of one of them, are more than Shopify tells."""
    made = as_list(order.get("fulfillments"))
    parcels = (as_list(as_dict(entry).get("trackingInfo")) for entry in made)
    return any(len(told) >= MOST_TOLD for told in (made, *parcels))


def to_shipments(order: Mapping[str, Any]) -> tuple[StoreShipment, ...]:
    """Turn the `fulfillments` of OrderForSync into what the shop says was shipped, and from where."""
    found = (entry for entry in as_list(order.get("fulfillments")) if isinstance(entry, dict))
    return tuple(_shipment(entry) for entry in found if legacy_id(entry.get("id")))


def _shipment(raw: Mapping[str, Any]) -> StoreShipment:
    made = _made(raw)
    location = as_dict(raw.get("location"))
    is_moving = bool(raw.get("inTransitAt"))
    status = ShipmentStatus.SHIPPED if is_moving else ShipmentStatus.PENDING
    return StoreShipment(
        external_id=made.id,
        is_live=raw.get("status") not in DEAD,
        lines=tuple(sorted(made.quantities.items())),
        carrier=made.company,
        tracking=made.tracking,
        place=made.place,
        place_name=clean_text(location.get("name"), 120),
        status=ShipmentStatus.DELIVERED if raw.get("deliveredAt") else status,
        is_whole=made.quantities.total() == raw.get("totalQuantity"),
    )


def count(value: Any) -> int:
    """A number of pieces; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
