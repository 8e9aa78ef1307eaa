"""From a Store's row to the connector that speaks for it."""

from django.conf import settings

from orders.models import Store
from orders.storefronts.base import Storefront
from orders.storefronts.registry import connect
from orders.storefronts.types import StoreConnection

NOT_FOR_CALLS = frozenset({"client_secret", "refresh_token"})


def storefront(store: Store) -> Storefront:
    """The store's connector: the same one, with its open connections, until a setting changes."""
    return connect(
        store.platform,
        StoreConnection(
            base_url=store.base_url,
            credentials=_credentials(store),
            birth_date_fields=tuple(store.birth_date_fields),
            ship_date_fields=tuple(store.ship_date_fields),
            gift_note_fields=tuple(store.gift_note_fields),
            access_point_fields=tuple(store.access_point_fields),
            fee_titles=tuple(store.fee_titles),
            day_before_month=store.day_before_month,
            deadline=settings.CALL_DEADLINE,
        ),
    )


def _credentials(store: Store) -> tuple[tuple[str, str], ...]:
    """What was entered and what was issued, without what only buys the next token."""
    tokens = {name: token for name, token in store.issued.items() if isinstance(token, str)}
    known = {**store.credentials, **tokens}
    return tuple(sorted(item for item in known.items() if item[0] not in NOT_FOR_CALLS))


def webhook_secrets(store: Store) -> list[str]:
    """The secrets its webhooks may be signed with: the present one, and the old one while it rotates.

    Where an app's client secret is known, it is one of them.
    """
    entered = f"{store.credentials.get('client_secret', '')}\n{store.credentials.get('webhook_secret', '')}"
    return [line.strip() for line in entered.splitlines() if line.strip()]


def webhook_url(store: Store) -> str:
    """Where the store's platform is to send its webhooks."""
    return f"{settings.BASE_URL}/webhooks/{store.platform}/{store.key}/"
