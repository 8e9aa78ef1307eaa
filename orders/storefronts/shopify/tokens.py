"""Shopify's token address: where an app's own credentials become an access token.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens
"""

import re
from decimal import Decimal
from typing import Any

from crushsync.lib.errors import ConnectionProblem, PermanentError, SyncError
from crushsync.lib.http import Answer, Client
from crushsync.lib.text import clean_text
from orders.storefronts.shopify.values import as_dict
from orders.storefronts.types import IssuedToken, TokenRequest

PATH = "/admin/oauth/access_token"
REFUSED_STATUSES = frozenset({400, 401, 403, 404})
LONGEST_LIFE = 400 * 24 * 3600

# error -> (code, sentence): what has to be set right before the same can succeed
REFUSALS = {
    "invalid_client": (
        "credentials",
        "Shopify does not know this client id with this client secret. Enter those of the app.",
    ),
    "invalid_grant": (
        "refresh_refused",
        "Shopify no longer accepts the store's refresh token. Install the app in the shop again.",
    ),
    "shop_not_permitted": (
        "permission",
        "Shopify gives the app no token for this shop: either it is not installed there, or the shop belongs "
        "to another organization than the app. Install the app in the shop.",
    ),
    "invalid_request": (
        "code_refused",
        "Shopify did not accept the code of this installation: it works once and soon. Start it again.",
    ),
}
_TOKEN = re.compile(r"[!-~]{1,500}")


def request_token(asked: TokenRequest) -> IssuedToken:
    """Exchange a code, or else refresh, or else use the client credentials: the first that is given.

    Refreshing retires the old pair, but only once the new one is used: after OutcomeUnknown the same refresh
    token may be tried again. Raises TemporaryError, OutcomeUnknown, ConnectionProblem.
    https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
    """
    client = Client(asked.base_url, partner="Shopify", timeout=asked.deadline)
    try:
        answer = client.call(
            "POST",
            PATH,
            json={"client_id": asked.client_id, "client_secret": asked.client_secret, **_grant(asked)},
            writes=bool(asked.code or asked.refresh_token),
            max_bytes=20_000,
            accept_statuses=REFUSED_STATUSES,
        )
    finally:
        client.close()
    if answer.status in REFUSED_STATUSES:
        raise _refusal(answer)
    return _issued(answer)


def _grant(asked: TokenRequest) -> dict[str, Any]:
    if asked.code:
        return {"code": asked.code, "expiring": "1"}
    if asked.refresh_token:
        return {"grant_type": "refresh_token", "refresh_token": asked.refresh_token}
    return {"grant_type": "client_credentials"}


def _issued(answer: Answer) -> IssuedToken:
    told = as_dict(answer.json())
    token, refresh = told.get("access_token"), told.get("refresh_token") or ""
    if not all(isinstance(text, str) for text in (token, refresh)) or not _TOKEN.fullmatch(str(token)):
        raise answer.call.no_answer("garbage", trace_id=answer.trace_id)
    return IssuedToken(str(token), str(refresh), _seconds(told.get("expires_in")))


def _seconds(life: Any) -> float | None:
    if not isinstance(life, int | Decimal) or isinstance(life, bool) or not 0 < life < LONGEST_LIFE:
        return None
    return float(life)


def _refusal(answer: Answer) -> SyncError:
    if answer.status == 404:
        return ConnectionProblem(
            "There is no Shopify shop at this address. Check the store's address.", code="address"
        )
    try:
        error = clean_text(as_dict(answer.json()).get("error"), 60)
    except SyncError:
        error = ""
    default = "invalid_client" if answer.status == 401 else ""
    if error in REFUSALS or default:
        code, sentence = REFUSALS[error if error in REFUSALS else default]
        return ConnectionProblem(sentence, code=code, trace_id=answer.trace_id)
    said = f" It said: {error}" if error else ""
    return PermanentError(
        f"Shopify issued no access token ({answer.status}).{said}", code="no_token", trace_id=answer.trace_id
    )
