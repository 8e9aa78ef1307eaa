"""What people and the API do with endpoints. Each function is one transaction under the row's lock."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from compliance.problems import entry
from crushsync.accounts.models import Winery
from crushsync.lib.http import ForbiddenAddress, checked_address
from crushsync.lib.queue import clock, ring
from fulfillment.problems.noting import Cause, note_of_winery
from notifications.events import ENDPOINT_TEST, Happening, check_types
from notifications.events.news import EndpointNews
from notifications.models import Delivery, Endpoint, Off
from notifications.sources import begin
from notifications.webhooks.lines import hurry, message, stand_in_line, stop_all
from notifications.webhooks.signing import new_secret

OVERLAP = timedelta(hours=24)
CODE = "endpoint_off"  # of the problem


def create(winery: Winery, name: str, url: str, event_types: Sequence[str]) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is shown this once. It is told of what happens from now on.

    `event_types` are of EVENT_TYPES, or such as "order.*" or "*". Raises ValidationError.
    """
    endpoint = Endpoint(winery=winery, name=name, url=url, secrets={"current": new_secret()})
    check(endpoint, event_types)
    with transaction.atomic():
        begin()
        endpoint.save()
    return endpoint, endpoint.secrets["current"]


def change(endpoint: Endpoint, *, name: str, url: str, event_types: Sequence[str]) -> Endpoint:
    """Save what people set; another address is tried at once. Raises ValidationError."""
    with transaction.atomic():
        row = _locked(endpoint)
        was, is_moved = row.name, row.url != url
        row.name, row.url = name, url
        check(row, event_types)
        row.save(update_fields=["name", "url", "event_types"])
        _note(row, was)
        if is_moved:
            hurry(row, clock())
    return row


def check(endpoint: Endpoint, event_types: Sequence[str]) -> None:
    """Take the event types over, and raise ValidationError for what cannot be saved."""
    endpoint.event_types = check_types(event_types)
    try:
        checked_address(endpoint.url, to_this_machine=settings.WEBHOOKS_TO_LOOPBACK)
    except ForbiddenAddress as refusal:
        raise ValidationError({"url": str(refusal)}) from None
    endpoint.full_clean()


def rotate_secret(endpoint: Endpoint, overlap: timedelta = OVERLAP) -> str:
    """A new secret, shown this once. The old one signs as well until the overlap is over."""
    with transaction.atomic():
        row = _locked(endpoint)
        row.secrets = {"current": new_secret(), "old": row.secrets["current"]}
        row.old_secret_until = clock() + overlap
        row.save(update_fields=["secrets", "old_secret_until"])
    return str(row.secrets["current"])


def switch_on(endpoint: Endpoint) -> None:
    """Tell it again of what happens from now on; what it missed is replayed only if somebody asks."""
    with transaction.atomic():
        row = _locked(endpoint)
        row.is_active, row.off_code, row.failing_since, row.failures = True, "", None, 0
        row.save(update_fields=["is_active", "off_code", "failing_since", "failures"])
        _note(row)


def switch_off(endpoint: Endpoint) -> None:
    """Tell it no more. What waits and what happens meanwhile is kept as missed."""
    with transaction.atomic():
        _off(_locked(endpoint), "")


def turn_off(endpoint: Endpoint, code: Off) -> None:
    """Switch off an endpoint that nobody answers at: a problem of the winery's. Its row is locked."""
    _off(endpoint, code)


def delete(endpoint: Endpoint) -> None:
    """Take it away, and with it the log of what it was told."""
    with transaction.atomic():
        row = _locked(endpoint)
        _off(row, "")
        row.delete()


def send_test(endpoint: Endpoint) -> Delivery:
    """Tell it of an `endpoint.test`, now. Raises ValidationError if it is off."""
    with transaction.atomic():
        row, now = locked_and_on(endpoint), clock()
        told = message(
            Happening(
                row.winery_id,
                ENDPOINT_TEST,
                f"endpoint:{row.pk}",
                f"test:{uuid.uuid4()}",
                now,
                EndpointNews(row).data,
            )
        )
        told.save()
        return queue(row, [Delivery(endpoint=row, message=told)], now)[0]


def queue(endpoint: Endpoint, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
    """Put them at the end of their lines and ring. Call inside a transaction, with the endpoint locked."""
    stand_in_line(deliveries, now)
    ring()
    return deliveries


def locked_and_on(endpoint: Endpoint) -> Endpoint:
    row = _locked(endpoint)
    if not row.is_active:
        raise ValidationError(_("This endpoint is off. Switch it on first."))
    return row


def _locked(endpoint: Endpoint) -> Endpoint:
    rows = Endpoint.objects.select_for_update(of=("self",)).select_related("winery")
    row: Endpoint = rows.get(pk=endpoint.pk)
    return row


def _off(endpoint: Endpoint, code: str) -> None:
    endpoint.is_active, endpoint.off_code = False, code
    fields = ["is_active", "off_code"]
    if not endpoint.is_in_flight:
        endpoint.due_at = None
        fields.append("due_at")
    endpoint.save(update_fields=fields)
    stop_all(endpoint)
    _note(endpoint)


def _note(endpoint: Endpoint, was: str = "") -> None:
    """A problem while it is off and nobody switched it off; `was`: under which name it may be known."""
    name, causes = endpoint.name, []
    if endpoint.off_code:
        sentence = f"{entry(CODE).say(name)} {endpoint.get_off_code_display()}"
        causes = [Cause(endpoint.winery_id, CODE, name, sentence)]
    note_of_winery(endpoint.winery_id, [CODE], causes, clock(), subjects={name, was or name})
