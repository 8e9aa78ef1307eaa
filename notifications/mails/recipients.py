"""Who is written to, a recipient's times, and the way out."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from crushsync.accounts.models import Membership, Winery
from crushsync.lib.queue import clock, ring
from notifications.models import Kind, Mail, MailKind, Recipient
from notifications.sources import begin

SALT = "notifications.unsubscribe"


def local(at: datetime, winery: Winery) -> datetime:
    """The time on the winery's clocks."""
    return at.astimezone(ZoneInfo(winery.time_zone))


def standing(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with `is_of_winery`: whether a person still works there. An address is the winery's choice."""
    works = Membership.objects.filter(user=OuterRef("user"), winery=OuterRef("winery"), user__is_active=True)
    found: QuerySet[Any] = rows.annotate(is_of_winery=Q(user__isnull=True) | Exists(works))
    return found


def written_to(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the rows who get mails at all."""
    return standing(rows).filter(is_active=True, is_of_winery=True)


def quiet_until(recipient: Recipient, now: datetime) -> datetime | None:
    """When the recipient's quiet hours end, if it is quiet now."""
    start, end = recipient.quiet_from, recipient.quiet_to
    if start is None or end is None or start == end:
        return None
    here = local(now, recipient.winery)
    clock_time = here.time()
    is_quiet = start <= clock_time < end if start < end else clock_time >= start or clock_time < end
    if not is_quiet:
        return None
    until = _moment(here.date() + timedelta(days=1) if clock_time >= end else here.date(), end, here)
    return until if until > now else None  # the hour has come again: it was quiet before


def next_daily(recipient: Recipient, now: datetime) -> datetime | None:
    """When the next daily summary is to be made; None if they get none."""
    if Kind.DAILY not in recipient.kinds or not recipient.is_active:
        return None
    here = local(now, recipient.winery)
    today = _moment(here.date(), recipient.daily_at, here)
    return today if today > now else _moment(here.date() + timedelta(days=1), recipient.daily_at, here)


def _moment(day: date, at: time, here: datetime) -> datetime:
    """When the clocks of that place show it; in UTC, where each moment has a time of its own."""
    return datetime.combine(day, at, here.tzinfo).astimezone(UTC)


def keep(recipient: Recipient) -> None:
    """Save what people set. Somebody who was unsubscribed or bounced and is active now starts anew."""
    begin()
    recipient.due_at = next_daily(recipient, clock())
    if recipient.is_active:
        recipient.unsubscribed_at = recipient.bounced_at = None
    recipient.save()


def send_test(recipient: Recipient) -> Mail:
    """A mail that only shows that mails arrive."""
    mail = Mail.objects.create(
        winery_id=recipient.winery_id, recipient=recipient, kind=MailKind.TEST, due_at=clock()
    )
    ring()
    return mail


def unsubscribe_url(recipient: Recipient) -> str:
    token = signing.Signer(salt=SALT).sign(str(recipient.pk))
    return f"{settings.BASE_URL}{reverse('unsubscribe', args=[token])}"


def of_token(token: str) -> Recipient | None:
    """The recipient of an unsubscribe link; None if we did not write it, or they are gone."""
    try:
        pk = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return None
    found: Recipient | None = Recipient.objects.filter(pk=pk).first()
    return found


def unsubscribe(recipient: Recipient) -> None:
    """No more mails to them from this winery, until somebody makes them active again."""
    changes = {"is_active": False, "unsubscribed_at": clock(), "due_at": None}
    Recipient.objects.filter(pk=recipient.pk, is_active=True).update(**changes)
