"""The first page of the day: what needs somebody, and whether everything runs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crushsync.accounts.admin.markup import Pill, ago, connection_pill, moment, zone
from crushsync.accounts.models import Connection, VinoshipperAccount, Winery
from crushsync.accounts.roles import Person
from crushsync.lib.queue.slots import last_beat
from crushsync.today.causes import SHOWN, causes
from crushsync.today.days import STATES, by_day, since_yesterday
from crushsync.today.starting import steps
from fulfillment.admin.views import SAVED_VIEWS, shown_count
from fulfillment.models import FulfillmentOrder
from orders.models import Store

# The schedule starts a drain each minute; a heartbeat older than this means that none starts.
QUIET = timedelta(minutes=2)


@dataclass(frozen=True)
class Number:
    count: str
    label: str
    url: str
    tone: str = ""


def page(request: HttpRequest) -> HttpResponse:
    """The page itself, in the place of the admin's index."""
    context = admin.site.each_context(request) | {"title": _("Today")} | today(request.user)
    return render(request, "admin/today.html", context)


def today(user: Person) -> dict[str, Any]:
    """What the page shows to this user."""
    zone_of_winery = Winery.objects.visible_to(user).values_list("time_zone", flat=True).first()
    is_stranger = zone_of_winery is None and not user.is_superuser
    zone_name = zone_of_winery or "UTC"
    has_orders = FulfillmentOrder.objects.visible_to(user).exists()
    found = causes(user)
    return {
        "numbers": _numbers(user),
        "is_stranger": is_stranger,
        "steps": [] if is_stranger else steps(user),
        "causes": found[:SHOWN],
        "has_more_causes": len(found) > SHOWN,
        "day_states": STATES.values(),
        "days": by_day(user, zone_name, timezone.now()) if has_orders else [],
        "since_yesterday": since_yesterday(user, midnight(zone_name)),
        "worker": _worker(),
        "connections": _connections(user, zone_name),
        "has_orders": has_orders,
    }


def midnight(zone_name: str) -> datetime:
    """When today began, where the winery is."""
    now = timezone.now().astimezone(zone(zone_name))
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _numbers(user: Person) -> list[Number]:
    """The four that matter, each with the way to its list."""
    work = FulfillmentOrder.objects.visible_to(user)
    orders = reverse("admin:orders_order_changelist")
    words = {
        "attention": _("need attention"),
        "waiting": _("waiting to send"),
        "to-ship": _("to ship"),
        "late": _("late"),
    }
    counts = {view: shown_count(work.filter(SAVED_VIEWS[view].which)) for view in words}
    return [
        Number(counts[view], word, f"{orders}?view={view}", _tone(view, counts[view]))
        for view, word in words.items()
    ]


def _tone(view: str, count: str) -> str:
    if view == "attention" and count == "0":
        return "good"
    return SAVED_VIEWS[view].tone if count != "0" else ""


def _worker() -> tuple[Pill, str]:
    """Whether somebody is at work in the engine room."""
    beat = last_beat()
    if beat is None:
        return Pill("bad", "cross", _("Not running")), _("It has never run. Start it: manage.py worker")
    if timezone.now() - beat > QUIET:
        return Pill("bad", "cross", _("Not running")), _("Last heard of %(when)s.") % {"when": ago(beat)}
    return Pill("good", "check", _("Running")), _("Heard of %(when)s.") % {"when": ago(beat)}


def _connections(user: Person, zone_name: str) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "kind": model._meta.verbose_name,
            "url": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk]),
            "pill": connection_pill(row),
            "last_ok": moment(row.last_ok_at, zone_name),
            "sentence": row.pause_sentence if row.is_paused else "",
        }
        for model in (Store, VinoshipperAccount)
        for row in _of(model, user)
    ]


def _of(model: type[Connection], user: Person) -> Any:
    return model.objects.visible_to(user).order_by("name").defer("credentials")
