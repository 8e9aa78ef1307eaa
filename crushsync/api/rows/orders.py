"""Orders, with everything that is known of them."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from compliance.models import ComplianceEvent
from crushsync.api.access import may_see_customers
from crushsync.api.rows.fulfillments import OPEN_PROBLEMS, FulfillmentOrderRow, FulfillmentRow
from crushsync.api.rows.problems import OpenedProblemRow
from crushsync.api.shaping import Shown, Told
from fulfillment.models import Fulfillment, FulfillmentOrder, SyncAttempt
from fulfillment.progress import LineProgress, OrderProgress, line_progress, order_progress
from fulfillment.shipping import is_to_ship_here
from orders.models import Order, OrderEvent

WORK: Final = Prefetch(
    "fulfillment_orders",
    FulfillmentOrder.objects.select_related("mark").prefetch_related("lines", OPEN_PROBLEMS).order_by("pk"),
)
SHIPMENTS: Final = Prefetch("fulfillments", Fulfillment.objects.prefetch_related("lines").order_by("pk"))


class AddressRow(serializers.Serializer[Any]):
    """Where something goes, as the customer wrote it."""

    first_name = serializers.CharField(help_text="First name. Example: `Elena`")
    last_name = serializers.CharField(help_text="Last name. Example: `Marquez`")
    company = serializers.CharField(help_text="Company, if any. Example: `Harbor Books`")
    street1 = serializers.CharField(help_text="Street and house. Example: `12 Harbor Road`")
    street2 = serializers.CharField(help_text="Flat, floor or suite, if any. Example: `Apt 4`")
    city = serializers.CharField(help_text="City. Example: `Sacramento`")
    state = serializers.CharField(help_text="Two letters. Example: `CA`")
    postal_code = serializers.CharField(help_text="ZIP code. Example: `95814`")
    country = serializers.CharField(help_text="Two letters. Example: `US`")
    phone = serializers.CharField(help_text="With country code. Example: `+19165550123`")
    access_point_id = serializers.CharField(
        help_text='Id of the UPS Access Point where UPS keeps it; "" for none. Example: `U12345678`'
    )


class CustomerRow(serializers.Serializer[Any]):
    """Who bought."""

    first_name = serializers.CharField(help_text="First name. Example: `Elena`")
    last_name = serializers.CharField(help_text="Last name. Example: `Marquez`")
    email = serializers.CharField(help_text="E-mail address. Example: `elena.marquez@example.com`")
    phone = serializers.CharField(help_text="With country code. Example: `+19165550123`")


class Lines(serializers.ListSerializer[Any]):
    """Counted, not read from a column."""

    def get_attribute(self, instance: Order) -> Sequence[LineProgress]:
        return line_progress(instance)


class LineRow(Told[Any]):
    """One line of the order, and how far it is."""

    class Meta:
        list_serializer_class = Lines

    id = serializers.IntegerField(source="line.pk", help_text="Its id here. Example: `311`")
    external_id = serializers.CharField(
        source="line.external_id", help_text="The store's id. Example: `13811001042`"
    )
    sku = serializers.CharField(source="line.sku", help_text="SKU in the store. Example: `ESTATE-PN-22`")
    title = serializers.CharField(
        source="line.title", help_text="As the shop names it. Example: `Estate Pinot Noir 2022`"
    )
    kind = serializers.CharField(
        source="line.kind", help_text="goods, gift_card, tip, fee or digital. Example: `goods`"
    )
    delivery_method = serializers.CharField(
        source="line.delivery_method", help_text="How it reaches the customer. Example: `shipping`"
    )
    quantity = serializers.IntegerField(
        source="ordered", help_text="Bottles or pieces, after edits and refunds. Example: `2`"
    )
    shipped = serializers.IntegerField(help_text="How many are in shipments. Example: `0`")
    remaining = serializers.IntegerField(help_text="How many are still to be shipped. Example: `2`")
    unit_price = serializers.DecimalField(
        12, 2, source="line.unit_price", help_text="Of one, before discounts. Example: `32.00`"
    )
    discount = serializers.DecimalField(
        12, 2, source="line.discount", help_text="On the whole line. Example: `0.00`"
    )
    tax = serializers.DecimalField(12, 2, source="line.tax", help_text="On the whole line. Example: `5.80`")


class VerdictProblemRow(serializers.Serializer[Any]):
    """One reason of a verdict."""

    code = serializers.CharField(help_text="As who was asked names it. Example: `AGE_VERIFICATION`")
    description = serializers.CharField(help_text="In its own words.")


class ComplianceEventRow(Shown[ComplianceEvent]):
    """One verdict about the order."""

    problems = VerdictProblemRow(many=True, read_only=True)

    class Meta:
        model = ComplianceEvent
        words: ClassVar = {
            "id": "Its id here. Example: `19`",
            "order": "Id of the order. Example: `1042`",
            "asked": "Who was asked. Example: `sending`",
            "is_compliant": "The answer.",
            "problems": "Each reason, if not.",
            "trace_id": "Vinoshipper's trace id, for its support. Example: `7f3a`",
            "at": "When. Example: `2026-11-18T16:42:07Z`",
        }


class AttemptRow(Shown[SyncAttempt]):
    """One try of anything with the outside about the order."""

    class Meta:
        model = SyncAttempt
        words: ClassVar = {
            "id": "Its id here. Example: `901`",
            "order": "Id of the order. Example: `1042`",
            "fulfillment_order": "Id of the work it was about, if any. Example: `88`",
            "fulfillment": "Id of the shipment it was about, if any. Example: `57`",
            "kind": "What was tried. Example: `send`",
            "number": "Which try it was. Example: `1`",
            "actor": 'Who wanted it; "" is CrushSync itself. Example: `ana`',
            "started_at": "When. Example: `2026-11-18T16:42:07Z`",
            "seconds": "How long it took; null while it runs. Example: `0.41`",
            "outcome": "What came of it. Example: `ok`",
            "code": "Of the refusal or failure. Example: `unknown_sku`",
            "sentence": "The same in words. Example: `Vinoshipper accepted the order.`",
            "trace_id": "The other side's trace id, for its support. Example: `7f3a`",
        }


class EventRow(Shown[OrderEvent]):
    """One entry of the order's history."""

    fulfillment = serializers.IntegerField(source="fulfillment_id", allow_null=True, read_only=True)

    class Meta:
        model = OrderEvent
        words: ClassVar = {
            "id": "Its id here. Example: `4711`",
            "order": "Id of the order. Example: `1042`",
            "kind": "What sort of thing. Example: `acted`",
            "code": "Which one. Example: `retry`",
            "actor": 'By whom; "" is CrushSync itself. Example: `ana`',
            "sentence": "What happened. Example: `Tried again: Goes to Vinoshipper.`",
            "fulfillment": "Id of the shipment it is about, if of one. Example: `57`",
            "at": "When. Example: `2026-11-18T16:42:07Z`",
        }


