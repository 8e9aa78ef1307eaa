"""The list of orders: what is wrong, at one glance; each row leads to the order's page."""

import re
from collections.abc import Container
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.models import ComplianceEvent
from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.admin.export import csv_response
from crushsync.accounts.admin.live import live_page
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from fulfillment.actions import FOR_MANY
from fulfillment.admin.acts import act, confirm
from fulfillment.admin.bulk import ask, begin
from fulfillment.admin.compare import compare_page
from fulfillment.admin.compliance import compliance_page
from fulfillment.admin.messages import message_page
from fulfillment.admin.order_export import HEADER, export_rows
from fulfillment.admin.order_page import order_page
from fulfillment.admin.pills import ON_HOLD, compliance_pill, progress_pill, sync_pill
from fulfillment.admin.replay import newest_replay
from fulfillment.admin.searching import holding, tracked
from fulfillment.admin.views import ProblemFilter, SavedViewFilter, ShipmentStatusFilter, WorkStatusFilter
from fulfillment.models import FulfillmentOrder
from orders.models import Order


def _ask(action_name: str, page: "OrderAdmin", request: HttpRequest, chosen: QuerySet[Order]) -> HttpResponse:
    """What the list's form asks for: the question whether to do it to all of them."""
    ids = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if pk.isdecimal()]
    return ask(request, action_name, ids, page._matching(request), page.admin_site.each_context(request))


def _lack(request: HttpRequest, acts: Container[str]) -> str:
    """What the list's form has to say yet; "" if nothing."""
    if not request.POST.getlist(ACTION_CHECKBOX_NAME):
        return gettext("Tick the orders first. Nothing was done.")
    if request.POST.get("action", "") not in acts:
        return gettext("Choose what to do with the ticked orders. Nothing was done.")
    return ""


E_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")  # a whole address


def _meant(rows: QuerySet[Order], term: str) -> QuerySet[Order] | None:
    """What an index finds at once is what is meant; None: look further, which takes long among many."""
    if E_MAIL.fullmatch(term):
        return rows.filter(email__iexact=term)
    sent = FulfillmentOrder.objects.filter(number__in=[term, term.upper()])
    called = rows.filter(
        Q(name__in=[term, f"#{term}"]) | Q(pk__in=list(sent.values_list("order", flat=True)))
    )
    return called if called.exists() else None


NOT_IN_THE_LIST = ("birth_date", "bill_to", "note", "gift_note", "defects")


