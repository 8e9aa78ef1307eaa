"""Vinoshipper accounts: where they ship, how, and how they are."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.base import WineryInline
from crushsync.accounts.admin.connections import ConnectionAdmin
from crushsync.accounts.models import RateRule, Role, VinoshipperAccount


class RateRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        error_messages = {"carrier": {"invalid": _("Write UPS, FEDEX, GLS or SELF.")}}

    def clean_carrier(self) -> str:
        carrier: str = self.cleaned_data["carrier"]
        return carrier.upper()


class RateRuleInline(WineryInline):
    """First match from the top wins."""

    model = RateRule
    form = RateRuleForm
    fields = ("position", "contains", "carrier", "rate_code")
    add_role = change_role = delete_role = Role.MANAGER


@admin.register(VinoshipperAccount)
class VinoshipperAccountAdmin(ConnectionAdmin):
    nothing_yet = _(
        "No account is connected yet. Whoever runs CrushSync names it; its API key is entered here."
    )
    list_display = ("name", "winery", "health", "last_ok", "states")
    inlines = (RateRuleInline,)
    readonly_fields = ("ship_to",)
    fieldsets = (
        (None, {"fields": ("name", "health", "pause_sentence", "last_ok", "base_url", "is_active")}),
        (_("Where and when"), {"fields": ("ship_to", "send_days_ahead")}),
        (_("Who ships"), {"fields": ("ships_itself",)}),
        (_("Telling the customer"), {"fields": ("customer_mails", "report_at_label")}),
        (_("How fast it is called"), {"fields": ("calls_in_flight", "calls_per_second")}),
    )

    def credential_fields(self, connection: Any) -> Mapping[str, Any]:
        return {"api_key": _("API key"), "api_secret": _("API secret")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("winery")

    @admin.display(description=_("states shipped to"))
    def ship_to(self, row: VinoshipperAccount) -> SafeString:
        """Changed on a page of their own, which first shows what a change would do."""
        page = reverse("ship-to-settings", args=[row.pk])
        return format_html('{} <a href="{}">{}</a>', self.states(row) or "–", page, _("Ship-to settings"))

    @admin.display(description=_("states"))
    def states(self, row: VinoshipperAccount) -> str:
        return ", ".join(row.ship_to_states)
