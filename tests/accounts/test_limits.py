"""The budget of an outside account: who may go, who waits how long, and how speed comes back."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from crushsync.accounts import limits
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.errors import ConnectionProblem, SyncError, TemporaryError
from crushsync.lib.http import Client
from tests.factories import FulfillmentOrderFactory, VinoshipperAccountFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOO_FAST = TemporaryError("Slow down.", code=limits.SLOW_DOWN, retry_after=30)


def rows(count: int) -> list[Any]:
    made = FulfillmentOrderFactory.create_batch(count)
    for row in made:
        row.tries, row.open_claims = 3, 1
    return made


def admitted(account: VinoshipperAccount, work: list[Any], now: datetime = NOW) -> list[Any]:
    return limits.admit(work, lambda row: account, now)


def test_no_more_at_a_time_than_the_account_takes() -> None:
    account, work = VinoshipperAccountFactory.create(calls_in_flight=2, calls_per_second=0), rows(5)
    assert admitted(account, work) == work[:2]
    assert admitted(account, work[2:]) == []
    limits.leave(work[0], account)
    assert admitted(account, work[2:]) == [work[2]]


def test_the_others_are_put_off_one_after_the_other_and_lose_no_try() -> None:
    account, work = VinoshipperAccountFactory.create(calls_in_flight=1, calls_per_second=10), rows(4)
    assert admitted(account, work) == work[:1]
    waits = [(row.due_at - NOW).total_seconds() for row in work[1:]]
    assert waits == pytest.approx([0.2, 0.3, 0.4], abs=0.05)
    assert [(row.tries, row.open_claims, row.is_parked) for row in work[1:]] == [(2, 0, False)] * 3


def test_a_row_is_put_off_for_half_a_minute_at_most() -> None:
    account, work = VinoshipperAccountFactory.create(calls_in_flight=1, calls_per_second=1), rows(40)
    admitted(account, work)
    assert max(row.due_at for row in work[1:]) - NOW <= limits.FURTHEST


def test_calls_a_second_after_a_first_burst() -> None:
    account, work = VinoshipperAccountFactory.create(calls_in_flight=3, calls_per_second=1), rows(9)
    gone = admitted(account, work)
    for row in gone:
        limits.leave(row, account)
    assert 3 <= len(gone) + len(admitted(account, work[len(gone) :])) <= 4


def test_each_call_of_a_row_counts(httpserver: HTTPServer) -> None:
    """A look before sending and one after it are calls, too: who comes next waits for them."""
    httpserver.expect_request("/").respond_with_json({})
    account, [row, next_row] = (
        VinoshipperAccountFactory.create(calls_in_flight=1, calls_per_second=1),
        rows(2),
    )
    there = Client(httpserver.url_for(""), partner="Vinoshipper")
    assert admitted(account, [row]) == [row]
    limits.guarded(account, row, lambda: [there.call("GET", "/", writes=False) for _ in range(4)])
    assert admitted(account, [next_row]) == []
    assert (next_row.due_at - NOW).total_seconds() == pytest.approx(5, abs=0.5)


def test_the_same_row_again_takes_no_second_place() -> None:
    """What could not be prepared together is prepared again, each row alone."""
    account, work = VinoshipperAccountFactory.create(calls_in_flight=2, calls_per_second=0), rows(2)
    assert admitted(account, work) == work
    assert [admitted(account, [row]) for row in work] == [[row] for row in work]


def test_a_rest_holds_every_row_of_the_account_and_no_other() -> None:
    account, other = VinoshipperAccountFactory.create_batch(2)
    until = limits.slow_down(account, TOO_FAST, NOW)
    assert until == NOW + timedelta(seconds=30)
    [row, another] = rows(2)
    account.refresh_from_db()
    assert admitted(account, [row]) == []
    assert row.due_at - NOW >= timedelta(seconds=29.9)
    assert admitted(other, [another]) == [another]


def test_speed_halves_once_a_burst_and_comes_back_slowly() -> None:
    account = VinoshipperAccountFactory.create()
    assert limits.pace(account, NOW) == 1.0
    for _ in range(5):
        limits.slow_down(account, TOO_FAST, NOW)
    assert (limits.pace(account, NOW), account.failures, account.is_paused) == (0.5, 1, False)
    limits.slow_down(account, TOO_FAST, NOW + timedelta(seconds=30))
    assert limits.pace(account, NOW + timedelta(seconds=30)) == pytest.approx(0.28, abs=0.01)
    later = NOW + timedelta(minutes=2)
    assert limits.pace(account, later) == pytest.approx(0.47, abs=0.01)
    assert limits.pace(account, NOW + timedelta(minutes=10)) == 1.0


def test_it_never_comes_to_a_standstill() -> None:
    account = VinoshipperAccountFactory.create()
    for minute in range(20):
        limits.slow_down(account, TOO_FAST, NOW + timedelta(seconds=10 * minute))
    assert limits.pace(account, NOW + timedelta(seconds=190)) >= limits.SLOWEST
    [row] = rows(1)
    later = NOW + timedelta(hours=1)
    assert admitted(account, [row], later) == [row]


def test_what_was_let_in_does_not_call_once_the_account_wants_rest() -> None:
    account, work = VinoshipperAccountFactory.create(), rows(2)
    admitted(account, work)

    def refused() -> None:
        raise TOO_FAST

    with pytest.raises(TemporaryError, match=r"Slow down\."):
        limits.guarded(account, work[0], refused)
    called = threading.Event()
    with pytest.raises(TemporaryError) as caught:
        limits.guarded(account, work[1], called.set)
    assert (caught.value.code, called.is_set()) == (limits.RESTING, False)
    assert 29 < (caught.value.retry_after or 0) <= 30


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (403, {}, TemporaryError),
        (403, {"cf-mitigated": "challenge"}, TemporaryError),
        (200, {"cf-mitigated": "challenge"}, TemporaryError),
        (200, {}, ConnectionProblem),  # their login page
        (401, {}, ConnectionProblem),
    ],
)
def test_a_gates_page_is_no_wrong_password(
    httpserver: HTTPServer, status: int, headers: dict[str, str], error: type[SyncError]
) -> None:
    httpserver.expect_request("/").respond_with_data(
        "<html>Just a moment...</html>", status, headers, content_type="text/html"
    )
    account, [row] = VinoshipperAccountFactory.create(), rows(1)
    call: Callable[[], Any] = lambda: Client(httpserver.url_for(""), partner="Vinoshipper").call(  # noqa: E731
        "GET", "/", writes=False
    )
    with pytest.raises(error) as caught:
        limits.guarded(account, row, call)
    assert (caught.value.code == limits.SLOW_DOWN) == (error is TemporaryError)


def test_five_failures_in_a_row_pause_the_account(settings: Settings) -> None:
    account = VinoshipperAccountFactory.create()
    for _ in range(4):
        limits.note_failure(account, TemporaryError("It did not answer."), NOW)
    assert not account.is_paused
    limits.note_good_answer(account, NOW)
    for _ in range(5):
        assert not account.is_paused
        limits.note_failure(account, TemporaryError("It did not answer."), NOW)
    account.refresh_from_db()
    assert (account.paused_until, account.pause_code) == (NOW + limits.BREAK, "no_answer")
    assert account.pause_sentence == "5 calls in a row failed. The last: It did not answer."
    limits.note_good_answer(account, NOW)
    assert (account.is_paused, account.failures) == (False, 0)
