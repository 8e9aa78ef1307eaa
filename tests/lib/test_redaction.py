"""What may be kept of a request or an answer: the canaries below must not survive, the bottles must."""

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crushsync.lib.redaction import HIDDEN, redact
from crushsync.lib.text import parse_json

FIXTURES = Path(__file__).parent.parent / "fixtures" / "shopify" / "webhooks"

VINOSHIPPER_ORDER = {
    "orderNumber": "HO-1042",
    "paid": True,
    "customer": {
        "firstName": "CANARY Elena",
        "lastName": "CANARY Marquez",
        "salutation": "CANARY Ms",
        "businessName": "CANARY Ltd",
        "email": "canary@example.com",
        "phone": "CANARY 555",
        "dateOfBirth": {"year": 1984, "month": 6, "day": 21, "note": "CANARY"},
        "idScanUrl": "https://example.com/CANARY.png",
    },
    "shipToAddress": {
        "name": "CANARY Elena",
        "company": "CANARY Ltd",
        "street1": "CANARY 1200 Barton Springs Rd",
        "street2": "CANARY Apt 5",
        "city": "CANARY Austin",
        "stateCode": "TX",
        "postalCode": "CANARY 78704",
        "country": "US",
        "latitude": Decimal("30.259"),
    },
    "giftNote": "CANARY happy birthday",
    "producerNote": "CANARY porch",
    "items": [{"sku": "HO-PN23-750", "name": "Estate Pinot Noir", "quantity": 3, "price": Decimal("38.00")}],
    "shipping": {"carrier": "UPS", "packages": [{"trackingNumber": "1Z999AA10123456784"}]},
    "orderProblems": [{"code": "AGE", "message": "No birth date for canary@example.com, ask again"}],
}

SHOPIFY_ANSWER = {
    "data": {
        "order": {
            "name": "#1042",
            "displayFulfillmentStatus": "UNFULFILLED",
            "customAttributes": [{"key": "Date of Birth", "value": "CANARY 1984-06-21"}],
            "customer": {
                "displayName": "CANARY",
                "birthDate": {"value": "CANARY"},
                "addresses": ["CANARY street"],
            },
            "shippingAddress": {
                "formatted": ["CANARY", "CANARY"],
                "provinceCode": "TX",
                "phone": None,
                "zip": "",
            },
            "metafields": {"nodes": [{"key": "dob", "value": "CANARY", "jsonValue": ["CANARY"]}]},
            "fulfillments": [
                {"trackingInfo": [{"company": "UPS", "number": "1Z9", "url": "https://ups.com/1Z9"}]}
            ],
            "lineItems": {"nodes": [{"name": "Pinot", "sku": "P1", "quantity": 2}]},
        }
    }
}

ELSEWHERE = {
    "billing": {"first_name": "CANARY", "address_1": "CANARY", "postcode": "CANARY", "state": "TX"},
    "meta_data": [{"id": 1, "key": "_dob", "value": {"iso": "CANARY", "list": ["CANARY"]}}],
    "metaData": {"birth-date": "CANARY"},
    "note_attributes": [{"name": "Gift message", "value": "CANARY"}],
    "addresses": [{"address": "CANARY", "zipCode": "CANARY", "phones": [{"phone": "CANARY"}]}],
    "customer_firstname": "CANARY",
    "customer_dob": "CANARY",
    "remote_ip": "CANARY",
    "shipTo": "CANARY",
    "headers": {"Authorization": "Basic CANARY", "X-Shopify-Access-Token": "CANARY", "Cookie": "CANARY"},
    "consumer_secret": "CANARY",
    "api_key": "CANARY",
    "password": "CANARY",
    "order_status_url": "https://shop.example/authenticate?key=CANARY",
    "canary@example.com": 1,
}


@pytest.mark.parametrize("sample", [VINOSHIPPER_ORDER, SHOPIFY_ANSWER, ELSEWHERE, [[ELSEWHERE]]])
def test_no_canary_survives(sample: Any) -> None:
    assert "canary" not in json.dumps(redact(sample)).lower()