@admin.register(Order)
class OrderAdmin(WineryAdmin):
    nothing_yet = _("No order has come yet. The first one appears here as soon as a store sends it.")
    list_display = ("number", "customer", "placed", "sum", "sync", "compliance", "shipping")
    list_display_links = None
    change_list_template = "admin/order/list.html"
    list_filter = (
        SavedViewFilter,
        ProblemFilter,
        ("store", OwnRowsFilter),
        WorkStatusFilter,
        ShipmentStatusFilter,
        "placed_at",
    )
    ordering = ("-placed_at", "-pk")
    search_fields = ("name", "email", "first_name", "last_name")
    search_help_text = _("Order, customer, e-mail, Vinoshipper number or tracking number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The page of one order shows everything; the list leaves private and long texts where they are."""
        rows = super().get_queryset(request).select_related("winery", "store__vinoshipper_account")
        place = request.resolver_match
        if place and place.kwargs:
            return rows
        verdicts = ComplianceEvent.objects.only("order_id", "is_compliant")
        related = (
            "fulfillment_orders",
            "lines",
            "fulfillments__lines",
            Prefetch("compliance_events", verdicts),
        )
        return rows.prefetch_related(*related).defer(*NOT_IN_THE_LIST)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if (meant := _meant(queryset, term)) is not None:
            return meant, False
        found, _twice = super().get_search_results(request, queryset, search_term)
        return holding(queryset, found, tracked(request.user, term).values_list("order", flat=True)), False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        batch, export = self._batch, self._export
        work = "<int:order_id>/work/<int:work_id>/"
        acts = f"{work}act/<slug:action_name>/"
        return [
            path(acts, view(self._act), name="orders_order_act"),
            path(f"{acts}confirm/", view(self._confirm), name="orders_order_confirm"),
            path(f"{work}compare/", view(self._compare), name="orders_order_compare"),
            path("<int:order_id>/compliance/", view(self._verdicts), name="orders_order_compliance"),
            path(f"{work}replay/", view(newest_replay), name="orders_order_replay"),
            path(f"{work}message/<slug:kind>/", view(self._message), name="orders_order_message"),
            path("batch/<slug:action_name>/", view(batch), name="orders_order_batch"),
            path("orders.csv", view(export), name="orders_order_export"),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """The registry's, for who may act somewhere."""
        if not has_role(request.user, Role.MANAGER):
            return {}
        return {name: (partial(_ask, name), name, action.label) for name, action in FOR_MANY.items()}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """What is missing for an act on several is said in our words; Django's speak of items."""
        acts = self.get_actions(request)
        if acts and "index" in request.POST and (lack := _lack(request, acts)):
            messages.warning(request, lack)
            return redirect(request.get_full_path())
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The order's page. Nothing on it is a form field: nobody edits what the store said."""
        order = self.get_object(request, object_id)
        if order is None:
            return self._get_obj_does_not_exist_redirect()
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        context = order_page(order, request.user, request.GET.get("show", ""))
        return live_page(request, "admin/order", {**context, "opts": self.opts})

    def _act(self, request: HttpRequest, order_id: int, work_id: int, action_name: str) -> HttpResponse:
        return act(request, order_id, work_id, action_name)

    def _confirm(self, request: HttpRequest, order_id: int, work_id: int, action_name: str) -> HttpResponse:
        return confirm(request, order_id, work_id, action_name, self.admin_site.each_context(request))

    def _verdicts(self, request: HttpRequest, order_id: int) -> HttpResponse:
        return compliance_page(request, order_id, self.admin_site.each_context(request))

    def _message(self, request: HttpRequest, order_id: int, work_id: int, kind: str) -> HttpResponse:
        return message_page(request, order_id, work_id, kind, self.admin_site.each_context(request))

    def _batch(self, request: HttpRequest, action_name: str) -> HttpResponse:
        return begin(request, action_name, self._matching(request), self.admin_site.each_context(request))

    def _export(self, request: HttpRequest) -> Any:
        return csv_response("orders.csv", HEADER, export_rows(self._matching(request)))

    def _matching(self, request: HttpRequest) -> QuerySet[Order]:
        """All rows that the list shows under the address's filters and search."""
        rows: QuerySet[Order] = self.get_changelist_instance(request).get_queryset(request)
        return rows

    def _compare(self, request: HttpRequest, order_id: int, work_id: int) -> HttpResponse:
        return compare_page(request, order_id, work_id, self.admin_site.each_context(request))

    @admin.display(description=_("order"), ordering="name")
    def number(self, row: Order) -> SafeString:
        page = reverse("admin:orders_order_change", args=[row.pk])
        attention = format_html_join(
            "",
            '<span class="attention">{}</span>',
            ((w.attention,) for w in row.fulfillment_orders.all() if w.attention),
        )
        return format_html(
            '<a class="number" href="{}">{}</a> <span class="aside">{}</span>{}',
            page,
            row,
            row.store,
            attention,
        )

    @admin.display(description=_("customer"), ordering="last_name")
    def customer(self, row: Order) -> SafeString:
        place = ", ".join(filter(None, ((row.ship_to or {}).get("city"), row.ship_to_state)))
        return format_html('{} <span class="aside">{}</span>', row.customer_name or "–", place)

    @admin.display(description=_("placed"), ordering="placed_at")
    def placed(self, row: Order) -> SafeString | str:
        return moment(row.placed_at, row.winery.time_zone)

    @admin.display(description=_("total"), ordering="total")
    def sum(self, row: Order) -> SafeString:
        return format_html('<span class="money">{} <small>{}</small></span>', row.total, row.currency)

    @admin.display(description=_("sync"))
    def sync(self, row: Order) -> SafeString | str:
        pills: list[tuple[Pill]] = []
        for work in row.fulfillment_orders.all():
            pills += [(sync_pill(work),), *([(ON_HOLD,)] if work.is_held else [])]
        return format_html_join(" ", "{}", pills) or "–"

    @admin.display(description=_("compliance"))
    def compliance(self, row: Order) -> Pill:
        return compliance_pill(list(row.compliance_events.all()))

    @admin.display(description=_("fulfillment"))
    def shipping(self, row: Order) -> Pill:
        return progress_pill(row)
