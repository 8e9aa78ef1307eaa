"""Our own checks: each with what it finds, what it lets pass, and what its level makes of it."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compliance.checks import CHECKS, Level, Product, Shipment, bottles, check, is_of_age, zone_of
from compliance.problems import CATALOGUE
from fulfillment.actions import ACTIONS
from orders.storefronts.types import BirthDateState, DeliveryMethod
from tests.factories import ADDRESS, OrderFactory, OrderLineFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 25)
DOCUMENTATION = Path(__file__).resolve().parent.parent.parent / "docs/compliance.md"


def shipment(
    *, arrives_on: date = DAY, address: dict[str, str] | None = None, line: Any = None, **fields: Any
) -> Shipment:
    """A plain order with some things changed; `line` changes its one line, `address` where it goes."""
    given = {name: fields.pop(name) for name in ("levels", "most_bottles", "products") if name in fields}
    order = OrderFactory.create(ship_to={**ADDRESS, **(address or {})}, lines=0, **fields)
    OrderLineFactory.create(order=order, **(line or {}))
    return Shipment(order=order, lines=list(order.lines.all()), arrives_on=arrives_on, **given)


def product(
    sku: str = "ESTATE-PN-22", stock: int = 10, barred: Sequence[str] = (), ml: int | None = 750
) -> Product:
    return Product(sku, stock, barred, ml, is_alcohol=True)


def codes(found: Shipment) -> list[str]:
    return [finding.code for finding in check(found)]


def test_a_plain_order_passes() -> None:
    assert check(shipment()) == []
    assert check(shipment(products={"ESTATE-PN-22": [product()]})) == []


FOUND: list[tuple[str, Level, dict[str, Any]]] = [
    ("odd_order", Level.BLOCKS, {"defects": ["A quantity is missing."]}),
    ("address_incomplete", Level.BLOCKS, {"address": {"street1": " "}}),
    ("address_incomplete", Level.BLOCKS, {"email": ""}),
    ("zip_malformed", Level.BLOCKS, {"address": {"postal_code": "9581"}}),
    ("zip_elsewhere", Level.BLOCKS, {"address": {"postal_code": "10001"}}),
    ("zip_elsewhere", Level.BLOCKS, {"address": {"postal_code": "10001-1234"}}),
    ("po_box", Level.BLOCKS, {"address": {"street1": "P.O. Box 12"}}),
    ("po_box", Level.BLOCKS, {"address": {"street2": "PO BOX 7"}}),
    ("po_box", Level.BLOCKS, {"address": {"street1": "Post-Office Box 9"}}),
    ("po_box", Level.BLOCKS, {"address": {"street1": "Box 41"}}),
    ("po_box", Level.BLOCKS, {"address": {"street1": "P.O.B. 41"}}),
    ("po_box", Level.BLOCKS, {"address": {"street1": "PO Box41"}}),
    ("po_box", Level.BLOCKS, {"address": {"street1": "Box #41"}}),
    ("military_address", Level.BLOCKS, {"address": {"city": "APO"}}),
    ("military_address", Level.BLOCKS, {"address": {"street1": "PSC 1234, Box 5678"}}),
    ("access_point_unknown", Level.BLOCKS, {"line": {"delivery_method": DeliveryMethod.PICKUP_POINT}}),
    ("street_too_long", Level.WARNS, {"address": {"street2": "x" * 36}}),
    ("birth_date_unclear", Level.BLOCKS, {"birth_date": None, "birth_date_state": BirthDateState.AMBIGUOUS}),
    ("birth_date_unclear", Level.BLOCKS, {"birth_date": None, "birth_date_state": BirthDateState.UNREADABLE}),
    ("birth_date_missing", Level.WARNS, {"birth_date": None, "birth_date_state": BirthDateState.MISSING}),
    ("birth_date_future", Level.BLOCKS, {"birth_date": date(2027, 1, 1)}),
    ("under_age", Level.BLOCKS, {"birth_date": date(2005, 11, 26)}),
    ("name_too_long", Level.WARNS, {"address": {"first_name": "Maximiliane", "last_name": "x" * 24}}),
    ("phone_odd", Level.WARNS, {"address": {"phone": ""}, "phone": ""}),
    ("phone_odd", Level.WARNS, {"address": {"phone": "call me"}}),
    ("nothing_charged", Level.BLOCKS, {"line": {"unit_price": Decimal(0)}}),
    ("nothing_charged", Level.BLOCKS, {"line": {"discount": Decimal(64)}}),
    ("discount_too_large", Level.BLOCKS, {"line": {"discount": Decimal("38.41")}}),
    ("unknown_sku", Level.BLOCKS, {"products": {}}),
    ("ambiguous_sku", Level.BLOCKS, {"products": {"ESTATE-PN-22": [product(), product()]}}),
    ("not_available", Level.BLOCKS, {"products": {"ESTATE-PN-22": [product(barred=["CA"])]}}),
    ("sold_out", Level.WARNS, {"products": {"ESTATE-PN-22": [product(stock=1)]}}),
    ("too_many_bottles", Level.BLOCKS, {"most_bottles": 1}),
    ("too_many_bottles", Level.BLOCKS, {"most_bottles": 3, "products": {"ESTATE-PN-22": [product(ml=1500)]}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "level", "changes"), FOUND, ids=[f"{row[0]}-{n}" for n, row in enumerate(FOUND)]
)
def test_what_each_check_finds(code: str, level: Level, changes: dict[str, Any]) -> None:
    found = check(shipment(**changes))
    assert [(finding.code, finding.level) for finding in found] == [(code, level)]
    assert found[0].sentence.endswith(".")
    assert found[0].setting or CHECKS[code].is_fixed


def test_states_are_named_in_full() -> None:
    [elsewhere] = check(shipment(address={"state": "OR", "postal_code": "73102"}))
    assert elsewhere.sentence == "The address says Oregon; its ZIP code belongs to Oklahoma."
    [barred] = check(shipment(products={"ESTATE-PN-22": [product(barred=["CA"])]}))
    assert barred.sentence == "Vinoshipper does not offer ESTATE-PN-22 in California."


def test_every_check_is_tried_above_and_explained_in_the_catalogue() -> None:
    assert {code for code, *_ in FOUND} == set(CHECKS)
    assert set(CHECKS) - set(CATALOGUE) == set()


PASSED: list[dict[str, Any]] = [
    {"address": {"postal_code": "95814-1234"}},
    {"address": {"state": "TX", "postal_code": "73301"}},  # Austin's, between Oklahoma's
    {"address": {"state": "NY", "postal_code": "06390"}},  # Fishers Island, between Connecticut's
    {"address": {"street1": "12 Boxwood Lane", "street2": "Unit 12"}},
    {"address": {"street1": "400 Post Road"}},
    {"address": {"street1": "7 Post Boxley Way"}},
    {"address": {"city": "Apollo Beach", "state": "FL", "postal_code": "33572"}},
    {"address": {"street1": "x" * 35}},
    {"address": {"phone": "(916) 555-0123"}},
    {"address": {"phone": "+44 20 7946 0958"}},
    {"line": {"discount": Decimal("38.40")}},  # 60 % exactly
    {"most_bottles": 2},
    {"products": {"ESTATE-PN-22": [product(stock=2)]}},
    {"products": {"ESTATE-PN-22": [product(barred=["NV"])]}},
    {"birth_date": date(2005, 11, 25)},  # 21 on the day it arrives
]


@pytest.mark.parametrize("changes", PASSED, ids=range(len(PASSED)))
def test_what_they_let_pass(changes: dict[str, Any]) -> None:
    assert codes(shipment(**changes)) == []


@pytest.mark.parametrize(
    ("born", "day", "of_age"),
    [
        (date(2004, 2, 29), date(2025, 2, 28), False),
        (date(2004, 2, 29), date(2025, 3, 1), True),
        (date(2003, 2, 28), date(2024, 2, 28), True),
        (date(2003, 3, 1), date(2024, 2, 29), False),
        (date(2000, 2, 29), date(2028, 2, 29), True),
    ],
)
def test_of_age_around_the_29th_of_february(born: date, day: date, of_age: bool) -> None:
    assert is_of_age(born, day) is of_age
    assert ("under_age" in codes(shipment(birth_date=born, arrives_on=day))) is not of_age


def test_a_winery_chooses_the_level_where_there_is_a_choice() -> None:
    box = {"street1": "PO Box 1"}
    levels = {"po_box": "warns", "under_age": "passes"}
    found = check(shipment(address=box, birth_date=date(2010, 1, 1), levels=levels))
    assert [(finding.code, finding.blocks) for finding in found] == [("under_age", True), ("po_box", False)]
    assert codes(shipment(address=box, levels={"po_box": "passes"})) == []


def test_what_blocks_comes_first() -> None:
    assert codes(shipment(address={"phone": "?", "street1": "PO Box 1"}, most_bottles=1)) == [
        "po_box",
        "too_many_bottles",
        "phone_odd",
    ]


def test_bottles_count_in_750_ml() -> None:
    kinds = {
        "MAGNUM": [product(ml=1500)],
        "HALF": [product(ml=375)],
        "CORKSCREW": [Product("CORKSCREW", 1, (), None, is_alcohol=False)],
        "NO-SIZE": [product(ml=None)],
    }
    skus = ("MAGNUM", "HALF", "CORKSCREW", "NO-SIZE", "UNKNOWN")
    assert bottles(dict.fromkeys(skus, 3), kinds) == Decimal("13.5")
    assert bottles(dict.fromkeys(skus, 3), None) == 15


def test_what_the_winery_ships_itself_is_not_in_the_shipment() -> None:
    """Of six bottles four stay here: Vinoshipper gets two, and the second line, a gift, whole."""
    order = OrderFactory.create(lines=0)
    kept = {"quantity": 6, "shipped_here": 4, "shippable_here": 4}
    OrderLineFactory.create(order=order, **kept)
    some = Shipment(
        order=order,
        lines=list(order.lines.all()),
        arrives_on=DAY,
        most_bottles=2,
        products={"ESTATE-PN-22": [product(stock=2)]},
    )
    assert check(some) == []
    gift = OrderLineFactory.create(order=order, sku="GIFT", discount=Decimal(64))
    found = check(Shipment(order=order, lines=[gift], arrives_on=DAY))
    assert [finding.code for finding in found] == ["nothing_charged"]


def test_lines_of_one_sku_share_its_stock() -> None:
    order = OrderFactory.create(lines=2, lines__quantity=2)
    found = Shipment(
        order=order,
        lines=list(order.lines.all()),
        arrives_on=DAY,
        products={"ESTATE-PN-22": [product(stock=3)]},
    )
    assert [finding.sentence for finding in check(found)] == [
        "4 of ESTATE-PN-22 are ordered; Vinoshipper has 3."
    ]


def test_the_line_is_named() -> None:
    [found] = check(shipment(products={}))
    assert (found.line, found.sentence) == (
        "ESTATE-PN-22",
        "Vinoshipper has no approved product with the SKU ESTATE-PN-22.",
    )


@pytest.mark.parametrize(
    ("state", "zone"),
    [
        ("NY", "America/New_York"),
        ("TN", "America/Chicago"),
        ("MI", "America/Chicago"),  # in its west
        ("HI", "Pacific/Honolulu"),
        ("", "Pacific/Honolulu"),
    ],
)
def test_a_day_begins_where_the_order_goes(state: str, zone: str) -> None:
    assert str(zone_of(state)) == zone


def test_the_documentation_names_every_check_with_its_level() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (\w+) \| (yes|no) \|$", DOCUMENTATION.read_text(), re.MULTILINE)
    assert rows == [
        (rule.code, str(rule.level), "no" if rule.is_fixed else "yes") for rule in CHECKS.values()
    ]


def test_nothing_forces_an_order_through() -> None:
    assert "There is no force button" in DOCUMENTATION.read_text()
    assert not [name for name in ACTIONS if re.search("force|override|anyway", name)]
    law = {"under_age", "birth_date_future", "birth_date_unclear", "address_incomplete"}
    assert all(CHECKS[code].is_fixed for code in law)
