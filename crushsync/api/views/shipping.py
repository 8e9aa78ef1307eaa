"""Shipments that the winery makes itself: made, corrected, canceled."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.roles import with_role
from crushsync.api.access import named
from crushsync.api.base import EditRow, OnRow
from crushsync.api.bodies import Nothing
from crushsync.api.once import once, reference
from crushsync.api.rows.fulfillments import FulfillmentRow
from crushsync.api.rows.shipping import PARCEL, FulfillmentBody, FulfillmentChange, parcel
from crushsync.api.views import fulfillments
from fulfillment import shipping
from fulfillment.models import Fulfillment, FulfillmentStatus, StockLocation
from orders.models import Order


class Fulfillments(fulfillments.Fulfillments):
    """Shipments, newest first."""

    @extend_schema(request=FulfillmentBody, responses={201: FulfillmentRow})
    @once
    def post(self, request: Request) -> Response:
        """Ship an order, or part of it, from a place of the winery's own. The store is told by itself."""
        body = FulfillmentBody.read(request)
        order = named(self._mine(Order), "order", body["order"], "an order")
        place = (
            named(self._mine(StockLocation), "location", body["location"], "a stock location")
            if body["location"]
            else None
        )
        made = shipping.create_fulfillment(
            order.pk,
            self._pieces(order, body.get("lines")),
            parcel(body),
            location=place,
            actor=request.user.get_username(),
            key=reference(request),
        )
        data = self.shown(self.get_queryset().get(pk=made.pk))
        return self.tagged(data, 201)

    def _mine(self, model: Any) -> Any:
        return with_role(model.objects.visible_to(self.request.user), self.request.user, self.write_role)

    def _pieces(self, order: Order, lines: list[dict[str, int]] | None) -> dict[int, int]:
        if lines is None:
            return shipping.remaining(order)
        pieces: dict[int, int] = {}
        for line in lines:
            pieces[line["order_line"]] = pieces.get(line["order_line"], 0) + line["quantity"]
        return pieces


class OneFulfillment(EditRow[Fulfillment]):
    """One shipment."""

    resource, tag = "fulfillments", "Fulfillments"
    serializer_class = FulfillmentRow
    queryset = fulfillments.Fulfillments.queryset

    @extend_schema(request=FulfillmentChange, responses={200: FulfillmentRow})
    def patch(self, request: Request, **_: Any) -> Response:
        """Correct its tracking, or move it on. The store shows the new; the order's history keeps the old."""
        body, actor = FulfillmentChange.read(request), request.user.get_username()
        with transaction.atomic():
            made = self.locked()
            if set(PARCEL) & set(body):
                known = asdict(shipping.parcel_of(made))
                shipping.correct_tracking(made.pk, parcel(body, **known), actor=actor)
            if "status" in body:
                shipping.move_on(made.pk, FulfillmentStatus(body["status"]), actor=actor)
            data = self.shown(self.get_object())
        return self.tagged(data)


class CancelFulfillment(OnRow[Fulfillment]):
    """Cancel a shipment."""

    resource, tag = "fulfillments", "Fulfillments"
    serializer_class = FulfillmentRow
    queryset = fulfillments.Fulfillments.queryset

    @extend_schema(request=None, responses={200: FulfillmentRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Cancel an own shipment: its bottles are back, the store is told, nobody is refunded."""
        Nothing.read(request)
        made = self.found()
        shipping.cancel_fulfillment(made.pk, actor=request.user.get_username())
        return Response(self.shown(self.get_queryset().get(pk=made.pk)))
