"""A winery, and programs that call for it."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from crushsync.accounts.keys import SCOPES, make_key
from crushsync.accounts.models import ApiKey, Winery
from crushsync.api.pace import PerCaller
from tests.factories import WineryFactory

_numbers = itertools.count()


class Program:
    """A caller with an API key. Paths are below /api/v1/; a POST brings an Idempotency-Key of its own."""

    def __init__(self, key: ApiKey, text: str) -> None:
        self.key, self.text = key, text
        self._client = Client(headers={"authorization": f"Bearer {text}"}, raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(f"/api/v1/{path}", headers=headers)

    def post(self, path: str, body: Any = None, *, once: str | None = None, **headers: str) -> Any:
        key = f"test-{next(_numbers)}" if once is None else once
        named = {"Idempotency-Key": key, **headers}
        return self._send("post", path, body, {name: text for name, text in named.items() if text})

    def patch(self, path: str, body: Any, tag: str = "*") -> Any:
        return self._send("patch", path, body, {"If-Match": tag} if tag else {})

    def delete(self, path: str, tag: str = "*") -> Any:
        return self._send("delete", path, None, {"If-Match": tag} if tag else {})

    def call(self, method: str, path: str) -> Any:
        """Any method, with everything it could be asked for."""
        headers = {"Idempotency-Key": f"test-{next(_numbers)}", "If-Match": "*"}
        return self._send(method.lower(), path, None, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        send = getattr(self._client, method)
        if method == "get":
            return send(f"/api/v1/{path}", headers=headers)
        return send(
            f"/api/v1/{path}",
            {} if body is None else body,
            content_type="application/json",
            headers={name.replace("_", "-"): text for name, text in headers.items()},
        )


@pytest.fixture(autouse=True)
def _nobody_has_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids begin anew with each test, and this process would take its caller for the one before."""
    monkeypatch.setattr(PerCaller, "_shares", {})


MakeProgram = Callable[..., Program]


@pytest.fixture
def winery(db: None) -> Winery:
    return WineryFactory.create(name="Cedar Hollow", time_zone="America/Los_Angeles")


@pytest.fixture
def program_of(db: None) -> MakeProgram:
    """`program_of(winery, "orders:read")`: a program with these scopes; without any, with all of them."""

    def make(winery: Winery, *scopes: str, **fields: Any) -> Program:
        return Program(*make_key(winery, "test", scopes or list(SCOPES), by="ana", **fields))

    return make


@pytest.fixture
def program(winery: Winery, program_of: MakeProgram) -> Program:
    """May everything at the winery."""
    return program_of(winery)
