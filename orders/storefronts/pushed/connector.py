"""A store that calls us and is never called: nothing to ask, and nobody to tell but by our own API."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from crushsync.lib.errors import WebhookRejected
from orders.storefronts.base import Storefront
from orders.storefronts.types import (
    ChangedOrders,
    ConnectionReport,
    Hint,
    HintKind,
    OrderData,
    ReportAction,
    ReportedShipment,
    ShipmentData,
    WebhookHeaders,
)

NOT_ASKED = "Orders of this store are pushed to CrushSync: it is not asked for them."
TOLD_BY_API = "Whoever pushed the order reads the shipment by API and webhook."


class Pushed(Storefront):
    """No network. A shipment counts as reported at once: it is there to be read."""

    platform: ClassVar[str] = "pushed"
    label: ClassVar[str] = "Pushed by API"
    credential_fields: ClassVar[Mapping[str, str]] = {}
    topics: ClassVar[Sequence[str]] = ()

    def read_order(self, order_id: str) -> OrderData | None:
        return None

    def changed_orders(self, since: datetime, cursor: str = "") -> ChangedOrders:
        return ChangedOrders((), "")

    def report_shipment(self, shipment: ShipmentData) -> ReportedShipment:
        known = shipment.fulfillment_id or shipment.reference
        return ReportedShipment(known, ReportAction.UNCHANGED, TOLD_BY_API)

    def check(self) -> ConnectionReport:
        return ConnectionReport(self.label, "", "UTC")

    def subscribe(self, callback_url: str) -> tuple[str, ...]:
        return ()

    @classmethod
    def verify(cls, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> WebhookHeaders:
        raise WebhookRejected("A store whose orders are pushed sends no webhooks: it uses the API.")

    @classmethod
    def read_hint(cls, topic: str, body: bytes) -> Hint:
        return Hint(HintKind.IGNORED, sentence=NOT_ASKED)

    @classmethod
    def order_url(cls, base_url: str, order_id: str) -> str:
        return ""
