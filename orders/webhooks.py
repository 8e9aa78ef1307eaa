"""Where shops and Vinoshipper call us.

Authentic -> the raw bytes are stored -> 2xx, whatever they say; not authentic -> 401; not stored -> 5xx, so
that the sender tries again. Nothing is parsed here: reading is the drain's work.
"""

import hashlib
import re
import threading
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.errors import WebhookRejected
from crushsync.lib.queue import ring
from crushsync.lib.signing import new_token
from crushsync.lib.text import clean_text
from orders.models import HintSource, InboundHint, Store
from orders.storefronts.registry import STOREFRONTS
from orders.stores import webhook_secrets

LARGEST_BODY: Final = 2_500_000
# SQLite lets one writer in and is unfair to those who wait; a queue of our own keeps the waits short.
_one_writer: AbstractContextManager[object] = threading.Lock() if settings.IS_SQLITE else nullcontext()

# Written out: to have it composed for each webhook costs more than all else that is done with one.
_KNOWN_STORE: Final = (
    "SELECT id, winery_id, credentials FROM orders_store WHERE key = %s AND platform = %s AND is_active"
)


@csrf_exempt
@require_POST
def store_webhook(request: HttpRequest, platform: str, key: str) -> HttpResponse:
    """A store's platform tells that something happened."""
    store = next(iter(Store.objects.raw(_KNOWN_STORE, [key, platform])), None)
    if store is None or platform not in STOREFRONTS:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    if refusal := _unreadable(request):
        return refusal
    body = request.body
    try:
        told = STOREFRONTS[platform].verify(request.headers, body, webhook_secrets(store))
    except WebhookRejected:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    hint = InboundHint(
        winery_id=store.winery_id,
        store=store,
        topic=clean_text(told.topic, 100),
        delivery_id=clean_text(told.delivery_id, 120),
        headers={
            "event_id": clean_text(told.event_id, 100),
            "triggered_at": clean_text(told.triggered_at, 60),
        },
        body=body,
    )
    return _store(hint)


@csrf_exempt
@require_POST
def vinoshipper_webhook(request: HttpRequest, key: str) -> HttpResponse:
    """Vinoshipper tells that something happened. It signs nothing: the address is the secret, it is a hint.

    https://developer.vinoshipper.com/reference/webhooks
    """
    account = VinoshipperAccount.objects.only("winery_id").filter(hint_key=key, is_active=True).first()
    if account is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    if refusal := _unreadable(request):
        return refusal
    hint = InboundHint(
        winery_id=account.winery_id,
        vinoshipper_account=account,
        # They send no id; each call is a hint of its own, and hints are cheap.
        delivery_id=f"{hashlib.sha256(request.body).hexdigest()[:32]}:{new_token(12)}",
        body=request.body,
    )
    return _store(hint)


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """Refuse what would arrive as an empty body (chunked) or fill the memory, before reading it."""
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        return HttpResponse(status=HTTPStatus.LENGTH_REQUIRED)
    length = request.headers.get("Content-Length") or "0"
    if not re.fullmatch(r"[0-9]{1,18}", length):
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    if int(length) > LARGEST_BODY:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return None


def _store(hint: InboundHint) -> HttpResponse:
    """Keep the hint and answer; a delivery we have already is answered alike."""
    hint.source = HintSource.WEBHOOK
    hint.due_at = hint.received_at = timezone.now()
    try:
        with _one_writer:
            hint.save(force_insert=True)
    except IntegrityError:
        return HttpResponse(status=HTTPStatus.OK)
    ring()
    return HttpResponse(status=HTTPStatus.OK)
