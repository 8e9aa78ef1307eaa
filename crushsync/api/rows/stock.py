"""Places with bottles, how many, and why that changed."""

from typing import ClassVar

from rest_framework import serializers

from crushsync.api.bodies import Body, OneOf
from crushsync.api.filters import LARGEST_ID
from crushsync.api.shaping import Shown
from fulfillment.models import MovementReason, StockLevel, StockLocation, StockMovement
from fulfillment.stock import ADJUSTMENTS

MOST = 1_000_000  # bottles in one movement


class LocationRow(Shown[StockLocation]):
    """A place with bottles."""

    class Meta:
        model = StockLocation
        words: ClassVar = {
            "id": "Its id here. Example: `2`",
            "winery": "Id of the winery. Example: `1`",
            "name": "As staff call it. Example: `Cellar`",
            "street1": "Street and house. Example: `1 Vine Lane`",
            "street2": "Second line, if any. Example: `Barn 2`",
            "city": "City. Example: `Napa`",
            "state": "Two letters. Example: `CA`",
            "postal_code": "ZIP code. Example: `94558`",
            "country": "Two letters. Example: `US`",
            "is_active": "Whether new shipments may leave from here.",
            "vinoshipper_account": "Id of the account it stands for; null for an own place. Example: `3`",
        }


class LevelRow(Shown[StockLevel]):
    """How many of one SKU are in one place."""

    available = serializers.IntegerField(read_only=True)
    is_low = serializers.BooleanField(read_only=True)

    class Meta:
        model = StockLevel
        words: ClassVar = {
            "id": "Its id here. Example: `40`",
            "location": "Id of the place. Example: `2`",
            "sku": "Vinoshipper's SKU where the store's is another. Example: `ESTATE-PN-22`",
            "on_hand": "Bottles that are there; below zero: more left than was known. Example: `120`",
            "reserved": "Sold and not gone yet. Example: `6`",
            "available": "On hand less reserved. Example: `114`",
            "low_at": "A notice at this many or fewer; null for none. Example: `12`",
            "is_low": "Whether that is so now.",
        }


class MovementRow(Shown[StockMovement]):
    """One line of the ledger. It is never altered: a level is the sum of its movements."""

    class Meta:
        model = StockMovement
        words: ClassVar = {
            "id": "Its id here. Example: `512`",
            "location": "Id of the place. Example: `2`",
            "sku": "The SKU. Example: `ESTATE-PN-22`",
            "delta": "How many came; below zero: went. Example: `-6`",
            "reason": "Why. Example: `shipped`",
            "reference": "What it is about; a repeat of the same books nothing. Example: `fulfillment:12`",
            "actor": 'By whom; "" is CrushSync itself. Example: `ana`',
            "note": "What they wrote. Example: `Broken in the truck`",
            "at": "When. Example: `2026-11-18T16:42:07Z`",
            "level_after": "On hand afterwards. Example: `114`",
        }


def _id(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST_ID, help_text=help_text)


class AdjustBody(Body):
    """A change of one level, by hand."""

    location = _id("Id of the place. Example: `2`")
    sku = serializers.CharField(max_length=100, help_text="The SKU. Example: `ESTATE-PN-22`")
    reason = OneOf(
        [
            MovementReason.RECEIVED.value,
            MovementReason.COUNTED.value,
            *(reason.value for reason in ADJUSTMENTS),
        ],
        help_text="received adds, counted sets the level, found and returned add, the others take away.",
    )
    quantity = serializers.IntegerField(
        min_value=0, max_value=MOST, help_text="How many; 0 only for counted. Example: `12`"
    )
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=300,
        help_text="For the ledger. Example: `Delivery 8`",
    )


class TransferBody(Body):
    """Bottles that went from one place to another."""

    source = _id("Id of the place they left. Example: `2`")  # type: ignore[assignment]
    target = _id("Id of the place they came to. Example: `3`")
    sku = serializers.CharField(max_length=100, help_text="The SKU. Example: `ESTATE-PN-22`")
    quantity = serializers.IntegerField(min_value=1, max_value=MOST, help_text="How many. Example: `12`")
    note = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=300,
        help_text="For the ledger. Example: `To the shop`",
    )


class MovementsRow(serializers.Serializer[None]):
    """What was booked."""

    movements = MovementRow(many=True, help_text="Each line of the ledger.")
