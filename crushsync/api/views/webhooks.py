"""Webhook endpoints: added, changed, tried, replayed."""

from functools import partial
from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.models import Role
from crushsync.api.access import the_winery
from crushsync.api.base import EditRow, ListRows, OnRow, ShowRow
from crushsync.api.bodies import Nothing
from crushsync.api.filters import Id, Moment, OneOf
from crushsync.api.once import once
from crushsync.api.racing import settle
from crushsync.api.rows.webhooks import (
    DeliveryRow,
    EndpointChange,
    EndpointRow,
    NewEndpointBody,
    NewEndpointRow,
    ReplayBody,
    ReplayedRow,
    SecretRow,
)
from notifications.models import Delivery, DeliveryState, Endpoint
from notifications.webhooks import endpoints
from notifications.webhooks.replaying import replay, replay_range


class Endpoints(ListRows[Endpoint]):
    """Webhook endpoints, newest first."""

    resource, tag, write_role = "webhooks", "Webhooks", Role.OWNER
    serializer_class = EndpointRow
    queryset = Endpoint.objects.all()

    @extend_schema(request=NewEndpointBody, responses={201: NewEndpointRow})
    @once
    def post(self, request: Request) -> Response:
        """Add an endpoint. Its secret is in this answer and in no other."""
        body = NewEndpointBody.read(request)
        winery = the_winery(request.user, body.get("winery"), self.write_role)
        made, secret = endpoints.create(winery, body["name"], body["url"], body["event_types"])
        return Response({"endpoint": self.shown(made), "secret": secret}, 201)


class OneEndpoint(EditRow[Endpoint]):
    """One webhook endpoint."""

    resource, tag, write_role = "webhooks", "Webhooks", Role.OWNER
    serializer_class = EndpointRow
    queryset = Endpoint.objects.select_related("winery")

    @extend_schema(request=EndpointChange, responses={200: EndpointRow})
    def patch(self, request: Request, **_: Any) -> Response:
        """Change an endpoint, or switch it off and on. What it missed is replayed only on request."""
        body = EndpointChange.read(request)
        return settle(partial(self._change, body))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_: Any) -> Response:
        """Delete an endpoint, and with it the log of what it was told."""
        with transaction.atomic():
            endpoints.delete(self.locked())
        return Response(status=204)

    def _change(self, body: dict[str, Any]) -> Response:
        row = self.locked()
        wanted = {name: body.get(name, getattr(row, name)) for name in ("name", "url", "event_types")}
        endpoints.change(row, **wanted)
        if body.get("is_active", row.is_active) != row.is_active:
            (endpoints.switch_on if body["is_active"] else endpoints.switch_off)(row)
        return self.tagged(self.shown(self.get_object()))


class _OnEndpoint(OnRow[Any]):
    resource, tag, write_role = "webhooks", "Webhooks", Role.OWNER
    queryset = Endpoint.objects.select_related("winery")


class RotateSecret(_OnEndpoint):
    """Change the secret."""

    serializer_class = SecretRow

    @extend_schema(request=None, responses={200: SecretRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Make a new secret. For 24 hours deliveries are signed with both."""
        Nothing.read(request)
        return Response({"secret": endpoints.rotate_secret(self.found())})


class SendTest(_OnEndpoint):
    """Try it."""

    serializer_class = DeliveryRow

    @extend_schema(request=None, responses={201: DeliveryRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Tell the endpoint of an `endpoint.test`, now."""
        Nothing.read(request)
        return Response(self.shown(endpoints.send_test(self.found())), 201)


class Replay(_OnEndpoint):
    """Tell it again."""

    serializer_class = ReplayedRow

    @extend_schema(request=ReplayBody, responses={200: ReplayedRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Tell the endpoint again of a stretch of time, under the same ids; what waits is tried at once."""
        body = ReplayBody.read(request)
        many = replay_range(self.found(), body["since"], body["until"], only_missed=body["only_missed"])
        return Response({"count": many})


class DeliveryFilters(filters.FilterSet):
    """Which deliveries."""

    endpoint = Id(field_name="endpoint", help_text="To this endpoint.")
    state = OneOf(choices=DeliveryState.choices, help_text="In this state.")
    since = Moment(field_name="created_at", lookup_expr="gte", help_text="Put in line then or later.")


class Deliveries(ListRows[Delivery]):
    """Deliveries, newest first."""

    resource, tag, within = "webhooks", "Webhooks", "endpoint"
    serializer_class = DeliveryRow
    filterset_class = DeliveryFilters
    queryset = Delivery.objects.select_related("message")


class OneDelivery(ShowRow[Delivery]):
    """One delivery."""

    resource, tag = "webhooks", "Webhooks"
    serializer_class = DeliveryRow
    queryset = Deliveries.queryset


class ReplayOne(OnRow[Delivery]):
    """Deliver it again."""

    resource, tag, write_role = "webhooks", "Webhooks", Role.OWNER
    serializer_class = DeliveryRow
    queryset = Delivery.objects.select_related("message", "endpoint__winery")

    @extend_schema(request=None, responses={201: DeliveryRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Deliver it again, under the same id; one that waits is tried at once, and not put in line twice."""
        Nothing.read(request)
        again = replay(self.found())
        return Response(self.shown(get_object_or_404(self.queryset.all(), pk=again.pk)), 201)
