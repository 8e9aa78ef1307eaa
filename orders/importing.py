"""The page that takes in a store's older orders: since when, asked twice, then how far it is."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crushsync.accounts.admin.live import live_page
from crushsync.accounts.admin.markup import Pill, moment, zone
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from orders.exporting import begin, progress, waiting_to_be_read
from orders.models import ExportState, Store, StoreExport
from orders.storefronts.registry import STOREFRONTS

FAST = 2  # seconds until the page looks again
PAGE = "orders_store_import"
PILLS = {
    ExportState.LISTING: ("wait", "clock"),
    ExportState.READING: ("wait", "clock"),
    ExportState.DONE: ("good", "check"),
    ExportState.FAILED: ("bad", "cross"),
}


class SinceForm(forms.Form):
    since = forms.DateField(
        label=gettext_lazy("Orders placed since"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("A day in your winery's time zone."),
    )

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if since > timezone.now().date():
            raise forms.ValidationError(_("This day has not come yet."), code="future")
        if since.year < 2000:
            raise forms.ValidationError(_("No shop has orders of that time."), code="past")
        return since


def lists_orders(store: Store) -> bool:
    """Whether its platform makes a list of all orders."""
    platform = STOREFRONTS.get(store.platform)
    return platform is not None and platform.lists_orders


def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows how far it is; POST asks once more, and begins where it comes confirmed."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    mine = Store.objects.visible_to(request.user).select_related("winery")
    store: Store = get_object_or_404(mine, pk=pk)
    if not lists_orders(store):
        raise Http404
    if not has_role(request.user, Role.MANAGER, store.winery_id):
        raise PermissionDenied
    form = SinceForm(request.POST if request.method == "POST" else None)
    asked: date | None = None
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data["since"]
        if "confirmed" in request.POST:
            midnight = datetime.combine(asked, time(), zone(store.winery.time_zone))
            begin(store, midnight, request.user.get_username())
            return redirect(PAGE, store.pk)
    context = {
        "title": _("Import older orders"),
        "store": store,
        "form": form,
        "asked": asked,
        "starts": moment(store.starts_at, store.winery.time_zone),
        **_far(store),
    }
    return live_page(request, "admin/store_import", context)


def _far(store: Store) -> dict[str, Any]:
    """How far the newest import of the store is; nothing where there was none."""
    row: StoreExport | None = StoreExport.objects.filter(store=store).first()
    if row is None:
        return {"row": None, "looks_again_in": 0}
    row.store = store
    left = waiting_to_be_read(store) if row.state == ExportState.DONE else 0
    is_reading = row.state == ExportState.READING
    return {
        "row": row,
        "pill": Pill(*PILLS[ExportState(row.state)], row.get_state_display()),
        "progress": progress(row),
        "done": row.read if is_reading else max(row.count - left, 0),
        "total": row.size if is_reading else row.count,
        "looks_again_in": FAST if left or not row.is_over else 0,
    }
