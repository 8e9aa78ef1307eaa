"""Stores, what they said, and the orders they hold."""

from orders.models.hints import HintSource, HintState, InboundHint
from orders.models.orders import EventKind, Order, OrderEvent, OrderLine, OrderSnapshot
from orders.models.stores import Store, number_prefix
from orders.models.upkeep import ExportState, StoreExport, StoreToken, StoreWatch, TokenKind

__all__ = [
    "EventKind",
    "ExportState",
    "HintSource",
    "HintState",
    "InboundHint",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderSnapshot",
    "Store",
    "StoreExport",
    "StoreToken",
    "StoreWatch",
    "TokenKind",
    "number_prefix",
]
