"""How much wine a customer, and an address, received from the winery. Information, not advice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Coalesce

from compliance.checks import bottles
from compliance.limits import Limit, limit_for
from compliance.models import Window
from fulfillment.goods import SHIPPED_BY_CARRIER, is_boxed
from fulfillment.models import Fulfillment, FulfillmentOrder, FulfillmentStatus, SyncStatus
from fulfillment.routing.shelf import Shelf, shelf_for
from orders.models import Order, OrderLine

MOST = 2_000  # shipments of a year looked at; nobody buys so often


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


@dataclass(frozen=True, slots=True)
class _Sent:
    """Pieces of an order that went to its customer, whoever shipped them."""

    order: Order
    at: datetime
    lines: Sequence[tuple[OrderLine, int]]

    def bottles(self, shelf: Shelf, now: datetime) -> Decimal:
        pieces: Counter[str] = Counter()
        for line, count in self.lines:
            pieces[line.sku] += count
        account = self.order.store.vinoshipper_account
        return bottles(pieces, shelf.of(account, [line for line, _count in self.lines], self.order, now))


def volume(order: Order, now: datetime) -> Volume:
    """Sum up what went to the same customer (by e-mail) and same address, and was not voided or canceled."""
    here = now.astimezone(ZoneInfo(order.winery.time_zone))
    month = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = (month, now - timedelta(days=61), month.replace(month=1))
    email, place = order.email.casefold(), _place(order)
    same = Q(order__email__iexact=order.email) if email else Q(pk__in=[])
    if all(place):  # the ZIP code finds the neighbourhood; the street is compared afterwards
        same |= Q(order__ship_to__postal_code__startswith=place[1])
    elsewhere = same & Q(order__winery=order.winery_id) & ~Q(order=order.pk)
    before = [*_by_vinoshipper(elsewhere, min(since)), *_by_the_winery(elsewhere, min(since))]
    boxed = [(line, line.quantity) for line in order.lines.all() if is_boxed(line)]
    shelf = shelf_for([*(sent.order for sent in before), order])
    customer = [sent for sent in before if email and sent.order.email.casefold() == email]
    address = [sent for sent in before if all(place) and _place(sent.order) == place]
    return Volume(
        customer=_amount(customer, since, shelf, now),
        address=_amount(address, since, shelf, now),
        this_order=_Sent(order, now, boxed).bottles(shelf, now),
        limit=limit_for(order.winery, order.ship_to_state),
    )


def _by_vinoshipper(whose: Q, since: datetime) -> Iterator[_Sent]:
    works = FulfillmentOrder.objects.filter(whose, status=SyncStatus.SENT, sent_at__gte=since)
    loaded = works.select_related("order__store__vinoshipper_account").prefetch_related("order__lines")
    for work in loaded.order_by("-pk")[:MOST]:
        lines = [(line, line.left) for line in work.order.lines.all() if is_boxed(line)]
        yield _Sent(work.order, work.sent_at or since, lines)


def _by_the_winery(whose: Q, since: datetime) -> Iterator[_Sent]:
    went = Coalesce("shipped_at", "created_at")
    made = Fulfillment.objects.filter(whose, fulfillment_order=None).annotate(went=went)
    made = made.exclude(status=FulfillmentStatus.CANCELED).filter(went__gte=since)
    loaded = made.select_related("order__store__vinoshipper_account")
    for shipment in loaded.prefetch_related("lines__order_line", "order__lines").order_by("-pk")[:MOST]:
        lines = [(line.order_line, line.quantity) for line in shipment.lines.all()]
        boxed = [(line, count) for line, count in lines if line.delivery_method in SHIPPED_BY_CARRIER]
        yield _Sent(shipment.order, shipment.went, boxed)


def _place(order: Order) -> tuple[str, str]:
    """An address as far as two ways of writing it can be told to be the same: street, and ZIP code."""
    parts = order.ship_to or {}
    street = " ".join(str(parts.get(name) or "") for name in ("street1", "street2"))
    return " ".join(street.casefold().replace(".", " ").split()), str(parts.get("postal_code") or "")[:5]


def _amount(before: Sequence[_Sent], since: Iterable[datetime], shelf: Shelf, now: datetime) -> Amount:
    counted = [(sent.at, sent.bottles(shelf, now)) for sent in before]
    return Amount(*(sum((count for at, count in counted if at >= start), Decimal(0)) for start in since))
