"""A date that can be read two ways is flagged, never guessed."""

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from orders.storefronts.dates import possible_dates, read_birth_date
from orders.storefronts.types import BirthDate, BirthDateState

JUNE_21 = BirthDate(BirthDateState.KNOWN, date(1984, 6, 21))
AMBIGUOUS = BirthDate(BirthDateState.AMBIGUOUS)
UNREADABLE = BirthDate(BirthDateState.UNREADABLE)


@pytest.fixture(autouse=True)
def in_november_2026() -> Iterator[None]:
    with time_machine.travel("2026-11-22T12:00:00Z", tick=False):
        yield


@pytest.mark.parametrize("day_before_month", [None, False, True])
@pytest.mark.parametrize(
    "text",
    [
        "1984-06-21",
        "1984/6/21",
        "1984-06-21T00:00:00Z",
        "1984-06-21 00:00:00",
        "06/21/1984",
        "6/21/84",
        "6-21-84",
        "21/06/1984",
        "21.06.1984",
        "21.6.84",
        "June 21, 1984",
        "june 21st 1984",
        "Jun. 21, 1984",
        "21 June 1984",
        "21st June, 1984",
        "21-Jun-1984",
        "  June  21,\t1984 ",
    ],
)
def test_clear_dates_need_no_setting(text: str, day_before_month: bool | None) -> None:
    assert read_birth_date(text, day_before_month) == JUNE_21


@pytest.mark.parametrize("text", ["04/05/1980", "4/5/80", "04.05.1980", "4-5-1980"])
def test_the_setting_decides_what_can_be_read_two_ways(text: str) -> None:
    assert read_birth_date(text, None) == AMBIGUOUS
    assert read_birth_date(text, False) == BirthDate(BirthDateState.KNOWN, date(1980, 4, 5))
    assert read_birth_date(text, True) == BirthDate(BirthDateState.KNOWN, date(1980, 5, 4))


def test_the_same_number_twice_is_no_question() -> None:
    assert read_birth_date("05/05/1980", None) == BirthDate(BirthDateState.KNOWN, date(1980, 5, 5))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6/21/27", BirthDate(BirthDateState.KNOWN, date(1927, 6, 21))),  # 2027 is not yet
        ("6/21/05", BirthDate(BirthDateState.KNOWN, date(2005, 6, 21))),  # nobody is 121
        ("6/21/06", AMBIGUOUS),  # 20 or 120 years old
        ("6/21/20", AMBIGUOUS),
        ("02/29/00", BirthDate(BirthDateState.KNOWN, date(2000, 2, 29))),  # 1900 had no such day
    ],
)
def test_a_two_digit_year_counts_only_if_one_century_is_possible(text: str, expected: BirthDate) -> None:
    assert read_birth_date(text, False) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "yes",
            "21+",
            "1984",
            "0/0/0000",
            "13/13/1984",
            "02/30/1984",
            "1984-13-01",
            "1984-6",
            "Smarch 3, 1984",
        ),
        *(
            "06/21-1984",
            "1/2/3/4",
            "2031-01-01",
            "1850-06-21",
            "٠٦/٢١/١٩٨٤",
            "99999999999999999999",
            "x" * 5_000,
        ),
        *("June 211984", "06211984", "1984-06-21x", "-1984-06-21"),
    ],
)
def test_nonsense_is_unreadable(text: str) -> None:
    assert read_birth_date(text, False) == UNREADABLE


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_nothing_is_missing(text: str) -> None:
    assert read_birth_date(text, False) == BirthDate(BirthDateState.MISSING)


DAYS = st.dates(date(1930, 1, 1), date(2005, 12, 31))


@given(day=DAYS, day_before_month=st.sampled_from([None, False, True]))
def test_any_iso_date_is_read_back(day: date, day_before_month: bool | None) -> None:
    assert read_birth_date(day.isoformat(), day_before_month).value == day


@given(day=DAYS)
def test_without_a_setting_a_slashed_date_is_right_or_flagged(day: date) -> None:
    found = read_birth_date(f"{day:%m/%d/%Y}", None)
    assert found.value in (day, None)
    assert (found.state is BirthDateState.AMBIGUOUS) == (day.day <= 12 and day.day != day.month)


@given(text=st.text())
def test_no_text_raises(text: str) -> None:
    assert all(isinstance(day, date) for day in possible_dates(text, None))
