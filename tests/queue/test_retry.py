"""How long to wait before the next try."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from crushsync.lib.queue import RETRY_WAITS, retry_wait, wait


@pytest.mark.parametrize(("tries", "planned"), list(enumerate(RETRY_WAITS, start=1)))
def test_each_wait_is_the_written_one_give_or_take_a_fifth(tries: int, planned: timedelta) -> None:
    for _ in range(20):
        length = retry_wait(tries)
        assert length is not None
        assert planned * 0.8 <= length <= planned * 1.2


def test_after_the_last_wait_a_person_has_to_look() -> None:
    assert sum(RETRY_WAITS, timedelta(0)) == timedelta(hours=75, minutes=42, seconds=30)
    assert retry_wait(len(RETRY_WAITS) + 1) is None
    assert retry_wait(len(RETRY_WAITS) + 1, retry_after=60.0) is None


def test_the_partners_own_wait_counts_when_it_is_longer_up_to_a_day() -> None:
    assert retry_wait(1, retry_after=600.0) == timedelta(minutes=10)
    assert retry_wait(1, retry_after=10**9) == timedelta(hours=24)
    shorter = retry_wait(3, retry_after=1.0)
    assert shorter is not None
    assert shorter >= timedelta(minutes=8)


def test_a_row_never_tried_waits_as_after_the_first_try() -> None:
    length = retry_wait(0)
    assert length is not None
    assert length <= timedelta(seconds=36)


def test_time_can_be_shortened(settings: Settings) -> None:
    settings.WAIT_FACTOR = 0.01
    assert wait(timedelta(hours=1)) == timedelta(seconds=36)
