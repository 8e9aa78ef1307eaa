"""Tracking numbers as the carriers would print them."""

from itertools import count
from string import ascii_uppercase, digits

SHIPPER = "999AA1"
SERVICE_INDICATOR = {"03": "03", "12": "12", "02": "02", "01": "01", "14": "15"}


def ups_check_digit(fifteen: str) -> str:
    """The last digit of a 1Z number from the 15 characters after "1Z".

    Letters count as in UPS's mod-10 scheme: A=2, B=3, ... wrapping at ten; every second place counts double.
    """
    total = 0
    for place, character in enumerate(fifteen):
        value = int(character) if character in digits else (ascii_uppercase.index(character) + 2) % 10
        total += value * 2 if place % 2 else value
    return str(-total % 10)


class TrackingNumbers:
    """Numbers never given twice within one sandbox."""

    def __init__(self) -> None:
        self._next = count(12_345_678 // 10)

    def next(self, carrier: str | None, rate_code: str | None) -> str:
        serial = next(self._next)
        if carrier == "FEDEX":
            return f"7946{serial:08d}"
        if carrier == "GLS":
            return f"5511{serial:08d}"
        fifteen = f"{SHIPPER}{SERVICE_INDICATOR.get(rate_code or '', '03')}{serial:07d}"
        return f"1Z{fifteen}{ups_check_digit(fifteen)}"
