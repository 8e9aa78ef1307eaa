"""Stock: every change of a level goes through here, with a movement that says why.

leaving.py  what leaves with a fulfillment, and is back if it is canceled
ledger.py   book movements: once for each reference, under a lock, levels and ledger together
acts.py     what people do: receive, count, transfer, adjust
low.py      a notice where a product runs out
importing.py  counts and deliveries from a CSV file
mapping.py  which place a store's location means, which SKU a store's product has here
sharing.py  whose numbers count between a store and us, and which those are
comparing.py, taking.py, lane.py  how the two are kept the same
vinoshipper.py  what Vinoshipper ships and counts; demand.py: what is sold there and has not left
promises.py  what own places have promised to orders that the winery ships itself; reserving.py counts it
"""

from fulfillment.stock.acts import ADJUSTMENTS, adjust, count, receive, transfer
from fulfillment.stock.ledger import Move, NotEnoughStock, move, move_many
from fulfillment.stock.low import warn_at
from fulfillment.stock.mapping import location_of, map_location, stock_skus
from fulfillment.stock.promises import own_places
from fulfillment.stock.reserving import count_soon
from fulfillment.stock.sharing import share

__all__ = [
    "ADJUSTMENTS",
    "Move",
    "NotEnoughStock",
    "adjust",
    "count",
    "count_soon",
    "location_of",
    "map_location",
    "move",
    "move_many",
    "own_places",
    "receive",
    "share",
    "stock_skus",
    "transfer",
    "warn_at",
]
