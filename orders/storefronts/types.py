"""What every storefront speaks: an order as the shop tells it, and a shipment as we tell the shop.

Frozen values without models or network. Money is in the shop's currency, quantities are whole bottles or
pieces, ids are the platform's own as strings, times are aware UTC.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from orders.storefronts.shipments import ReportAction as ReportAction
from orders.storefronts.shipments import ReportedShipment as ReportedShipment
from orders.storefronts.shipments import ShipmentData as ShipmentData
from orders.storefronts.shipments import ShipmentStatus as ShipmentStatus
from orders.storefronts.shipments import StoreShipment as StoreShipment
from orders.storefronts.shipments import TrackingNumber as TrackingNumber


class DeliveryMethod(StrEnum):
    SHIPPING = "shipping"
    PICKUP_POINT = "pickup_point"  # a carrier's access point
    PICKUP = "pickup"  # collected at the winery
    LOCAL_DELIVERY = "local_delivery"
    NONE = "none"  # digital, or sold over the counter
    UNKNOWN = "unknown"  # the shop has not decided yet


class LineKind(StrEnum):
    GOODS = "goods"  # wine or merchandise: something in a box
    GIFT_CARD = "gift_card"
    TIP = "tip"
    FEE = "fee"  # a state's alcohol or delivery fee, charged as a line
    DIGITAL = "digital"


class PaymentStatus(StrEnum):
    PAID = "paid"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"


class OrderKind(StrEnum):
    SALE = "sale"
    REFUND = "refund"
    EXCHANGE = "exchange"


class BirthDateState(StrEnum):
    KNOWN = "known"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"  # 04/05/1980 from a shop whose order of day and month is not set
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class BirthDate:
    state: BirthDateState = BirthDateState.MISSING
    value: date | None = None
    source: str = ""  # where it was found, e.g. "order attribute Date of Birth"


@dataclass(frozen=True, slots=True)
class Address:
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street1: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""  # two letters
    postal_code: str = ""
    country: str = ""  # two letters, "US"
    phone: str = ""
    access_point_id: str = ""  # UPS's own, where UPS keeps it for the customer; "": it goes to the door


@dataclass(frozen=True, slots=True)
class LineData:
    """One line as it stands now: `quantity` is after edits and refunds; 0 means nothing is left of it."""

    external_id: str
    sku: str
    title: str
    kind: LineKind
    delivery_method: DeliveryMethod
    quantity: int
    unit_price: Decimal  # before discounts
    discount: Decimal  # for the whole remaining quantity
    tax: Decimal  # for the whole remaining quantity


@dataclass(frozen=True, slots=True)
class OrderData:
    external_id: str
    name: str  # as staff and customer know it: "#1042"
    kind: OrderKind
    placed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    is_test: bool
    is_routed: bool  # False while the shop is still deciding how the order will be delivered
    payment: PaymentStatus
    currency: str
    email: str
    phone: str
    first_name: str
    last_name: str
    birth_date: BirthDate
    ship_to: Address | None
    bill_to: Address | None
    shipping_method: str
    shipping_price: Decimal
    tax: Decimal  # lines and shipping together, as charged now
    tip: Decimal
    total: Decimal
    note: str
    gift_note: str
    requested_ship_date: date | None
    source_url: str  # the order's page in the shop's admin
    lines: tuple[LineData, ...]
    # What was wrong with the shop's answer, in plain words; such an order waits for a person.
    defects: tuple[str, ...] = ()
    # Why the shop itself keeps the order back (fraud check, scheduled, ...), in the shop's words.
    shop_holds: tuple[str, ...] = ()
    # The shop's ids of the work that is to be shipped and not begun; they change without the order changing.
    work_ids: tuple[str, ...] = ()
    shipments: tuple[StoreShipment, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangedOrder:
    external_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ChangedOrders:
    """A page of orders changed since a time; `next_cursor` is "" on the last page."""

    orders: tuple[ChangedOrder, ...]
    next_cursor: str


class MarkState(StrEnum):
    """What an order's tag in the shop says of us; the shop's staff can filter by it."""

    NONE = "none"  # nothing to say
    SENT = "sent"
    FAILED = "failed"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class ShopMark:
    """What the shop's staff are to see of us on an order. The sentences name nobody."""

    state: MarkState = MarkState.NONE
    number: str = ""  # the destination's order number; "": what is shown stays
    progress: str = ""  # not "": the work is under way, and this is said of it
    hold: str = ""  # not "": the work is kept back for this reason; "": a hold of ours is released
    work_id: str = ""  # not "": the order's only piece of work, and nothing of ours is shown yet


@dataclass(frozen=True, slots=True)
class ShownMark:
    """What became of a mark: `written` names what differed; `is_held` if a hold of ours is there now."""

    written: tuple[str, ...]
    is_held: bool
    sentence: str


class HintKind(StrEnum):
    ORDER = "order"  # something about this order changed: read it again
    APP = "app"  # something about our access changed: look at the connection again
    IGNORED = "ignored"  # a topic we know and need not act on
    UNKNOWN = "unknown"  # a topic nobody has told us about
    MALFORMED = "malformed"  # authentic, but not readable


class AppNews(StrEnum):
    REMOVED = "removed"  # the app was taken out of the shop, it says
    PERMISSIONS = "permissions"  # the shop permits more or less than before, it says


@dataclass(frozen=True, slots=True)
class Hint:
    """What an authentic webhook points at. `sentence` says why, unless it is an order.

    The last three only tell an echo from news: what is true of the order is read from the shop.
    """

    kind: HintKind
    order_id: str = ""
    sentence: str = ""
    news: str = ""  # AppNews, if the kind is APP
    changed_at: datetime | None = None  # the order's version that it tells of
    content: str = ""  # fingerprint of that version, without what our own writing changes
    shipments: tuple["HintedShipment", ...] = ()  # all it tells of


@dataclass(frozen=True, slots=True)
class HintedShipment:
    """A shipment as a webhook has it: enough to say whether it is known."""

    id: str
    is_live: bool
    tracking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookHeaders:
    topic: str
    delivery_id: str  # the same on every retry of one delivery
    event_id: str
    triggered_at: str


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What the account says of itself; `missing` are permissions to ask for, in the platform's words."""

    name: str
    currency: str
    time_zone: str
    missing: tuple[str, ...] = ()
    days_back: int | None = None  # older orders are not shown to us; None: all are
    other_version: str = ""  # the API version it answered with, if not the one asked for


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """An app's own credentials, to be turned into an access token; `code` is an installation's."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    deadline: float = 20.0


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """`lifetime` in seconds, None: it does not end. `refresh_token` is the key to the next one, if any."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    lifetime: float | None = None


@dataclass(frozen=True)
class StoreConnection:
    """All a connector needs to speak for one store. Hashable: connectors are cached by it."""

    base_url: str
    credentials: tuple[tuple[str, str], ...] = field(repr=False)
    birth_date_fields: tuple[str, ...] = ()
    ship_date_fields: tuple[str, ...] = ()
    gift_note_fields: tuple[str, ...] = ()
    access_point_fields: tuple[str, ...] = ()
    fee_titles: tuple[str, ...] = ()  # lines so titled are fees, besides those every connector knows
    day_before_month: bool | None = None  # how this shop writes 04/05/1980; None: not known
    deadline: float = 20.0  # seconds for one call

    def credential(self, name: str) -> str:
        return dict(self.credentials).get(name, "")
