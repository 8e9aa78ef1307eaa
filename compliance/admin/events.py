"""Every verdict, to be searched and taken along as a file. Nobody adds, edits or deletes one."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.models import ComplianceEvent
from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.admin.export import csv_response
from crushsync.accounts.admin.markup import Pill, moment

HEADER = (
    "when (UTC)",
    "winery",
    "store",
    "order",
    "asked",
    "compliant",
    "code",
    "problem",
    "line",
    "trace id",
)


def verdict_pill(event: ComplianceEvent) -> Pill:
    """The verdict at a glance; a warning is a yes with something to say."""
    if not event.is_compliant:
        return Pill("bad", "cross", _("Not compliant"))
    warned = any(item.get("level") == "warns" for item in event.problems)
    return Pill("warn", "question", _("Warned")) if warned else Pill("good", "check", _("Compliant"))


@admin.register(ComplianceEvent)
class ComplianceEventAdmin(WineryAdmin):
    nothing_yet = _("Nobody has been asked about an order yet.")
    list_display = ("when", "order_link", "who", "verdict", "what")
    list_display_links = None
    list_filter = ("is_compliant", "asked", ("order__store", OwnRowsFilter), "at")
    list_select_related = ("order__winery", "order__store")
    change_list_template = "admin/compliance/list.html"
    search_fields = ("order__name", "trace_id")
    search_help_text = _("Order, trace id, or words, code or SKU of the problem")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("answer")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        found, _twice = super().get_search_results(request, queryset, search_term)
        term = search_term.strip()
        if not term:
            return found, False
        told = ComplianceEvent.objects.annotate(told=Cast("problems", TextField()))
        return found | queryset.filter(pk__in=told.filter(told__icontains=term).values("pk")), False

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self._export)
        return [path("verdicts.csv", export, name="compliance_complianceevent_export"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """A verdict is shown on its order's page."""
        raise Http404

    def _export(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows under the address's filters and search, a line for each problem."""
        rows = self.get_changelist_instance(request).get_queryset(request)
        return csv_response("verdicts.csv", HEADER, _lines(rows))

    @admin.display(description=_("when"), ordering="at")
    def when(self, row: ComplianceEvent) -> SafeString | str:
        return moment(row.at, row.order.winery.time_zone)

    @admin.display(description=_("order"), ordering="order__name")
    def order_link(self, row: ComplianceEvent) -> SafeString:
        page = reverse("admin:orders_order_change", args=[row.order_id])
        shown = '<a class="number" href="{}">{}</a> <span class="aside">{}</span>'
        return format_html(shown, page, row.order, row.order.store)

    @admin.display(description=_("asked"), ordering="asked")
    def who(self, row: ComplianceEvent) -> str:
        return row.get_asked_display()

    @admin.display(description=_("verdict"), ordering="is_compliant")
    def verdict(self, row: ComplianceEvent) -> Pill:
        return verdict_pill(row)

    @admin.display(description=_("problems"))
    def what(self, row: ComplianceEvent) -> SafeString | str:
        return format_html_join("", '<span class="said">{}</span>', ((text,) for text in row.words)) or "–"


def _lines(rows: QuerySet[Any]) -> Iterator[tuple[Any, ...]]:
    for event in rows.iterator(chunk_size=500):
        order = event.order
        head = (event.at.isoformat(), order.winery.name, order.store.name, order.name, event.asked)
        for item in event.problems or [{}]:
            told = (item.get("code", ""), item.get("description", ""), item.get("line", ""))
            yield (*head, "yes" if event.is_compliant else "no", *told, event.trace_id)
