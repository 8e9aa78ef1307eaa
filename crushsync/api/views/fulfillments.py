"""The work to do and the shipments made."""

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters

from crushsync.api.base import ListRows, ShowRow
from crushsync.api.filters import Flag, Id, Moment, OneOf, Text
from crushsync.api.rows.fulfillments import FulfillmentOrderRow, FulfillmentRow
from fulfillment.models import (
    Destination,
    Fulfillment,
    FulfillmentOrder,
    FulfillmentStatus,
    ReportStatus,
    SyncStatus,
)


class FulfillmentOrderFilters(filters.FilterSet):
    """Which work."""

    order = Id(field_name="order", help_text="Of this order.")
    store = Id(field_name="order__store", help_text="Of this store's orders.")
    number = Text(field_name="number", help_text="Our number at the destination.")
    destination = OneOf(choices=Destination.choices, help_text="To be shipped from there.")
    status = OneOf(choices=SyncStatus.choices, help_text="In this sync status.")
    is_held = Flag(field_name="is_held", help_text="Whether it is on hold.")
    needs_attention = Flag(method="waiting_for_people", help_text="Whether a person has to act.")

    def waiting_for_people(
        self, rows: QuerySet[FulfillmentOrder], name: str, value: bool
    ) -> QuerySet[FulfillmentOrder]:
        return rows.filter(~Q(attention_code="") if value else Q(attention_code=""))


class FulfillmentOrders(ListRows[FulfillmentOrder]):
    """The work to do, newest first."""

    resource, tag = "fulfillments", "Fulfillment orders"
    serializer_class = FulfillmentOrderRow
    filterset_class = FulfillmentOrderFilters
    queryset = FulfillmentOrder.objects.select_related("mark").prefetch_related("order__store")


class OneFulfillmentOrder(ShowRow[FulfillmentOrder]):
    """One destination's share of an order."""

    resource, tag = "fulfillments", "Fulfillment orders"
    serializer_class = FulfillmentOrderRow
    queryset = FulfillmentOrders.queryset


class FulfillmentFilters(filters.FilterSet):
    """Which shipments."""

    order = Id(field_name="order", help_text="Of this order.")
    fulfillment_order = Id(field_name="fulfillment_order", help_text="Of this work.")
    store = Id(field_name="order__store", help_text="Of this store's orders.")
    location = Id(field_name="location", help_text="Leaving this place.")
    status = OneOf(choices=FulfillmentStatus.choices, help_text="In this status.")
    report_status = OneOf(choices=ReportStatus.choices, help_text="How far the store was told.")
    created_after = Moment(field_name="created_at", lookup_expr="gte", help_text="Made then or later.")
    shipped_after = Moment(field_name="shipped_at", lookup_expr="gte", help_text="Shipped then or later.")


class Fulfillments(ListRows[Fulfillment]):
    """Shipments, newest first."""

    resource, tag = "fulfillments", "Fulfillments"
    serializer_class = FulfillmentRow
    filterset_class = FulfillmentFilters
    queryset = Fulfillment.objects.all()
