"""The work to do, each try of it, the shipments made, and the stock they are made from."""

from fulfillment.models.attempts import (
    ANSWER_FIELDS,
    AttemptKind,
    Outcome,
    SyncAttempt,
    close_cut_off,
    close_late,
)
from fulfillment.models.batches import Batch, BatchRow, RowState
from fulfillment.models.carriers import OwnCarrier
from fulfillment.models.fulfillment_orders import (
    SHIPPED_THERE,
    Destination,
    FulfillmentOrder,
    FulfillmentOrderLine,
    Listing,
    Step,
    SyncStatus,
)
from fulfillment.models.fulfillments import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentStatus,
    ReportStatus,
    StoreFulfillment,
    StoreState,
)
from fulfillment.models.imports import ImportKind, StockImport, StockImportLine
from fulfillment.models.marks import MarkStatus, StoreMark
from fulfillment.models.messages import CustomerMessage, MessageKind, MessageState
from fulfillment.models.problems import Closing, Problem
from fulfillment.models.stock import (
    ListedStock,
    LocationMapping,
    MovementReason,
    PromiseCount,
    StockDirection,
    StockLevel,
    StockLocation,
    StockMovement,
    StoreStock,
)

__all__ = [
    "ANSWER_FIELDS",
    "SHIPPED_THERE",
    "AttemptKind",
    "Batch",
    "BatchRow",
    "Closing",
    "CustomerMessage",
    "Destination",
    "Fulfillment",
    "FulfillmentLine",
    "FulfillmentOrder",
    "FulfillmentOrderLine",
    "FulfillmentStatus",
    "ImportKind",
    "ListedStock",
    "Listing",
    "LocationMapping",
    "MarkStatus",
    "MessageKind",
    "MessageState",
    "MovementReason",
    "Outcome",
    "OwnCarrier",
    "Problem",
    "PromiseCount",
    "ReportStatus",
    "RowState",
    "Step",
    "StockDirection",
    "StockImport",
    "StockImportLine",
    "StockLevel",
    "StockLocation",
    "StockMovement",
    "StoreFulfillment",
    "StoreMark",
    "StoreState",
    "StoreStock",
    "SyncAttempt",
    "SyncStatus",
    "close_cut_off",
    "close_late",
]
