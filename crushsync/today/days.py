"""Orders by day, and what happened since yesterday. Both look at the newest orders only, by their index."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Value, When
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.admin.markup import zone
from crushsync.accounts.models import Winery
from crushsync.accounts.roles import Person
from fulfillment.admin.views import MOVING
from fulfillment.models import Fulfillment, FulfillmentOrder, Problem, SyncStatus
from orders.models import Order

DAYS = 14
RECENT = timedelta(days=60)  # an order is shipped within that time, or has been a problem for long

# State -> its word; each has its colour in today.js, by its place.
STATES: dict[str, Promise] = {
    "shipped": lazy("Shipped"),
    "sent": lazy("Sent, to ship"),
    "waiting": lazy("Waiting"),
    "attention": lazy("Needs attention"),
    "none": lazy("Not to be sent"),
}


@dataclass(frozen=True)
class Day:
    date: date
    counts: list[int]  # in the order of STATES


def by_day(user: Person, zone_name: str, now: datetime) -> list[Day]:
    """The last DAYS days by the winery's clock, the oldest first, days without orders too."""
    today = now.astimezone(zone(zone_name)).date()
    first = today - timedelta(days=DAYS - 1)
    since = datetime.combine(first, datetime.min.time(), zone(zone_name))
    moved = Exists(Fulfillment.objects.filter(fulfillment_order=OuterRef("pk"), status__in=MOVING))
    state = Case(
        When(~Q(attention_code=""), then=Value("attention")),
        When(moved, then=Value("shipped")),
        When(status=SyncStatus.SENT, then=Value("sent")),
        When(status__in=[SyncStatus.WAITING, SyncStatus.UNKNOWN, SyncStatus.FAILED], then=Value("waiting")),
        default=Value("none"),
        output_field=CharField(),
    )
    works = FulfillmentOrder.objects.filter(order__in=_placed(user, since)).order_by()
    days = TruncDate("order__placed_at", tzinfo=zone(zone_name))
    rows = works.annotate(day=days, state=state).values_list("day", "state").annotate(Count("pk"))
    counted = Counter({(day, name): count for day, name, count in rows})
    return [
        Day(day, [counted[day, name] for name in STATES])
        for day in (first + timedelta(days=number) for number in range(DAYS))
    ]


def since_yesterday(user: Person, midnight: datetime) -> list[tuple[str, int]]:
    """What happened since yesterday began: words and how many."""
    since = midnight - timedelta(days=1)
    recent = _placed(user, midnight - RECENT)
    sent = FulfillmentOrder.objects.filter(order__in=recent, sent_at__gte=since)
    made = Fulfillment.objects.filter(order__in=recent).aggregate(
        shipped=Count("pk", filter=Q(shipped_at__gte=since)),
        delivered=Count("pk", filter=Q(delivered_at__gte=since)),
    )
    problems = Problem.objects.visible_to(user).order_by()
    return [
        (_("orders placed"), _placed(user, since).order_by().count()),
        (_("sent to Vinoshipper"), sent.order_by().count()),
        (_("shipped"), made["shipped"]),
        (_("delivered"), made["delivered"]),
        (_("problems came"), problems.filter(opened_at__gte=since).count()),
        (_("problems were solved"), problems.filter(closed_at__gte=since).count()),
    ]


def _placed(user: Person, since: datetime) -> Any:
    """The user's orders since then. Also the operator's wineries are named: the index begins with them."""
    mine = list(Winery.objects.visible_to(user).values_list("pk", flat=True))
    return Order.objects.filter(winery__in=mine, placed_at__gte=since)
