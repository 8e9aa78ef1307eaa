"""Whose tracking number it is, by its look and its check digit. What fits nobody is nobody's.

GLS in the United States and LSO publish no form of their numbers: these are never guessed.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import cycle


def gs1(digits: str) -> bool:
    """From the right, 3 times and once each digit by turns; the check digit fills up to a ten.

    https://www.gs1.org/services/how-calculate-check-digit-manually
    USPS: https://postalpro.usps.com/mailing/impb, publication 199, its check digit
    """
    return _filled_up(digits, _weighed(digits, (3, 1)))


def fedex_express(digits: str) -> bool:
    """From the right 1, 3 and 7 times by turns, modulo 11; 10 becomes 0.

    http://answers.google.com/answers/threadview/id/207899.html, as FedEx has told it
    """
    return int(digits[-1]) == _weighed(digits, (1, 3, 7)) % 11 % 10


def s10(digits: str) -> bool:
    """The postal union's standard S10: eight digits and their check digit.

    https://www.upu.int/en/postal-solutions/programmes-services/standards
    https://en.wikipedia.org/wiki/S10_(UPU_standard)
    """
    total = sum(int(digit) * weight for digit, weight in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=False))
    return int(digits[-1]) == {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)


def ups(text: str) -> bool:
    """From the left once and twice by turns; A counts 2, B 3 and so on, modulo 10. OnTrac's are the same.

    http://answers.google.com/answers/threadview/id/207899.html, as UPS has told it
    https://stackoverflow.com/questions/5783703, as OnTrac has told it
    """
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in text]
    total = sum(value * weight for value, weight in zip(values[:-1], cycle((1, 2)), strict=False))
    return _filled_up(text, total)


def dhl(digits: str) -> bool:
    """A waybill: what is before the check digit, modulo 7.

    https://github.com/jkeen/tracking_number_data/blob/main/couriers/dhl.json
    """
    return int(digits[-1]) == int(digits[:-1]) % 7


def _weighed(digits: str, weights: Iterable[int]) -> int:
    """The digits before the last one, from the right, each times its weight."""
    return sum(
        int(digit) * weight for digit, weight in zip(reversed(digits[:-1]), cycle(weights), strict=False)
    )


def _filled_up(text: str, total: int) -> bool:
    return text[-1].isdigit() and int(text[-1]) == -total % 10


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a carrier's numbers. `check` sees the pattern's first group, behind `before`."""

    carrier: str  # its code, see carriers.py
    pattern: re.Pattern[str]
    check: Callable[[str], bool]
    before: str = ""  # left away in print, but counted in the check digit

    def fits(self, number: str) -> bool:
        """Whether the number, without blanks and in capitals, is one of these."""
        found = self.pattern.fullmatch(number)
        return found is not None and self.check(self.before + found[1])


def _form(carrier: str, pattern: str, check: Callable[[str], bool], before: str = "") -> Form:
    return Form(carrier, re.compile(pattern), check, before)


# The most telling first. Of twenty digits the check digit alone says whose they are.
FORMS = (
    _form("UPS", r"1Z([0-9A-Z]{16})", ups),
    _form("ONTRAC", r"([CD][0-9]{14})", ups),
    _form("ONTRAC", r"(1LS[0-9]{12}(?:[0-9]-[0-9])?)", bool),  # LaserShip's: https://www.ontrac.com/faq/
    _form("USPS", r"(?:420[0-9]{5}(?:[0-9]{4})?)?(9[1-5][0-9]{20}(?:[0-9]{4})?)", gs1),
    _form("USPS", r"[A-Z]{2}([0-9]{9})US", s10),
    _form("USPS", r"([0-9]{20})", gs1),
    _form("USPS", r"([0-9]{20})", gs1, "91"),
    _form("FEDEX", r"([0-9]{20})", gs1, "92"),  # Ground Economy, once SmartPost
    _form("FEDEX", r"([0-9]{12})", fedex_express),
    _form("FEDEX", r"(?:96[0-9]{5})?([0-9]{15})", gs1),  # Ground
    _form("DHL", r"([0-9]{10})", dhl),
    _form("DHL", r"(J[A-Z]{2,3}[0-9]{9,20})", bool),  # one piece of several
)


def carrier_code(number: str) -> str:
    """The code of the carrier whose number this looks like; "" for nobody's. Blanks and capitals as told."""
    return next((form.carrier for form in FORMS if form.fits(number)), "")
