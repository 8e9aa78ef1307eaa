"""What may be said of a shipment that the winery makes itself."""

from typing import Any

from rest_framework import serializers

from crushsync.api.bodies import Body, Day, OneOf
from crushsync.api.filters import LARGEST_ID
from fulfillment.models import FulfillmentStatus
from fulfillment.shipping import Parcel

PARCEL = ("carrier", "tracking_numbers", "tracking_url", "package_count", "ship_date", "notify_customer")


class PieceBody(Body):
    """How much of a line is in the shipment."""

    order_line = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, help_text="Id of the order's line. Example: `311`"
    )
    quantity = serializers.IntegerField(min_value=1, max_value=100_000, help_text="How many. Example: `2`")


class ParcelBody(Body):
    """The packages."""

    carrier = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="Known by the number if not said. Example: `UPS`",
    )
    tracking_numbers = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        max_length=25,
        help_text="One for each package.",
    )
    tracking_url = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=500,
        help_text="For a carrier nobody knows here; {number} stands for the number."
        " Example: `https://valley.example/{number}`",
    )
    package_count = serializers.IntegerField(
        required=False, min_value=1, max_value=999, help_text="How many packages. Example: `1`"
    )
    ship_date = Day(required=False, allow_null=True, help_text="When it leaves. Example: `2026-11-19`")
    notify_customer = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Whether the shop mails the customer; null: as the store is set.",
    )


class FulfillmentBody(ParcelBody):
    """A shipment to be made."""

    order = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, help_text="Id of the order. Example: `1042`"
    )
    location = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="Id of the stock location it leaves; needed where stock is kept here. Example: `2`",
    )
    lines = PieceBody(  # type: ignore[call-arg]
        many=True, required=False, max_length=500, help_text="What is inside; all that is left, if not said."
    )


class FulfillmentChange(ParcelBody):
    """What may be changed of a shipment; what is not said stays."""

    status = OneOf(
        [FulfillmentStatus.SHIPPED.value, FulfillmentStatus.DELIVERED.value],
        required=False,
        help_text="It only moves forward; to cancel it has an address of its own.",
    )


def parcel(body: dict[str, Any], **known: Any) -> Parcel:
    """The packages as the body says, and as `known` where it says nothing."""
    said = {**known, **{name: body[name] for name in PARCEL if name in body}}
    return Parcel(**{**said, "tracking_numbers": tuple(said.get("tracking_numbers", ()))})
