"""Own carriers: names to choose from when fulfilling, with their tracking pages."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.models import Role
from fulfillment.models import OwnCarrier


class OwnCarrierForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = OwnCarrier
        fields = ("winery", "name", "page")
        error_messages = {
            "page": {"invalid": _("Write the whole address, such as https://carrier.example/{number}.")}
        }


@admin.register(OwnCarrier)
class OwnCarrierAdmin(WineryAdmin):
    form = OwnCarrierForm
    nothing_yet = _(
        "None is needed for the carriers that everybody knows. Add the one that only you work with."
    )
    list_display = ("name", "page", "winery")
    list_select_related = ("winery",)
    search_fields = ("name",)
    fields = ("winery", "name", "page")
    add_role = change_role = delete_role = Role.MANAGER
