"""Single values out of JSON that may hold anything: what has the wrong type is as good as absent."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crushsync.lib.text import clean_text

MAX_ITEMS = 50_000
MAX_MONEY = Decimal(10) ** 9


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Every object of a list; what is no object is passed over."""
    return (
        [item for item in value[:MAX_ITEMS] if isinstance(item, Mapping)] if isinstance(value, list) else []
    )


def text(value: Any, limit: int = 200) -> str:
    return clean_text(value, limit).strip()


def flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def money(value: Any) -> Decimal | None:
    """Dollars from a JSON number or from digits in a string."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        amount = Decimal(value[:40] if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < MAX_MONEY else None


def pieces(value: Any) -> int | None:
    """Whole pieces: 12 and 12.0 are, 1.5 is not."""
    amount = money(value)
    return int(amount) if amount is not None and amount == amount.to_integral_value() else None


def moment(value: Any) -> datetime | None:
    """ISO text, or an epoch in (milli)seconds: their format is not documented. Without a zone it is UTC."""
    try:
        if isinstance(value, str):
            return _in_utc(datetime.fromisoformat(value.strip()))
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            seconds = float(value)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _in_utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """The values that say something, each once, in the order they came."""
    return tuple(dict.fromkeys(filter(None, values)))
