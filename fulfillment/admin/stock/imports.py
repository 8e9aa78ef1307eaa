"""Counts and deliveries from a file: what is in it, then how far it is and what became of each line."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.admin.live import live_page
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role, with_role
from fulfillment.admin.batches import STATE
from fulfillment.admin.stock.acts import choose_the_only
from fulfillment.models import (
    ImportKind,
    RowState,
    StockImport,
    StockImportLine,
    StockLevel,
    StockLocation,
)
from fulfillment.stock.importing import read_file, start, stop

SHOWN = 500  # lines on the page
FAST = 2  # seconds until the page looks again


class FileForm(forms.Form):
    kind = forms.ChoiceField(label=_("What the numbers are"), choices=ImportKind.choices)
    location = forms.ModelChoiceField(
        queryset=StockLocation.objects.none(),
        label=_("Location"),
        help_text=_("Of the lines that name none."),
    )
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("The first line names the columns: sku and quantity, if need be location and note."),
    )

    def __init__(self, request: HttpRequest) -> None:
        is_sent = request.method == "POST"
        super().__init__(request.POST if is_sent else None, request.FILES if is_sent else None)
        places = with_role(StockLocation.objects.filter(is_active=True), request.user, Role.MANAGER)
        self.fields["location"].queryset = places  # type: ignore[attr-defined]
        choose_the_only(self.fields["location"])


@admin.register(StockImport)
class StockImportAdmin(WineryAdmin):
    nothing_yet = _("No file was imported yet.")
    list_display = ("name", "kind", "actor", "read", "state")
    list_select_related = ("winery",)
    view_role = Role.MANAGER
    add_role = Role.MANAGER

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/start/", view(self._start), name="fulfillment_stockimport_start"),
            path("<int:pk>/stop/", view(self._stop), name="fulfillment_stockimport_stop"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> Any:
        waiting = StockImportLine.objects.filter(stock_import=OuterRef("pk"), state=RowState.WAITING)
        return super().get_queryset(request).select_related("winery").annotate(is_waiting=Exists(waiting))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Choose a file; it is read, and shown before anything is booked."""
        if not has_role(request.user, Role.MANAGER):
            raise PermissionDenied
        form = FileForm(request)
        if request.method == "POST" and form.is_valid():
            place, file = form.cleaned_data["location"], form.cleaned_data["file"]
            try:
                made = read_file(
                    place.winery,
                    ImportKind(form.cleaned_data["kind"]),
                    file.name,
                    file.read(),
                    location=place,
                    actor=request.user.get_username(),
                )
            except ValidationError as refusal:
                form.add_error("file", refusal)
            else:
                return redirect("admin:fulfillment_stockimport_change", made.pk)
        context = {**self.admin_site.each_context(request), "title": _("Import stock"), "form": form}
        return render(request, "admin/stock/import_file.html", {**context, "opts": self.opts})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        asked = self.get_object(request, object_id)
        if asked is None:
            return self._get_obj_does_not_exist_redirect()
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return live_page(request, "admin/stock/import", self._context(asked))

    def _context(self, asked: StockImport) -> dict[str, Any]:
        counts = dict(asked.lines.order_by().values_list("state").annotate(Count("pk")))
        waiting, total = counts.get(RowState.WAITING, 0), sum(counts.values())
        return {
            "title": asked.name,
            "opts": self.opts,
            "asked": asked,
            "counts": [(label, counts[state]) for state, label in RowState.choices if state in counts],
            "waiting": waiting,
            "refused": counts.get(RowState.REFUSED, 0),
            "settled": total - waiting,
            "total": total,
            "rows": _rows(asked),
            "shown": SHOWN,
            "read": moment(asked.created_at, asked.winery.time_zone),
            "looks_again_in": FAST if asked.started_at and waiting else 0,
        }

    def _start(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = self._asked(request, pk)
        if isinstance(asked, HttpResponse):
            return asked
        start(asked)
        return redirect("admin:fulfillment_stockimport_change", pk)

    def _stop(self, request: HttpRequest, pk: int) -> HttpResponse:
        asked = self._asked(request, pk)
        if isinstance(asked, HttpResponse):
            return asked
        count = stop(asked)
        told = ngettext("%d line is left alone.", "%d lines are left alone.", count) % count
        messages.info(request, told)
        return redirect("admin:fulfillment_stockimport_change", pk)

    def _asked(self, request: HttpRequest, pk: int) -> StockImport | HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        asked: StockImport | None = self.get_object(request, str(pk))
        if asked is None:
            return self._get_obj_does_not_exist_redirect()
        if not self._may(request, Role.MANAGER, asked):
            raise PermissionDenied
        return asked

    @admin.display(description=_("read"), ordering="created_at")
    def read(self, row: StockImport) -> SafeString | str:
        return moment(row.created_at, row.winery.time_zone)

    @admin.display(description=_("state"))
    def state(self, row: StockImport) -> Pill:
        if row.started_at is None:
            return Pill("wait", "clock", _("Not started"))
        if row.is_waiting:  # type: ignore[attr-defined]
            return Pill("wait", "clock", _("Running"))
        return Pill("good", "check", _("Over"))


def _rows(asked: StockImport) -> list[tuple[StockImportLine, Pill, int | None]]:
    """The lines, what is wrong first, each with the level as it is now."""
    lines = list(asked.lines.select_related("location").order_by("-state", "number")[:SHOWN])
    levels = StockLevel.objects.filter(location__winery=asked.winery, sku__in={line.sku for line in lines})
    there = {(level.location_id, level.sku): level.on_hand for level in levels}
    return [
        (
            line,
            Pill(*STATE[RowState(line.state)], line.get_state_display()),
            there.get((line.location_id, line.sku), 0) if line.location_id else None,
        )
        for line in lines
    ]
