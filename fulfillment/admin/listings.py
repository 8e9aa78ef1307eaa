"""Listings: a person's word that a store's SKU and a Vinoshipper SKU are the same product."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.models import CatalogProduct
from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.models import Role
from fulfillment.admin.skus import doubt
from fulfillment.listings import try_again
from fulfillment.models import Listing


@admin.register(Listing)
class ListingAdmin(WineryAdmin):
    nothing_yet = _(
        "Every SKU of the stores means the same at Vinoshipper. Add a listing where one does not."
    )
    list_display = ("sku", "destination_sku", "store")
    list_filter = (("store", OwnRowsFilter),)
    list_select_related = ("store",)
    search_fields = ("sku", "destination_sku")
    search_help_text = _("SKU in the store or at Vinoshipper")
    fields = ("store", "sku", "destination_sku")
    add_role = change_role = delete_role = Role.MANAGER

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saved, and the orders that waited for it go again."""
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        super().save_model(request, obj, form, change)
        waited = try_again(obj.store, [obj.sku])
        if waited:
            text = ngettext(
                "%d order that waited for it goes again.", "%d orders that waited for it go again.", waited
            )
            messages.info(request, text % waited)
        products = CatalogProduct.objects.filter(account=obj.store.vinoshipper_account_id)
        doubt(request, obj.destination_sku, products)
