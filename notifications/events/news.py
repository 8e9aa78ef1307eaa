"""What is told of each event, and what each field of it means: the payloads and their description are one.

Ids, states and amounts. Who the customer is, is asked of the API.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from rest_framework import serializers

from compliance.models import Asked
from compliance.problems import Family
from fulfillment.models import (
    Closing,
    Destination,
    FulfillmentStatus,
    MovementReason,
    ReportStatus,
    SyncStatus,
)
from fulfillment.shipping import is_to_ship_here
from orders.models import Order

News = serializers.Serializer[Any]


def _moment(help_text: str, *, allow_null: bool = False) -> serializers.DateTimeField:
    return serializers.DateTimeField(help_text=help_text, allow_null=allow_null, default_timezone=UTC)


def _winery(source: str) -> serializers.CharField:
    return serializers.CharField(source=source, help_text="Short name of the winery. Example: `hollow-oak`")


class ToldFulfillmentOrder(News):
    """One destination's share of the order: the work to do."""

    id = serializers.IntegerField(help_text="Its id here. Example: `88`")
    number = serializers.CharField(
        help_text="Our number for it at the destination, unique. Example: `CS4F7KQ2-6411001042`"
    )
    destination = serializers.ChoiceField(Destination.choices, help_text="Where it is shipped from.")
    status = serializers.ChoiceField(SyncStatus.choices, help_text="How far the sync is.")
    reason_code = serializers.CharField(help_text="The rule or answer that decided. Example: `unknown_sku`")
    attention_code = serializers.CharField(help_text='Not "": a person has to act. Example: `unknown_sku`')
    is_held = serializers.BooleanField(help_text="Whether somebody put it on hold.")


class ToldLine(News):
    """How much of an order's line is in the shipment."""

    store_line_id = serializers.CharField(
        source="order_line.external_id", help_text="The store's id of the line. Example: `13811001042`"
    )
    sku = serializers.CharField(source="order_line.sku", help_text="Its SKU in the store. Example: `PN22`")
    quantity = serializers.IntegerField(help_text="Bottles or pieces. Example: `2`")


class ToldFulfillment(News):
    """A shipment made of the order."""

    id = serializers.IntegerField(help_text="Its id here. Example: `57`")
    fulfillment_order = serializers.IntegerField(
        source="fulfillment_order_id",
        allow_null=True,
        help_text="Id of the work it does; null: the winery ships it itself. Example: `88`",
    )
    location = serializers.IntegerField(
        source="location_id",
        allow_null=True,
        help_text="Id of the place it leaves; null: not from stock kept here. Example: `2`",
    )
    status = serializers.ChoiceField(FulfillmentStatus.choices, help_text="How far it is.")
    carrier = serializers.CharField(help_text="Short name of the carrier. Example: `UPS`")
    tracking_numbers = serializers.ListField(
        child=serializers.CharField(),
        help_text='The carrier\'s number of each package. Example: `["1Z999AA10123456784"]`',
    )
    shipped_at = _moment("When the carrier took it. Example: `2026-11-19T16:42:07Z`", allow_null=True)
    delivered_at = _moment("When it arrived. Example: `2026-11-21T10:12:00Z`", allow_null=True)
    report_status = serializers.ChoiceField(ReportStatus.choices, help_text="Whether the store was told.")
    lines = ToldLine(many=True, help_text="What is inside.")


class ToldOrder(News):
    """The order as it stands when the event is told."""

    id = serializers.IntegerField(help_text="Its id here. Example: `1042`")
    name = serializers.CharField(help_text="As the store names it. Example: `#1042`")
    store = serializers.CharField(
        source="store.name", help_text="The store, as staff call it. Example: `Estate shop`"
    )
    store_order_id = serializers.CharField(
        source="external_id", help_text="The store's id of the order. Example: `6411001042`"
    )
    placed_at = _moment("When the customer ordered. Example: `2026-11-18T16:42:07Z`")
    cancelled_at = _moment(
        "When it was canceled in the store; null if it was not. Example: `2026-11-18T18:00:00Z`",
        allow_null=True,
    )
    total = serializers.DecimalField(
        12, 2, help_text="What the customer pays, in `currency`. Example: `84.80`"
    )
    currency = serializers.CharField(help_text="Of its amounts, ISO 4217. Example: `USD`")
    to_ship = serializers.SerializerMethodField(
        help_text="Whether the winery has to ship something of it itself."
    )
    fulfillment_orders = ToldFulfillmentOrder(many=True, help_text="The work to do.")
    fulfillments = ToldFulfillment(many=True, help_text="The shipments made.")

    def get_to_ship(self, order: Order) -> bool:
        return is_to_ship_here(order)


