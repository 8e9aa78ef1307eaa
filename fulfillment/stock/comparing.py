"""Comparing a shop's numbers with ours over HTTP: without models, so that pool threads may do it."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as lazy

from orders.storefronts.inventory import Inventory, LevelChange, ShopLevel

DUPLICATE = lazy("Two products of the shop have this SKU, so nobody knows which of them is meant.")
MOST_REFUSED = 3  # times a write is asked for again without what was refused


@dataclass(frozen=True, slots=True)
class Place:
    """One of the shop's locations, and the numbers it should show: SKU in the shop -> pieces.

    A SKU that is not named is none of our business and is left alone. `seen`: what the shop showed when we
    last looked, by item id.
    """

    location_id: str
    numbers: Mapping[str, int]
    seen: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the shop shows now, by location; `refused`: item id -> why it is not set.

    `is_stale`: a number moved in the shop by itself, and was left alone this time.
    """

    shown: Mapping[str, Sequence[ShopLevel]]
    written: int = 0
    is_stale: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)


def read(inventory: Inventory, places: Sequence[Place]) -> Comparison:
    """Only look."""
    return Comparison({place.location_id: inventory.levels(place.location_id) for place in places})


def push(inventory: Inventory, places: Sequence[Place], key: str) -> Comparison:
    """Look, write the numbers that differ, and look again at what became of them.

    A write is one act for `key` and its content: after an outcome that is not known, the same key makes sure
    that it does not count twice. A number that moved in the shop by itself, since the last look or before the
    write arrived, is left for the next time: what moved it may be an order that is on its way to us.
    """
    before = {place.location_id: inventory.levels(place.location_id) for place in places}
    refused: dict[str, str] = {}
    written, is_stale, has_moved = 0, False, False
    for place in places:
        found = differences(place, before[place.location_id], refused)
        changes = [change for change in found if place.seen.get(change.item_id, change.was) == change.was]
        has_moved = has_moved or len(changes) < len(found)
        for start in range(0, len(changes), inventory.most_changes):
            part = changes[start : start + inventory.most_changes]
            count, stale = _write(inventory, part, key, refused)
            written, is_stale = written + count, is_stale or stale
    if not written and not is_stale:
        return Comparison(before, is_stale=has_moved, refused=refused)
    after = {place.location_id: inventory.levels(place.location_id) for place in places}
    return Comparison(after, written, is_stale or has_moved, refused)


def differences(place: Place, shown: Sequence[ShopLevel], refused: dict[str, str]) -> list[LevelChange]:
    """What has to change for the shop to show the place's numbers; an ambiguous SKU is refused."""
    seen = Counter(level.sku for level in shown)
    changes = []
    for level in shown:
        wanted = place.numbers.get(level.sku)
        if wanted is None:
            continue
        if seen[level.sku] > 1:
            refused[level.item_id] = str(DUPLICATE)
        elif wanted != level.on_hand:
            changes.append(LevelChange(level.location_id, level.item_id, level.on_hand, wanted))
    return changes


def _write(
    inventory: Inventory, changes: Sequence[LevelChange], key: str, refused: dict[str, str]
) -> tuple[int, bool]:
    """(how many were written, whether one of them was stale). What is refused is left out and noted."""
    for _try in range(MOST_REFUSED):
        left = [change for change in changes if change.item_id not in refused]
        if not left:
            break
        answer = inventory.set_levels(left, _key(key, left))
        if answer.is_written or answer.is_stale:
            return (len(left) if answer.is_written else 0), answer.is_stale
        refused.update(answer.refused)
    return 0, False


def _key(key: str, changes: Sequence[LevelChange]) -> str:
    told = [key, *(f"{c.location_id}|{c.item_id}|{c.was}|{c.becomes}" for c in changes)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:40]
