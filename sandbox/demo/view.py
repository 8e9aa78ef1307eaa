"""What the shop and Vinoshipper show. The demo believes nobody else."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sandbox.client import Sandbox
from sandbox.shapes import Json

# How a number at Vinoshipper ends: with the shop order's id, and from the second sending on with its count.
ORDER_ID = re.compile(r"-(\d+)(?:-\d{1,3})?$")
READ = "OrderForSync"


@dataclass(frozen=True)
class Seen:
    """One look at both. `at_vinoshipper` holds the orders there by the id of the shop's order."""

    shop: dict[str, Json]
    vinoshipper: list[Json]
    reads: dict[str, int]  # how often each of the shop's orders was read
    calls: set[str]  # the orders Vinoshipper heard of at all

    @cached_property
    def at_vinoshipper(self) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        for row in self.vinoshipper:
            found.setdefault(order_id(row["number"]), []).append(row)
        return found

    def accepted(self, order: str) -> Json | None:
        return next((row for row in self.at_vinoshipper.get(order, []) if row["accepted"]), None)

    def status(self, order: str) -> str:
        """Vinoshipper's status of the last order it has for this one; "" if there is none."""
        rows = self.at_vinoshipper.get(order, [])
        return str(rows[-1]["status"]) if rows else ""

    def tags(self, order: str) -> list[str]:
        """The tags the shop's staff see on it."""
        return [tag.strip() for tag in str(self.shop[order]["rest"].get("tags") or "").split(",")]

    def skus(self, order: str) -> list[str]:
        """What Vinoshipper is to ship for it."""
        row = self.accepted(order)
        return [str(line["productId"]) for line in row["request"]["products"]] if row else []

    def is_labelled(self, order: str) -> bool:
        row = self.accepted(order)
        return bool(row and row["packages"])

    def is_reported(self, order: str) -> bool:
        """Whether the shop's order carries every tracking number that Vinoshipper gave out for it."""
        row = self.accepted(order)
        if row is None or not row["packages"]:
            return False
        shown = [number for made in self._shipments(order) for number in made["numbers"]]
        return sorted(shown) == sorted(row["packages"])

    def is_delivered(self, order: str) -> bool:
        events = [event["status"] for made in self._shipments(order) for event in made["events"]]
        return "DELIVERED" in events

    def tracking(self, order: str) -> str:
        made = self._shipments(order)
        return ", ".join(f"{row['company']} {' '.join(row['numbers'])}" for row in made)

    def _shipments(self, order: str) -> list[Json]:
        return [made for made in self.shop[order]["fulfillments"] if made["status"] != "CANCELLED"]


def order_id(number: str) -> str:
    """The shop order a Vinoshipper number was made from; "" if it is none of ours."""
    match = ORDER_ID.search(number)
    return match[1] if match else ""


@dataclass
class View:
    """Looks at the sandbox again and again; its log is read on from where it was read last."""

    sandbox: Sandbox
    _entries: dict[int, Json] = field(default_factory=dict)
    _since: int = 0

    def look(self) -> Seen:
        self._read_log()
        reads: dict[str, int] = {}
        calls: set[str] = set()
        for entry in self._entries.values():
            if entry["system"] == "shopify":
                _count(reads, entry["order"])
            elif entry["order"]:
                calls.add(entry["order"])
        shop = {str(row["id"]): row for row in self.sandbox.shop().orders()}
        return Seen(shop, self.sandbox.vinoshipper.orders(), reads, calls)

    def _read_log(self) -> None:
        unfinished = []
        for row in self.sandbox.log(self._since):
            self._since = max(self._since, row["seq"])
            if row["direction"] == "in" and (row["system"] == "vinoshipper" or row["operation"] == READ):
                self._entries[row["seq"]] = _entry(row)
                if row["status"] is None:
                    unfinished.append(row["seq"])
        self._since = min([self._since, *(seq - 1 for seq in unfinished)])


def _entry(row: Json) -> Json:
    if row["system"] == "shopify":
        match = re.search(r"gid://shopify/Order/(\d+)", row["request"])
        order = match[1] if match else ""
    else:
        parts: list[Any] = [part for part in row["path"].split("?")[0].split("/") if "-" in part]
        order = next(filter(None, map(order_id, parts)), "")
    return {"system": row["system"], "order": order}


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1
