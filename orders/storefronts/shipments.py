"""Shipments between us and a shop: as we tell it of ours, and as it tells of whoever's."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ShipmentStatus(StrEnum):
    PENDING = "pending"
    SHIPPED = "shipped"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class TrackingNumber:
    number: str
    url: str


@dataclass(frozen=True, slots=True)
class StoreShipment:
    """A fulfillment as the shop has it, whoever made it. `lines` are (external line id, quantity)."""

    external_id: str
    is_live: bool  # False: it was canceled, or failed
    lines: tuple[tuple[str, int], ...]
    carrier: str  # the shop's name for it
    tracking: tuple[TrackingNumber, ...]
    place: str  # the shop's own id of the location it ships from
    place_name: str
    status: ShipmentStatus = ShipmentStatus.PENDING
    is_whole: bool = True  # False: it has more lines than the shop told


@dataclass(frozen=True, slots=True)
class ShipmentData:
    """A shipment to show on the shop's order. `lines` are (external line id, quantity)."""

    order_id: str
    reference: str  # the destination's order number, shown to staff in the shop
    carrier: str  # our carrier code: "UPS", "FEDEX", "GLS", ...
    tracking: tuple[TrackingNumber, ...]
    lines: tuple[tuple[str, int], ...]
    status: ShipmentStatus
    shipped_at: datetime | None
    delivered_at: datetime | None
    notify_customer: bool
    fulfillment_id: str = ""  # the shop's id, once we know it
    replaced: tuple[str, ...] = ()  # numbers of labels that are no longer used
    is_own: bool = False  # shipped by the winery, not by its partner
    place: str = ""  # the shop's id of the location it ships from; "": wherever the shop has the work
    taken: frozenset[str] = frozenset()  # the shop's ids of other shipments of ours: never taken for this one


class ReportAction(StrEnum):
    CREATED = "created"
    ADOPTED = "adopted"  # the shop had it already: nothing was written but what was missing
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class ReportedShipment:
    fulfillment_id: str
    action: ReportAction
    sentence: str
    all_ids: tuple[str, ...] = ()  # where the shop shows it as several: all of them
