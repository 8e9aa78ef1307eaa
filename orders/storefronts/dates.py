"""Dates as customers and shops write them. A date that can be read two ways is never guessed."""

import re
from datetime import UTC, date, datetime

from orders.storefronts.types import BirthDate, BirthDateState

OLDEST_AGE = 120

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december", "sept"),
)
# 1984-06-21, with or without a time of day behind it
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[t ]\d{1,2}:\d{2}.*)?", re.ASCII)
# 06/21/1984, 21.06.1984, 6-21-84
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
# June 21, 1984
_MONTH_NAME_FIRST = re.compile(r"([a-z]{3,9})\.?[ -](\d{1,2})(?:st|nd|rd|th)?,?[ -](\d{4})", re.ASCII)
# 21 June 1984
_DAY_THEN_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?[ -]([a-z]{3,9})\.?,?[ -](\d{4})", re.ASCII)


def possible_dates(text: str, day_before_month: bool | None) -> frozenset[date]:
    """Return every date that `text` can mean: none if it is no date, several if it is ambiguous.

    `day_before_month` says how the shop writes 04/05/1980; None: nobody has said. It decides only where both
    readings are dates. A two-digit year may be of the last century or of this one.
    """
    text = " ".join(text.split()).lower()
    if match := _YEAR_FIRST.fullmatch(text):
        return _dates((match[1],), [(match[3], match[4])])
    if match := _MONTH_NAME_FIRST.fullmatch(text):
        return _dates((match[3],), [(_month_number(match[1]), match[2])])
    if match := _DAY_THEN_NAME.fullmatch(text):
        return _dates((match[3],), [(_month_number(match[2]), match[1])])
    if match := _YEAR_LAST.fullmatch(text):
        return _year_last(match[1], match[3], match[4], day_before_month)
    return frozenset()


def read_birth_date(text: str, day_before_month: bool | None) -> BirthDate:
    """Return the birth date that `text` means, of somebody alive today; the caller knows its source."""
    if not text.strip():
        return BirthDate()
    today = datetime.now(UTC).date()
    plausible = [
        day
        for day in possible_dates(text, day_before_month)
        if day <= today and today.year - day.year <= OLDEST_AGE
    ]
    if len(plausible) == 1:
        return BirthDate(BirthDateState.KNOWN, plausible[0])
    return BirthDate(BirthDateState.AMBIGUOUS if plausible else BirthDateState.UNREADABLE)


def _year_last(first: str, second: str, year: str, day_before_month: bool | None) -> frozenset[date]:
    years = (year,) if len(year) == 4 else ("19" + year, "20" + year)
    month_first, day_first = (first, second), (second, first)
    readings = {None: [month_first, day_first], False: [month_first], True: [day_first]}
    # 21/06/1984 is June even in a shop that writes the month first: a customer typed it.
    return _dates(years, readings[day_before_month]) or _dates(years, [month_first, day_first])


def _dates(years: tuple[str, ...], months_and_days: list[tuple[str, str]]) -> frozenset[date]:
    found = set()
    for year in years:
        for month, day in months_and_days:
            try:
                found.add(date(int(year), int(month), int(day)))
            except ValueError:
                continue  # no such day: this reading is not meant
    return frozenset(found)


def _month_number(name: str) -> str:
    if name not in _MONTH_NAMES and name not in _MONTHS:
        return "0"
    return str(_MONTHS.index(name[:3]) + 1)
