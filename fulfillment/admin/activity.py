"""An order's activity: every try, every decision and every act of a person, newest first."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.admin.markup import Pill, moment
from fulfillment.admin.pills import attempt_pill
from fulfillment.models import SyncAttempt
from orders.models import EventKind, Order, OrderEvent

SHOWN = 200  # of attempts, and of events
EVENT_LOOKS = {
    EventKind.RECEIVED: ("quiet", "in"),
    EventKind.CHANGED: ("quiet", "refresh"),
    EventKind.DECIDED: ("quiet", "fork"),
    EventKind.MOVED: ("info", "arrow"),
    EventKind.ACTED: ("wait", "person"),
}
KINDS = {
    "": lazy("Everything"),
    "tries": lazy("Calls"),
    "people": lazy("People"),
    "steps": lazy("Steps and decisions"),
}


@dataclass(frozen=True)
class Entry:
    """One line of the order's activity."""

    at: datetime
    when: SafeString | str
    pill: Pill
    title: str
    sentence: str
    by: str
    took: str = ""
    details: list[tuple[str, str]] = field(default_factory=list)  # heading, text: folded
    alike: list["Entry"] = field(default_factory=list)  # those before it that say the same: folded

    def says_as(self, other: "Entry") -> bool:
        return (self.title, self.sentence, self.pill, self.by) == (
            other.title,
            other.sentence,
            other.pill,
            other.by,
        )


def activity(order: Order, kind: str = "") -> list[Entry]:
    """Its entries of one of KINDS."""
    zone_name = order.winery.time_zone
    tries = [_try(attempt, zone_name) for attempt in order.attempts.all()[:SHOWN]] if kind in TRIED else []
    events = order.events.all()
    if kind in ("people", "steps"):
        acted = order.events.filter(kind=EventKind.ACTED)
        events = acted if kind == "people" else order.events.exclude(kind=EventKind.ACTED)
    told = [_event(event, zone_name) for event in events[:SHOWN]] if kind != "tries" else []
    return _folded(sorted([*tries, *told], key=lambda entry: entry.at, reverse=True))


def _folded(entries: list[Entry]) -> list[Entry]:
    """Of looks in a row that found the same, the newest, with the others in it."""
    shown: list[Entry] = []
    for entry in entries:
        if shown and entry.title and entry.says_as(shown[-1]):
            shown[-1].alike.append(entry)
        else:
            shown.append(entry)
    return shown


TRIED = ("", "tries")


def activity_choices(kind: str) -> list[dict[str, Any]]:
    """The links above the list."""
    return [{"name": name, "label": label, "is_here": name == kind} for name, label in KINDS.items()]


def _event(event: OrderEvent, zone_name: str) -> Entry:
    return Entry(
        at=event.at,
        when=moment(event.at, zone_name),
        pill=Pill(*EVENT_LOOKS[EventKind(event.kind)], event.get_kind_display()),
        title="",
        sentence=event.sentence,
        by=event.actor,
    )


def _try(attempt: SyncAttempt, zone_name: str) -> Entry:
    told = [(_("What was asked"), attempt.request), (_("What came back"), attempt.answer)]
    details = [(heading, json.dumps(text, indent=2, ensure_ascii=False)) for heading, text in told if text]
    if attempt.trace_id:
        details.append((_("Trace id, for support"), attempt.trace_id))
    took = _("%(seconds).1f s") % {"seconds": attempt.seconds} if attempt.seconds is not None else ""
    return Entry(
        at=attempt.started_at,
        when=moment(attempt.started_at, zone_name),
        pill=attempt_pill(attempt),
        title=attempt.get_kind_display(),
        sentence=attempt.sentence,
        by=attempt.actor,
        took=took,
        details=details,
    )
