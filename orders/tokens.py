"""Access tokens that end: the next one is fetched well before, by one worker, and never lost.

`Store.issued` holds what the platform issued: the access token in use, and the refresh token if it gave one.
A new pair lands in one transaction, and only in place of the refresh token it was bought with.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects

from crushsync.accounts import connections
from crushsync.lib.errors import ConnectionProblem, OutcomeUnknown, SyncError
from crushsync.lib.queue import (
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
from orders.models import Store, StoreToken, TokenKind
from orders.storefronts.registry import ISSUERS
from orders.storefronts.types import IssuedToken, TokenRequest

LONGEST_MARGIN = timedelta(hours=2)  # a token is renewed so long before its end, an hourly one 15 minutes
MOST_PATIENT = 3  # tries after which the waits grow no longer: a token does not wait for a day
LOST = (
    "Shopify may have issued a new access token, but its answer was lost. It is asked again with the old "
    "refresh token, which it takes until the new one is used. If it refuses, install the app again."
)
FIELDS = [*SETTLED_FIELDS, "expires_at", "refreshed_at", "sentence"]


class TokenLane:
    """Fetches the next access token of each store whose present one ends."""

    model = StoreToken
    calls = 1

    def prepare(self, rows: Sequence[StoreToken]) -> list[Job]:
        """The claim was the lock: what is due here is asked for, whether or not the store is paused."""
        with transaction.atomic():
            rows = still_ours(rows)
            prefetch_related_objects(rows, "store")
            asked = [_renewal(row.store) for row in rows]
        return [
            Job((row,), partial(ISSUERS[row.store.platform], one), one.refresh_token)
            for row, one in zip(rows, asked, strict=True)
        ]

    def settle(self, done: Sequence[Done]) -> None:
        together_or_each(done, _settle)


def request(store: Store, **given: str) -> TokenRequest:
    """What the platform is asked with: the app's credentials, and a `code` or `refresh_token` if given."""
    return TokenRequest(
        base_url=store.base_url,
        client_id=str(store.credentials.get("client_id", "")),
        client_secret=str(store.credentials.get("client_secret", "")),
        deadline=settings.CALL_DEADLINE,
        **given,
    )


def kind_of(store: Store) -> TokenKind | None:
    """How the store's access token is had; None: it was entered and does not end, or there is none."""
    given = store.credentials
    if store.platform not in ISSUERS or not (given.get("client_id") and given.get("client_secret")):
        return None
    if given.get("refresh_token") or store.issued.get("refresh_token"):
        return TokenKind.REFRESH
    return None if given.get("access_token") or store.issued.get("is_lasting") else TokenKind.CLIENT


def take_entered(store: Store) -> bool:
    """Whether a person entered tokens: then they are what was issued from now on. Not saved."""
    given = dict(store.credentials)
    if store.platform in ISSUERS and given.get("refresh_token"):
        store.issued = {name: given.pop(name, "") for name in ("access_token", "refresh_token")}
        store.credentials = given
        return True
    is_over = bool(given.get("access_token") and store.issued)
    store.issued = {} if is_over else store.issued
    return is_over


def take_issued(store: Store, token: IssuedToken) -> None:
    """This pair is the store's from now on; an access token entered before has had its day. Not saved."""
    store.credentials = {k: v for k, v in store.credentials.items() if k != "access_token"}
    store.issued = {"access_token": token.access_token}
    if token.refresh_token:
        store.issued["refresh_token"] = token.refresh_token
    if token.lifetime is None:
        store.issued["is_lasting"] = True


def lock(store: Store) -> None:
    """Keep the lane from writing the store's tokens until the transaction ends. Before any other lock."""
    list(StoreToken.objects.select_for_update().filter(store_id=store.pk))


def keep(store: Store, token: IssuedToken | None, *, is_entered: bool) -> None:
    """Save the tokens that are new, and have the next one fetched in time; `token`: the one just issued.

    Call inside the transaction that saves the store, after `lock`.
    """
    if token is not None or is_entered:
        store.save(update_fields=["issued"])
    else:  # the lane may have written since the store was read
        store.refresh_from_db(fields=["issued"])
    kind = kind_of(store)
    if kind is None:
        StoreToken.objects.filter(store=store).delete()
        return
    now = clock()
    row, is_new = StoreToken.objects.select_for_update().get_or_create(store=store, defaults={"kind": kind})
    if token is not None:
        _land(row, token, now)
    elif is_new or is_entered or row.kind != kind:
        row.expires_at, row.sentence = None, ""
        row.settle(now)
    row.kind = kind
    row.save(update_fields=["kind", *FIELDS])


def _renewal(store: Store) -> TokenRequest:
    return request(store, refresh_token=str(store.issued.get("refresh_token", "")))


def _settle(done: Sequence[Done]) -> None:
    now = clock()
    ours = keep_ours([item.job.rows[0] for item in done])
    for item in done:
        row: StoreToken = item.job.rows[0]
        store = Store.objects.select_for_update().get(pk=row.store_id)
        is_ours = row.pk in ours
        if item.error is None and store.issued.get("refresh_token", "") == item.job.context:
            _take(row, store, item.result, now, is_ours=is_ours)
        elif is_ours:
            _not_taken(row, store, item.error, now)
            row.save(update_fields=FIELDS)


def _take(row: StoreToken, store: Store, token: IssuedToken, now: datetime, *, is_ours: bool) -> None:
    """Also the result of a worker that came late lands: nobody else has used the same refresh token up."""
    used: dict[str, Any] = {"refresh_token": store.issued.get("refresh_token", "")}
    store.issued = {**used, "access_token": token.access_token}
    if token.refresh_token:
        store.issued["refresh_token"] = token.refresh_token
    store.save(update_fields=["issued"])
    _land(row, token, now)
    row.save(update_fields=FIELDS if is_ours else ["expires_at", "refreshed_at", "sentence"])
    if store.is_paused:
        connections.resume(store, now)


def _land(row: StoreToken, token: IssuedToken, now: datetime) -> None:
    row.refreshed_at, row.sentence = now, ""
    if token.lifetime is None:
        row.expires_at = None
        row.settle(None)
        return
    life = timedelta(seconds=token.lifetime)
    row.expires_at = now + life
    row.settle(row.expires_at - min(life / 4, LONGEST_MARGIN))


def _not_taken(row: StoreToken, store: Store, error: SyncError | None, now: datetime) -> None:
    """No new token. The present one is good until its end; only then the store pauses."""
    if error is None:  # another pair took this one's place meanwhile: see to that one soon
        row.settle(now + wait(timedelta(minutes=1)))
        return
    row.sentence = LOST if isinstance(error, OutcomeUnknown) else error.sentence
    if not isinstance(error, ConnectionProblem):
        after = retry_wait(min(row.tries, MOST_PATIENT), getattr(error, "retry_after", None))
        row.settle(now + (after or wait(LONGEST_MARGIN)), tries=row.tries)
    elif row.expires_at and row.expires_at > now:
        row.settle(row.expires_at)
    else:
        connections.pause(store, error, now)
        row.settle(None if error.code == "refresh_refused" else now + wait(LONGEST_MARGIN / 2))
