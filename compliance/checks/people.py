"""Checks of who buys and who receives: birth date, age, name, telephone."""

import re
from collections.abc import Iterator
from datetime import date

import phonenumbers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.checks.base import Check, Fault, Level, Shipment
from orders.storefronts.types import BirthDateState

LEGAL_AGE = 21
# What fits on a carrier's label: https://developer.ups.com/api/reference/shipping
LONGEST_NAME = 35
UNCLEAR = (BirthDateState.AMBIGUOUS, BirthDateState.UNREADABLE)


def is_of_age(born: date, on: date) -> bool:
    """Whether somebody is 21 on that day. Born on 29 February: of age on 1 March of a common year."""
    return (on.year - born.year, on.month, on.day) >= (LEGAL_AGE, born.month, born.day)


def _birth_date_unclear(shipment: Shipment) -> Iterator[Fault]:
    state = shipment.order.birth_date_state
    if state in UNCLEAR:
        if state == BirthDateState.AMBIGUOUS:
            yield Fault(_("The birth date can be read in two ways."))
        else:
            yield Fault(_("The birth date can be read not at all."))


def _birth_date_missing(shipment: Shipment) -> Iterator[Fault]:
    if shipment.order.birth_date is None and shipment.order.birth_date_state not in UNCLEAR:
        yield Fault(_("The order has no birth date; Vinoshipper will verify the age without it."))


def _birth_date_future(shipment: Shipment) -> Iterator[Fault]:
    born = shipment.order.birth_date
    if born is not None and born >= shipment.order.placed_at.date():
        yield Fault(_("The birth date is not in the past: it was mistyped."))


def _under_age(shipment: Shipment) -> Iterator[Fault]:
    born = shipment.order.birth_date
    if born is None or born >= shipment.order.placed_at.date() or is_of_age(born, shipment.arrives_on):
        return
    yield Fault(_("The birth date says the customer is under 21 on the day of delivery."))


def _name_too_long(shipment: Shipment) -> Iterator[Fault]:
    name = f"{shipment.part('first_name')} {shipment.part('last_name')}".strip()
    if len(name) > LONGEST_NAME:
        yield Fault(
            _("The recipient's name has %(count)s letters; a label holds %(most)s.")
            % {"count": len(name), "most": LONGEST_NAME}
        )


def _phone(shipment: Shipment) -> Iterator[Fault]:
    written = shipment.part("phone") or shipment.order.phone
    if not written:
        yield Fault(_("There is no telephone number for the carrier."))
    elif not is_phone(written):
        yield Fault(_("The telephone number cannot be one; Vinoshipper gets none."))


def is_phone(written: str) -> bool:
    """Whether it can be a telephone number, American unless it names another country."""
    digits = re.sub(r"[\s().+-]", "", written)
    if digits.isdigit() and len(digits.removeprefix("1")) == 10 and digits.removeprefix("1")[0] > "1":
        return True
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(written, "US"))
    except phonenumbers.NumberParseException:
        return False


CHECKS = (
    Check(
        "birth_date_unclear",
        lazy("birth date that can be read in two ways"),
        Level.BLOCKS,
        _birth_date_unclear,
        "Store: day before month",
        is_fixed=True,
    ),
    Check(
        "birth_date_future", lazy("birth date in the future"), Level.BLOCKS, _birth_date_future, is_fixed=True
    ),
    Check("under_age", lazy("under 21 on the day of delivery"), Level.BLOCKS, _under_age, is_fixed=True),
    Check("birth_date_missing", lazy("no birth date"), Level.WARNS, _birth_date_missing),
    Check("name_too_long", lazy("name longer than a label"), Level.WARNS, _name_too_long),
    Check("phone_odd", lazy("no usable telephone number"), Level.WARNS, _phone),
)
