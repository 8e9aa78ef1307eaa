"""Idempotency-Key: a call has its effect once, and whoever repeats it gets the first answer again.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ The effect and the answer commit
together: a process that dies in between leaves neither, and the next call with the key begins anew.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.models import IdempotentCall
from crushsync.api.access import caller_of
from crushsync.api.errors import AlreadyRunning, ApiError, OtherBody
from crushsync.api.racing import settle
from crushsync.api.rendering import AlwaysJSON

HEADER: Final = "Idempotency-Key"
KEPT: Final = timedelta(hours=48)
# Longer than any call of ours takes: afterwards its holder is dead.
LEASE: Final = timedelta(minutes=2)
RUNNING = "A call with this Idempotency-Key is under way. Ask again in a moment."

Handler = Callable[..., Response]


def once(handler: Handler) -> Handler:
    """Decorate a view's `post`: the key is required, the effect is one transaction.

    What calls out changes nothing, and is done outside of one.
    """

    @wraps(handler)
    def answer(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        call = _begin(request)
        if call.status is not None:
            return _replay(call)

        def act() -> Response:
            response = handler(view, request, *args, **kwargs)
            _finish(call, response)
            return response

        try:
            response = act() if view.calls_out(**kwargs) else settle(act)
        except AlreadyRunning:
            raise  # we were too slow: somebody took the call over, and what we did is undone
        except Exception as error:  # noqa: BLE001 - whatever it is, it is answered and kept, or undone
            response = view.handle_exception(error)
            if response.status_code >= 500:
                # One that was lost while it committed may have its answer: that one is kept.
                IdempotentCall.objects.filter(pk=call.pk, fence=call.fence, status=None).delete()
            else:
                _finish(call, response)
        return response

    answer.is_once = True  # type: ignore[attr-defined]
    return answer


def reference(request: Request) -> str:
    """A name for what this call does, the same each time it is repeated."""
    named = f"{caller_of(request)}\n{request.headers.get(HEADER, '')}"
    return f"api:{hashlib.sha256(named.encode()).hexdigest()[:32]}"


def sweep() -> int:
    """Forget answers that are old enough; returns how many."""
    return IdempotentCall.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _begin(request: Request) -> IdempotentCall:
    """Our own call, or the one answered before. Raises for a missing key, another body, a call under way."""
    key = request.headers.get(HEADER, "")
    if not key:
        raise ApiError("idempotency_key_missing", f"Send a header {HEADER}, new for each thing to be done.")
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise ApiError("idempotency_key_invalid", f"{HEADER} is 1 to 200 visible ASCII characters.")
    now = timezone.now()
    call = IdempotentCall(
        caller=caller_of(request),
        idempotency_key=key,
        fingerprint=_fingerprint(request),
        held_until=now + LEASE,
    )
    try:
        with transaction.atomic():
            call.save(force_insert=True)
    except IntegrityError:
        return _known(call)
    return call


def _known(call: IdempotentCall) -> IdempotentCall:
    rows = IdempotentCall.objects.filter(caller=call.caller, idempotency_key=call.idempotency_key)
    known = rows.first()
    if known is None:  # given up in this moment
        raise AlreadyRunning("idempotency_running", RUNNING)
    if known.fingerprint != call.fingerprint:
        raise OtherBody(
            "idempotency_key_reused", "This Idempotency-Key was used for another call. Make a new one."
        )
    if known.status is not None:
        return known
    free = rows.filter(fence=known.fence, status=None, held_until__lte=timezone.now())
    if not free.update(held_until=call.held_until, fence=F("fence") + 1):
        raise AlreadyRunning("idempotency_running", RUNNING)
    known.fence += 1
    return known


def _finish(call: IdempotentCall, response: Response) -> None:
    """Keep the answer. Raises AlreadyRunning where the call is no longer ours."""
    mine = IdempotentCall.objects.filter(pk=call.pk, fence=call.fence, status=None)
    body = AlwaysJSON().render(response.data)
    kind = response.content_type or "application/json"
    tag = response.headers.get("ETag", "")
    if not mine.update(answer=body, status=response.status_code, content_type=kind, tag=tag):
        raise AlreadyRunning("idempotency_running", RUNNING)


def _replay(call: IdempotentCall) -> HttpResponse:
    response = HttpResponse(bytes(call.answer or b""), status=call.status, content_type=call.content_type)
    response["Idempotent-Replayed"] = "true"
    if call.tag:
        response["ETag"] = call.tag  # whoever died before the edit goes on with it
    return response


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=str)
    told = "\n".join([str(request.method), request.get_full_path(), body])
    return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()
