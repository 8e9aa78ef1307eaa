"""The products of the Vinoshipper feed, to look SKUs up."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.models import CatalogProduct
from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.admin.markup import moment


@admin.register(CatalogProduct)
class CatalogProductAdmin(WineryAdmin):
    nothing_yet = _("Vinoshipper's products appear here once its account is connected.")
    list_display = ("sku", "name", "category", "inventory", "states", "read")
    list_filter = (("account", OwnRowsFilter),)
    list_select_related = ("account__winery",)
    search_fields = ("sku", "name")
    search_help_text = _("SKU or name")
    fields = ("account", "sku", "name", "category", "ml", "is_alcohol", "inventory", "states", "read")
    readonly_fields = ("states", "read")

    @admin.display(description=_("not available in"))
    def states(self, row: CatalogProduct) -> str:
        return ", ".join(row.not_available_in) or "–"

    @admin.display(description=_("read"), ordering="read_at")
    def read(self, row: CatalogProduct) -> SafeString | str:
        return moment(row.read_at, row.account.winery.time_zone)