class Shipments(serializers.ListSerializer[Any]):
    """What is in them are lines of the order, which are loaded already."""

    def get_attribute(self, instance: Order) -> Sequence[Fulfillment]:
        lines = {line.pk: line for line in instance.lines.all()}
        shipments = list(instance.fulfillments.all())
        for part in (part for made in shipments for part in made.lines.all()):
            part.order_line = lines[part.order_line_id]
        return shipments


class Progress(serializers.ChoiceField):
    """Derived, not read from a column."""

    def get_attribute(self, instance: Order) -> str:
        return order_progress(instance)


class ToShip(serializers.BooleanField):
    """Derived, not read from a column."""

    def get_attribute(self, instance: Order) -> bool:
        return is_to_ship_here(instance)


class OrderRow(Shown[Order]):
    """An order as its store last told it, with the work and the shipments it led to."""

    platform = serializers.CharField(source="store.platform", read_only=True)
    customer = serializers.SerializerMethodField()
    ship_to = serializers.SerializerMethodField()
    bill_to = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    gift_note = serializers.SerializerMethodField()
    lines = LineRow(many=True, read_only=True)
    progress = Progress(OrderProgress.choices, read_only=True)
    to_ship = ToShip(read_only=True)
    shop_holds = serializers.ListField(child=serializers.CharField(), read_only=True)
    defects = serializers.ListField(child=serializers.CharField(), read_only=True)
    fulfillment_orders = FulfillmentOrderRow(many=True, read_only=True)
    fulfillments = Shipments(child=FulfillmentRow(), read_only=True)
    problems = OpenedProblemRow(many=True, read_only=True)
    compliance_events = ComplianceEventRow(many=True, read_only=True)
    attempts = AttemptRow(many=True, read_only=True)
    events = EventRow(many=True, read_only=True)

    class Meta:
        model = Order
        words: ClassVar = {
            "id": "Its id here. Example: `1042`",
            "external_id": "The store's id. Example: `6411001042`",
            "name": "As staff and customer know it. Example: `#1042`",
            "store": "Id of the store. Example: `4`",
            "platform": "The store's platform. Example: `shopify`",
            "kind": "sale, refund or exchange. Example: `sale`",
            "placed_at": "When the customer ordered. Example: `2026-11-18T16:42:07Z`",
            "store_updated_at": "When the store last changed it. Example: `2026-11-18T16:42:09Z`",
            "cancelled_at": "When the store canceled it; null if not. Example: `2026-11-18T17:00:00Z`",
            "is_test": "Whether the store calls it a test.",
            "payment": "As the store tells it. Example: `paid`",
            "currency": "Of every amount in the order, ISO 4217. Example: `USD`",
            "shipping_price": "Charged for shipping. Example: `15.00`",
            "tax": "Charged on lines and shipping together. Example: `5.80`",
            "tip": "Given. Example: `0.00`",
            "total": "Charged in all. Example: `84.80`",
            "shipping_method": "As the shop names it. Example: `UPS Ground`",
            "requested_ship_date": "Not to be shipped before; null if not said. Example: `2026-12-01`",
            "chosen_ship_date": "Chosen by the winery's staff instead; null if not. Example: `2026-12-08`",
            "customer": "Who bought; null without the scope customers:read.",
            "ship_to": "Where it goes; null without customers:read, or if it goes nowhere.",
            "bill_to": "Who pays; null without customers:read, or if the store did not tell.",
            "note": "The customer's note; null without customers:read. Example: `Leave at the door`",
            "gift_note": "For the card; null without customers:read. Example: `Happy birthday`",
            "ship_to_state": "The state it goes to, two letters. Example: `CA`",
            "birth_date_state": "Whether the birth date is known. It is never shown. Example: `known`",
            "source_url": "Its page in the shop's admin. Example: `https://shop.example/admin/orders/1042`",
            "shop_holds": "Why the shop itself holds it back, in its words.",
            "defects": "What was wrong with the store's answer.",
            "progress": "How far all of it is. Example: `partly_shipped`",
            "to_ship": "Whether the winery has to ship something of it itself.",
            "lines": "What was bought, and how far each line is.",
            "fulfillment_orders": "The work to do, with what may be done with it now.",
            "fulfillments": "The shipments made.",
            "problems": "Why it needs a person, or needed one, newest first. By `expand`.",
            "compliance_events": "Every verdict, newest first. By `expand`.",
            "attempts": "Every try with the outside, newest first. By `expand`.",
            "events": "The history, newest first. By `expand`.",
        }
        expandable: ClassVar = ("problems", "compliance_events", "attempts", "events")
        loads: ClassVar = {
            "lines": ("lines", SHIPMENTS),
            "progress": ("lines", SHIPMENTS),
            "to_ship": ("lines", WORK),
            "fulfillment_orders": (WORK,),
            "fulfillments": ("lines", SHIPMENTS),
            "problems": ("problems__assigned_to",),
            **{name: (name,) for name in ("compliance_events", "attempts", "events")},
        }

    @extend_schema_field(CustomerRow(allow_null=True))
    def get_customer(self, order: Order) -> dict[str, str] | None:
        names = ("first_name", "last_name", "email", "phone")
        return {name: getattr(order, name) for name in names} if self._names_people else None

    @extend_schema_field(AddressRow(allow_null=True))
    def get_ship_to(self, order: Order) -> dict[str, str] | None:
        return self._address(order.ship_to)

    @extend_schema_field(AddressRow(allow_null=True))
    def get_bill_to(self, order: Order) -> dict[str, str] | None:
        return self._address(order.bill_to)

    def _address(self, kept: dict[str, str] | None) -> dict[str, str] | None:
        """Whole, also where it was kept by a version that knew fewer fields."""
        if kept is None or not self._names_people:
            return None
        return {name: kept.get(name, "") for name in AddressRow._declared_fields}

    def get_note(self, order: Order) -> str | None:
        return order.note if self._names_people else None

    def get_gift_note(self, order: Order) -> str | None:
        return order.gift_note if self._names_people else None

    @property
    def _names_people(self) -> bool:
        return may_see_customers(self.context["request"].user)
