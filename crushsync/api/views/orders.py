"""Orders: found, explained, acted on."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.roles import with_role
from crushsync.api.access import named
from crushsync.api.base import ListRows, OnRow, ShowRow
from crushsync.api.bodies import Nothing, Saying
from crushsync.api.errors import Conflict, NotAsked
from crushsync.api.filters import LARGEST_ID, Beginning, Flag, Id, Moment, OneOf, Text
from crushsync.api.once import once
from crushsync.api.rows.orders import AttemptRow, EventRow, OrderRow
from crushsync.api.rows.pushed import PushBody, order_data
from crushsync.lib.errors import SyncError
from fulfillment.actions import ACTIONS, run
from fulfillment.comparing import compare
from fulfillment.models import FulfillmentOrder, SyncAttempt, SyncStatus
from fulfillment.pushing import push
from fulfillment.routing import explain
from fulfillment.routing.shelf import shelf_for
from fulfillment.shipping import to_ship_here
from orders.intake import Change
from orders.models import Order, OrderEvent, Store
from orders.storefronts.pushed.connector import Pushed
from orders.storefronts.types import PaymentStatus

FEW = 20_000  # orders found by a search, that it pays to find before all else


class OrderFilters(filters.FilterSet):
    """Which orders."""

    store = Id(field_name="store", help_text="Of this store.")
    external_id = Text(method="known_as", help_text="The store's id.")
    name = Text(method="named", help_text="The order's name, with or without #.")
    search = Beginning(method="found", help_text="What the name or the number at Vinoshipper begins with.")
    status = OneOf(method="synced", choices=SyncStatus.choices, help_text="With work in this sync status.")
    needs_attention = Flag(method="waiting_for_people", help_text="Whether a person has to act.")
    to_ship = Flag(method="shipped_here", help_text="Whether the winery has to ship something of it itself.")
    payment = OneOf(
        choices=[(status.value, status.value) for status in PaymentStatus],
        help_text="Payment as the store has it.",
    )
    ship_to_state = Text(method="going_to", help_text="The state it goes to, two letters.")
    placed_after = Moment(field_name="placed_at", lookup_expr="gte", help_text="Placed then or later.")
    placed_before = Moment(field_name="placed_at", lookup_expr="lt", help_text="Placed earlier.")
    changed_after = Moment(
        field_name="store_updated_at", lookup_expr="gte", help_text="Changed in the store then or later."
    )

    def known_as(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """By the index of each of the caller's stores."""
        stores = Store.objects.visible_to(self.request.user).values_list("pk", flat=True)
        return rows.filter(external_id=value, store__in=list(stores))

    def named(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        bare = value.removeprefix("#")
        return rows.filter(name__in=[value, bare, f"#{bare}"])

    def found(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """By an index for each way, where few are found; what so many share is met on the way down."""
        bare = value.removeprefix("#")
        seen = Order.objects.visible_to(self.request.user).order_by()
        named = seen.filter(Q(name__startswith=bare) | Q(name__startswith=f"#{bare}"))
        works = FulfillmentOrder.objects.visible_to(self.request.user).filter(number__startswith=value)
        either = named.values("pk").union(works.order_by().values("order"), all=True)
        if either[: FEW + 1].count() <= FEW:
            return rows.filter(pk__in=either)
        return rows.filter(Q(pk__in=named) | Exists(works.filter(order=OuterRef("pk"))))

    def going_to(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        return rows.filter(ship_to_state=value.upper())

    def synced(self, rows: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        return rows.filter(Exists(FulfillmentOrder.objects.filter(status=value, order=OuterRef("pk"))))

    def waiting_for_people(self, rows: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        waiting = Exists(FulfillmentOrder.objects.filter(~Q(attention_code=""), order=OuterRef("pk")))
        return rows.filter(waiting if value else ~waiting)

    def shipped_here(self, rows: QuerySet[Order], name: str, value: bool) -> QuerySet[Order]:
        return rows.filter(to_ship_here() if value else ~to_ship_here())


class Orders(ListRows[Order]):
    """Orders, newest first."""

    resource, tag, order = "orders", "Orders", ("-placed_at", "-id")
    serializer_class = OrderRow
    filterset_class = OrderFilters
    # The stores are the same few, and their secrets are opened once; birth dates are not opened at all.
    queryset = Order.objects.prefetch_related("store").defer("birth_date")

    @extend_schema(request=PushBody, responses={200: OrderRow, 201: OrderRow})
    @once
    def post(self, request: Request) -> Response:
        """Push an order, or its newest state: 201 if it is new, 200 if it was known by its external id."""
        body = PushBody.read(request)
        mine = with_role(Store.objects.visible_to(request.user), request.user, self.write_role)
        pushed = mine.filter(platform=Pushed.platform)
        store = named(pushed, "store", body["store"], "a store whose orders are pushed")
        recorded = push(store, order_data(body), request.user.get_username())
        if recorded.change == Change.STALE:
            raise Conflict("stale", "A newer state of this order is known: see its store_updated_at.")
        shown = self.shown(self.get_queryset().get(pk=recorded.order.pk))
        return Response(shown, 201 if recorded.change == Change.NEW else 200)


class OneOrder(ShowRow[Order]):
    """One order."""

    resource, tag = "orders", "Orders"
    serializer_class = OrderRow
    queryset = Orders.queryset


class RuleRow(serializers.Serializer[Any]):
    """One rule's answer."""

    code = serializers.CharField(help_text="Which rule. Example: `unpaid`")
    sentence = serializers.CharField(help_text="What it found. Example: `It is paid.`")
    verdict = serializers.CharField(
        allow_null=True, help_text="What it decided; null where it had no objection. Example: `wait`"
    )
    setting = serializers.CharField(
        help_text="The setting it looked at, if one. Example: `Store: send test orders`"
    )
    until = serializers.DateTimeField(
        allow_null=True, help_text="When to ask again. Example: `2026-11-18T16:42:07Z`"
    )


class ExplanationRow(serializers.Serializer[Any]):
    """What happens to an order and why: the same function decides in earnest."""

    verdict = serializers.CharField(
        help_text="send, wait, blocked, not_required or dont_send. Example: `send`"
    )
    code = serializers.CharField(help_text="The rule that decided. Example: `send`")
    sentence = serializers.CharField(help_text="In words. Example: `Goes to Vinoshipper.`")
    setting = serializers.CharField(
        help_text="The setting that decided, if one did. Example: `Store: starts at`"
    )
    until = serializers.DateTimeField(
        allow_null=True, help_text="When it is asked again. Example: `2026-11-18T16:42:07Z`"
    )
    rules = RuleRow(many=True, help_text="Every rule that was asked, in order.")


class OfOrder(OnRow[Order]):
    resource, tag = "orders", "Orders"
    queryset = Order.objects.select_related("store__vinoshipper_account", "winery")


class Explain(OfOrder):
    """Why the order goes where it goes, rule by rule. Decides nothing."""

    serializer_class = ExplanationRow

    def get(self, request: Request, id: int) -> Response:
        order = self.found()
        work = order.fulfillment_orders.order_by("pk").first()
        told = explain(order, now=timezone.now(), work=work, shelf=shelf_for([order]))
        return Response(ExplanationRow(told).data)


class DifferenceRow(serializers.Serializer[Any]):
    """One thing that differs between store and Vinoshipper."""

    label = serializers.CharField(  # type: ignore[assignment]
        help_text="What. Example: `Street`"
    )
    in_store = serializers.CharField(help_text="As the store has it. Example: `12 Harbor Road`")
    at_vinoshipper = serializers.CharField(help_text="As Vinoshipper has it. Example: `12 Harbour Rd`")
    fix = serializers.CharField(help_text="What to do. Example: `Void Sync, then Retry.`")
    action = serializers.CharField(help_text='The action that mends it; "" for none. Example: `void-sync`')


class ComparisonRow(serializers.Serializer[Any]):
    """Store and Vinoshipper side by side: only what differs."""

    number = serializers.CharField(help_text="Our number there. Example: `CS4F7KQ2-6411001042`")
    looked_at = serializers.DateTimeField(help_text="When. Example: `2026-11-18T16:42:07Z`")
    is_there = serializers.BooleanField(help_text="Whether Vinoshipper has it at all.")
    rows = DifferenceRow(many=True, help_text="What differs, each with its mending.")


class Compare(OfOrder):
    """Ask Vinoshipper now, and lay its order beside the store's. It calls out and changes nothing."""

    serializer_class = ComparisonRow
    only_reads = names_customers = True

    @extend_schema(request=None, responses={200: ComparisonRow})
    def post(self, request: Request, id: int) -> Response:
        Nothing.read(request)
        work = self.found().fulfillment_orders.exclude(account=None).order_by("pk").first()
        if work is None:
            raise Conflict("no_work", "The order goes to no Vinoshipper account.")
        try:
            told = compare(work, actor=request.user.get_username())
        except SyncError as error:
            raise NotAsked("vinoshipper_silent", error.sentence) from None
        return Response(ComparisonRow(told).data)


class _BelowOrder(ListRows[Any]):
    resource, tag = "orders", "Orders"

    def rows(self) -> QuerySet[Any]:
        mine = Order.objects.visible_to(self.request.user)
        order = get_object_or_404(mine, pk=self.kwargs["id"])
        return super().rows().filter(order=order)


class Attempts(_BelowOrder):
    """Every try with the outside about the order, newest first."""

    serializer_class = AttemptRow
    queryset = SyncAttempt.objects.all()


class Events(_BelowOrder):
    """The order's history, newest first."""

    serializer_class = EventRow
    queryset = OrderEvent.objects.all()


ACTION = OpenApiParameter(
    "action", str, OpenApiParameter.PATH, enum=list(ACTIONS), description="Which of the registered actions."
)


class ActBody(Saying):
    """What an action may be given."""

    fulfillment_order = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="Which of the order's fulfillment orders; needed where it has several. Example: `88`",
    )


class DoneRow(serializers.Serializer[Any]):
    """What was done."""

    sentence = serializers.CharField(help_text="In words. Example: `Tried again: Goes to Vinoshipper.`")
    order = OrderRow(help_text="The order as it is now.")


class Act(OfOrder):
    """Do something with an order: `retry`, `void-sync`, `hold` ... Each order names what is allowed now."""

    serializer_class = OrderRow

    def calls_out(self, action: str = "", **_: Any) -> bool:
        return action in ACTIONS and ACTIONS[action].calls_out

    @extend_schema(request=ActBody, responses={200: DoneRow}, parameters=[ACTION])
    @once
    def post(self, request: Request, id: int, action: str) -> Response:
        order = self.found()
        if action not in ACTIONS:
            raise NotFound(f"There is no action {action!r}. Known: {', '.join(ACTIONS)}.")
        body = ActBody.read(request)
        work = _work_of(order, body.get("fulfillment_order"))
        sentence = run(action, work.pk, ActBody.asked(request, body))
        shown = self.get_queryset().get(pk=order.pk)
        return Response({"sentence": sentence, "order": self.shown(shown)})


def _work_of(order: Order, given: int | None) -> FulfillmentOrder:
    works: list[FulfillmentOrder] = list(order.fulfillment_orders.order_by("pk"))
    if given is not None:
        works = [work for work in works if work.pk == given]
        if not works:
            raise serializers.ValidationError(
                {"fulfillment_order": "The order has no such fulfillment order."}
            )
    if not works:
        told = "Nothing is decided about this order yet. Ask again in a moment, under a new Idempotency-Key."
        raise Conflict("no_work", told)
    if len(works) > 1:
        raise serializers.ValidationError({"fulfillment_order": "The order has several: say which."})
    return works[0]
