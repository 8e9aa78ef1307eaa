"""Installing an app in a shop: the address its owner is sent to, and the proof that he comes from Shopify.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from orders.storefronts.shopify.permissions import PERMISSIONS

SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def is_shop(base_url: str) -> bool:
    """Whether it is a shop's own address, or a stand-in's on this machine: nowhere else is anybody sent."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    is_real = parts.scheme == "https" and parts.netloc == host and SHOP.fullmatch(host)
    return bool(is_real) or host in THIS_MACHINE


def is_same_shop(base_url: str, named: str) -> bool:
    """Whether Shopify names the shop of this address; a stand-in's shop may have any name."""
    host = urlsplit(base_url).hostname or ""
    return bool(SHOP.fullmatch(named)) and (named == host or host in THIS_MACHINE)


def authorize_url(base_url: str, client_id: str, state: str, callback_url: str) -> str:
    """Where the shop's owner is asked to permit what we need."""
    asked = {
        "client_id": client_id,
        "scope": ",".join(PERMISSIONS),
        "redirect_uri": callback_url,
        "state": state,
    }
    return f"{base_url.rstrip('/')}/admin/oauth/authorize?{urlencode(asked)}"


def is_genuine(query: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Whether Shopify signed this query with one of the secrets; compared in constant time."""
    text = "&".join(f"{name}={value}" for name, value in sorted(query.items()) if name != "hmac")
    given = query.get("hmac", "").encode(errors="replace")
    expected = [
        hmac.new(secret.encode(), text.encode(errors="replace"), hashlib.sha256).hexdigest().encode()
        for secret in secrets
        if secret
    ]
    return any([hmac.compare_digest(one, given) for one in expected])
