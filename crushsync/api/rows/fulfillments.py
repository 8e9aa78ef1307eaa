"""The work to do, and the shipments made."""

from functools import cached_property
from typing import Any, ClassVar, Final

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from crushsync.api.access import may_see_customers
from crushsync.api.shaping import Shown
from fulfillment.actions import ACTIONS, Action, Ask, why_not
from fulfillment.models import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    FulfillmentOrderLine,
    Problem,
    SyncStatus,
)
from fulfillment.models.problems import OPEN
from fulfillment.shipping import tracking_page

# What may be done with the work depends on them.
OPEN_PROBLEMS: Final = Prefetch("problems", Problem.objects.filter(OPEN), to_attr="open_problems")


class ActionRow(serializers.Serializer[Any]):
    """Something a person or program may do with the work, or why not now."""

    name = serializers.CharField(help_text="As the address of the action spells it. Example: `retry`")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="As the button says it. Example: `Retry`"
    )
    is_allowed = serializers.BooleanField(help_text="Whether it may be done now.")
    reason = serializers.CharField(
        help_text='Why it may not, in a sentence; "" if it may. Example: `Vinoshipper has it already.`'
    )
    needs_reason = serializers.BooleanField(help_text="Whether a reason has to be given.")
    asks = serializers.CharField(
        help_text='What to say with it: reason, person, until or day; "" for nothing. Example: `reason`'
    )
    confirm = serializers.CharField(help_text="What will happen, and what will not.")


class WorkLineRow(Shown[FulfillmentOrderLine]):
    """How much of an order's line this destination ships."""

    class Meta:
        model = FulfillmentOrderLine
        words: ClassVar = {
            "order_line": "Id of the order's line. Example: `311`",
            "quantity": "Bottles or pieces. Example: `2`",
        }


class FulfillmentOrderRow(Shown[FulfillmentOrder]):
    """One destination's share of an order: the work to do."""

    status_label = serializers.SerializerMethodField()
    currency = serializers.CharField(source="order.currency", read_only=True)
    id_scan_url = serializers.SerializerMethodField()
    lines = WorkLineRow(many=True, read_only=True)
    actions = serializers.SerializerMethodField()

    class Meta:
        model = FulfillmentOrder
        words: ClassVar = {
            "id": "Its id here. Example: `88`",
            "order": "Id of the order. Example: `1042`",
            "destination": "Where it is shipped from. Example: `vinoshipper`",
            "account": "Id of the Vinoshipper account it goes to; null while none was chosen. Example: `3`",
            "number": "Our number for it at the destination, unique. Example: `CS4F7KQ2-6411001042`",
            "version": "How often it got a number: a void uses one up. Example: `1`",
            "status": "How far the sync is. Example: `waiting`",
            "status_label": "The same in the words staff see. Example: `Waiting to send`",
            "reason_code": "The rule or answer that decided. Example: `unknown_sku`",
            "reason": "Its sentence. Example: `Vinoshipper does not know one of the SKUs.`",
            "reason_setting": "The setting that decided, if one did. Example: `Store: starts at`",
            "attention_code": 'Not "": a person has to act. Example: `unknown_sku`',
            "attention": "What about. Example: `Vinoshipper does not know one of the SKUs.`",
            "is_held": "Whether somebody put it on hold.",
            "hold_reason": "Why. Example: `Customer travels`",
            "sent_at": "When the destination accepted it. Example: `2026-11-18T16:42:07Z`",
            "partner_status": "Vinoshipper's own status. Example: `APPROVED`",
            "partner_order_status": "Vinoshipper's own order status. Example: `SHIPPED`",
            "id_scan_url": "Where the customer proves their age; null without customers:read.",
            "currency": "Of its amounts, ISO 4217. Example: `USD`",
            "taxes_adjusted": "Shop's taxes less Vinoshipper's. Example: `-0.35`",
            "fees_adjusted": "Shop's fees less Vinoshipper's. Example: `0.00`",
            "due_at": "When the next step is due; null if there is none. Example: `2026-11-18T16:42:07Z`",
            "lines": "What it ships.",
            "actions": "What may be done with it now, and why not.",
        }
        loads: ClassVar = {"lines": ("lines",), "actions": (OPEN_PROBLEMS,)}

    def get_status_label(self, work: FulfillmentOrder) -> str:
        return str(SyncStatus(work.status).label)

    def get_id_scan_url(self, work: FulfillmentOrder) -> str | None:
        return work.id_scan_url or None if may_see_customers(self.context["request"].user) else None

    @extend_schema_field(ActionRow(many=True))
    def get_actions(self, work: FulfillmentOrder) -> list[dict[str, Any]]:
        return [
            {**words, "is_allowed": not (refusal := why_not(action, work)), "reason": refusal}
            for action, words in self._actions
        ]

    @cached_property
    def _actions(self) -> list[tuple[Action, dict[str, Any]]]:
        """What is the same for every row of a page, translated once."""
        return [
            (
                action,
                {
                    "name": action.name,
                    "label": str(action.label),
                    "needs_reason": action.asks == Ask.REASON,
                    "asks": action.asks,
                    "confirm": str(action.confirm),
                },
            )
            for action in ACTIONS.values()
        ]


