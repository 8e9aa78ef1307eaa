"""A recipient's times, and the way out."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.urls import reverse

from crushsync.accounts.models import Winery
from crushsync.lib.queue import clock, ring
from notifications.models import Kind, Mail, MailKind, Recipient
from notifications.sources import begin

SALT = "notifications.unsubscribe"


def local(at: datetime, winery: Winery) -> datetime:
    """The time on the winery's clocks."""
    return at.astimezone(ZoneInfo(winery.time_zone))


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
    day = here.date() + timedelta(days=1) if clock_time >= end else here.date()
    return datetime.combine(day, end, here.tzinfo)


def next_daily(recipient: Recipient, now: datetime) -> datetime | None:
    """When the next daily summary is to be made; None if they get none."""
    if Kind.DAILY not in recipient.kinds or not recipient.is_active:
        return None
    here = local(now, recipient.winery)
    today = datetime.combine(here.date(), recipient.daily_at, here.tzinfo)
    if today > here:
        return today
    return datetime.combine(here.date() + timedelta(days=1), recipient.daily_at, here.tzinfo)


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
