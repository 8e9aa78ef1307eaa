"""What every call to Vinoshipper needs: the account's connections, and how an odd answer is told."""

from collections.abc import Callable
from typing import Any, TypeVar

from crushsync.lib.errors import TemporaryError
from crushsync.lib.http import Answer, Client
from crushsync.vinoshipper.types import VinoshipperConnection

Value = TypeVar("Value")

PARTNER = "Vinoshipper"
CLIENT_NAME = "CrushSync"
ORDERS = "/api/v3/p/orders"
REFUSED = frozenset({400, 409, 422})
NOT_FOUND = frozenset({404})


class Caller:
    """One account's HTTP client."""

    def __init__(self, connection: VinoshipperConnection) -> None:
        self._producer_id = connection.producer_id
        # Basic authentication: https://developer.vinoshipper.com/docs/api-getting-started
        self._http = Client(
            connection.base_url,
            partner=PARTNER,
            auth=(connection.api_key.strip(), connection.api_secret.strip()),  # a pasted blank would be a 401
            headers={"VS-Client-ID": CLIENT_NAME},
            timeout=connection.deadline,
            trace_header="vs-trace-id",
        )

    def _read(
        self, path: str, read: Callable[[Any], Value | None], what: str, *, max_bytes: int = 1_000_000
    ) -> Value:
        answer = self._http.call("GET", path, writes=False, max_bytes=max_bytes)
        return readable(read(answer.json()), what, answer)


def odd(what: str) -> str:
    return f"Vinoshipper's answer about {what} is not what it should be."


def readable(value: Value | None, what: str, answer: Answer) -> Value:
    if value is None:
        raise TemporaryError(odd(what), code="unreadable", trace_id=answer.trace_id)
    return value
