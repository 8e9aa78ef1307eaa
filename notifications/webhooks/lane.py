"""What is due is called; what came of it is written: delivered, tried again for three days, or given up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F

from crushsync.lib.queue import (
    CRASH_LIMIT,
    SETTLED_FIELDS,
    Done,
    Job,
    clock,
    keep_ours,
    retry_wait,
    still_ours,
    together_or_each,
    wait,
)
from crushsync.lib.redaction import redact
from crushsync.lib.text import MalformedBody, clean_text, dump_json, parse_json
from notifications.models import Delivery, DeliveryState, DeliveryTry, Endpoint, Off
from notifications.webhooks.calling import Letter, Tried, deliver
from notifications.webhooks.endpoints import turn_off
from notifications.webhooks.lines import move_up, next_due
from notifications.webhooks.places import Places

AT_ONCE = 20  # deliveries of an endpoint in one go
OFF_AFTER = timedelta(days=5)
LONGEST_REST = timedelta(minutes=1)
SOON = timedelta(seconds=1)


class EndpointLane:
    """Tells each endpoint what it is to be told. One object lives as long as its drain."""

    model = Endpoint
    calls = 2  # SECONDS of calls, and one that began at the last moment

    def __init__(self) -> None:
        self._places = Places()

    def prepare(self, rows: Sequence[Endpoint]) -> list[Job]:
        """Choose what each endpoint is told now, and count the tries."""
        now, jobs = clock(), []
        with transaction.atomic():
            for endpoint in still_ours(rows):
                letters = self._letters(endpoint, now)
                if letters:
                    call = partial(
                        deliver, endpoint.url, letters, to_this_machine=settings.WEBHOOKS_TO_LOOPBACK
                    )
                    jobs.append(Job((endpoint,), call, [letter.delivery_id for letter in letters]))
                else:
                    endpoint.save(update_fields=SETTLED_FIELDS)
            counted = [pk for job in jobs for pk in job.context]
            Delivery.objects.filter(pk__in=counted).update(tries=F("tries") + 1)
        return jobs

    def settle(self, done: Sequence[Done]) -> None:
        for item in done:
            self._places.give_back(item.job.rows[0])
        together_or_each(done, _settle)

    def _letters(self, endpoint: Endpoint, now: datetime) -> list[Letter]:
        """None: then the endpoint's claim is ended here."""
        if endpoint.open_claims > CRASH_LIMIT:
            turn_off(endpoint, Off.CRASH)
        if not endpoint.is_active:
            endpoint.settle(None)
            return []
        due = endpoint.deliveries.filter(state=DeliveryState.WAITING, next_at__lte=now)
        found = list(due.select_related("message").order_by("next_at", "pk")[:AT_ONCE])
        if not found:
            endpoint.settle(next_due(endpoint))
            return []
        if not self._places.take(endpoint):
            endpoint.settle(now + wait(SOON))
            return []
        secrets = endpoint.signing_secrets(now)
        return [Letter(one.pk, one.message.message_id, one.message.body, secrets) for one in found]


def _settle(done: Sequence[Done]) -> None:
    now = clock()
    ours = keep_ours([item.job.rows[0] for item in done])
    for item in done:
        endpoint: Endpoint = item.job.rows[0]
        if endpoint.pk in ours:
            endpoint.refresh_from_db(fields=["is_active"])  # somebody may have switched it off meanwhile
            _settle_one(endpoint, item.job.context, item.result or [], now)


def _settle_one(endpoint: Endpoint, chosen: Sequence[int], tried: Sequence[Tried], now: datetime) -> None:
    """Nothing tried at all is a mistake of our own: the endpoint rests, and nothing counts against it."""
    known = endpoint.deliveries.in_bulk(chosen)
    untried = known.keys() - {one.delivery_id for one in tried}
    Delivery.objects.filter(pk__in=untried).update(tries=F("tries") - 1)
    pairs = [(known[one.delivery_id], one) for one in tried if one.delivery_id in known]
    DeliveryTry.objects.bulk_create([_note(delivery, one, now) for delivery, one in pairs])
    for delivery, one in pairs:
        _settle_delivery(delivery, one, now, is_active=endpoint.is_active)
        delivery.save(update_fields=["state", "next_at", "delivered_at"])
    move_up(endpoint, [delivery.about for delivery, _ in pairs if delivery.next_at is None], now)
    _judge(endpoint, tried, now)


def _settle_delivery(delivery: Delivery, tried: Tried, now: datetime, *, is_active: bool) -> None:
    """Not saved. Without a next time it is done with, one way or the other."""
    delivery.next_at = None
    if tried.is_delivered:
        delivery.state, delivery.delivered_at = DeliveryState.DELIVERED, now
        return
    length = retry_wait(delivery.tries, tried.retry_after)
    if not is_active:
        delivery.state = DeliveryState.MISSED
    elif length is None:
        delivery.state = DeliveryState.FAILED
    else:
        delivery.next_at = now + length


def _judge(endpoint: Endpoint, tried: Sequence[Tried], now: datetime) -> None:
    """The endpoint's health, and when it is called next. Saves it."""
    if any(one.is_delivered for one in tried):
        endpoint.last_ok_at, endpoint.failing_since, endpoint.failures = now, None, 0
    if tried and not tried[-1].is_delivered:
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.failures += 1
    due_at = next_due(endpoint)
    if due_at and (endpoint.failures or not tried):
        rest = min(timedelta(seconds=2 ** min(endpoint.failures, 6)), LONGEST_REST)
        due_at = max(due_at, now + wait(rest))
    endpoint.settle(due_at)
    endpoint.save(update_fields=[*SETTLED_FIELDS, "failing_since", "failures", "last_ok_at"])
    if any(one.is_gone for one in tried):
        turn_off(endpoint, Off.GONE)
    elif endpoint.failing_since and now - endpoint.failing_since >= wait(OFF_AFTER):
        turn_off(endpoint, Off.FAILING)


def _note(delivery: Delivery, tried: Tried, now: datetime) -> DeliveryTry:
    return DeliveryTry(
        delivery=delivery,
        at=now,
        seconds=round(tried.posted.seconds, 3),
        status=tried.posted.status or None,
        sentence=tried.sentence,
        headers=tried.headers,
        answer=_shown(tried.posted.answer),
    )


def _shown(answer: bytes) -> str:
    """The beginning of what they answered, without people and secrets."""
    try:
        return dump_json(redact(parse_json(answer)))
    except MalformedBody:
        return str(redact(clean_text(answer.decode(errors="replace"), 1_000)))
