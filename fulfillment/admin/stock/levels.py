"""The list of levels, and one level: how many, where else, what the stores show, and why it changed."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.models import CatalogProduct
from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role, with_role
from fulfillment.admin.skus import doubt
from fulfillment.admin.stock.acts import ACTS, ActForm
from fulfillment.models import ListedStock, Listing, StockLevel, StockLocation, StockMovement

SHOWN = 100  # movements on the page


class LowFilter(admin.SimpleListFilter):
    title = _("running out")
    parameter_name = "low"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Running out")), ("none", _("Nothing left"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "yes":
                return queryset.filter(low_at__gte=F("on_hand") - F("reserved"))
            case "none":
                return queryset.filter(on_hand__lte=F("reserved"))
            case _:
                return queryset


@admin.register(StockLevel)
class StockLevelAdmin(WineryAdmin):
    nothing_yet = _("No bottle is booked yet. Receive some, count them, or import a file.")
    list_display = ("sku", "location", "on_hand", "reserved", "available", "state")
    list_filter = (("location", OwnRowsFilter), LowFilter)
    list_select_related = ("location__winery",)
    search_fields = ("sku",)
    search_help_text = _("SKU")
    change_list_template = "admin/stock/levels.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._act)
        return [path("act/<slug:name>/", view, name="fulfillment_stocklevel_act"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        acts = [ACTS[name] for name in ("receive", "count", "transfer")]
        may_act = has_role(request.user, Role.MANAGER)
        places = StockLocation.objects.filter(vinoshipper_account=None)
        lacks_place = may_act and not with_role(places, request.user, Role.MANAGER).exists()
        context = {"acts": acts if may_act and not lacks_place else [], "lacks_place": lacks_place}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        level = self.get_object(request, object_id)
        if level is None:
            return self._get_obj_does_not_exist_redirect()
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        zone = level.location.winery.time_zone
        movements = StockMovement.objects.filter(location=level.location, sku=level.sku)[: SHOWN + 1]
        context = {
            **self.admin_site.each_context(request),
            "title": str(level),
            "opts": self.opts,
            "level": level,
            "pill": state_pill(level),
            "acts": ACTS.values() if self._may(request, Role.MANAGER, level) else [],
            "where": urlencode({"location": level.location_id, "sku": level.sku}),
            "elsewhere": self.get_queryset(request)
            .filter(sku=level.sku, location__winery=level.location.winery)
            .exclude(pk=level.pk)
            .select_related("location"),
            "listed": _listed(level),
            "movements": [(row, moment(row.at, zone)) for row in movements[:SHOWN]],
            "is_cut": len(movements) > SHOWN,
            "shown": SHOWN,
        }
        return render(request, "admin/stock/level.html", context)

    def _act(self, request: HttpRequest, name: str) -> HttpResponse:
        """The form of an act, and the act itself."""
        act = ACTS.get(name)
        if act is None:
            raise Http404
        if not has_role(request.user, Role.MANAGER):
            raise PermissionDenied
        form = act.form(request, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and (done := self._do(request, form)):
            return done
        context = {**self.admin_site.each_context(request), "title": act.label, "act": act, "form": form}
        return render(request, "admin/stock/act.html", {**context, "opts": self.opts})

    def _do(self, request: HttpRequest, form: ActForm) -> HttpResponse | None:
        try:
            is_new = form.book()
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return None
        told = _("Booked.") if is_new else _("This was booked already; nothing was booked twice.")
        messages.success(request, told)
        level = StockLevel.objects.get(location=form.cleaned_data["location"], sku=form.cleaned_data["sku"])
        if is_new and _is_first(level):
            doubt(request, level.sku, CatalogProduct.objects.filter(account__winery=level.location.winery_id))
        return redirect(reverse("admin:fulfillment_stocklevel_change", args=[level.pk]))

    @admin.display(description=_("available"))
    def available(self, row: StockLevel) -> int:
        return row.available

    @admin.display(description=_("state"))
    def state(self, row: StockLevel) -> Pill:
        return state_pill(row)


def _is_first(level: StockLevel) -> bool:
    """Whether its first bottles were booked just now."""
    return StockMovement.objects.filter(location=level.location_id, sku=level.sku).count() == 1


def state_pill(level: StockLevel) -> Pill:
    """How it stands, at a glance."""
    if level.available < 0:
        return Pill("bad", "cross", _("Too few"))
    if level.is_low:
        return Pill("warn", "clock", _("Running out"))
    if level.available == 0:
        return Pill("quiet", "dash", _("None left"))
    return Pill("good", "check", _("There"))


def _listed(level: StockLevel) -> list[tuple[ListedStock, SafeString | str]]:
    """What the stores show of it, and when they said so."""
    names = Listing.objects.filter(store__winery=level.location.winery, destination_sku=level.sku)
    skus = [level.sku, *names.values_list("sku", flat=True)]
    rows = ListedStock.objects.filter(mapping__location=level.location, sku__in=skus)
    zone = level.location.winery.time_zone
    return [(row, moment(row.seen_at, zone)) for row in rows.select_related("mapping__store").order_by("pk")]
