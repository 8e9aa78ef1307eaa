"""Deliveries wait in lines, one for each endpoint and object: only the first of a line has a time.

Whoever adds to a line or takes its first away holds the endpoint's row lock.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Min

from crushsync.lib.queue import ring
from notifications.events import Happening
from notifications.models import Delivery, DeliveryState, Endpoint, Message
from notifications.webhooks.signing import new_message_id


def enqueue(happenings: Iterable[Happening], endpoints: Sequence[Endpoint], now: datetime) -> int:
    """Make the messages and deliveries of what happened; returns how many deliveries.

    Call inside a transaction, with the endpoints locked. What happened while an endpoint was off is kept as
    missed, to be replayed.
    """
    wanted = []
    for happening in happenings:
        told = [
            endpoint
            for endpoint in endpoints
            if endpoint.winery_id == happening.winery_id
            and endpoint.wants(happening.type)
            and endpoint.created_at <= happening.at
        ]
        if told:
            wanted.append((message(happening), told))
    Message.objects.bulk_create([made for made, _ in wanted])
    deliveries = [Delivery(endpoint=endpoint, message=made) for made, told in wanted for endpoint in told]
    stand_in_line(deliveries, now)
    return len(deliveries)


def message(happening: Happening) -> Message:
    """What every endpoint is told of it. Not saved."""
    return Message(
        winery_id=happening.winery_id,
        message_id=new_message_id(),
        type=happening.type,
        about=happening.about,
        source=happening.source,
        body=json.dumps(happening.as_told(), separators=(",", ":")),
        at=happening.at,
    )


def stand_in_line(deliveries: Sequence[Delivery], now: datetime) -> None:
    """Save new deliveries at the end of their lines. Their endpoints are locked by the caller."""
    waiting = Delivery.objects.filter(
        state=DeliveryState.WAITING,
        endpoint__in={made.endpoint_id for made in deliveries},
        about__in={made.message.about for made in deliveries},
    )
    lines = set(waiting.values_list("endpoint_id", "about"))
    for made in deliveries:
        made.about = made.message.about
        if not made.endpoint.is_active:
            made.state = DeliveryState.MISSED
        elif (made.endpoint_id, made.about) not in lines:
            lines.add((made.endpoint_id, made.about))
            made.next_at = now
    Delivery.objects.bulk_create(deliveries)
    _wake({made.endpoint_id: made.endpoint for made in deliveries if made.next_at}.values(), now)


def move_up(endpoint: Endpoint, abouts: Iterable[str], now: datetime) -> None:
    """The first of these lines is done with: the next one's turn."""
    waiting = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.WAITING, about__in=set(abouts))
    firsts = waiting.order_by().values("about").annotate(first=Min("pk")).values_list("first", flat=True)
    Delivery.objects.filter(pk__in=list(firsts), next_at__isnull=True).update(next_at=now)


def hurry(endpoint: Endpoint, now: datetime, **which: str) -> None:
    """Somebody says that it will come through now: what waits for its next try has it at once, and this is
    no reason to count less. The endpoint is locked by the caller."""
    resting = endpoint.deliveries.filter(state=DeliveryState.WAITING, next_at__gt=now, **which)
    if resting.update(next_at=now) and not endpoint.is_in_flight:
        endpoint.due_at = now
        endpoint.save(update_fields=["due_at"])
    ring()


def next_due(endpoint: Endpoint) -> datetime | None:
    waiting = endpoint.deliveries.filter(state=DeliveryState.WAITING, next_at__isnull=False)
    found: datetime | None = waiting.aggregate(first=Min("next_at"))["first"]
    return found


def stop_all(endpoint: Endpoint) -> None:
    """The endpoint is off: what waits for it is missed, and can be replayed."""
    endpoint.deliveries.filter(state=DeliveryState.WAITING).update(state=DeliveryState.MISSED, next_at=None)


def _wake(endpoints: Iterable[Endpoint], now: datetime) -> None:
    """Make them due. One in flight is left alone: its settling looks again. One that fails has its rest."""
    for endpoint in endpoints:
        if not endpoint.is_in_flight and not (endpoint.failures and endpoint.due_at):
            endpoint.due_at = now
            endpoint.save(update_fields=["due_at"])
