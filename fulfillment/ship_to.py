"""Ship-to settings: where, when and how much a winery ships. Seen first, then saved."""

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.checks import CHECKS, Level
from crushsync.accounts import connections
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.days import long_day
from crushsync.lib.states import state_name
from fulfillment.what_if import WhatIf, what_if
from orders.models import Store

LEVELS = {Level.BLOCKS: lazy("stops the order"), Level.WARNS: lazy("warns"), Level.PASSES: lazy("is off")}


@dataclass(frozen=True)
class OfStore:
    """What one store does differently; `states` None: as the account."""

    states: list[str] | None
    starts_on: date  # in the winery's zone


@dataclass(frozen=True)
class ShipTo:
    """All of an account's ship-to settings, with those of its stores by id."""

    states: list[str]
    hold_until: date | None = None
    hold_reason: str = ""
    hold_states: list[str] = field(default_factory=list)
    most_bottles: int | None = None
    levels: Mapping[str, str] = field(default_factory=dict)
    stores: Mapping[int, OfStore] = field(default_factory=dict)


def current(account: VinoshipperAccount) -> ShipTo:
    """The settings as they are saved."""
    zone = ZoneInfo(account.winery.time_zone)
    return ShipTo(
        states=list(account.ship_to_states),
        hold_until=account.hold_until,
        hold_reason=account.hold_reason,
        hold_states=list(account.hold_states),
        most_bottles=account.most_bottles,
        levels=dict(account.check_levels),
        stores={
            store.pk: OfStore(store.ship_to_states, store.starts_at.astimezone(zone).date())
            for store in account.stores.order_by("name")
        },
    )


def fingerprint(settings: ShipTo) -> str:
    """Tells whether somebody has saved other settings since a page was shown."""
    told = asdict(settings)
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def preview(account: VinoshipperAccount, wanted: ShipTo, now: datetime) -> WhatIf:
    """What saving these settings would change. Saves nothing."""
    account, stores = _with(copy.copy(account), list(account.stores.all()), wanted)
    return what_if(account, stores, now)


def save(account: VinoshipperAccount, wanted: ShipTo, seen: str) -> bool:
    """Save the settings; what they decide is decided again. False, and nothing saved, where the settings are
    no longer those whose `fingerprint` was seen.
    """
    with transaction.atomic():
        locked = VinoshipperAccount.objects.select_for_update().get(pk=account.pk)
        before = current(locked)
        if fingerprint(before) != seen:
            return False
        locked, stores = _with(locked, list(locked.stores.all()), wanted)
        connections.keep(locked)
        for store in stores:
            if wanted.stores.get(store.pk) != before.stores[store.pk]:
                connections.keep(store)
    return True


def _with(
    account: VinoshipperAccount, stores: Sequence[Store], wanted: ShipTo
) -> tuple[VinoshipperAccount, Sequence[Store]]:
    """Account and stores with the wanted settings. Not saved."""
    account.ship_to_states = sorted(wanted.states)
    account.hold_until, account.hold_reason = wanted.hold_until, wanted.hold_reason
    account.hold_states, account.most_bottles = sorted(wanted.hold_states), wanted.most_bottles
    account.check_levels = {
        code: level
        for code, level in wanted.levels.items()
        if not CHECKS[code].is_fixed and level != CHECKS[code].level
    }
    zone = ZoneInfo(account.winery.time_zone)
    for store in stores:
        if of := wanted.stores.get(store.pk):
            store.ship_to_states = of.states
            if of.starts_on != store.starts_at.astimezone(zone).date():
                store.starts_at = datetime.combine(of.starts_on, time(), zone)
    return account, stores


def told(before: ShipTo, after: ShipTo, names: Mapping[int, str]) -> list[str]:
    """What differs between two settings, a sentence each."""
    more, less = sorted({*after.states} - {*before.states}), sorted({*before.states} - {*after.states})
    sentences = [
        _("Adds %(list)s.") % {"list": _states(more)} if more else "",
        _("Takes away %(list)s.") % {"list": _states(less)} if less else "",
        _hold(after) if _hold(before) != _hold(after) else "",
        _most(after.most_bottles) if before.most_bottles != after.most_bottles else "",
    ]
    for code, check in CHECKS.items():
        was, becomes = (settings.levels.get(code, check.level) for settings in (before, after))
        if was != becomes:
            told = _("“%(check)s” %(becomes)s; until now it %(was)s.")
            words = {"becomes": LEVELS[Level(becomes)], "was": LEVELS[Level(was)]}
            sentences.append(told % {"check": check.label, **words})
    for pk, of in after.stores.items():
        sentences += _of_store(names[pk], before.stores.get(pk), of)
    return [sentence for sentence in sentences if sentence]


def _states(codes: Sequence[str]) -> str:
    return ", ".join(map(state_name, codes))


def _hold(settings: ShipTo) -> str:
    if settings.hold_until is None:
        return _("Holds nothing.")
    told = _("Holds everything until %(day)s%(why)s.")
    if settings.hold_states:
        told = _("Holds what goes to %(states)s until %(day)s%(why)s.")
    return told % {
        "states": _states(settings.hold_states),
        "day": long_day(settings.hold_until),
        "why": f": {settings.hold_reason}" if settings.hold_reason else "",
    }


def _most(bottles: int | None) -> str:
    return (
        _("At most %(bottles)s bottles in a shipment.") % {"bottles": bottles}
        if bottles
        else _("No limit of bottles in a shipment.")
    )


def _of_store(name: str, before: Any, after: OfStore) -> list[str]:
    said = []
    if before is None or before.states != after.states:
        where = (
            _("where the account ships") if after.states is None else _states(after.states) or _("nowhere")
        )
        said.append(_("%(name)s ships to: %(where)s.") % {"name": name, "where": where})
    if before is None or before.starts_on != after.starts_on:
        said.append(
            _("%(name)s starts with orders of %(starts_on)s.")
            % {"name": name, "starts_on": long_day(after.starts_on)}
        )
    return said