class TrackingRow(serializers.Serializer[Any]):
    """One package's number at the carrier."""

    number = serializers.CharField(help_text="The carrier's number. Example: `1Z999AA10123456784`")
    url = serializers.CharField(help_text='Its page at the carrier; "" for a carrier without one.')


class FulfillmentLineRow(Shown[FulfillmentLine]):
    """How much of an order's line is in the shipment."""

    external_id = serializers.CharField(source="order_line.external_id", read_only=True)
    sku = serializers.CharField(source="order_line.sku", read_only=True)

    class Meta:
        model = FulfillmentLine
        words: ClassVar = {
            "order_line": "Id of the order's line. Example: `311`",
            "external_id": "The store's id of the line. Example: `13811001042`",
            "sku": "Its SKU in the store. Example: `ESTATE-PN-22`",
            "quantity": "Bottles or pieces. Example: `2`",
        }


class FulfillmentRow(Shown[Fulfillment]):
    """A shipment made."""

    tracking = serializers.SerializerMethodField()
    lines = FulfillmentLineRow(many=True, read_only=True)

    class Meta:
        model = Fulfillment
        words: ClassVar = {
            "id": "Its id here. Example: `57`",
            "order": "Id of the order. Example: `1042`",
            "fulfillment_order": "Id of the work it does; null: the winery ships it itself. Example: `88`",
            "location": "Id of the place it leaves; null: not from stock kept here. Example: `2`",
            "status": "pending: made; shipped: the carrier has it; delivered; canceled. Example: `shipped`",
            "carrier": "Short name of the carrier. Example: `UPS`",
            "tracking": "The packages.",
            "lines": "What is inside.",
            "created_at": "When it was made. Example: `2026-11-19T08:00:00Z`",
            "shipped_at": "When the carrier took it. Example: `2026-11-19T16:42:07Z`",
            "delivered_at": "When it arrived. Example: `2026-11-21T10:12:00Z`",
            "report_status": "Whether the store was told. Example: `reported`",
            "report_sentence": "What the store said. Example: `The shop shows it.`",
            "reported_at": "When the store was told last. Example: `2026-11-19T16:42:20Z`",
            "store_fulfillment_id": "The store's id of it. Example: `4990011`",
        }
        loads: ClassVar = {"lines": ("lines__order_line",)}
        drifting: ClassVar = ("report_status", "report_sentence", "reported_at", "store_fulfillment_id")

    @extend_schema_field(TrackingRow(many=True))
    def get_tracking(self, made: Fulfillment) -> list[dict[str, str]]:
        return [{"number": number, "url": tracking_page(made, number)} for number in made.tracking_numbers]
