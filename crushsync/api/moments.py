"""Times as callers write them."""

from datetime import UTC, datetime
from typing import Any, Final

FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
NO_MOMENT: Final = "A time as in 2026-11-18T16:42:07Z, with its offset, between 1970 and 2200."


def moment(text: Any) -> datetime | None:
    """The time that is meant, in UTC, of years in which a winery sells by web; None for any other text."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo is not None and FIRST <= found <= LAST else None
