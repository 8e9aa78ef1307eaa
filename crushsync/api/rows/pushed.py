"""An order as somebody pushes it to us."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from crushsync.api.bodies import Body, Day, OneOf, When
from crushsync.api.filters import LARGEST_ID
from crushsync.lib.queue import clock
from crushsync.lib.text import clean_text
from orders.storefronts.dates import read_birth_date
from orders.storefronts.types import (
    Address,
    BirthDate,
    DeliveryMethod,
    LineData,
    LineKind,
    OrderData,
    OrderKind,
    PaymentStatus,
)

MOST_LINES = 500
CLOCKS_DIFFER = timedelta(days=1)  # at most, between the caller's and ours


def _text(limit: int, help_text: str, **options: Any) -> serializers.CharField:
    """Optional text; nothing said is the same as empty."""
    return serializers.CharField(
        **{"required": False, "allow_blank": True, "default": "", **options},
        max_length=limit,
        help_text=help_text,
    )


def _amount(help_text: str, **options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        12,
        2,
        min_value=Decimal(0),
        **options,
        help_text=f"{help_text}, in the order's currency. Example: `32.00`",
    )


def _letters(many: int, default: str, help_text: str) -> serializers.RegexField:
    """A code of so many letters."""
    return serializers.RegexField(
        rf"^[A-Z]{{{many}}}$",
        required=False,
        default=default,
        error_messages={"invalid": f"It has {many} capital letters."},
        help_text=help_text,
    )


class AddressBody(Body):
    """Where something goes."""

    first_name = _text(100, "First name. Example: `Elena`")
    last_name = _text(100, "Last name. Example: `Marquez`")
    company = _text(100, "Company, if any. Example: `Harbor Books`")
    street1 = _text(200, "Street and house. Example: `12 Harbor Road`")
    street2 = _text(200, "Flat, floor or suite, if any. Example: `Apt 4`")
    city = _text(100, "City. Example: `Sacramento`")
    state = _letters(2, "", "Two letters. Example: `CA`")
    postal_code = _text(20, "ZIP code. Example: `95814`")
    country = _letters(2, "US", "Two letters. Example: `US`")
    phone = _text(40, "With country code. Example: `+19165550123`")
    access_point_id = _text(30, "Id of the UPS Access Point where UPS keeps it. Example: `U12345678`")


class LineBody(Body):
    """One line of the order, as it stands now."""

    external_id = _text(
        64,
        "Your id of it, the same each time. Example: `1`",
        required=True,
        allow_blank=False,
        default=serializers.empty,
    )
    sku = _text(100, "Your SKU. Example: `ESTATE-PN-22`")
    title = _text(
        250,
        "Its name. Example: `Estate Pinot Noir 2022`",
        required=True,
        allow_blank=False,
        default=serializers.empty,
    )
    kind = OneOf(
        [kind.value for kind in LineKind], default=LineKind.GOODS.value, help_text="goods goes into a box."
    )
    delivery_method = OneOf(
        [method.value for method in DeliveryMethod],
        default=DeliveryMethod.SHIPPING.value,
        help_text="How it reaches the customer.",
    )
    quantity = serializers.IntegerField(
        min_value=0, max_value=100_000, help_text="Bottles or pieces; 0 when nothing is left. Example: `2`"
    )
    unit_price = _amount("Of one, before discounts")
    discount = _amount("On the whole line", default=Decimal(0))
    tax = _amount("On the whole line", default=Decimal(0))


class PushBody(Body):
    """An order of a store whose platform is `pushed`. Push it again when it changes: the last word counts."""

    store = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, help_text="Id of the store. Example: `4`"
    )
    external_id = _text(
        64,
        "Your id of the order. Example: `A-1042`",
        required=True,
        allow_blank=False,
        default=serializers.empty,
    )
    name = _text(
        60,
        "As staff and customer know it. Example: `#1042`",
        required=True,
        allow_blank=False,
        default=serializers.empty,
    )
    placed_at = When(help_text="When the customer ordered. Example: `2026-11-18T16:42:07Z`")
    updated_at = When(
        required=False,
        help_text="When it last changed; now, if you do not say. What is older than known is refused."
        " Example: `2026-11-18T16:42:09Z`",
    )
    cancelled_at = When(
        required=False,
        allow_null=True,
        default=None,
        help_text="When it was canceled. Example: `2026-11-18T17:00:00Z`",
    )
    kind = OneOf(
        [kind.value for kind in OrderKind],
        default=OrderKind.SALE.value,
        help_text="Only a sale is sent; a refund or an exchange is kept and shown.",
    )
    is_test = serializers.BooleanField(
        default=False, help_text="Tests are sent only if the store's setting says so."
    )
    payment = OneOf(
        [status.value for status in PaymentStatus],
        default=PaymentStatus.PAID.value,
        help_text="How far it is paid.",
    )
    currency = _letters(3, "USD", "Of every amount, ISO 4217. Example: `USD`")
    email = _text(254, "The customer's. Example: `elena.marquez@example.com`")
    phone = _text(40, "The customer's. Example: `+19165550123`")
    first_name = _text(100, "The customer's. Example: `Elena`")
    last_name = _text(100, "The customer's. Example: `Marquez`")
    birth_date = Day(
        required=False,
        allow_null=True,
        default=None,
        help_text="The customer's, for the age check. Example: `1980-04-05`",
    )
    ship_to = AddressBody(required=False, allow_null=True, default=None, help_text="Where it goes.")
    bill_to = AddressBody(required=False, allow_null=True, default=None, help_text="Who pays.")
    shipping_method = _text(200, "As you name it. Example: `UPS Ground`")
    shipping_price = _amount("Charged for shipping", default=Decimal(0))
    tax = _amount("Charged on lines and shipping together", default=Decimal(0))
    tip = _amount("Given", default=Decimal(0))
    total = _amount("Charged in all")
    note = _text(5_000, "The customer's note. Example: `Leave at the door`")
    gift_note = _text(1_000, "For the card. Example: `Happy birthday`")
    requested_ship_date = Day(
        required=False,
        allow_null=True,
        default=None,
        help_text="Not to be shipped before. Example: `2026-12-01`",
    )
    lines = LineBody(  # type: ignore[call-arg]
        many=True, max_length=MOST_LINES, allow_empty=False, help_text="What was bought."
    )

    def validate_updated_at(self, updated_at: datetime) -> datetime:
        """One year too many, and every later state of the order would be older than this one."""
        if updated_at > clock() + CLOCKS_DIFFER:
            raise serializers.ValidationError("It lies ahead: an order cannot have changed then.")
        return updated_at

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [line["external_id"] for line in lines]
        if len(set(ids)) < len(ids):
            raise serializers.ValidationError("Two lines have the same external_id.")
        return lines


def order_data(body: dict[str, Any]) -> OrderData:
    """The order as a storefront would tell it."""
    told = {name: _clean(value) for name, value in body.items() if name not in {"store", "lines"}}
    return OrderData(
        **{
            **told,
            "kind": OrderKind(told["kind"]),
            "updated_at": told.get("updated_at") or clock(),
            "is_routed": True,
            "payment": PaymentStatus(told["payment"]),
            "birth_date": _birth_date(told["birth_date"]),
            "ship_to": Address(**told["ship_to"]) if told["ship_to"] else None,
            "bill_to": Address(**told["bill_to"]) if told["bill_to"] else None,
            "source_url": "",
            "lines": tuple(_line(line) for line in body["lines"]),
        }
    )


def _line(body: dict[str, Any]) -> LineData:
    told = _clean(body)
    kind, method = LineKind(told["kind"]), DeliveryMethod(told["delivery_method"])
    return LineData(**{**told, "kind": kind, "delivery_method": method})


def _birth_date(given: date | None) -> BirthDate:
    return read_birth_date(given.isoformat(), None) if given else BirthDate()


def _clean(value: Any) -> Any:
    """Text as both databases store it alike; everything else as it is."""
    if isinstance(value, str):
        return clean_text(value, len(value))
    if isinstance(value, dict):
        return {name: _clean(inner) for name, inner in value.items()}
    return value
