"""Birth date, ship date, gift message and access point out of fields that every shop names as it likes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from orders.storefronts.shopify.payloads import to_order
from orders.storefronts.types import BirthDate, BirthDateState, StoreConnection
from tests.storefronts.answers import CONNECTION, attributes, line, nodes, recorded_order

JUNE_21 = date(1984, 6, 21)
US_SHOP = replace(CONNECTION, day_before_month=False)


def _birth(connection: StoreConnection = CONNECTION, **changes: Any) -> BirthDate:
    return to_order(recorded_order(**{"customAttributes": [], **changes}), connection).birth_date


def _metafield(text: str) -> dict[str, Any]:
    return {"firstName": "Elena", "lastName": "Marquez", "birthDate": {"value": text}}


@pytest.mark.parametrize(
    "name",
    [
        *("Date of Birth", "date_of_birth", "_dateOfBirth", "DOB", "d.o.b."),
        *("birthdate", "Birth date", "BIRTHDAY", "customer_dob"),
    ],
)
def test_names_are_compared_by_their_letters(name: str) -> None:
    birth = _birth(customAttributes=attributes(**{name: "06/21/1984"}))
    assert birth == BirthDate(BirthDateState.KNOWN, JUNE_21, f"order attribute {name}")


def test_a_shop_may_name_a_field_of_its_own() -> None:
    given = attributes(**{"Geburtstag": "1984-06-21"})
    assert _birth(customAttributes=given).state is BirthDateState.MISSING
    own = replace(CONNECTION, birth_date_fields=("geburtstag",))
    assert _birth(own, customAttributes=given).value == JUNE_21


def test_line_properties_come_second_and_the_metafield_third() -> None:
    lines = nodes(line(1, customAttributes=attributes(DOB="1984-06-21")))
    assert _birth(lineItems=lines, customer=_metafield("1970-01-01")).source == "line property DOB"
    birth = _birth(customer=_metafield("1970-01-01"))
    assert birth == BirthDate(BirthDateState.KNOWN, date(1970, 1, 1), "customer metafield facts.birth_date")


def test_nobody_said_it() -> None:
    assert _birth() == BirthDate(BirthDateState.MISSING)
    assert _birth(customAttributes=attributes(DOB="  ")) == BirthDate(BirthDateState.MISSING)


def test_an_ambiguous_date_is_flagged_with_its_source() -> None:
    given = attributes(DOB="04/05/1980")
    assert _birth(customAttributes=given) == BirthDate(BirthDateState.AMBIGUOUS, None, "order attribute DOB")
    assert _birth(US_SHOP, customAttributes=given).value == date(1980, 4, 5)


def test_a_clear_date_elsewhere_settles_an_ambiguous_one() -> None:
    given = attributes(DOB="04/05/1980")
    assert _birth(customAttributes=given, customer=_metafield("1980-05-04")).value == date(1980, 5, 4)


def test_an_unreadable_date_is_not_a_missing_one() -> None:
    assert _birth(customAttributes=attributes(DOB="over 21")).state is BirthDateState.UNREADABLE


def test_two_different_dates_on_the_lines_are_ambiguous() -> None:
    first = line(1, customAttributes=attributes(DOB="1984-06-21"))
    second = line(2, customAttributes=attributes(DOB="1990-01-02"))
    assert _birth(lineItems=nodes(first, second)).state is BirthDateState.AMBIGUOUS
    assert _birth(lineItems=nodes(first, first)).value == JUNE_21


@pytest.mark.parametrize(
    "fields",
    [
        {"Birth month": "6", "Birth day": "21", "Birth year": "1984"},
        {"dob_month": "06", "dob_day": "21", "dob_year": "1984"},
        {"Month of birth": "June", "Day of birth": "21", "Year of birth": "1984"},
        {"Date of birth - month": "Jun", "Date of birth - day": "21", "Date of birth - year": "1984"},
        {"birthday_month": "6", "birthday_day": "21", "birthday_year": "1984"},
    ],
)
def test_three_fields_make_a_date(fields: dict[str, str | None]) -> None:
    birth = _birth(customAttributes=attributes(**fields))
    source = "order attributes for month, day and year of birth"
    assert birth == BirthDate(BirthDateState.KNOWN, JUNE_21, source)


def test_two_of_three_fields_make_none() -> None:
    given = attributes(**{"Birth month": "6", "Birth year": "1984"})
    assert _birth(customAttributes=given).state is BirthDateState.MISSING


@pytest.mark.parametrize("name", ["Requested Ship Date", "ship_date", "Preferred Ship Date"])
def test_the_requested_ship_date(name: str) -> None:
    order = to_order(recorded_order(customAttributes=attributes(**{name: "12/01/2026"})), US_SHOP)
    assert (order.requested_ship_date, order.defects) == (date(2026, 12, 1), ())


@pytest.mark.parametrize("text", ["as soon as possible", "", "ASAP"])
def test_no_ship_date_in_words(text: str) -> None:
    order = to_order(recorded_order(customAttributes=attributes(**{"Ship date": text})), US_SHOP)
    assert (order.requested_ship_date, order.defects) == (None, ())


@pytest.mark.parametrize(
    ("text", "fault"), [("12/01/2026", "can be read in two ways"), ("week 49", "is not a date")]
)
def test_an_unclear_ship_date_waits_for_a_person(text: str, fault: str) -> None:
    order = to_order(recorded_order(customAttributes=attributes(**{"Ship date": text})), CONNECTION)
    assert order.requested_ship_date is None
    assert order.defects == (f"The order attribute Ship date {fault}.",)


def test_names_of_the_shop_come_before_ours() -> None:
    own = replace(US_SHOP, gift_note_fields=("Card text",), ship_date_fields=("Pack on",))
    given = attributes(
        **{"Gift note": "ours", "Card text": "theirs", "Ship date": "12/01/2026", "Pack on": "2026-12-02"}
    )
    order = to_order(recorded_order(customAttributes=given), own)
    assert (order.gift_note, order.requested_ship_date) == ("theirs", date(2026, 12, 2))


@pytest.mark.parametrize("name", ["UPS_Access_Point_ID", "upsAccessPointId", "Point id"])
def test_the_access_point_is_part_of_where_it_goes(name: str) -> None:
    shop = replace(CONNECTION, access_point_fields=("Point ID",))
    order = to_order(recorded_order(customAttributes=attributes(**{name: " U12345678 "})), shop)
    assert order.ship_to is not None
    assert order.bill_to is not None
    assert (order.ship_to.access_point_id, order.bill_to.access_point_id) == ("U12345678", "")
    assert order.defects == ()


def test_an_access_point_that_is_none_waits_for_a_person() -> None:
    order = to_order(
        recorded_order(customAttributes=attributes(UPS_Access_Point_ID="the one at the corner")), CONNECTION
    )
    assert order.ship_to is not None
    assert order.ship_to.access_point_id == ""
    assert order.defects == ("The order attribute UPS_Access_Point_ID is no id of a UPS Access Point.",)
