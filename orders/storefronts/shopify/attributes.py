"""What customers typed or apps wrote into extra fields: birth date, ship date, gift message, access point.

Shopify has no field for any of them. Themes and apps write order attributes or line properties under names of
their own, so names are compared by their letters only: "Date of Birth", "date_of_birth", "_dateOfBirth".
https://shopify.dev/docs/api/admin-graphql/2026-07/objects/Attribute
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from crushsync.lib.text import clean_text
from orders.storefronts.dates import possible_dates, read_birth_date
from orders.storefronts.shopify.values import Reading, as_dict, as_list, nodes
from orders.storefronts.types import BirthDate, BirthDateState, StoreConnection

BIRTH_DATE_FIELDS = (
    "Date of Birth", "DOB", "Birth date", "Birthday", "Customer DOB", "Age verification DOB",
)  # fmt: skip
SHIP_DATE_FIELDS = ("Requested Ship Date", "Ship Date", "Preferred Ship Date")
GIFT_NOTE_FIELDS = ("Gift message", "Gift note")
ACCESS_POINT_FIELDS = ("UPS Access Point ID",)

_DIGIT = re.compile(r"\d", re.ASCII)
_POINT = re.compile(r"[A-Z0-9]{1,30}", re.ASCII | re.IGNORECASE)


class Fields:
    """Extra fields of one place, found by the letters of their names; the first of a name counts."""

    def __init__(self, place: str, attributes: Any) -> None:
        self.place = place
        self._values: dict[str, tuple[str, str]] = {}
        for attribute in as_list(attributes):
            key = clean_text(as_dict(attribute).get("key"), 200)
            value = clean_text(as_dict(attribute).get("value"), 1_000).strip()
            if value:
                self._values.setdefault(_letters(key), (key, value))

    def find(self, names: Iterable[str]) -> tuple[str, str] | None:
        """Return (name as written, value) of the first of `names` that is filled in."""
        if not self._values:
            return None
        return next((found for name in names if (found := self._values.get(_letters(name)))), None)


def read_birth(order: Mapping[str, Any], connection: StoreConnection) -> BirthDate:
    """Return the birth date from the first place that has a clear one, else from the first that has any.

    Places: order attributes, line properties, the customer's metafield facts.birth_date.
    """
    names = (*connection.birth_date_fields, *BIRTH_DATE_FIELDS)
    order_fields = Fields("order attribute", order.get("customAttributes"))
    found = [_birth_in([order_fields], names, connection)]
    lines = [Fields("line property", line.get("customAttributes")) for line in nodes(order.get("lineItems"))]
    found.append(_birth_in(lines, names, connection))
    metafield = clean_text(as_dict(as_dict(order.get("customer")).get("birthDate")).get("value"), 100)
    found.append(_sourced(metafield, "customer metafield facts.birth_date", connection))
    stated = [birth for birth in found if birth.state is not BirthDateState.MISSING]
    known = [birth for birth in stated if birth.state is BirthDateState.KNOWN]
    return next(iter(known or stated), BirthDate())


def read_gift_note(order: Mapping[str, Any], connection: StoreConnection) -> str:
    """Return what is to be written on the gift card."""
    found = _of_order(order, (*connection.gift_note_fields, *GIFT_NOTE_FIELDS))
    return found[1] if found else ""


def read_access_point(order: Mapping[str, Any], connection: StoreConnection, reading: Reading) -> str:
    """Return the id of the UPS Access Point that the customer chose; "" if none was chosen."""
    found = _of_order(order, (*connection.access_point_fields, *ACCESS_POINT_FIELDS))
    if found and not _POINT.fullmatch(found[1]):
        reading.defect(f"The order attribute {found[0][:60]} is no id of a UPS Access Point.")
    return found[1] if found and _POINT.fullmatch(found[1]) else ""


def read_ship_date(order: Mapping[str, Any], connection: StoreConnection, reading: Reading) -> date | None:
    """Return the day on which the customer wants it shipped. Words without digits ("soon") ask for none."""
    found = _of_order(order, (*connection.ship_date_fields, *SHIP_DATE_FIELDS))
    if not found or not _DIGIT.search(found[1]):
        return None
    days = [day for day in possible_dates(found[1], connection.day_before_month) if day.year >= 2000]
    if len(days) == 1:
        return days[0]
    fault = "can be read in two ways" if days else "is not a date"
    reading.defect(f"The order attribute {found[0][:60]} {fault}.")
    return None


def _of_order(order: Mapping[str, Any], names: Iterable[str]) -> tuple[str, str] | None:
    return Fields("order attribute", order.get("customAttributes")).find(names)


def _birth_in(places: Sequence[Fields], names: tuple[str, ...], connection: StoreConnection) -> BirthDate:
    """Two clear but different birth dates in places of one rank are ambiguous: nobody says which counts."""
    births = [birth for fields in places if (birth := _birth_of(fields, names, connection))]
    known = {birth.value: birth for birth in births if birth.state is BirthDateState.KNOWN}
    if len(known) > 1:
        return BirthDate(BirthDateState.AMBIGUOUS, None, births[0].source)
    return next(iter([*known.values(), *births]), BirthDate())


def _birth_of(fields: Fields, names: tuple[str, ...], connection: StoreConnection) -> BirthDate | None:
    # Three fields first: the letters of "Birth day" are those of "Birthday".
    parts = [fields.find(_part_names(part, names)) for part in ("month", "day", "year")]
    if all(parts):
        month, day, year = (part[1] for part in parts if part)
        text = f"{year}-{month}-{day}" if month.isdigit() else f"{month} {day} {year}"
        return _sourced(text, f"{fields.place}s for month, day and year of birth", connection)
    found = fields.find(names)
    return _sourced(found[1], f"{fields.place} {found[0][:60]}", connection) if found else None


def _sourced(text: str, source: str, connection: StoreConnection) -> BirthDate:
    birth = read_birth_date(text, connection.day_before_month)
    return BirthDate(birth.state, birth.value, source if birth.state is not BirthDateState.MISSING else "")


@lru_cache(maxsize=256)
def _part_names(part: str, names: tuple[str, ...]) -> list[str]:
    bases = [*names, "birth"]
    return [name for base in bases for name in (f"{base} {part}", f"{part} of {base}", f"{part} {base}")]


@lru_cache(maxsize=1024)
def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalpha())
