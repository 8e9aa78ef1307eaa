"""A shop's stock numbers: what every connector that has them can read and set. Nothing here knows a model."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ShopLocation:
    """One place of the shop. `is_service`: another company's, whose numbers are not ours to set."""

    external_id: str
    name: str
    is_service: bool


@dataclass(frozen=True, slots=True)
class ShopLevel:
    """How many of one product the shop has at one of its places; what is sold and not shipped is in it."""

    location_id: str
    item_id: str  # the shop's id of what is counted
    sku: str
    on_hand: int


@dataclass(frozen=True, slots=True)
class LevelChange:
    """Set a number, provided that it still is what we saw."""

    location_id: str
    item_id: str
    was: int
    becomes: int


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """What became of changes that were asked for together: all were written, or none.

    `is_stale`: a number was not what we saw, or the key was spent: look again. `refused`: item id -> why the
    shop will never take a number for it.
    """

    is_written: bool
    is_stale: bool = False
    refused: Mapping[str, str] = field(default_factory=dict)


class Inventory(ABC):
    """One shop's stock over HTTP. Thread-safe; raises only the classes of crushsync.lib.errors."""

    most_changes: int = 100  # asked for in one call

    @abstractmethod
    def locations(self) -> tuple[ShopLocation, ...]:
        """The shop's active places."""

    @abstractmethod
    def levels(self, location_id: str) -> tuple[ShopLevel, ...]:
        """All numbers the shop keeps at one of its places; PermanentError if it has no such place."""

    @abstractmethod
    def set_levels(self, changes: Sequence[LevelChange], key: str) -> SetAnswer:
        """Write all of the changes or none. The same key with the same changes is the same act."""
