"""A winery, and somebody who posts anything at all to its webhook addresses, rightly signed."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
import requests

from orders.models import InboundHint
from orders.stores import webhook_url
from sandbox.shopify.signing import signature
from tests.flow.conftest import SECRET, World, sandbox_server, world

__all__ = ["poster", "sandbox_server", "world"]

# What the drain logs when a row was too much for our own code.
OWN_FAULTS = ("could not be written", "could not prepare", "could not settle", "in our own code")


@dataclass
class Poster:
    """Posts over real HTTP to one store's webhook address."""

    url: str
    secret: str = SECRET
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def headers(self, body: bytes, topic: str | None = "orders/create") -> dict[str, str]:
        sent = {
            "X-Shopify-Hmac-Sha256": signature(self.secret, body),
            "X-Shopify-Webhook-Id": f"delivery-{next(self.numbers)}",
        }
        return sent if topic is None else {**sent, "X-Shopify-Topic": topic}

    def post(self, body: bytes, topic: str | None = "orders/create", **replaced: str) -> int:
        """The status of the answer to a signed webhook; keywords replace headers, "" leaves one out."""
        headers = {**self.headers(body, topic), **{name.replace("_", "-"): v for name, v in replaced.items()}}
        return self.send(body, {name: value for name, value in headers.items() if value})

    def send(self, body: bytes, headers: Mapping[str, str | bytes]) -> int:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.url, data=body, headers=dict(headers), timeout=10).status_code


@pytest.fixture
def poster(world: World) -> Poster:
    return Poster(webhook_url(world.store))


def newest() -> InboundHint:
    return InboundHint.objects.latest("pk")