class OrderNews(News):
    """What happened to the order."""

    winery = _winery("order.winery.slug")
    order = ToldOrder(help_text="The order as it stands when the event is told.")
    code = serializers.CharField(
        help_text='Which status, reason or action; "" where the event says it all. Example: `shipped`'
    )


class FulfillmentNews(OrderNews):
    """What happened to a shipment of the order."""

    fulfillment = serializers.IntegerField(
        source="fulfillment_id",
        allow_null=True,
        help_text="Id of the shipment, one of the order's `fulfillments`. Example: `57`",
    )


class ToldVerdict(News):
    """One verdict about the order."""

    id = serializers.IntegerField(help_text="Its id here. Example: `19`")
    asked = serializers.ChoiceField(Asked.choices, help_text="Who was asked.")
    is_compliant = serializers.BooleanField(help_text="The answer.")
    codes = serializers.ListField(
        child=serializers.CharField(),
        help_text='The code of each reason, if not, as who was asked names it. Example: `["VOLUME"]`',
    )


class VerdictNews(News):
    """Somebody who was asked about the order gave a verdict."""

    winery = _winery("order.winery.slug")
    order = ToldOrder(help_text="The order as it stands when the event is told.")
    verdict = ToldVerdict(source="*", help_text="The verdict.")


class ToldProblem(News):
    """Our own sentence; what a partner said may name the customer, and stays here."""

    id = serializers.IntegerField(help_text="Its id here. Example: `31`")
    code = serializers.CharField(help_text="Which problem. It never changes. Example: `unknown_sku`")
    subject = serializers.CharField(
        help_text="What other orders' same problem is about, too: a SKU, a state. Example: `PN22`"
    )
    family = serializers.ChoiceField(Family.choices, help_text="What sort of problem.")
    sentence = serializers.CharField(
        help_text="What is wrong. Example: `Vinoshipper does not know the SKU PN22.`"
    )
    opened_at = _moment("Since when. Example: `2026-11-18T16:42:07Z`")
    closed_at = _moment("Until when; null while open. Example: `2026-11-18T17:42:07Z`", allow_null=True)
    closed_how = serializers.ChoiceField(
        Closing.choices, help_text='How it ended; "" while open.', allow_blank=True
    )


class ConnectionNews(News):
    """A connection is down, or well again."""

    winery = _winery("winery.slug")
    problem = ToldProblem(source="*", help_text="What is wrong with it, or was.")


class ProblemNews(ConnectionNews):
    """Something needs a person, or no longer does."""

    order = ToldOrder(
        required=False,
        help_text="The order as it stands when the event is told; left out where it is none's.",
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        told = super().to_representation(instance)
        return {name: part for name, part in told.items() if name != "order" or part is not None}


class ToldLocation(News):
    """A place with bottles."""

    id = serializers.IntegerField(help_text="Its id here. Example: `2`")
    name = serializers.CharField(help_text="As staff call it. Example: `Cellar`")


class ToldMovement(News):
    """One line of the stock's ledger."""

    id = serializers.IntegerField(help_text="Its id here. Example: `512`")
    location = ToldLocation(help_text="Where.")
    sku = serializers.CharField(help_text="The SKU. Example: `ESTATE-PN-22`")
    change = serializers.IntegerField(
        source="delta", help_text="How many bottles or pieces came; below zero: went. Example: `-6`"
    )
    on_hand = serializers.IntegerField(
        source="level_after", help_text="How many are there afterwards. Example: `114`"
    )
    reason = serializers.ChoiceField(MovementReason.choices, help_text="Why.")


class StockNews(News):
    """Bottles were counted, received, sent or moved."""

    winery = _winery("location.winery.slug")
    movement = ToldMovement(source="*", help_text="The line of the ledger.")


class ToldEndpoint(News):
    """The endpoint that is tried."""

    id = serializers.IntegerField(help_text="Its id here. Example: `6`")
    name = serializers.CharField(help_text="As staff call it. Example: `Warehouse`")


class EndpointNews(News):
    """Somebody asked for a test."""

    winery = _winery("winery.slug")
    endpoint = ToldEndpoint(source="*", help_text="The endpoint that is tried.")


# What the data of an event is, by the first half of its type.
NEWS: Mapping[str, type[News]] = {
    "order": OrderNews,
    "fulfillment": FulfillmentNews,
    "compliance": VerdictNews,
    "problem": ProblemNews,
    "connection": ConnectionNews,
    "stock": StockNews,
    "endpoint": EndpointNews,
}
