"""Carriers: what shops call them, and where a customer can follow a package."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from crushsync.lib.tracking_numbers import carrier_code


@dataclass(frozen=True, slots=True)
class Carrier:
    """`code` is ours and Vinoshipper's; `label` is the carrier's own name, as shops show it."""

    code: str
    label: str
    page: str  # the number goes to the end


CARRIERS = {
    carrier.code: carrier
    for carrier in (
        Carrier("UPS", "UPS", "https://www.ups.com/track?tracknum="),
        Carrier("ONTRAC", "OnTrac", "https://www.ontrac.com/tracking/?number="),
        Carrier("USPS", "USPS", "https://tools.usps.com/go/TrackConfirmAction?tLabels="),
        Carrier("FEDEX", "FedEx", "https://www.fedex.com/fedextrack/?trknbr="),
        Carrier("GLS", "GLS", "https://www.gls-us.com/track-and-trace?TrackingNumbers="),
        Carrier("DHL", "DHL Express", "https://www.dhl.com/us-en/home/tracking.html?tracking-id="),
        Carrier("LSO", "LSO", "https://www.lso.com/tracking?airbillnumber="),
    )
}
OTHER_NAMES = {
    "FEDERALEXPRESS": "FEDEX",
    "GLSUS": "GLS",
    "GSO": "GLS",
    "LONESTAROVERNIGHT": "LSO",
    "DHLEXPRESS": "DHL",
    "LASERSHIP": "ONTRAC",
}


def carrier_of(name: str, number: str = "") -> Carrier | None:
    """The carrier by its name in any spelling or, where no name is given, by the look of the number."""
    key = re.sub(r"[^A-Z0-9]", "", name.upper())
    if key:
        return CARRIERS.get(OTHER_NAMES.get(key, key))
    return CARRIERS.get(carrier_code(bare(number)))


def carrier_label(name: str, number: str = "") -> str:
    """The name shops know; a carrier that we do not know keeps the name it came with."""
    carrier = carrier_of(name, number)
    return carrier.label if carrier else name


def tracking_url(carrier: str, number: str) -> str:
    """Where a customer can follow the package; "" for a carrier without such a page, such as a pickup."""
    known = carrier_of(carrier, number)
    return known.page + quote(bare(number), safe="") if known and bare(number) else ""


def bare(number: str) -> str:
    """A tracking number as it is compared: printed in groups, it has blanks that do not belong to it."""
    return "".join(number.split()).upper()
