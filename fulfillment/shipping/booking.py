"""Stock of a fulfillment of the winery's own: out when it is made, back when it is canceled, each once."""

from collections.abc import Iterable

from fulfillment.models import Fulfillment, FulfillmentLine
from fulfillment.stock import move_many
from fulfillment.stock.leaving import moves_of


def book_out(made: Fulfillment, lines: Iterable[FulfillmentLine], *, may_go_negative: bool) -> None:
    """The bottles leave the location; nothing where it has none. Raises stock.NotEnoughStock."""
    if made.location:
        told = list(lines)
        move_many(moves_of(made, made.location, told, is_back=False, may_go_negative=may_go_negative))


def book_back(made: Fulfillment, lines: Iterable[FulfillmentLine]) -> None:
    """The bottles are there again: whatever the level is, this never fails, and happens once."""
    if made.location:
        move_many(moves_of(made, made.location, list(lines), is_back=True, may_go_negative=True))
