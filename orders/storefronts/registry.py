"""The platforms we know, and one connector for each store in use."""

from collections.abc import Callable
from functools import lru_cache

from crushsync.lib.errors import ConnectionProblem
from orders.storefronts.base import Storefront
from orders.storefronts.pushed.connector import Pushed
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.shopify.tokens import request_token
from orders.storefronts.types import IssuedToken, StoreConnection, TokenRequest

STOREFRONTS: dict[str, type[Storefront]] = {
    Shopify.platform: Shopify,
    Pushed.platform: Pushed,
}

# Platforms whose access tokens end -> how the next one is had.
ISSUERS: dict[str, Callable[[TokenRequest], IssuedToken]] = {
    Shopify.platform: request_token,
}


@lru_cache(maxsize=512)
def connect(platform: str, connection: StoreConnection) -> Storefront:
    """Return the store's connector: the same one, with its open connections, until a setting changes.

    Raises ConnectionProblem for a platform we do not know or settings nothing can be called with.
    """
    if platform not in STOREFRONTS:
        raise ConnectionProblem(f"There is no connector for the platform {platform!r}.", code="platform")
    return STOREFRONTS[platform](connection)
