"""Vinoshipper and a Shopify shop that say yes to everything after LATENCY seconds, in a process of their own.

    python -m bench.partners PORT

Both note when they were called: `GET /seen` tells, `POST /forget` forgets.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from aiohttp import web

LATENCY = 0.150
FIXTURES = Path(__file__).resolve().parent.parent / "tests/fixtures"
SHOP_ORDER = (FIXTURES / "shopify/graphql/order__1042.json").read_text()
SHOP_ORDER_ID = "6411122233344"
ACCEPTED: dict[str, Any] = json.loads((FIXTURES / "vinoshipper/order__accepted.json").read_text())

_reads: dict[str, list[float]] = {}
_puts: dict[str, list[float]] = {}


async def read_order(request: web.Request) -> web.Response:
    """Shopify's answer to OrderForSync: the same order whatever is asked for, under the id asked for."""
    arrived = time.monotonic()
    asked: dict[str, Any] = await request.json()
    number = str(asked["variables"]["id"]).rsplit("/", 1)[-1]
    _reads.setdefault(number, []).append(arrived)
    text = SHOP_ORDER.replace(SHOP_ORDER_ID, number).replace("#1042", f"#{number[-7:]}")
    return await _answer(arrived, text)


async def put_order(request: web.Request) -> web.Response:
    """Vinoshipper's answer to an order it accepts: all of it, echoed."""
    arrived = time.monotonic()
    number = request.match_info["number"]
    _puts.setdefault(number, []).append(arrived)
    sent: dict[str, Any] = await request.json()
    lines = ACCEPTED["products"]
    products = [
        {**lines[index % len(lines)], "sku": line["productId"], "quantity": line["quantity"]}
        for index, line in enumerate(sent["products"])
    ]
    return await _answer(
        arrived,
        json.dumps({**ACCEPTED, "orderNumber": number, "products": products}),
        {"vs-trace-id": number},
    )


async def _answer(arrived: float, text: str, headers: dict[str, str] | None = None) -> web.Response:
    await asyncio.sleep(max(0.0, arrived + LATENCY - time.monotonic()))
    return web.Response(text=text, content_type="application/json", headers=headers)


async def seen(request: web.Request) -> web.Response:
    return web.json_response({"reads": _reads, "puts": _puts})


async def forget(request: web.Request) -> web.Response:
    _reads.clear()
    _puts.clear()
    return web.Response()


def app() -> web.Application:
    made = web.Application()
    made.router.add_put("/vinoshipper/api/v3/p/orders/{number}", put_order)
    made.router.add_post("/shop/admin/api/{version}/graphql.json", read_order)
    made.router.add_get("/seen", seen)
    made.router.add_post("/forget", forget)
    return made


if __name__ == "__main__":
    web.run_app(app(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=lambda *_: None)
