"""Stock: places, levels, the ledger, and what people do with it."""

from functools import partial
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.roles import with_role
from crushsync.api.access import named
from crushsync.api.base import Api, ListRows, ShowRow
from crushsync.api.filters import Id, Moment, OneOf, Text
from crushsync.api.once import once, reference
from crushsync.api.rows.stock import (
    AdjustBody,
    LevelRow,
    LocationRow,
    MovementRow,
    MovementsRow,
    TransferBody,
)
from fulfillment import stock
from fulfillment.models import MovementReason, StockLevel, StockLocation, StockMovement


class Locations(ListRows[StockLocation]):
    """Places with bottles, newest first."""

    resource, tag = "stock", "Stock"
    serializer_class = LocationRow
    queryset = StockLocation.objects.all()


class OneLocation(ShowRow[StockLocation]):
    """One place with bottles."""

    resource, tag = "stock", "Stock"
    serializer_class = LocationRow
    queryset = StockLocation.objects.all()


class LevelFilters(filters.FilterSet):
    """Which levels."""

    location = Id(field_name="location", help_text="In this place.")
    sku = Text(field_name="sku", help_text="Of this SKU.")


class Levels(ListRows[StockLevel]):
    """How many of each SKU are where, newest first."""

    resource, tag, within = "stock", "Stock", "location"
    serializer_class = LevelRow
    filterset_class = LevelFilters
    queryset = StockLevel.objects.all()


class MovementFilters(filters.FilterSet):
    """Which movements."""

    location = Id(field_name="location", help_text="In this place.")
    sku = Text(field_name="sku", help_text="Of this SKU.")
    reason = OneOf(choices=MovementReason.choices, help_text="For this reason.")
    since = Moment(field_name="at", lookup_expr="gte", help_text="Then or later.")


class Movements(ListRows[StockMovement]):
    """The ledger, newest first."""

    resource, tag, within = "stock", "Stock", "location"
    serializer_class = MovementRow
    filterset_class = MovementFilters
    queryset = StockMovement.objects.all()


class _Book(Api[Any]):
    resource, tag = "stock", "Stock"
    serializer_class = MovementsRow
    queryset = StockLocation.objects.all()

    def place(self, body: dict[str, Any], field: str) -> StockLocation:
        mine = with_role(
            StockLocation.objects.visible_to(self.request.user), self.request.user, self.write_role
        )
        found: StockLocation = named(mine, field, body[field], "a stock location")
        return found

    def booked(self, *movements: StockMovement | None) -> Response:
        told = MovementRow([line for line in movements if line], many=True, context={"view": self}).data
        return Response({"movements": told}, 201)


class Adjust(_Book):
    """Correct a level."""

    @extend_schema(request=AdjustBody, responses={201: MovementsRow})
    @once
    def post(self, request: Request) -> Response:
        """Receive, count or correct bottles in one place. Taking more than is there is refused."""
        body = AdjustBody.read(request)
        place, reason = self.place(body, "location"), MovementReason(body["reason"])
        acts: dict[MovementReason, Any] = {
            MovementReason.RECEIVED: stock.receive,
            MovementReason.COUNTED: stock.count,
        }
        book = acts.get(reason) or partial(stock.adjust, reason=reason)
        said = {"actor": request.user.get_username(), "note": body["note"], "reference": reference(request)}
        return self.booked(book(place, body["sku"], body["quantity"], **said))


class Transfer(_Book):
    """Move bottles."""

    @extend_schema(request=TransferBody, responses={201: MovementsRow})
    @once
    def post(self, request: Request) -> Response:
        """Move bottles from one place to another of the same winery. Taking more than is there is refused."""
        body = TransferBody.read(request)
        done = stock.transfer(
            self.place(body, "source"),
            self.place(body, "target"),
            body["sku"],
            body["quantity"],
            reference(request),
            actor=request.user.get_username(),
            note=body["note"],
        )
        return self.booked(*(done or ()))
