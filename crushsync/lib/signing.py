"""Proof that a message came from who shares a secret with us, and secrets for addresses."""

import base64
import hashlib
import hmac
import secrets as random_source
from collections.abc import Sequence


def hmac_sha256_base64(secret: str, body: bytes) -> str:
    """Return the signature most shops send along: HMAC-SHA256 of the raw body, in base64."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def signature_matches(secrets: Sequence[str], body: bytes, given: str | None) -> bool:
    """Tell in constant time whether `given` was made with one of `secrets` (several while one is rotated).

    An empty secret never matches: anybody could sign with it.
    """
    if not given:
        return False
    claimed = given.encode("ascii", errors="replace")
    expected = [hmac_sha256_base64(secret, body).encode() for secret in secrets if secret]
    return any([hmac.compare_digest(signature, claimed) for signature in expected])


def new_token(size: int = 24) -> str:
    """Return `size` random bytes as text that fits into a URL: a secret address or key."""
    return random_source.token_urlsafe(size)
