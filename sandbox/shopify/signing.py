"""Signatures of webhooks: https://shopify.dev/docs/apps/build/webhooks/verify-deliveries"""

import base64
import hashlib
import hmac


def signature(secret: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256 over the raw bytes, the value of X-Shopify-Hmac-Sha256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
