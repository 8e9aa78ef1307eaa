"""Setting up a store: prove the credentials, subscribe to its webhooks, start the poll."""

from django.db import transaction

from crushsync.accounts import connections
from orders import tokens, watch
from orders.models import Store, TokenKind
from orders.storefronts.registry import ISSUERS
from orders.storefronts.types import ConnectionReport, IssuedToken
from orders.stores import webhook_secrets


def connect(store: Store) -> ConnectionReport:
    """Prove that the store answers, make it ready and save its settings; its poll starts now.

    Raises what the connector raises, with a sentence that says what is wrong; nothing is saved then.
    """
    is_entered, token = tokens.take_entered(store), None
    if tokens.kind_of(store) == TokenKind.CLIENT:
        token = ISSUERS[store.platform](tokens.request(store))
        tokens.take_issued(store, token)
    seen = watch.look(store)
    _keep(store, token, is_entered=is_entered, seen=seen)
    return seen.report


def keep(store: Store) -> None:
    """Save the store's settings, unchecked; its tokens are fetched by themselves."""
    _keep(store, None, is_entered=tokens.take_entered(store))


def install(store: Store, token: IssuedToken) -> list[str]:
    """Keep what the shop's owner agreed to, first of all; then connect. Returns what staff have to know.

    Raises what the connector raises; the token is kept then, and the store is looked at again by itself.
    """
    tokens.take_issued(store, token)
    _keep(store, token, is_entered=False)
    watch.keep(store, watch.look(store))
    return watch.notes(store)


def rotate_secret(store: Store, new: str) -> None:
    """From now on webhooks are signed with this secret; the one before is good until it is dropped."""
    both = "\n".join([new, *webhook_secrets(store)[:1]])
    store.credentials = {**store.credentials, "webhook_secret": both}
    if store.credentials.get("client_secret"):  # of one app, and so the same
        store.credentials["client_secret"] = new
    keep(store)


def drop_old_secrets(store: Store) -> None:
    """The change of the webhook secret is over."""
    store.credentials = {**store.credentials, "webhook_secret": "".join(webhook_secrets(store)[:1])}
    keep(store)


def _keep(
    store: Store, token: IssuedToken | None, *, is_entered: bool, seen: watch.Seen | None = None
) -> None:
    with transaction.atomic():
        tokens.lock(store)
        connections.keep(store)
        tokens.keep(store, token, is_entered=is_entered)
        if seen:
            watch.keep(store, seen)
        else:
            watch.look_soon(store)