def test_what_happened_to_the_bottles_stays() -> None:
    assert redact(VINOSHIPPER_ORDER) == {
        "orderNumber": "HO-1042",
        "paid": True,
        "customer": {
            "firstName": HIDDEN,
            "lastName": HIDDEN,
            "salutation": HIDDEN,
            "businessName": HIDDEN,
            "email": HIDDEN,
            "phone": HIDDEN,
            "dateOfBirth": HIDDEN,
            "idScanUrl": HIDDEN,
        },
        "shipToAddress": {
            "name": HIDDEN,
            "company": HIDDEN,
            "street1": HIDDEN,
            "street2": HIDDEN,
            "city": HIDDEN,
            "stateCode": "TX",
            "postalCode": HIDDEN,
            "country": "US",
            "latitude": HIDDEN,
        },
        "giftNote": HIDDEN,
        "producerNote": HIDDEN,
        "items": [{"sku": "HO-PN23-750", "name": "Estate Pinot Noir", "quantity": 3, "price": "38.00"}],
        "shipping": {"carrier": "UPS", "packages": [{"trackingNumber": "1Z999AA10123456784"}]},
        "orderProblems": [{"code": "AGE", "message": f"No birth date for {HIDDEN}, ask again"}],
    }


def test_carriers_goods_and_absent_values_stay() -> None:
    order = redact(SHOPIFY_ANSWER)["data"]["order"]
    assert order["name"] == "#1042"
    assert order["fulfillments"] == SHOPIFY_ANSWER["data"]["order"]["fulfillments"]
    assert order["lineItems"] == SHOPIFY_ANSWER["data"]["order"]["lineItems"]
    assert order["customAttributes"] == [{"key": "Date of Birth", "value": HIDDEN}]
    assert order["shippingAddress"] == {"formatted": HIDDEN, "provinceCode": "TX", "phone": None, "zip": ""}


def test_the_original_is_untouched() -> None:
    sample = {"customer": {"email": "a@example.com"}, "items": [1]}
    copy = redact(sample)
    copy["items"].append(2)
    assert sample == {"customer": {"email": "a@example.com"}, "items": [1]}


PEOPLE = {"email", "phone", "first_name", "last_name", "address1", "address2", "city", "zip", "company"}


def people_in(value: Any) -> set[str]:
    """Every text a recorded payload holds under a key that names a person or a place."""
    if isinstance(value, list):
        return set().union(*map(people_in, value))
    if not isinstance(value, dict):
        return set()
    own = {text for key, text in value.items() if key in PEOPLE and isinstance(text, str) and text}
    return own.union(*map(people_in, value.values()))


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_nobody_in_the_recorded_payloads_survives(path: Path) -> None:
    payload = parse_json(path.read_bytes())
    kept = json.dumps(redact(payload), ensure_ascii=False)
    assert [text for text in people_in(payload) if f'"{text}"' in kept] == []


@pytest.mark.parametrize(
    ("value", "copy"),
    [
        (None, None),
        (7, 7),
        (1.5, 1.5),
        (Decimal("12.50"), "12.50"),
        (datetime.date(2026, 11, 18), "2026-11-18"),
        (b"\x00\x01", "(bytes)"),
        ("nul \x00 and half a pair \ud800", "nul  and half a pair "),
        ("x" * 3000, "x" * 2000),
        (("a", "b"), ["a", "b"]),
        ({1: "a"}, {"1": "a"}),
    ],
)
def test_everything_becomes_storable(value: Any, copy: Any) -> None:
    assert redact(value) == copy


def test_long_and_deep_samples_are_bounded() -> None:
    assert redact(list(range(205))) == [*range(200), "(5 more left out)"]
    many = redact({f"k{n}": n for n in range(203)})
    assert (len(many), many["…"]) == (201, "(3 more left out)")
    deep: Any = "bottom"
    for _ in range(5000):
        deep = [deep]
    shown = redact(deep)
    for _ in range(30):
        shown = shown[0]
    assert shown == "(deeper levels left out)"
