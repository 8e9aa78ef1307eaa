"""The page of ship-to settings: what would change is shown first, and saved when a person agrees."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from compliance.checks import CHECKS, Level
from crushsync.accounts.models import Role, VinoshipperAccount
from crushsync.accounts.roles import has_role
from crushsync.lib.states import STATES
from fulfillment import ship_to
from fulfillment.routing import Verdict
from fulfillment.ship_to import LEVELS, OfStore, ShipTo
from fulfillment.what_if import WhatIf

SHOWN = 50  # orders named of each kind
GROUPS = (
    (Verdict.SEND, lazy("would be sent now")),
    (Verdict.WAIT, lazy("would wait")),
    (Verdict.NOT_REQUIRED, lazy("would no longer be sent")),
    (Verdict.BLOCKED, lazy("would need somebody's attention")),
)


class StatesField(forms.CharField):
    """Two-letter codes in any order, divided by anything; None where nothing is written."""

    def clean(self, value: Any) -> list[str] | None:
        written = re.findall(r"[A-Za-z]+", str(value or ""))
        codes = sorted({word.upper() for word in written})
        if codes == ["NONE"]:
            return []
        if wrong := [code for code in codes if code not in STATES]:
            told = _("There is no state %(codes)s. Write two letters for each, such as CA.")
            raise ValidationError(told % {"codes": ", ".join(wrong)})
        return codes or None


class ShipToForm(forms.Form):
    """One field for each setting; the stores' and the checks' are made for the account."""

    states = forms.MultipleChoiceField(
        label=lazy("States shipped to"),
        choices=STATES.items(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    hold_until = forms.DateField(
        label=lazy("Hold until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=lazy("For heat or holidays. Orders wait and are sent on that day."),
    )
    hold_reason = forms.CharField(label=lazy("Why"), required=False, max_length=120)
    hold_states = StatesField(
        label=lazy("Only to these states"), required=False, help_text=lazy("Like AZ, TX. Empty: all of them.")
    )
    most_bottles = forms.IntegerField(
        label=lazy("Bottles in a shipment, at most"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=lazy("In bottles of 750 ml: a magnum is two. Empty: no limit."),
    )

    def __init__(self, account: VinoshipperAccount, settings: ShipTo, data: Any = None) -> None:
        self.stores = {store.pk: store.name for store in account.stores.order_by("name")}
        super().__init__(data, initial=_initial(settings))
        for code, check in CHECKS.items():
            if not check.is_fixed:
                box = forms.ChoiceField(label=capfirst(str(check.label)), choices=_levels(check.level))
                self.fields[f"level_{code}"] = box
        for pk, name in self.stores.items():
            self.fields[f"states_{pk}"] = StatesField(
                label=_("States of %(store)s") % {"store": name},
                required=False,
                help_text=_("Like CA, NY. Empty: as the account. NONE: nothing is sent."),
            )
            self.fields[f"starts_{pk}"] = forms.DateField(
                label=_("%(store)s starts on") % {"store": name},
                widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                help_text=_("Orders placed before this day are never sent."),
            )

    @property
    def level_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("level_")]

    @property
    def store_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(("states_", "starts_"))]

    @property
    def hold_fields(self) -> list[Any]:
        return [self[name] for name in ("hold_until", "hold_reason", "hold_states", "most_bottles")]

    def wanted(self) -> ShipTo:
        given = self.cleaned_data
        return ShipTo(
            states=sorted(given["states"]),
            hold_until=given["hold_until"],
            hold_reason=given["hold_reason"],
            hold_states=given["hold_states"] or [],
            most_bottles=given["most_bottles"],
            levels={
                code: given[f"level_{code}"] for code, check in CHECKS.items() if f"level_{code}" in given
            },
            stores={pk: OfStore(given[f"states_{pk}"], given[f"starts_{pk}"]) for pk in self.stores},
        )


def _levels(usual: Level) -> list[tuple[str, str]]:
    as_usual = _("%(level)s (as usual)")
    return [
        (level, as_usual % {"level": word} if level == usual else str(word)) for level, word in LEVELS.items()
    ]


def _initial(settings: ShipTo) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "states": settings.states,
        "hold_until": settings.hold_until,
        "hold_reason": settings.hold_reason,
        "hold_states": ", ".join(settings.hold_states),
        "most_bottles": settings.most_bottles,
    }
    initial |= {f"level_{code}": settings.levels.get(code, check.level) for code, check in CHECKS.items()}
    for pk, of in settings.stores.items():
        initial[f"states_{pk}"] = "" if of.states is None else ", ".join(of.states) or "NONE"
        initial[f"starts_{pk}"] = of.starts_on
    return initial


def choose(request: HttpRequest) -> HttpResponse:
    """The user's Vinoshipper accounts; with only one, its settings at once."""
    mine = VinoshipperAccount.objects.visible_to(request.user).select_related("winery")
    accounts = list(mine.order_by("winery__name", "name"))
    if len(accounts) == 1:
        return redirect("ship-to-settings", accounts[0].pk)
    context = {**admin.site.each_context(request), "title": _("Ship-to settings"), "accounts": accounts}
    return render(request, "admin/ship_to/choose.html", context)


def settings_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """GET: the settings. POST: what they would change; with `confirmed`, they are saved."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    mine = VinoshipperAccount.objects.visible_to(request.user).select_related("winery")
    account = get_object_or_404(mine, pk=account_id)
    may_change = has_role(request.user, Role.MANAGER, account.winery_id)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    saved = ship_to.current(account)
    form = ShipToForm(account, saved, request.POST if request.method == "POST" else None)
    if form.is_bound and "back" not in request.POST and form.is_valid():
        wanted, seen = form.wanted(), request.POST.get("seen", "")
        if "confirmed" in request.POST and ship_to.save(account, wanted, seen):
            messages.success(request, _("Saved. What these settings decide is decided again now."))
            return redirect("ship-to-settings", account.pk)
        if "confirmed" in request.POST:
            messages.warning(
                request,
                _("These settings were changed meanwhile. Nothing was saved; look anew."),
            )
        return _preview(request, account, saved, form, timezone.now())
    context = {"form": form, "may_change": may_change}
    return render(request, "admin/ship_to/settings.html", _context(request, account) | context)


def _preview(
    request: HttpRequest, account: VinoshipperAccount, saved: ShipTo, form: ShipToForm, now: datetime
) -> HttpResponse:
    wanted = form.wanted()
    found = ship_to.preview(account, wanted, now)
    context = {
        "form": form,
        "changes": ship_to.told(saved, wanted, form.stores),
        "groups": _groups(found),
        "found": found,
        "seen": ship_to.fingerprint(saved),
    }
    return render(request, "admin/ship_to/preview.html", _context(request, account) | context)


def _groups(found: WhatIf) -> list[dict[str, Any]]:
    groups = []
    for verdict, what in GROUPS:
        if changes := found.becoming(verdict):
            count = len(changes)
            sentence = ngettext("%(count)d open order %(what)s", "%(count)d open orders %(what)s", count)
            groups.append(
                {
                    "sentence": sentence % {"count": count, "what": what},
                    "changes": changes[:SHOWN],
                    "more": max(count - SHOWN, 0),
                    "oldest": changes[0].placed_at,
                    "is_sending": verdict == Verdict.SEND,
                }
            )
    return groups


def _context(request: HttpRequest, account: VinoshipperAccount) -> dict[str, Any]:
    title = _("Ship-to settings of %(account)s") % {"account": account.name}
    return {**admin.site.each_context(request), "title": title, "account": account}
