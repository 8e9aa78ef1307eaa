"""The outside of the sandbox: two small API clients and somebody who receives webhooks."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

FIXTURES = Path(__file__).parents[1] / "fixtures"
OPERATIONS = (FIXTURES / "shopify/operations.graphql").read_text()
VARIABLES: dict[str, Any] = json.loads((FIXTURES / "shopify/operation-variables.json").read_text())


class Api:
    """Calls to Vinoshipper with the sample account's key."""

    def __init__(self, url: str, key: str = "342.sandbox", secret: str = "sandbox-secret") -> None:
        self._base = f"{url}/api/v3"
        self._session = requests.Session()
        self._session.auth = (key, secret)

    def call(self, method: str, path: str, body: Any = None, timeout: float = 10.0) -> requests.Response:
        return self._session.request(method, f"{self._base}/{path}", json=body, timeout=timeout)

    def put(self, number: str, **changes: Any) -> requests.Response:
        return self.call("PUT", f"p/orders/{number}", order(**changes))

    def read(self, number: str) -> requests.Response:
        return self.call("GET", f"p/orders/{number}")


def order(**changes: Any) -> dict[str, Any]:
    """A body that Vinoshipper accepts; ``state`` and ``last_name`` reach inside, the rest replaces fields."""
    state, last_name = changes.pop("state", "TX"), changes.pop("last_name", "Marquez")
    address = {
        "street1": "1 Main St",
        "city": "Austin",
        "postalCode": "78704",
        "stateCode": state,
        "country": "US",
    }
    return {
        "paid": True,
        "productIdType": "SKU",
        "customer": {
            "email": "elena@example.com",
            "firstName": "Elena",
            "lastName": last_name,
            "address": address,
            "dateOfBirth": {"day": 21, "month": 6, "year": 1984},
        },
        "shipToAddress": {**address, "firstName": "Elena", "lastName": last_name},
        "products": [{"productId": "HO-PN23-750", "quantity": 2, "price": 38.0}],
        "shippingRate": {"carrier": "UPS", "rateCode": "03", "price": 24.95},
        "taxes": 8.33,
        **changes,
    }


class Admin:
    """Calls to the shop's Admin API."""

    def __init__(self, url: str, token: str = "shpat_sandbox") -> None:
        self._address = f"{url}/admin/api/2026-07/graphql.json"
        self._headers = {"X-Shopify-Access-Token": token}

    def post(self, body: Any) -> requests.Response:
        return requests.post(self._address, json=body, headers=self._headers, timeout=10.0)

    def run(self, name: str, **variables: Any) -> Any:
        """The ``data`` of one of the named operations; fails on top-level errors."""
        body = {"query": OPERATIONS, "operationName": name, "variables": variables}
        answer = self.post(body).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def query(self, text: str) -> Any:
        return self.post({"query": text}).json()


class Received:
    """One webhook as it arrived."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        self.headers, self.body = headers, body

    @property
    def topic(self) -> str:
        return self.headers["x-shopify-topic"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Listener:
    """Receives webhooks and answers 200, or what ``answers`` says for the next ones."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(listener.answers.pop(0) if listener.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/hooks"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def topics(self) -> list[str]:
        return [one.topic for one in self.received]

    @property
    def events(self) -> list[str]:
        """Vinoshipper's events, sorted: their order on the wire is not promised."""
        return sorted(one.json["event"] for one in self.received)


def operation_names() -> list[str]:
    return re.findall(r"^(?:query|mutation) (\w+)", OPERATIONS, re.MULTILINE)
