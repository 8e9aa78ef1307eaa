"""The pages staff work on all day.

activity.py      what was done about an order, and by whom
acts.py          a person's click: confirmed, allowed, done once
batches.py       one act on many orders: how far it is
bulk.py          one act on many orders: the question, and the start
compare.py       store and Vinoshipper side by side
fulfillments.py  the list of shipments
listings.py      store SKU -> Vinoshipper SKU
order_export.py  the list of orders as a file
order_page.py    all that is known of one order, in reading order
orders.py        the list of orders
carriers.py      carriers that only one winery knows
cellar.py        what to pick today
fulfilling.py    fulfill, correct, cancel, the packing slip
mending.py       the page on which a problem's cause is mended
pills.py         statuses as icon and word
problems.py      the inbox of problems, by cause and one by one
stock/           levels, locations, imports
views.py         saved views of the list of orders
"""

from fulfillment.admin.batches import BatchAdmin
from fulfillment.admin.carriers import OwnCarrierAdmin
from fulfillment.admin.fulfillments import FulfillmentAdmin
from fulfillment.admin.listings import ListingAdmin
from fulfillment.admin.orders import OrderAdmin
from fulfillment.admin.problems import ProblemAdmin
from fulfillment.admin.stock import (
    LocationMappingAdmin,
    StockImportAdmin,
    StockLevelAdmin,
    StockLocationAdmin,
    StoreStockAdmin,
)

__all__ = [
    "BatchAdmin",
    "FulfillmentAdmin",
    "ListingAdmin",
    "LocationMappingAdmin",
    "OrderAdmin",
    "OwnCarrierAdmin",
    "ProblemAdmin",
    "StockImportAdmin",
    "StockLevelAdmin",
    "StockLocationAdmin",
    "StoreStockAdmin",
]
