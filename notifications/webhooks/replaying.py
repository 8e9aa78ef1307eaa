"""Delivering again: the same message under the same id, at the end of its line."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.lib.queue import clock
from notifications.models import Delivery, DeliveryState, Endpoint, Message
from notifications.webhooks.endpoints import locked_and_on, queue
from notifications.webhooks.lines import hurry

MOST = 10_000


def replay(delivery: Delivery) -> Delivery:
    """Deliver it again; one that waits already is not put in line twice, but its line is tried at once.

    Raises ValidationError if the endpoint is off.
    """
    with transaction.atomic():
        endpoint, now = locked_and_on(delivery.endpoint), clock()
        hurry(endpoint, now, about=delivery.about)
        again = Delivery.objects.filter(endpoint=endpoint, message=delivery.message_id)
        waiting = again.filter(state=DeliveryState.WAITING).first()
        return waiting or queue(endpoint, [_again(endpoint, delivery.message)], now)[0]


def replay_range(endpoint: Endpoint, since: datetime, until: datetime, *, only_missed: bool = True) -> int:
    """Deliver again what happened from `since` up to, but not including, `until`; returns how many.

    `only_missed` leaves out what was delivered. What waits is not put in line twice, but tried at once.
    Raises ValidationError if it is off, or for more than MOST.
    """
    with transaction.atomic():
        row, now = locked_and_on(endpoint), clock()
        told = Message.objects.filter(deliveries__endpoint=row, at__gte=since, at__lt=until)
        done = [DeliveryState.WAITING, *([DeliveryState.DELIVERED] if only_missed else [])]
        not_again = Delivery.objects.filter(endpoint=row, state__in=done).values("message")
        found = list(told.exclude(pk__in=not_again).distinct().order_by("pk")[: MOST + 1])
        if len(found) > MOST:
            raise ValidationError(_("That is more than %(most)d. Choose a shorter time.") % {"most": MOST})
        hurry(row, now)
        return len(queue(row, [_again(row, message) for message in found], now))


def _again(endpoint: Endpoint, message: Message) -> Delivery:
    return Delivery(endpoint=endpoint, message=message, is_replay=True)
