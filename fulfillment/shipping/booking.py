"""Stock of a fulfillment of the winery's own: out when it is made, back when it is canceled, each once."""

from collections.abc import Iterable

from fulfillment.models import Fulfillment, FulfillmentLine
from fulfillment.stock import move_many
from fulfillment.stock.leaving import coming_back, gone_with, leaving


def book_out(made: Fulfillment, lines: Iterable[FulfillmentLine], *, may_go_negative: bool) -> None:
    """The bottles leave the location; nothing where it has none. Raises stock.NotEnoughStock."""
    if made.location:
        move_many(leaving(made, made.location, list(lines), may_go_negative=may_go_negative))


def book_back(made: Fulfillment) -> None:
    """The bottles are there again: whatever the level is, this never fails, and happens once."""
    move_many(coming_back(made, gone_with([made])[made.pk]))
