"""What a connector must do. A platform's folder holds its one subclass; nothing here knows a model."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from crushsync.lib.errors import PermanentError
from orders.storefronts.exports import Export
from orders.storefronts.inventory import Inventory
from orders.storefronts.types import (
    ChangedOrders,
    ConnectionReport,
    Hint,
    OrderData,
    ReportedShipment,
    ShipmentData,
    ShopMark,
    ShownMark,
    StoreConnection,
    WebhookHeaders,
)


class Storefront(ABC):
    """One store of one platform, over HTTP. Thread-safe; raises only the classes of crushsync.lib.errors."""

    platform: ClassVar[str]
    label: ClassVar[str]
    # name -> what staff are asked for; "webhook_secret" may hold several, old and new, one a line
    credential_fields: ClassVar[Mapping[str, str]]
    # what we have to be permitted, in the platform's words -> what for, as the end of a sentence
    permissions: ClassVar[Mapping[str, str]] = {}
    # topics to subscribe to
    topics: ClassVar[Sequence[str]]
    lists_orders: ClassVar[bool] = False  # whether `start_export` can be had
    inventory: Inventory | None = None  # the shop's stock numbers; None: we cannot read or set them

    def __init__(self, connection: StoreConnection) -> None:
        self.connection = connection

    @abstractmethod
    def read_order(self, order_id: str) -> OrderData | None:
        """The order as it stands now; None if the shop has no such order."""

    @abstractmethod
    def changed_orders(self, since: datetime, cursor: str = "") -> ChangedOrders:
        """A page of orders changed at or after `since`, oldest change first."""

    def start_export(self, since: datetime) -> Export:
        """Have all orders placed since then listed aside. Raises PermanentError where that cannot be had."""
        raise PermanentError(f"{self.label} makes no list of all orders; the poll reads them.", code="export")

    def look_at_export(self, export_id: str, read: int) -> Export:
        """How far a list is; once it is done, a piece of it from byte `read` on.

        Raises PermanentError if it came to nothing.
        """
        raise PermanentError(f"{self.label} makes no list of all orders.", code="export")

    @abstractmethod
    def report_shipment(self, shipment: ShipmentData) -> ReportedShipment:
        """Show the shipment on the shop's order, once: reads what is there and writes what is missing."""

    def cancel_shipment(self, shipment: ShipmentData) -> ReportedShipment:
        """Cancel the shipment on the shop's order; one that is gone or canceled already is fine."""
        raise PermanentError(f"{self.label} cannot be told of it: cancel it there by hand.", code="by_hand")

    def show_state(self, order_id: str, mark: ShopMark) -> ShownMark:
        """Show the shop's staff how the order stands: reads what is there and writes what differs.

        Never moves money, never cancels. A platform without such marks shows nothing.
        """
        return ShownMark((), False, f"{self.label} has no place for it.")

    @abstractmethod
    def check(self) -> ConnectionReport:
        """A harmless authenticated read that proves credentials and permissions."""

    @abstractmethod
    def subscribe(self, callback_url: str) -> tuple[str, ...]:
        """Make sure that the webhooks exist; returns the topics that had to be made."""

    @classmethod
    @abstractmethod
    def verify(cls, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> WebhookHeaders:
        """Who sent this? Raises WebhookRejected unless one of the secrets proves it."""

    @classmethod
    @abstractmethod
    def read_hint(cls, topic: str, body: bytes) -> Hint:
        """What an authentic webhook points at. Never raises: odd content is a Hint that says so."""

    @classmethod
    @abstractmethod
    def order_url(cls, base_url: str, order_id: str) -> str:
        """The order's page in the shop's admin."""
