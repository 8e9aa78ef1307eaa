"""Stock: how many are where, and why.

acts.py     receive, count, move, correct, warn: a form for each
imports.py  counts and deliveries from a file
levels.py   the list of levels, and one level with its history
places.py   locations, what stores call them, and whose numbers count
"""

from fulfillment.admin.stock.imports import StockImportAdmin
from fulfillment.admin.stock.levels import StockLevelAdmin
from fulfillment.admin.stock.places import LocationMappingAdmin, StockLocationAdmin, StoreStockAdmin

__all__ = [
    "LocationMappingAdmin",
    "StockImportAdmin",
    "StockLevelAdmin",
    "StockLocationAdmin",
    "StoreStockAdmin",
]
