"""A shop that sends signed webhooks, and what the partners saw of them."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

import aiohttp

from bench.partners import FIXTURES, SHOP_ORDER_ID
from bench.rows import SECRET
from crushsync.lib.signing import hmac_sha256_base64
from orders.models import Store
from orders.stores import webhook_url

BODY = (FIXTURES / "shopify/webhooks/orders_create.json").read_bytes()


@dataclass(frozen=True)
class Sent:
    """One webhook: when it was due (monotonic) and how long after that its answer came, in seconds.

    Shops do not slow down when we do. A sender that waited for each answer would, and would hide the wait.
    """

    order_id: str
    at: float
    seconds: float


def paced(store: Store, ids: Sequence[str], per_second: float) -> list[Sent]:
    """Send one webhook per order at an even pace, whatever becomes of the ones before."""
    return asyncio.run(_paced(webhook_url(store), ids, per_second))


def seen(partners: str, what: str) -> dict[str, list[float]]:
    """When the partners were called: order number -> monotonic times, of `reads` or `puts`."""
    found: dict[str, list[float]] = json.loads(_ask(partners, "GET", "/seen"))[what]
    return found


def forget(partners: str) -> None:
    """Let the partners forget all calls."""
    _ask(partners, "POST", "/forget")


def _ask(partners: str, method: str, path: str) -> bytes:
    connection = HTTPConnection(urlsplit(partners).netloc, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse().read()
    connection.close()
    return answer


async def _paced(url: str, ids: Sequence[str], per_second: float) -> list[Sent]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        start = time.monotonic()
        under_way = []
        for place, number in enumerate(ids):
            due = start + place / per_second
            await asyncio.sleep(due - time.monotonic())
            under_way.append(asyncio.create_task(_send(session, url, number, due)))
        return await asyncio.gather(*under_way)


async def _send(session: aiohttp.ClientSession, url: str, number: str, due: float) -> Sent:
    body = BODY.replace(SHOP_ORDER_ID.encode(), number.encode())
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Webhook-Id": f"bench-{number}",
        "X-Shopify-Hmac-Sha256": hmac_sha256_base64(SECRET, body),
    }
    async with session.post(url, data=body, headers=headers) as answer:
        answer.raise_for_status()
    return Sent(number, due, time.monotonic() - due)
