"""Shopify's search syntax, as far as order and variant lists use it.

https://shopify.dev/docs/api/usage/search-syntax
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import ge, gt, le, lt

from sandbox.clock import parse
from sandbox.shopify.orders import ShopOrder

TERM = re.compile(r"(?P<name>[a-z_]+):(?P<sign>[<>]=?)?(?P<value>'[^']*'|\"[^\"]*\"|\S+)")
Compare = Callable[[datetime, datetime], bool]
COMPARE: dict[str, Compare] = {">=": ge, ">": gt, "<=": le, "<": lt}
TIMES = {"updated_at", "created_at", "processed_at"}

Test = Callable[[ShopOrder], bool]


def terms(query: str | None) -> list[tuple[str, str, str]]:
    """(name, sign, value) of each term; quotes are taken off."""
    return [
        (match["name"], match["sign"] or "", match["value"].strip("'\""))
        for match in TERM.finditer(query or "")
    ]


def matching(orders: Iterable[ShopOrder], query: str | None) -> list[ShopOrder]:
    """Orders that satisfy every term; a name that is not known narrows nothing, as at Shopify."""
    tests = [_test(name, sign, value) for name, sign, value in terms(query)]
    return [order for order in orders if all(test(order) for test in tests)]


def _test(name: str, sign: str, value: str) -> Test:
    if name in TIMES:
        return _time_test(name, sign, parse(value))
    simple: dict[str, Test] = {
        "name": lambda order: order.name == value,
        "tag": lambda order: value in order.tags,
        "tag_not": lambda order: value not in order.tags,
        "financial_status": lambda order: order.rest.get("financial_status") == value,
        "test": lambda order: bool(order.rest.get("test")) == (value == "true"),
        "source_name": lambda order: order.rest.get("source_name") == value,
        "sku": lambda order: any(row.get("sku") == value for row in order.lines),
        "status": _status_test(value),
    }
    return simple.get(name, lambda _order: True)


def _status_test(value: str) -> Test:
    cancelled: Test = lambda order: order.rest.get("cancelled_at") is not None  # noqa: E731
    closed: Test = lambda order: order.rest.get("closed_at") is not None  # noqa: E731
    tests: dict[str, Test] = {
        "cancelled": cancelled,
        "closed": closed,
        "open": lambda order: not cancelled(order) and not closed(order),
        "not_closed": lambda order: not closed(order),
    }
    return tests.get(value, lambda _order: True)


def _time_test(name: str, sign: str, limit: datetime) -> Test:
    compare = COMPARE[sign or ">="]

    def test(order: ShopOrder) -> bool:
        text = order.rest.get(name)
        return text is not None and compare(parse(text), limit)

    return test
