"""Carriers by name and by number, and where their packages can be followed."""

import pytest

from crushsync.lib.carriers import CARRIERS, carrier_label, carrier_of, tracking_url

UPS = "1Z12345E6605272234"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UPS", "UPS"),
        ("ups", "UPS"),
        ("FEDEX", "FEDEX"),
        ("Federal Express", "FEDEX"),
        ("GLS US", "GLS"),
        ("OnTrac", "ONTRAC"),
        ("U.S.P.S.", "USPS"),
        ("DHL Express", "DHL"),
        ("Lone Star Overnight", "LSO"),
        ("SELF", None),
        ("Pony Express", None),
        ("", None),
    ],
)
def test_names(name: str, code: str | None) -> None:
    carrier = carrier_of(name)
    assert (carrier.code if carrier else None) == code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (UPS, "UPS"),
        ("1z 123 45e 66 0527 2234", "UPS"),
        ("1Z999AA10123456784", "UPS"),
        ("1Z12345E6605272235", None),  # wrong check digit
        ("C11031500001879", "ONTRAC"),
        ("D10011354453707", "ONTRAC"),
        ("1LS717793482164", "ONTRAC"),
        ("1LS7119013618127-1", "ONTRAC"),
        ("9400 1112 0255 5842 3326 69", "USPS"),
        ("92748931507708513018050063", "USPS"),
        ("420221539101026837331000039521", "USPS"),
        ("71123456789123456787", "USPS"),
        ("71969010756003077385", "USPS"),
        ("EA473124829US", "USPS"),
        ("012345678983", "FEDEX"),
        ("986578788855", "FEDEX"),
        ("0414 4176 0228 964", "FEDEX"),
        ("9611020987654312345672", "FEDEX"),
        ("61299998820821171811", "FEDEX"),
        ("3318810025", "DHL"),
        ("JJD0099999999", "DHL"),
        ("EA473124829GB", None),  # another country's post
        ("5000123", None),
        ("１２３４５６７８９０１２", None),
        ("", None),
    ],
)
def test_numbers_without_a_carrier(number: str, code: str | None) -> None:
    carrier = carrier_of("", number)
    assert (carrier.code if carrier else None) == code


@pytest.mark.parametrize(
    "number",
    [
        *(UPS, "C11031500001879", "9400111202555842332669", "EA473124829US", "012345678983"),
        *("041441760228964", "61299998820821171811", "3318810025"),
    ],
)
def test_one_wrong_digit_is_nobodys(number: str) -> None:
    """The last one of the serial number, as it is in all of these."""
    place = max(place for place, sign in enumerate(number) if sign.isdigit()) - 1
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    assert carrier_of("", wrong) is None


@pytest.mark.parametrize(
    ("carrier", "number", "url"),
    [
        ("UPS", UPS, f"https://www.ups.com/track?tracknum={UPS}"),
        ("", UPS, f"https://www.ups.com/track?tracknum={UPS}"),
        ("FEDEX", "1234 5678 9012", "https://www.fedex.com/fedextrack/?trknbr=123456789012"),
        ("GLS", "5000123", "https://www.gls-us.com/track-and-trace?TrackingNumbers=5000123"),
        ("LSO", "ZYX12345", "https://www.lso.com/tracking?airbillnumber=ZYX12345"),
        ("USPS", "a&b=c", "https://tools.usps.com/go/TrackConfirmAction?tLabels=A%26B%3DC"),
        ("SELF", "5000123", ""),
        ("UPS", " ", ""),
        ("", "5000123", ""),
    ],
)
def test_tracking_urls(carrier: str, number: str, url: str) -> None:
    assert tracking_url(carrier, number) == url


def test_labels_are_the_names_shops_know() -> None:
    assert [carrier_label(code) for code in CARRIERS] == [
        "UPS",
        "OnTrac",
        "USPS",
        "FedEx",
        "GLS",
        "DHL Express",
        "LSO",
    ]
    assert (carrier_label("Pony Express"), carrier_label("", UPS)) == ("Pony Express", "UPS")
