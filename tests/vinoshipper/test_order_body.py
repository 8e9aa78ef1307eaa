"""What we send, against the fields of https://developer.vinoshipper.com/reference/updateorder ."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crushsync.lib.text import dump_json, parse_json
from crushsync.vinoshipper.payloads import compliance_body, order_body
from crushsync.vinoshipper.types import OrderInput
from tests.vinoshipper.samples import ORDER, moved_to

number = (Decimal,)
PHONE = {"number": str, "country": int, "extension": str}
ADDRESS = {"street1": str, "street2": str, "city": str, "postalCode": str, "stateCode": str, "country": str}
CUSTOMER = {
    "email": str, "firstName": str, "lastName": str, "phone": str, "address": ADDRESS,
    "dateOfBirth": {"day": int, "month": int, "year": int},
}  # fmt: skip
SHIP_TO = {
    "firstName": str, "lastName": str, "businessName": str, **ADDRESS, "phone": PHONE,
    "upsAccessPointId": str,
}  # fmt: skip
CHECK = {
    "customer": CUSTOMER, "shipToAddress": SHIP_TO, "productIdType": str,
    "products": [{"productId": str, "quantity": int, "price": number}],
}  # fmt: skip
UPDATE = {
    **CHECK,
    "orderNumber": str, "sourceUrl": str, "taxes": number, "fees": number, "tipAmount": number,
    "shippingRate": {"carrier": str, "rateCode": str, "price": number, "rateDescription": str},
    "discount": {"productDiscount": {"type": str, "value": number}},
    "metaFields": {"shop": str},
    "specialInstructions": {"producerNote": str, "giftNote": str, "shipDate": str},
    "disableCustomerNotifications": bool, "paid": bool,
}  # fmt: skip
REQUIRED = {"customer", "productIdType", "products", "shippingRate", "taxes"}


def strangers(value: Any, known: Any, path: str = "") -> list[str]:
    """Every field that the table does not know or that has another type there."""
    if isinstance(known, Mapping):
        found = [f"{path}.{key}" for key in value if key not in known]
        return found + [s for k in value if k in known for s in strangers(value[k], known[k], f"{path}.{k}")]
    if isinstance(known, list):
        return [s for item in value for s in strangers(item, known[0], f"{path}[]")]
    return [] if type(value) in (known if isinstance(known, tuple) else (known,)) else [path]


def test_the_whole_body() -> None:
    address = {
        "street1": "123 Fake St",
        "city": "Sacramento",
        "stateCode": "CA",
        "postalCode": "95814",
        "country": "US",
    }
    assert order_body(ORDER) == {
        "orderNumber": "HOLLOW-1001",
        "sourceUrl": "https://shop.example.com/orders/1001",
        "productIdType": "SKU",
        "customer": {
            "email": "jane.doe@example.com",
            "firstName": "Jane",
            "lastName": "Doe",
            "phone": "9165550100",
            "dateOfBirth": {"day": 4, "month": 7, "year": 1980},
            "address": address,
        },
        "shipToAddress": {
            "firstName": "Jane",
            "lastName": "Doe",
            **address,
            "phone": {"number": "9165550100", "country": 1},
        },
        "products": [
            {"productId": "RED-2020", "quantity": 2, "price": Decimal("25.00")},
            {"productId": "ROSE-24", "quantity": 1, "price": Decimal("19.50")},
        ],
        "shippingRate": {"carrier": "UPS", "rateCode": "03", "price": Decimal("27.25")},
        "taxes": Decimal("4.10"),
        "fees": Decimal("0.20"),
        "tipAmount": Decimal("2.00"),
        "discount": {"productDiscount": {"type": "DOLLAR", "value": Decimal("5.00")}},
        "specialInstructions": {
            "shipDate": "2026-12-01",
            "producerNote": "Leave with an adult",
            "giftNote": "Cheers!",
        },
        "metaFields": {"shop": "hollow-oak"},
        "disableCustomerNotifications": True,
        "paid": True,
    }


def test_only_fields_that_vinoshipper_knows_and_all_it_requires() -> None:
    full = moved_to(
        ORDER, company="Doe Ltd", street2="Unit 4", access_point_id="U123", phone="916-555-0100 x7"
    )
    assert strangers(order_body(full), UPDATE) == []
    assert strangers(compliance_body(full), CHECK) == []
    assert order_body(bare()).keys() >= REQUIRED
    assert compliance_body(bare()).keys() == CHECK.keys()


def bare() -> OrderInput:
    """An order that says no more than it must."""
    quiet = replace(ORDER.customer, phone="", date_of_birth=None, street2="")
    return replace(
        moved_to(ORDER, phone="", company="", street2=""),
        customer=quiet, source_url="", producer_note="", gift_note="", ship_date=None, meta=(),
        discount=Decimal(0), tip=Decimal(0), fees=Decimal(0), taxes=Decimal(0), paid=False, silent=False,
    )  # fmt: skip


def test_what_is_not_known_is_left_out_and_zero_amounts_are_said() -> None:
    body = order_body(bare())
    assert body.keys() == REQUIRED | {
        "orderNumber", "shipToAddress", "fees", "tipAmount", "disableCustomerNotifications", "paid"
    }  # fmt: skip
    assert body["customer"].keys() == {"email", "firstName", "lastName", "address"}
    assert body["shipToAddress"].keys() == {
        "firstName", "lastName", "street1", "city", "stateCode", "postalCode", "country"
    }  # fmt: skip
    assert (body["taxes"], body["fees"], body["tipAmount"]) == (Decimal(0), Decimal(0), Decimal(0))
    assert (body["paid"], body["disableCustomerNotifications"]) == (False, False)


def test_money_reaches_the_wire_to_the_cent() -> None:
    order = replace(ORDER, taxes=Decimal("0.1") + Decimal("0.2"), tip=Decimal("1E+2"))
    wire = dump_json(order_body(order))
    assert '"taxes":0.3' in wire
    assert '"tipAmount":100' in wire
    assert parse_json(wire.encode())["products"][1]["price"] == Decimal("19.50")


@pytest.mark.parametrize(
    ("written", "sent", "as_text"),
    [
        ("(916) 555-0100", {"number": "9165550100", "country": 1}, "9165550100"),
        ("+1 916.555.0100", {"number": "9165550100", "country": 1}, "9165550100"),
        ("19165550100", {"number": "9165550100", "country": 1}, "9165550100"),
        ("916-555-0100 ext. 42", {"number": "9165550100", "country": 1, "extension": "42"}, "9165550100"),
        ("+44 20 7946 0958", {"number": "2079460958", "country": 44}, "442079460958"),
        ("555-0100", None, None),
        ("call me", None, None),
        ("1" * 300, None, None),
        ("", None, None),
    ],
)
def test_phones(written: str, sent: dict[str, Any] | None, as_text: str | None) -> None:
    order = moved_to(replace(ORDER, customer=replace(ORDER.customer, phone=written)), phone=written)
    body = order_body(order)
    assert body["shipToAddress"].get("phone") == sent
    assert body["customer"].get("phone") == as_text


def test_a_leap_day_is_a_birthday() -> None:
    order = replace(ORDER, customer=replace(ORDER.customer, date_of_birth=date(2000, 2, 29)))
    assert order_body(order)["customer"]["dateOfBirth"] == {"day": 29, "month": 2, "year": 2000}
