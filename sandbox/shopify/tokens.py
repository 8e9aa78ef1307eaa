"""Access tokens of one shop's app: what the token address grants, and until when.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens
"""

import hmac
import secrets
from dataclasses import dataclass, field
from time import monotonic

from sandbox.shapes import Json

CLIENT_CREDENTIALS_SECONDS = 86_399
OFFLINE_SECONDS = 3_600
REFRESH_SECONDS = 7_776_000

Answer = tuple[int, Json]


@dataclass
class RefreshToken:
    """One link of the chain; `parent` is retired when this one is used."""

    parent: str = ""
    is_used: bool = False
    is_retired: bool = False


@dataclass
class TokenDesk:
    """What the app holds in this shop. ``codes``: authorization code -> scopes agreed to."""

    is_installed: bool = True
    access: dict[str, float | None] = field(default_factory=dict)  # token -> its end, None: never
    refresh: dict[str, RefreshToken] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def accepts(self, token: str) -> bool:
        end = self.access.get(token, 0.0)
        return self.is_installed and (end is None or monotonic() < end)

    def uninstall(self) -> None:
        """All tokens are void at once."""
        self.is_installed = False
        self.access.clear()
        self.refresh.clear()

    def authorize(self, scopes: str) -> str:
        """The shop's owner agreed; the code works once."""
        code = secrets.token_hex(16)
        self.codes[code] = scopes
        return code

    def issue(self, seconds: float, parent: str = "") -> Json:
        """A new pair of an expiring offline token and its refresh token."""
        refresh = f"shprt_{secrets.token_hex(16)}"
        self.refresh[refresh] = RefreshToken(parent)
        return {
            **self._access(seconds or OFFLINE_SECONDS),
            "refresh_token": refresh,
            "refresh_token_expires_in": REFRESH_SECONDS,
        }

    def grant(self, given: Json, *, seconds: float, spent_refresh: str) -> Answer:
        """The answer to a request whose client was found genuine."""
        if "code" in given:
            return self._exchange(given, seconds)
        if given.get("grant_type") == "client_credentials":
            if not self.is_installed:
                return refused("shop_not_permitted", "Client credentials cannot be performed on this shop.")
            return 200, self._access(seconds or CLIENT_CREDENTIALS_SECONDS)
        if given.get("grant_type") == "refresh_token":
            return self._refresh(str(given.get("refresh_token")), seconds, spent_refresh)
        return refused("unsupported_grant_type", "The grant type is not supported.")

    def _exchange(self, given: Json, seconds: float) -> Answer:
        scopes = self.codes.pop(str(given["code"]), None)
        if scopes is None:
            return refused("invalid_request", "The authorization code was not found or was already used.")
        self.is_installed = True
        issued = self.issue(seconds) if str(given.get("expiring")) == "1" else self._access(None)
        return 200, {**issued, "scope": scopes}

    def _refresh(self, token: str, seconds: float, spent_refresh: str) -> Answer:
        found = self.refresh.get(token)
        is_spent = found is not None and found.is_used and spent_refresh == "refused"
        if found is None or found.is_retired or is_spent:
            return refused("invalid_grant", "The refresh token is expired, revoked or was used before.")
        found.is_used = True
        if found.parent in self.refresh:
            self.refresh[found.parent].is_retired = True
        return 200, self.issue(seconds, parent=token)

    def _access(self, seconds: float | None) -> Json:
        token = f"shpat_{secrets.token_hex(16)}"
        self.access[token] = None if seconds is None else monotonic() + seconds
        return {"access_token": token} | ({} if seconds is None else {"expires_in": seconds})


def is_client(given: Json, client_id: str, client_secret: str) -> bool:
    """Whether the request comes from the app."""
    told = f"{given.get('client_id')}\n{given.get('client_secret')}"
    return hmac.compare_digest(told.encode(), f"{client_id}\n{client_secret}".encode())


def refused(error: str, description: str, status: int = 400) -> Answer:
    return status, {"error": error, "error_description": description}
