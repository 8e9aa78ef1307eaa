"""Batches: ask first, then a page that shows how far it is and what became of each order."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.admin.export import csv_response
from crushsync.accounts.admin.live import live_page
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from fulfillment.actions import ACTIONS
from fulfillment.batches import cancel, progress, results
from fulfillment.models import Batch, BatchRow, RowState

SHOWN = 200  # rows on the page; the file has them all
FAST = 2  # seconds until the page looks again
STATE = {
    RowState.WAITING: ("wait", "clock"),
    RowState.DONE: ("good", "check"),
    RowState.REFUSED: ("quiet", "dash"),
    RowState.FAILED: ("bad", "cross"),
    RowState.CANCELLED: ("quiet", "ban"),
}


def row_pill(row: BatchRow) -> Pill:
    return Pill(*STATE[RowState(row.state)], row.get_state_display())


def label(batch: Batch) -> str:
    action = ACTIONS.get(batch.action)
    return str(action.label) if action else batch.action


@admin.register(Batch)
class BatchAdmin(WineryAdmin):
    nothing_yet = _(
        "Nothing was done to several orders at once yet. Tick some in the list of orders to begin."
    )
    list_display = ("what", "actor", "started", "state")
    list_display_links = None
    list_select_related = ("winery",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/cancel/", view(self._cancel), name="fulfillment_batch_cancel"),
            path("<int:pk>/results.csv", view(self._results), name="fulfillment_batch_results"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """How far it is; the part that changes comes alone when asked for."""
        batch = self.get_object(request, object_id)
        if batch is None:
            return self._get_obj_does_not_exist_redirect()
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return live_page(request, "admin/batch", self._context(request, batch))

    def _context(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        far = progress(batch)
        # What went wrong comes first: that is what somebody has to look at.
        rows = batch.rows.select_related("fulfillment_order__order").order_by("-state", "pk")[:SHOWN]
        return {
            "title": label(batch),
            "opts": self.opts,
            "batch": batch,
            "label": label(batch),
            "progress": far,
            "rows": [(row, row_pill(row)) for row in rows],
            "shown": SHOWN,
            "started": moment(batch.created_at, batch.winery.time_zone),
            "looks_again_in": 0 if far.is_over else FAST,
            "may_act": self._may(request, Role.MANAGER, batch),
        }

    def _cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        batch = self.get_object(request, str(pk))
        if batch is None:
            return self._get_obj_does_not_exist_redirect()
        if not self._may(request, Role.MANAGER, batch):
            raise PermissionDenied
        count = cancel(batch, actor=request.user.get_username())
        told = ngettext("%d order is left alone.", "%d orders are left alone.", count) % count
        messages.info(request, told if count else _("Nothing was left to cancel."))
        return redirect("admin:fulfillment_batch_change", pk)

    def _results(self, request: HttpRequest, pk: int) -> Any:
        batch = self.get_object(request, str(pk))
        if batch is None:
            return self._get_obj_does_not_exist_redirect()
        header = [_("Order"), _("Store"), _("Vinoshipper number"), _("Result"), _("What came of it")]
        return csv_response(f"batch-{batch.pk}.csv", header, _csv_rows(batch))

    @admin.display(description=_("what"))
    def what(self, row: Batch) -> SafeString:
        return format_html('<a class="number" href="{}/change/">{}</a>', row.pk, label(row))

    @admin.display(description=_("started"), ordering="created_at")
    def started(self, row: Batch) -> SafeString | str:
        return moment(row.created_at, row.winery.time_zone)

    @admin.display(description=_("state"))
    def state(self, row: Batch) -> Pill:
        if row.cancelled_at:
            return Pill("quiet", "ban", _("Canceled"))
        if row.is_waiting:  # type: ignore[attr-defined]
            return Pill("wait", "clock", _("Running"))
        return Pill("good", "check", _("Over"))

    def get_queryset(self, request: HttpRequest) -> Any:
        waiting = BatchRow.objects.filter(batch=OuterRef("pk"), state=RowState.WAITING)
        return super().get_queryset(request).select_related("winery").annotate(is_waiting=Exists(waiting))


def _csv_rows(batch: Batch) -> Iterator[tuple[Any, ...]]:
    for row in results(batch):
        work = row.fulfillment_order
        number = work.number_there
        yield work.order.name, work.order.store.name, number, row.get_state_display(), row.sentence
