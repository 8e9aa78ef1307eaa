"""Single values out of Shopify's answers. Whatever is wrong with one is remembered, never raised."""

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crushsync.lib.text import clean_text

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
MOST_PIECES = 100_000
MOST_DEFECTS = 20

_GID = re.compile(r"gid://shopify/[A-Za-z]+/(\d{1,20})", re.ASCII)
# Below a billion: what is more cannot be kept, and no shop means it.
_AMOUNT = re.compile(r"-?\d{1,9}(\.\d{1,6})?", re.ASCII)


def as_dict(value: Any) -> dict[str, Any]:
    """Return `value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def nodes(connection: Any) -> list[dict[str, Any]]:
    """Return the objects of one page of a GraphQL connection."""
    return [node for node in as_list(as_dict(connection).get("nodes")) if isinstance(node, dict)]


def gid(kind: str, legacy_id: str) -> str:
    """Return the global id, gid://shopify/Order/6411122233344, of a numeric one."""
    return f"gid://shopify/{kind}/{legacy_id}"


def legacy_id(value: Any) -> str:
    """Return the digits of a global id, "" if it is none; a JSON number could not hold them everywhere."""
    match = _GID.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else ""


def to_cent(amount: Decimal) -> Decimal:
    """Round half up, as shops and tax offices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def moment(value: Any) -> datetime | None:
    """Return an aware UTC time from an ISO 8601 text with an offset; None from anything else."""
    try:
        stamp = datetime.fromisoformat(value) if isinstance(value, str) else None
        return stamp.astimezone(UTC) if stamp and stamp.tzinfo else None
    except (ValueError, OverflowError):
        return None


class Reading:
    """Reads one order and collects, in plain words, what was wrong with it."""

    def __init__(self, currency: Any) -> None:
        code = clean_text(currency, 10)
        self.currency = code if re.fullmatch(r"[A-Z]{3}", code) else ""
        self.defects: list[str] = []

    def defect(self, sentence: str) -> None:
        """Remember a fault once; after the twentieth nobody reads on."""
        if sentence not in self.defects and len(self.defects) < MOST_DEFECTS:
            self.defects.append(sentence)

    def money(self, bag: Any, what: str) -> Decimal:
        """Return the shop's own amount of a money bag in cents, never the customer's currency."""
        money = as_dict(as_dict(bag).get("shopMoney"))
        amount = clean_text(money.get("amount"), 30)
        if not _AMOUNT.fullmatch(amount):
            self.defect(f"Shopify gave no readable amount for {what}.")
            return ZERO
        # Without a currency the order says so once, not for each of its amounts.
        if self.currency and money.get("currencyCode", self.currency) != self.currency:
            self.defect(f"Shopify gave {what} in another currency than the order's.")
            return ZERO
        if amount.startswith("-") and Decimal(amount):
            self.defect(f"Shopify gave a negative amount for {what}.")
            return ZERO
        return to_cent(abs(Decimal(amount)))

    def pieces(self, value: Any, what: str) -> int:
        """Return a quantity of whole pieces; 0 with a defect for anything that cannot be shipped."""
        if not isinstance(value, int) or isinstance(value, bool):
            self.defect(f"The quantity of {what} is not a whole number.")
        elif value < 0:
            self.defect(f"The quantity of {what} is negative.")
        elif value > MOST_PIECES:
            self.defect(f"The quantity of {what} is more than {MOST_PIECES:,}.")
        else:
            return value
        return 0

    def moment(self, value: Any, what: str) -> datetime:
        """Return a time that must be there; 1970 with a defect if it is not."""
        stamp = moment(value)
        if stamp is None:
            self.defect(f"Shopify gave no readable {what}.")
        return stamp or NEVER
