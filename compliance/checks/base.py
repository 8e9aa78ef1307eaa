"""What a check is: a pure function of a shipment with a code, a setting and a level."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from orders.models import Order, OrderLine

# The unit in which states count wine.
BOTTLE_ML = 750


class Level(StrEnum):
    """What it means that a check found something."""

    BLOCKS = "blocks"  # sending would be refused or wrong: something has to be mended first
    WARNS = "warns"  # told, and the order goes all the same
    PASSES = "passes"  # found nothing, or is switched off


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the feed as far as checks ask: stock in pieces, `ml` None where the feed names no size."""

    sku: str
    inventory: int
    not_available_in: Sequence[str]
    ml: int | None
    is_alcohol: bool

    def bottles(self, quantity: int) -> Decimal:
        """So many pieces in bottles of 750 ml; one piece of unknown size counts as one."""
        return Decimal(quantity * (self.ml or BOTTLE_ML)) / BOTTLE_ML if self.is_alcohol else Decimal(0)


@dataclass(frozen=True, slots=True)
class Shipment:
    """All a check may look at. `lines` are those that travel; `arrives_on` is the day age is judged on."""

    order: Order
    lines: Sequence[OrderLine]
    arrives_on: date
    levels: Mapping[str, str] = field(default_factory=dict)  # code -> Level, where a winery chose another
    most_bottles: int | None = None
    # By the SKU in the store: the feed's products of that SKU. None: the feed is not known.
    products: Mapping[str, Sequence[Product]] | None = None

    @property
    def address(self) -> Mapping[str, Any]:
        return self.order.ship_to or {}

    def part(self, name: str) -> str:
        """A part of the delivery address as text, "" if it is missing."""
        return str(self.address.get(name) or "").strip()


class Fault(NamedTuple):
    """What a check found, in a sentence that names nobody; `line` is the SKU it is about."""

    sentence: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule. A fixed one leaves no choice: the law or Vinoshipper has none either."""

    code: str
    label: Any  # lazily translated
    level: Level
    find: Callable[[Shipment], Iterable[Fault]]
    setting: str = ""  # what decides besides the level
    is_fixed: bool = False

    def level_in(self, levels: Mapping[str, str]) -> Level:
        """How much it counts for a winery with these levels."""
        chosen = levels.get(self.code)
        return Level(chosen) if chosen and not self.is_fixed else self.level

    @property
    def told_setting(self) -> str:
        return self.setting if self.setting or self.is_fixed else f"Ship-to settings: {self.label}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check that did not pass."""

    code: str
    sentence: str
    level: Level
    setting: str = ""
    line: str = ""

    @property
    def blocks(self) -> bool:
        return self.level == Level.BLOCKS
