"""What states are published to allow, and a winery's corrections of it."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from compliance.limits import published
from compliance.models import StateLimit, Window
from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.models import Role
from crushsync.lib.states import state_code

ADVICE = _("Information, not advice: nothing is held or sent because of a figure.")


class StateLimitForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_state(self) -> str:
        return state_code(self.cleaned_data["state"])


@admin.register(StateLimit)
class StateLimitAdmin(WineryAdmin):
    """Information, not advice: nothing is held or sent because of it."""

    form = StateLimitForm
    nothing_yet = _("No figure of your own: those below count.")
    list_display = ("state", "bottles", "window", "source", "winery")
    list_filter = (("winery", OwnRowsFilter),)
    search_fields = ("state",)
    search_help_text = _("State, two letters")
    fieldsets = (
        (None, {"fields": ("winery", "state", "bottles", "window", "source"), "description": ADVICE}),
    )
    change_list_template = "admin/compliance/limits.html"
    add_role = change_role = delete_role = Role.MANAGER

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        rows = [
            {
                "limit": limit,
                "window": Window(limit.window).label,
                "source": limit.source.partition(", http")[0],
                "form": urlencode(
                    {
                        "state": state,
                        "bottles": "" if limit.bottles is None else limit.bottles,
                        "window": limit.window,
                    }
                ),
            }
            for state, limit in sorted(published().items())
        ]
        sources = sorted({limit.source for limit in published().values()})
        context = {"advice": ADVICE, "published": rows, "sources": sources}
        return super().changelist_view(request, context)
