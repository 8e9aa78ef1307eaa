"""Saved views: the questions staff ask of the list of orders, each with how many."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum, TextChoices
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance.problems import Family, entry
from fulfillment.models import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    FulfillmentOrderLine,
    FulfillmentStatus,
    Problem,
    SyncStatus,
)
from fulfillment.models.problems import OPEN
from orders.models import Order

# Counting stops here: no page waits for a count over all that ever was.
MOST = 1000


@dataclass(frozen=True)
class SavedView:
    label: Any  # lazily translated
    which: Q  # of the order's fulfillment order
    tone: str = ""


# Sent rows are due to be looked at until they are delivered: the few that are, not all that ever were sent.
UNDER_WAY = Q(status=SyncStatus.SENT, due_at__isnull=False)
MOVING = [FulfillmentStatus.SHIPPED, FulfillmentStatus.DELIVERED]
HAS_MOVED = Exists(Fulfillment.objects.filter(fulfillment_order=OuterRef("pk"), status__in=MOVING))
MOVED_OF_LINE = (
    FulfillmentLine.objects.filter(order_line=OuterRef("order_line"), fulfillment__status__in=MOVING)
    .order_by()
    .values("order_line")
    .values_list(Sum("quantity"))
)
HAS_REST = Exists(
    FulfillmentOrderLine.objects.filter(fulfillment_order=OuterRef("pk")).filter(
        quantity__gt=Coalesce(Subquery(MOVED_OF_LINE), 0)
    )
)
LATE = Problem.objects.filter(OPEN, family=Family.LATE).values("order")

SAVED_VIEWS = {
    "attention": SavedView(_("Need attention"), ~Q(attention_code=""), "bad"),
    "waiting": SavedView(_("Waiting"), Q(status__in=[SyncStatus.WAITING, SyncStatus.UNKNOWN])),
    "to-ship": SavedView(_("To ship"), UNDER_WAY & ~Q(HAS_MOVED)),
    "partly": SavedView(_("Partly shipped"), UNDER_WAY & Q(HAS_MOVED) & Q(HAS_REST)),
    "late": SavedView(_("Late"), Q(order__in=LATE), "warn"),
}


def shown_count(rows: QuerySet[Any]) -> str:
    """How many rows, counted to MOST."""
    count = rows.order_by()[:MOST].count()
    return f"{MOST - 1}+" if count == MOST else str(count)


def counts(user: Any) -> dict[str, str]:
    """Of each saved view, for what the user may see."""
    mine = FulfillmentOrder.objects.visible_to(user)
    return {name: shown_count(mine.filter(view.which)) for name, view in SAVED_VIEWS.items()}


def problem_key(code: str, subject: str) -> str:
    """What orders have in common that wait for the same thing, as an address spells it."""
    return quote(f"{code}~{subject}")


class ProblemFilter(admin.SimpleListFilter):
    """Orders with the same open problem: reached from Today, for acts on all of them."""

    title = _("problem")
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, str]]:
        mine = Problem.objects.visible_to(request.user).filter(OPEN, order__isnull=False).order_by()
        groups = mine.values_list("code", "subject").annotate(count=Count("pk")).order_by("-count")[:20]
        return [(f"{code}~{subject}", entry(code).say(subject)) for code, subject, _count in groups]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        code, _tilde, subject = str(self.value()).partition("~")
        return queryset.filter(
            pk__in=Problem.objects.filter(OPEN, code=code, subject=subject).values("order")
        )


class StatusFilter(admin.SimpleListFilter):
    """By a status of the rows below an order. A join would show an order twice, and sort all to mend that."""

    rows: ClassVar[type[FulfillmentOrder] | type[Fulfillment]]
    statuses: ClassVar[type[TextChoices]]

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, Any]]:
        return self.statuses.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(Exists(self.rows.objects.filter(status=self.value(), order=OuterRef("pk"))))


class WorkStatusFilter(StatusFilter):
    title, parameter_name = _("sync"), "sync"
    rows, statuses = FulfillmentOrder, SyncStatus


class ShipmentStatusFilter(StatusFilter):
    title, parameter_name = _("fulfillment"), "fulfillment"
    rows, statuses = Fulfillment, FulfillmentStatus


class SavedViewFilter(admin.SimpleListFilter):
    title = _("view")
    parameter_name = "view"
    template = "admin/saved_views.html"
    is_saved_view = True

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, str]]:
        self.counts = counts(request.user) | {"": shown_count(Order.objects.visible_to(request.user))}
        return [(name, view.label) for name, view in SAVED_VIEWS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        view = SAVED_VIEWS.get(self.value() or "")
        if view is None:
            return queryset
        return queryset.filter(Exists(FulfillmentOrder.objects.filter(view.which, order=OuterRef("pk"))))

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        for name, label in [*self.lookup_choices, ("", _("All"))]:
            chosen = {self.parameter_name: name} if name else {}
            yield {
                "selected": (self.value() or "") == name,
                "query_string": changelist.get_query_string(chosen, [self.parameter_name, "p"]),
                "display": label,
                "count": self.counts[str(name)],
                "tone": SAVED_VIEWS[str(name)].tone if name else "",
            }
