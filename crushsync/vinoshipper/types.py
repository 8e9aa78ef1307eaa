"""Vinoshipper's orders as values. Field by field: https://developer.vinoshipper.com/reference/createorder

Money is US dollars as Decimal, quantities are whole pieces, times are aware UTC where they could be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class VinoshipperConnection:
    """One Vinoshipper account. Hashable: clients are cached by it."""

    base_url: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    producer_id: str = ""
    deadline: float = 20.0  # seconds for one call


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    email: str
    phone: str
    date_of_birth: date | None
    street1: str
    street2: str
    city: str
    state: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Destination:
    first_name: str
    last_name: str
    company: str
    street1: str
    street2: str
    city: str
    state: str
    postal_code: str
    country: str
    phone: str
    access_point_id: str = ""


@dataclass(frozen=True, slots=True)
class ProductLine:
    sku: str
    quantity: int
    price: Decimal  # per unit, before the order's discount


@dataclass(frozen=True, slots=True)
class ShippingRate:
    carrier: str
    code: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class OrderInput:
    """One order to bring to Vinoshipper under the number we chose."""

    number: str
    source_url: str
    customer: Person
    ship_to: Destination
    lines: tuple[ProductLine, ...]
    rate: ShippingRate
    taxes: Decimal
    fees: Decimal
    tip: Decimal
    discount: Decimal
    producer_note: str
    gift_note: str
    ship_date: date | None
    paid: bool
    silent: bool  # no mails from Vinoshipper to the customer
    meta: tuple[tuple[str, str], ...] = ()


class Acceptance(StrEnum):
    """Their `status` in the words that decide what we do next."""

    ACCEPTED = "accepted"
    PENDING = "pending"  # taken, not decided: look again
    REJECTED = "rejected"  # something has to change
    AGE_FAILED = "age_failed"  # the customer can scan an ID
    AGE_LOCKED = "age_locked"  # only Vinoshipper can open it
    DELETED = "deleted"
    UNKNOWN = "unknown"  # a status nobody has told us about


class Progress(StrEnum):
    """Their `orderStatus` in the words that decide what we do next."""

    OPEN = "open"
    LABELED = "labeled"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    TROUBLE = "trouble"  # UNPAID, PROBLEM
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OrderProblem:
    code: str
    description: str
    type: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What Vinoshipper holds under a number, or why it holds nothing.

    A rejection by HTTP 200 with `orderProblems` and one by HTTP 400 are the same answer here.
    """

    number: str
    acceptance: Acceptance
    progress: Progress
    status: str  # their words, for people
    order_status: str
    problems: tuple[OrderProblem, ...] = ()
    is_compliant: bool | None = None
    age_verified: bool | None = None
    id_scan_url: str = ""
    carrier: str = ""
    tracking_numbers: tuple[str, ...] = ()
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    taxes_adjusted: Decimal | None = None
    fees_adjusted: Decimal | None = None
    total: Decimal | None = None
    trace_id: str = ""
    http_status: int = 200
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that got a definite answer, for the record of an attempt."""

    method: str
    path: str
    status: int
    seconds: float
    trace_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How sending an order ended. With `differences`, what stands there is not what we wanted to send.

    `adopted`: an order equal to ours stood there already; nothing new was made.
    """

    answer: OrderAnswer
    adopted: bool
    differences: tuple[str, ...]
    calls: tuple[Call, ...]


class CancelOutcome(StrEnum):
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    outcome: CancelOutcome
    sentence: str
    trace_id: str = ""
    http_status: int = 200
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """check-compliance: may this order go there? https://developer.vinoshipper.com/reference"""

    is_compliant: bool
    problems: tuple[OrderProblem, ...]
    trace_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class TaxEstimate:
    """estimate-taxes: what Vinoshipper would compute, whatever the shop charged."""

    taxes: Decimal
    fees: Decimal  # of the state, such as a container deposit


@dataclass(frozen=True, slots=True)
class Quote:
    """estimate-shipping: one shipping method with its price."""

    carrier: str
    code: str
    price: Decimal
    description: str


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """One row of a search: less than a read of the order."""

    number: str
    progress: Progress
    order_status: str
    amount: Decimal | None
    purchased_at: datetime | None
    shipped_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessPoint:
    """A UPS Access Point; `id` is what a ship-to address names."""

    id: str
    name: str
    street1: str
    city: str
    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class FeedProduct:
    product_id: str
    sku: str
    name: str
    category: str
    inventory: int
    price: Decimal | None
    not_available_in: tuple[str, ...]  # two-letter states
    ml: int | None = None  # of one piece; None: not told
    is_alcohol: bool = True
    is_stock_told: bool = True  # False: `inventory` is 0 because they did not say, not because none is left


@dataclass(frozen=True, slots=True)
class ProductFeed:
    producer: str
    products: tuple[FeedProduct, ...]
    states: tuple[str, ...]  # two-letter states the producer can ship to


@dataclass(frozen=True, slots=True)
class Profile:
    """The producer behind an API key. https://developer.vinoshipper.com/reference"""

    id: str
    name: str
    website: str = ""
    allows_pickup: bool | None = None
    allows_local_delivery: bool | None = None
    minimum_order_quantity: int | None = None  # pieces


@dataclass(frozen=True, slots=True)
class RateCode:
    carrier: str
    code: str
    description: str


@dataclass(frozen=True, slots=True)
class WebhookRegistration:
    id: str
    subject: str
    url: str


@dataclass(frozen=True, slots=True)
class OrderHint:
    """A Vinoshipper webhook, read: which order to look at; `order_number` is "" if it is about none."""

    order_number: str
    event: str
    sentence: str = ""
