"""Slowing down before Shopify asks for it: what a shop's bucket of cost points still holds.

Shopify tells with each answer what the question cost and what is left; the bucket fills up all the time.
https://shopify.dev/docs/api/usage/limits#throttle-status
"""

import time
from collections.abc import Mapping
from decimal import Decimal
from threading import Condition
from typing import Any

from orders.storefronts.shopify.values import as_dict

# Threads of one shop that wait for points at a time. The others come back later, one after the other: a
# thread that waits is one that another winery's order does not get.
MOST_WAITING = 12
SOONEST, SPACING, FURTHEST = 1.0, 0.05, 60.0  # seconds


class Bucket:
    """One shop's points as far as we know. Thread-safe; nothing is known before the first answer."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._left = self._rate = self._most = 0.0
        self._at = time.monotonic()
        self._open = 0.0  # points of the questions that are under way
        self._costs: dict[str, float] = {}  # what each operation asked for last
        self._waiting = 0
        self._line_ends = 0.0  # when the last of those who were told to come back has its turn

    def take(self, operation: str, longest: float) -> tuple[float, float]:
        """Wait up to `longest` seconds until the bucket holds what the operation asks for, and take that.

        Returns (0, the points taken), or (seconds until its turn would come, 0). Shopify gives back what a
        question did not need, so an answer to another may end the wait.
        """
        with self._changed:
            is_crowded = self._waiting >= MOST_WAITING
            end = time.monotonic() + (0.0 if is_crowded else longest)
            self._waiting += 1
            try:
                wait, taken = self._take(self._costs.get(operation, 0.0), end)
            finally:
                self._waiting -= 1
            return (self._place() if wait and is_crowded else wait), taken

    def _take(self, cost: float, end: float) -> tuple[float, float]:
        while self._rate:
            self._fill()
            wait = max(cost - self._left, 0.0) / self._rate
            if not wait:
                self._left -= cost
                self._open += cost
                return 0.0, cost
            patience = end - time.monotonic()
            if patience <= 0 or (wait > patience and not self._open):
                return wait, 0.0
            self._changed.wait(min(wait, patience))
        return 0.0, 0.0

    def _place(self) -> float:
        """Seconds until the turn of one that comes back. Not what its points would take: questions need less
        than they ask for, so most of that is given back at once."""
        now = time.monotonic()
        self._line_ends = min(max(self._line_ends + SPACING, now + SOONEST), now + FURTHEST)
        return self._line_ends - now

    def learn(self, operation: str, content: Mapping[str, Any], taken: float) -> None:
        """Take over what an answer tells; `taken` is what `take` took for it."""
        cost = as_dict(as_dict(content.get("extensions")).get("cost"))
        status = as_dict(cost.get("throttleStatus"))
        rate = number(status.get("restoreRate"))
        with self._changed:
            self._open -= taken
            if rate > 0:
                self._costs[operation] = number(cost.get("requestedQueryCost"))
                self._rate, self._most = rate, number(status.get("maximumAvailable"))
                self._left = number(status.get("currentlyAvailable")) - self._open
                self._at = time.monotonic()
            self._changed.notify_all()

    def _fill(self) -> None:
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * self._rate, self._most)
        self._at = now


def seconds_until_filled(content: Mapping[str, Any]) -> float:
    """Return when the bucket will hold what a throttled question costs."""
    cost = as_dict(as_dict(content.get("extensions")).get("cost"))
    throttle = as_dict(cost.get("throttleStatus"))
    needed, there = number(cost.get("requestedQueryCost")), number(throttle.get("currentlyAvailable"))
    rate = number(throttle.get("restoreRate"))
    return min(max((needed - there) / rate, 1.0), 60.0) if rate > 0 else 1.0


def number(value: Any) -> float:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1_000_000 else 0.0
