"""Small pieces of HTML that every list and page shows alike. All text in them is escaped."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy


@dataclass(frozen=True)
class Pill:
    """A state at a glance: colour by `tone`, and always an icon and a word besides."""

    tone: str  # good · info · wait · warn · bad · quiet
    icon: str  # a symbol of static/crushsync/icons.svg
    word: str | Promise  # translated when it is shown

    def __html__(self) -> SafeString:
        return format_html('<span class="pill pill-{}">{}{}</span>', self.tone, icon(self.icon), self.word)

    __str__ = __html__


def icon(name: str) -> SafeString:
    """A symbol of our own sprite; it is hidden from screen readers, so a word has to stand beside it."""
    sprite = static("crushsync/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; UTC for one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def moment(at: datetime | None, zone_name: str) -> SafeString | str:
    """A time in the winery's zone, with how long ago that is: "Nov 18, 8:42 AM · 3 days ago"."""
    if at is None:
        return "–"
    here = at.astimezone(zone(zone_name))
    shown = date_format(
        here, "M j, g:i A" if here.year == timezone.now().year else "M j, Y, g:i A", use_l10n=False
    )
    return format_html(
        '<time datetime="{}">{}</time> <span class="ago">{}</span>',
        at.astimezone(UTC).isoformat(),
        shown,
        ago(at),
    )


def ago(at: datetime) -> str:
    """How long ago, or how far ahead, in the largest unit."""
    now = timezone.now()
    if abs((now - at).total_seconds()) < 60:
        return _("just now") if at <= now else _("in a moment")
    if at < now:
        return _("%(length)s ago") % {"length": timesince(at, now, depth=1)}
    return _("in %(length)s") % {"length": timeuntil(at, now, depth=1)}


def connection_pill(row: object) -> Pill:
    """The health of a store or a Vinoshipper account."""
    if not getattr(row, "is_active", False):
        return Pill("quiet", "ban", lazy("Switched off"))
    if getattr(row, "is_paused", False):
        return Pill("bad", "pause", lazy("Paused"))
    if getattr(row, "last_ok_at", None) is None:
        return Pill("wait", "clock", lazy("Not tried yet"))
    return Pill("good", "check", lazy("Working"))
