"""What is asked about an order, and in what form a rule answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from compliance.checks import Finding, Shipment, zone_of
from crushsync.accounts.models import VinoshipperAccount
from fulfillment.goods import shippable
from fulfillment.models import FulfillmentOrder
from fulfillment.routing.shelf import Shelf
from orders.models import Order, OrderLine, Store

# From sending to the door, roughly: the day on which age is judged.
TRANSIT = timedelta(days=5)


class Verdict(StrEnum):
    SEND = "send"
    WAIT = "wait"  # something outside has to happen first: a payment, a date, a person
    BLOCKED = "blocked"  # sending it would be refused or wrong: something has to be mended
    NOT_REQUIRED = "not_required"
    DONT_SEND = "dont_send"  # a person said so


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's answer. `verdict` is None where it had no objection; findings are the own checks'.

    Texts may be lazily translated: most are never read.
    """

    code: str
    sentence: str | Promise
    verdict: Verdict | None = None
    setting: str | Promise = ""
    until: datetime | None = None
    findings: tuple[Finding, ...] | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision and how it came about; `rules` ends with the one that decided. Texts may be lazy.

    `findings` are what our own checks found, warnings included; None where an earlier rule decided.
    """

    verdict: Verdict
    code: str
    sentence: str | Promise
    setting: str | Promise
    until: datetime | None
    rules: tuple[RuleResult, ...]
    findings: tuple[Finding, ...] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """All a rule may look at."""

    order: Order
    lines: Sequence[OrderLine]
    store: Store
    account: VinoshipperAccount | None
    work: FulfillmentOrder | None
    now: datetime
    shelf: Shelf

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.order.winery.time_zone)).date()

    @property
    def shippable(self) -> list[OrderLine]:
        return shippable(self.lines)


def shipment_of(order: Order, now: datetime, *, account: VinoshipperAccount | None, shelf: Shelf) -> Shipment:
    """The order as our own checks look at it, with the account's levels."""
    lines = shippable(list(order.lines.all()))
    here = now.astimezone(zone_of(order.ship_to_state)).date()
    return Shipment(
        order=order,
        lines=lines,
        arrives_on=max(order.ship_date or here, here) + TRANSIT,
        levels=account.check_levels if account else {},
        most_bottles=account.most_bottles if account else None,
        products=shelf.of(account, lines, order, now),
    )
