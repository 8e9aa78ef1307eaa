"""Locations, what stores call them, and whose numbers count."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from fulfillment.models import LocationMapping, StockDirection, StockLocation, StoreStock
from fulfillment.shipping.places import with_mapping
from fulfillment.stock import count_soon
from fulfillment.stock.sharing import refuse, share


class StockLocationForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        winery, account = given.get("winery") or self.instance.winery_id, given.get("vinoshipper_account")
        if account and winery and account.winery_id != getattr(winery, "pk", winery):
            self.add_error("vinoshipper_account", _("This account is another winery's."))
        return given


@admin.register(StockLocation)
class StockLocationAdmin(WineryAdmin):
    form = StockLocationForm
    nothing_yet = _("No location yet. Add the place where your bottles are.")
    list_display = ("name", "winery", "city", "stands_for", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("winery", "vinoshipper_account")
    search_fields = ("name", "city")
    add_role = change_role = Role.MANAGER
    fieldsets = (
        (None, {"fields": ("winery", "name", "is_active", "vinoshipper_account")}),
        (_("Address"), {"fields": ("street1", "street2", "city", "state", "postal_code", "country")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Once bottles were booked, a place changes neither its winery nor what it stands for."""
        return ("winery", "vinoshipper_account") if obj and obj.movements.exists() else ()

    def save_model(self, request: HttpRequest, obj: StockLocation, form: Any, change: bool) -> None:
        """What a place has promised that is not shipped from any more, another one promises."""
        super().save_model(request, obj, form, change)
        transaction.on_commit(partial(count_soon, {obj.winery_id}))

    @admin.display(description=_("stands for"))
    def stands_for(self, row: StockLocation) -> str:
        return str(row.vinoshipper_account or _("a place of the winery's own"))


class LocationMappingForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        help_texts = {
            "external_id": _(
                "Of Shopify: the number at the end of the location's address under Settings, Locations."
            )
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        store, location = given.get("store"), given.get("location")
        if store and location and store.winery_id != location.winery_id:
            self.add_error("location", _("A store's location is mapped to a place of the same winery."))
        others = LocationMapping.objects.filter(store=store, location=location, shares_stock=True)
        if given.get("shares_stock") and others.exclude(pk=self.instance.pk).exists():
            told = _("Another location of the store shares this place's numbers. Untick it here or there.")
            self.add_error("shares_stock", told)
        return given


@admin.register(LocationMapping)
class LocationMappingAdmin(WineryAdmin):
    form = LocationMappingForm
    nothing_yet = _(
        "No store's location is mapped yet. One that the store ships from is asked about on the order's page."
    )
    list_display = ("shown_name", "store", "location", "shares_stock")
    list_filter = (("store", OwnRowsFilter), ("location", OwnRowsFilter))
    list_select_related = ("store", "location")
    search_fields = ("name", "external_id")
    fields = ("store", "external_id", "name", "location", "shares_stock")
    add_role = change_role = delete_role = Role.MANAGER

    def save_model(self, request: HttpRequest, obj: LocationMapping, form: Any, change: bool) -> None:
        """What was shipped from the location before anybody mapped it is booked with the mapping."""
        save = partial(super().save_model, request, obj, form, change)
        count = with_mapping(obj.store, obj.external_id, save, actor=request.user.get_username())
        if count:
            messages.success(request, _("Fulfillments booked there: %d.") % count)

    @admin.display(description=_("in the store"))
    def shown_name(self, row: LocationMapping) -> str:
        return row.name or row.external_id


class StoreStockForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        store = given.get("store") or getattr(self.instance, "store", None)
        if store and given.get("direction"):
            try:
                refuse(store, StockDirection(given["direction"]))
            except ValidationError as refusal:
                self.add_error("direction", refusal)
        return given


@admin.register(StoreStock)
class StoreStockAdmin(WineryAdmin):
    """The direction is set by `share`, which has the store compared at once."""

    form = StoreStockForm
    nothing_yet = _("No store's numbers are compared yet. Add a store and say whose numbers count.")
    list_display = ("store", "direction", "state", "sentence", "compared")
    list_select_related = ("store__winery",)
    fields = ("store", "direction", "state", "sentence", "compared")
    readonly_fields = ("state", "sentence", "compared")
    add_role = change_role = Role.MANAGER

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("store", *self.readonly_fields) if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        obj.pk = share(obj.store, StockDirection(obj.direction)).pk

    @admin.display(description=_("state"))
    def state(self, row: StoreStock) -> Pill:
        if row.direction == StockDirection.OFF or row.pk is None:
            return Pill("quiet", "ban", _("Not compared"))
        if row.is_failing:
            return Pill("bad", "cross", _("Failing"))
        if row.compared_at is None:
            return Pill("wait", "clock", _("Not compared yet"))
        return Pill("good", "check", _("Compared"))

    @admin.display(description=_("compared"))
    def compared(self, row: StoreStock) -> SafeString | str:
        return moment(row.compared_at, row.store.winery.time_zone) if row.pk else "–"
