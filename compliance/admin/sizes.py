"""How many bottles the pieces hold of which the feed does not tell it."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance import sizes
from compliance.models import PieceSize
from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.models import Role

COUNTS = _(
    "Counts for the limit of bottles in a shipment, and for how much a customer received. A pack without a"
    " size here counts as one bottle. Nothing changes at Vinoshipper."
)


@admin.register(PieceSize)
class PieceSizeAdmin(WineryAdmin):
    list_display = ("sku", "bottles", "account")
    list_filter = (("account", OwnRowsFilter),)
    list_select_related = ("account",)
    search_fields = ("sku",)
    search_help_text = _("SKU at Vinoshipper")
    fieldsets = ((None, {"fields": ("account", "sku", "bottles"), "description": COUNTS}),)
    add_role = change_role = delete_role = Role.MANAGER

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        sizes.keep(obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        sizes.forget(obj)
