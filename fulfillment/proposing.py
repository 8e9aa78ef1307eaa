"""How an order could be divided into fulfillments. Pure: nothing is made until a person says so.

`wanted` and what a place has are pieces by order line id. What no place has is a back-order: it is proposed
again each time the page is asked, so as soon as stock has arrived.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Pieces = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One fulfillment to be made. `place` is a location's id; None: nobody has these pieces yet."""

    place: int | None
    pieces: dict[int, int]


def by_location(wanted: Pieces, stock: Mapping[int, Pieces]) -> list[Proposal]:
    """Each piece from where it is, from few places: always the one that has most of the rest."""
    left, found = _positive(wanted), []
    places = dict(stock)
    while left and places:
        shares = {place: _common(left, there) for place, there in places.items()}
        best = max(shares, key=lambda place: (sum(shares[place].values()), -place))
        if not shares[best]:
            break
        found.append(Proposal(best, shares[best]))
        left = _less(left, shares[best])
        del places[best]
    return [*found, *([Proposal(None, left)] if left else [])]


def by_availability(wanted: Pieces, place: int | None, there: Pieces) -> list[Proposal]:
    """Ship from this place what it has; the rest is a back-order."""
    left = _positive(wanted)
    now = _common(left, there)
    parts = [Proposal(place, now), Proposal(None, _less(left, now))]
    return [part for part in parts if part.pieces]


def by_size(wanted: Pieces, place: int | None, large: Collection[int]) -> list[Proposal]:
    """What needs a box of its own apart from the rest."""
    left = _positive(wanted)
    small = {line: count for line, count in left.items() if line not in large}
    parts = [Proposal(place, small), *(Proposal(place, {k: n}) for k, n in left.items() if k in large)]
    return [part for part in parts if part.pieces]


def _positive(pieces: Pieces) -> dict[int, int]:
    return {line: count for line, count in pieces.items() if count > 0}


def _common(wanted: Pieces, there: Pieces) -> dict[int, int]:
    return _positive({line: min(count, there.get(line, 0)) for line, count in wanted.items()})


def _less(wanted: Pieces, taken: Pieces) -> dict[int, int]:
    return _positive({line: count - taken.get(line, 0) for line, count in wanted.items()})
