"""Who did what: acts on orders and changes of settings, newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import F, Model, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from simple_history.models import registered_models

from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role, Winery, winery_path
from crushsync.accounts.roles import Person, has_role, with_role
from orders.models import EventKind, OrderEvent

SHOWN = 50
KINDS = {"": lazy("Everything"), "settings": lazy("Settings"), "orders": lazy("Orders")}
LOOKS = {"+": ("good", "check", lazy("Added")), "~": ("info", "refresh", lazy("Changed")),
         "-": ("bad", "cross", lazy("Removed"))}  # fmt: skip
ACTED = Pill("wait", "person", lazy("Order"))


@dataclass(frozen=True)
class Line:
    at: datetime
    when: SafeString | str
    who: str
    pill: Pill
    what: str
    url: str
    changes: list[tuple[str, str, str]]  # field, before, after
    reason: str = ""


def page(request: HttpRequest) -> HttpResponse:
    """The page, for owners: their wineries' lines before a moment, of one kind."""
    if not has_role(request.user, Role.OWNER):
        raise PermissionDenied
    kind = request.GET.get("show", "")
    lines = audit(request.user, kind, _moment(request.GET.get("before", "")))
    context = {
        **admin.site.each_context(request),
        "title": _("Audit"),
        "lines": lines[:SHOWN],
        "older": lines[SHOWN - 1].at.isoformat() if len(lines) > SHOWN else "",
        "kind": kind,
        "kinds": [{"name": name, "label": label, "is_here": name == kind} for name, label in KINDS.items()],
    }
    return render(request, "admin/audit.html", context)


def _moment(text: str) -> datetime | None:
    """An address may hold anything: what is no time is as good as none."""
    try:
        moment = parse_datetime(text)
    except ValueError:  # the 31st of February
        return None
    return moment if moment and moment.tzinfo else None


def audit(user: Person, kind: str = "", before: datetime | None = None) -> list[Line]:
    """One more than a page holds, if there are that many. A constant number of questions."""
    wineries = with_role(Winery.objects.all(), user, Role.OWNER)
    zones = dict(wineries.values_list("pk", "time_zone"))
    lines: list[Line] = []
    if kind != "settings":
        lines += _acts(zones, before)
    if kind != "orders":
        for model in registered_models.values():
            lines += _changes(model, zones, before)
    return sorted(lines, key=lambda line: line.at, reverse=True)[: SHOWN + 1]


def _acts(zones: dict[int, str], before: datetime | None) -> Iterator[Line]:
    events = OrderEvent.objects.filter(kind=EventKind.ACTED, order__winery__in=zones)
    if before:
        events = events.filter(at__lt=before)
    for event in events.select_related("order").order_by("-pk")[: SHOWN + 1]:
        yield Line(
            event.at,
            moment(event.at, zones[event.order.winery_id]),
            event.actor,
            ACTED,
            f"{event.order.name}: {event.sentence}",
            reverse("admin:orders_order_change", args=[event.order_id]),
            [],
        )


def _changes(model: type[Model], zones: dict[int, str], before: datetime | None) -> Iterator[Line]:
    """Of one model's settings; a save that changed nothing is left out."""
    path = winery_path(model) or "id"
    history: Any = model.history.filter(**{f"{path}__in": zones})  # type: ignore[attr-defined]
    if before:
        history = history.filter(history_date__lt=before)
    earlier = model.history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))  # type: ignore[attr-defined]
    owned = history.annotate(
        of_winery=F(path if path == "id" else f"{path}__id"),
        earlier_id=Subquery(earlier.order_by("-history_id").values("history_id")[:1]),
    )
    rows = list(owned.select_related("history_user").order_by("-history_date", "-history_id")[: SHOWN + 1])
    told = model.history.filter(history_id__in=[row.earlier_id for row in rows])  # type: ignore[attr-defined]
    before_it = {row.history_id: row for row in told}
    names = _Names([*rows, *before_it.values()])
    for row in rows:
        changes = _difference(model, before_it.get(row.earlier_id), row, names)
        if changes or row.history_type != "~" or row.history_change_reason:
            yield Line(
                row.history_date,
                moment(row.history_date, zones[row.of_winery]),
                row.history_user.get_username() if row.history_user else "",
                Pill(*LOOKS[row.history_type]),
                f"{str(model._meta.verbose_name).capitalize()}: {_named(model, row)}",
                _address(model, row),
                changes,
                row.history_change_reason or "",
            )


class _Names:
    """What the rows speak of, by name: asked once for a field, and only if it changed."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self.known: dict[Any, dict[Any, str]] = {}

    def of(self, field: Any, key: Any) -> str:
        if field not in self.known:
            keys = {getattr(row, field.attname) for row in self.rows}
            found = field.related_model._default_manager.filter(pk__in=keys)
            self.known[field] = {row.pk: str(row) for row in found}
        return self.known[field].get(key, str(key))


def _difference(model: type[Model], before: Any, after: Any, names: _Names) -> list[tuple[str, str, str]]:
    if before is None or after.history_type != "~":
        return []
    changed = (
        field
        for field in _kept(model, after)
        if getattr(before, field.attname) != getattr(after, field.attname)
    )
    told = ((field, _told(before, field, names), _told(after, field, names)) for field in changed)
    return [
        (str(getattr(field, "verbose_name", field.name)), was, now) for field, was, now in told if was != now
    ]


def _kept(model: type[Model], row: Any) -> Iterable[Any]:
    return (field for field in model._meta.concrete_fields if hasattr(row, field.attname))


def _told(row: Any, field: Any, names: _Names) -> str:
    value = getattr(row, field.attname)
    if value in (None, "", []):
        return "–"
    if field.is_relation:
        return names.of(field, value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _named(model: type[Model], row: Any) -> str:
    """By its own name, as it was then."""
    try:
        return str(row.instance)
    except (AttributeError, ObjectDoesNotExist):  # it spoke of another row, which is gone
        return str(row.id)


def _address(model: type[Model], row: Any) -> str:
    is_there = row.history_type != "-" and admin.site.is_registered(model)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(name, args=[row.id]) if is_there else ""
