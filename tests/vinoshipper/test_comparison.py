"""Equal content is adopted, different content is a conflict: what counts as different."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crushsync.vinoshipper.payloads import differences, goods_differences
from crushsync.vinoshipper.types import OrderInput, ProductLine
from tests.vinoshipper.samples import ORDER, body, moved_to, read


def with_lines(*lines: tuple[str, int, str]) -> OrderInput:
    return replace(
        ORDER, lines=tuple(ProductLine(sku, quantity, Decimal(price)) for sku, quantity, price in lines)
    )


def customer(**changes: Any) -> OrderInput:
    return replace(ORDER, customer=replace(ORDER.customer, **changes))


def test_the_same_order() -> None:
    assert differences(ORDER, read(body())) == ()
    assert goods_differences(ORDER, read(body())) == ()


@pytest.mark.parametrize(
    "same",
    [
        moved_to(ORDER, street1="123  FAKE st.", city="SACRAMENTO", postal_code="95814-1234"),
        customer(email="Jane.Doe@Example.com", first_name=" jane"),
        with_lines(("red-2020", 1, "25"), ("RED-2020", 1, "25"), ("ROSE-24", 1, "19.5")),
        with_lines(("RED-2020", 2, "25.004"), ("ROSE-24", 1, "19.50")),
    ],
)
def test_spelling_splitting_and_rounding_make_no_other_order(same: OrderInput) -> None:
    assert differences(same, read(body())) == ()


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        (moved_to(ORDER, street1="124 Fake St"), "the street of the delivery address"),
        (moved_to(ORDER, city="Davis"), "the city of the delivery address"),
        (moved_to(ORDER, state="NV"), "the state of the delivery address"),
        (moved_to(ORDER, postal_code="95815"), "the ZIP code of the delivery address"),
        (customer(email="john@example.com"), "the customer's e-mail"),
        (customer(last_name="Roe"), "the customer's name"),
        (replace(ORDER, ship_date=None), "the requested ship date"),
        (replace(ORDER, ship_date=date(2026, 12, 2)), "the requested ship date"),
        (with_lines(("RED-2020", 3, "25"), ("ROSE-24", 1, "19.5")),
         "the quantity of RED-2020 (3 here, 2 at Vinoshipper)"),
        (with_lines(("RED-2020", 2, "25")), "the quantity of rose-24 (0 here, 1 at Vinoshipper)"),
        (with_lines(("RED-2020", 2, "25"), ("ROSE-24", 1, "19.5"), ("ZIN", 1, "1")),
         "the quantity of ZIN (1 here, 0 at Vinoshipper)"),
        (with_lines(("RED-2020", 2, "26"), ("ROSE-24", 1, "19.5")), "the price of RED-2020"),
    ],
)  # fmt: skip
def test_each_difference_is_named_alone(changed: OrderInput, phrase: str) -> None:
    assert differences(changed, read(body())) == (phrase,)


def test_nothing_personal_is_in_the_words() -> None:
    stranger = moved_to(
        customer(first_name="Secret", last_name="Person", email="secret@example.com"),
        street1="9 Hidden Rd", city="Elsewhere", state="NY", postal_code="10001",
    )  # fmt: skip
    words = " ".join(differences(stranger, read(body()))).casefold()
    personal = (
        "secret",
        "person",
        "hidden",
        "elsewhere",
        "10001",
        "jane",
        "doe",
        "fake",
        "sacramento",
        "95814",
    )
    assert not [value for value in personal if value in words]


@pytest.mark.parametrize("junk", [None, {}, {"status": "SUCCESS"}, {"products": "x", "customer": 5}])
def test_an_empty_order_equals_nothing(junk: Any) -> None:
    assert differences(ORDER, read(junk)) == (
        "the quantity of RED-2020 (2 here, 0 at Vinoshipper)",
        "the quantity of ROSE-24 (1 here, 0 at Vinoshipper)",
        "the street of the delivery address",
        "the city of the delivery address",
        "the state of the delivery address",
        "the ZIP code of the delivery address",
        "the customer's e-mail",
        "the customer's name",
        "the requested ship date",
    )


def test_a_pack_counts_as_ordered_and_its_bottles_do_not() -> None:
    inside = {"packProductId": 7009, "productId": 7001, "sku": "RED-2020", "quantity": 6, "price": 10}
    pack = {"productId": 7009, "sku": "SIX-PACK", "quantity": 1, "price": 120}
    order = with_lines(("SIX-PACK", 1, "120.00"))
    assert differences(order, read(body(products=[inside], packs=[pack]))) == ()


def test_an_echo_is_compared_by_goods_alone() -> None:
    assert goods_differences(moved_to(ORDER, city="Davis"), read(body())) == ()
    assert goods_differences(with_lines(("RED-2020", 2, "1"), ("ROSE-24", 1, "1")), read(body())) == ()
    assert goods_differences(ORDER, read({"status": "SUCCESS"})) == ()
    assert goods_differences(with_lines(("RED-2020", 1, "25"), ("ROSE-24", 1, "19.5")), read(body())) == (
        "the quantity of RED-2020 (1 here, 2 at Vinoshipper)",
    )


def test_an_untold_price_is_no_difference() -> None:
    products = [{**row, "price": None} for row in body()["products"]]
    assert differences(ORDER, read(body(products=products))) == ()


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ("U12345678", {"id": "1", "locationId": "U12345678"}, ()),
        ("U12345678", {"id": "U12345678"}, ()),
        ("U12345678", None, ()),  # not said: an answer may leave it out
        ("", None, ()),
        ("U12345678", {"id": "1", "locationId": "U2"}, ("the UPS Access Point",)),
        ("", {"id": "1", "locationId": "U2"}, ("the UPS Access Point",)),
    ],
)
def test_another_access_point_is_another_order(ours: str, theirs: Any, found: tuple[str, ...]) -> None:
    answer = body()
    answer["shipToAddress"]["accessPoint"] = theirs
    assert differences(moved_to(ORDER, access_point_id=ours), read(answer)) == found
