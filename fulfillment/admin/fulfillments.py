"""Shipments: what is on its way, and whether the store has heard of it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.lib.carriers import carrier_label
from fulfillment.admin.cellar import cellar_page
from fulfillment.admin.fulfilling import (
    cancel_page,
    correct_page,
    fulfill_page,
    map_now,
    move_on_now,
    packing_slip,
    report_again_now,
)
from fulfillment.admin.pills import report_pill, shipment_pill
from fulfillment.admin.searching import holding, tracked
from fulfillment.models import Fulfillment
from fulfillment.shipping import tracking_page


def tracking_links(shipment: Fulfillment) -> SafeString:
    """The carrier and its numbers, each linked to the carrier's page where it has one."""
    links = format_html_join(
        " ", "{}", ((_link(tracking_page(shipment, number), number),) for number in shipment.tracking_numbers)
    )
    return format_html("{} {}", carrier_label(shipment.carrier), links)


def _link(url: str, number: str) -> SafeString | str:
    return format_html('<a href="{}" rel="noreferrer noopener">{}</a>', url, number) if url else number


@admin.register(Fulfillment)
class FulfillmentAdmin(WineryAdmin):
    nothing_yet = _("Nothing was packed yet.")
    list_display = ("order_link", "state", "tracking", "shipped", "delivered", "reported")
    list_display_links = None
    list_filter = ("status", "report_status", ("order__store", OwnRowsFilter))
    list_select_related = ("order__winery",)
    search_fields = ("order__name",)
    search_help_text = _("Order, Vinoshipper number or tracking number")

    def get_urls(self) -> list[URLPattern]:
        view, one = self.admin_site.admin_view, "<int:fulfillment_id>/"
        return [
            path("order/<int:order_id>/", view(self._fulfill), name="fulfillment_fulfillment_fulfill"),
            path(f"{one}correct/", view(self._correct), name="fulfillment_fulfillment_correct"),
            path(f"{one}cancel/", view(self._cancel), name="fulfillment_fulfillment_cancel"),
            path(f"{one}now/<slug:status>/", view(move_on_now), name="fulfillment_fulfillment_move"),
            path(f"{one}report/", view(report_again_now), name="fulfillment_fulfillment_report"),
            path(f"{one}packing-slip/", view(packing_slip), name="fulfillment_fulfillment_slip"),
            path("map/<int:row_id>/", view(map_now), name="fulfillment_fulfillment_map"),
            path("cellar/", view(self._cellar), name="fulfillment_cellar_changelist"),
            *super().get_urls(),
        ]

    def _fulfill(self, request: HttpRequest, order_id: int) -> HttpResponse:
        return fulfill_page(request, order_id, self.admin_site.each_context(request))

    def _correct(self, request: HttpRequest, fulfillment_id: int) -> HttpResponse:
        return correct_page(request, fulfillment_id, self.admin_site.each_context(request))

    def _cancel(self, request: HttpRequest, fulfillment_id: int) -> HttpResponse:
        return cancel_page(request, fulfillment_id, self.admin_site.each_context(request))

    def _cellar(self, request: HttpRequest) -> HttpResponse:
        return cellar_page(request, self.admin_site.each_context(request))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found, _twice = super().get_search_results(request, queryset, search_term)
        mine = Fulfillment.objects.visible_to(request.user).order_by()
        numbered = mine.filter(fulfillment_order__number__startswith=term.upper())
        ids = (part.values_list("pk", flat=True) for part in (numbered, tracked(request.user, term)))
        return holding(queryset, found, *ids), False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """A shipment has no page of its own: it is shown on its order's."""
        shipment = self.get_object(request, object_id)
        if shipment is None:
            return self._get_obj_does_not_exist_redirect()
        return redirect("admin:orders_order_change", shipment.order_id)

    @admin.display(description=_("order"), ordering="order__name")
    def order_link(self, row: Fulfillment) -> SafeString:
        page = reverse("admin:orders_order_change", args=[row.order_id])
        return format_html(
            '<a class="number" href="{}">{}</a> <span class="aside">{}</span>',
            page,
            row.order,
            row.order.customer_name,
        )

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Fulfillment) -> Pill:
        return shipment_pill(row)

    @admin.display(description=_("tracking"))
    def tracking(self, row: Fulfillment) -> SafeString:
        return tracking_links(row)

    @admin.display(description=_("shipped"), ordering="shipped_at")
    def shipped(self, row: Fulfillment) -> SafeString | str:
        return moment(row.shipped_at, row.order.winery.time_zone)

    @admin.display(description=_("delivered"), ordering="delivered_at")
    def delivered(self, row: Fulfillment) -> SafeString | str:
        return moment(row.delivered_at, row.order.winery.time_zone)

    @admin.display(description=_("in the store"), ordering="report_status")
    def reported(self, row: Fulfillment) -> Pill:
        return report_pill(row)
