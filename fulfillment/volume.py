"""How much wine a customer, and an address, received from the winery. Information, not advice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from compliance.checks import bottles
from compliance.limits import Limit, limit_for
from compliance.models import Window
from fulfillment.models import FulfillmentOrder, SyncStatus
from fulfillment.routing.question import shipment_of
from fulfillment.routing.shelf import Shelf, shelf_for
from orders.models import Order

MOST = 2_000  # orders of a year looked at; nobody buys so often


@dataclass(frozen=True, slots=True)
class Amount:
    """Bottles of 750 ml sent, by the time over which states count."""

    month: Decimal  # since the first of this month, where the winery is
    two_months: Decimal  # in the last 61 days
    year: Decimal  # since 1 January

    def over(self, window: str) -> Decimal:
        return {Window.MONTH.value: self.month, Window.TWO_MONTHS.value: self.two_months}.get(
            window, self.year
        )


@dataclass(frozen=True, slots=True)
class Volume:
    """What was sent before, this order apart, beside what the state is published to allow."""

    customer: Amount
    address: Amount
    this_order: Decimal
    limit: Limit | None

    @property
    def reached(self) -> Decimal:
        """What the larger of the two comes to with this order, over the time the state counts."""
        window = self.limit.window if self.limit else Window.YEAR.value
        return max(self.customer.over(window), self.address.over(window)) + self.this_order

    @property
    def window_label(self) -> str:
        return str(Window(self.limit.window).label) if self.limit else ""

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.limit.bottles is not None and self.reached > self.limit.bottles


def volume(order: Order, now: datetime) -> Volume:
    """Sum up what the winery sent, and did not void, to the same customer (by e-mail) and same address."""
    here = now.astimezone(ZoneInfo(order.winery.time_zone))
    month = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = (month, now - timedelta(days=61), month.replace(month=1))
    email, place = order.email.casefold(), _place(order)
    same = Q(order__email__iexact=order.email) if email else Q(pk__in=[])
    if all(place):  # the ZIP code finds the neighbourhood; the street is compared afterwards
        same |= Q(order__ship_to__postal_code__startswith=place[1])
    before = list(_sent(order, min(since)).filter(same)[:MOST])
    shelf = shelf_for([*(work.order for work in before), order])
    customer = [work for work in before if email and work.order.email.casefold() == email]
    address = [work for work in before if all(place) and _place(work.order) == place]
    return Volume(
        customer=_amount(customer, since, shelf, now),
        address=_amount(address, since, shelf, now),
        this_order=_bottles(order, shelf, now),
        limit=limit_for(order.winery, order.ship_to_state),
    )


def _sent(order: Order, since: datetime) -> QuerySet[FulfillmentOrder]:
    sent = FulfillmentOrder.objects.filter(status=SyncStatus.SENT, sent_at__gte=since)
    return (
        sent.filter(order__winery=order.winery_id)
        .exclude(order=order)
        .select_related("order__store__vinoshipper_account")
        .prefetch_related("order__lines")
        .order_by("-pk")
    )


def _place(order: Order) -> tuple[str, str]:
    """An address as far as two ways of writing it can be told to be the same: street, and ZIP code."""
    parts = order.ship_to or {}
    street = " ".join(str(parts.get(name) or "") for name in ("street1", "street2"))
    return " ".join(street.casefold().replace(".", " ").split()), str(parts.get("postal_code") or "")[:5]


def _amount(
    works: Sequence[FulfillmentOrder], since: Iterable[datetime], shelf: Shelf, now: datetime
) -> Amount:
    counted = [(work.sent_at, _bottles(work.order, shelf, now)) for work in works]
    return Amount(
        *(sum((count for at, count in counted if at and at >= start), Decimal(0)) for start in since)
    )


def _bottles(order: Order, shelf: Shelf, now: datetime) -> Decimal:
    return bottles(shipment_of(order, now, account=order.store.vinoshipper_account, shelf=shelf))
