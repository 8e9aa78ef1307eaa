"""Pages of a list, as GraphQL connections give them."""

import base64
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

MOST = 250


def connection(items: Sequence[Any]) -> Callable[..., dict[str, Any]]:
    """A resolver over ``items`` that takes first, after, last, reverse; other arguments change nothing."""

    def resolve(_info: object, **arguments: Any) -> dict[str, Any]:
        return page(items, **arguments)

    return resolve


def page(
    items: Sequence[Any],
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    reverse: bool = False,
    **_others: object,
) -> dict[str, Any]:
    """One page. As at Shopify one of first and last is required, and neither may pass 250."""
    size = first if first is not None else last
    if size is None:
        raise GraphQLError("you must provide one of first or last")
    if size > MOST:
        raise GraphQLError(f"The first argument must be at most {MOST}")
    ordered = list(reversed(items)) if reverse else list(items)
    start = _position(after) if after else 0
    rows = ordered[start : start + size] if first is not None else ordered[-size:]
    end = start + len(rows)
    info = {
        "hasNextPage": first is not None and end < len(ordered),
        "endCursor": _cursor(end) if rows else None,
    }
    return {"nodes": rows, "pageInfo": info}


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"p{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("p"))
    except ValueError:
        raise GraphQLError("Invalid cursor for current pagination sort.") from None
