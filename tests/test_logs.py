"""What the log and the sender are told when the database is away, and what the log never holds."""

import logging
from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from pytest_django import Settings

from crushsync.lib.logs import Discreet
from orders.models import Store


@pytest.mark.parametrize(
    ("told", "written"),
    [
        ("Bad Gateway: /webhooks/shopify/Key-of_1/", "Bad Gateway: /webhooks/shopify/•••/"),
        ("Not Found: /webhooks/vinoshipper/Key", "Not Found: /webhooks/vinoshipper/•••"),
        ("Not Found: /unsubscribe/eyJ.a:b/", "Not Found: /unsubscribe/•••/"),
        ("Forbidden: /webhooks/mail/", "Forbidden: /webhooks/mail/"),
        ("Not Found: /admin/orders/order/7/", "Not Found: /admin/orders/order/7/"),
    ],
)
def test_addresses_that_are_secret_are_hidden(told: str, written: str) -> None:
    reason, _, path = told.partition(": ")
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s: %s", (reason, path), None)
    assert Discreet().format(record) == written


def test_a_row_that_the_database_refuses_is_hidden() -> None:
    """As psycopg words it, with a cause and a text of several paragraphs in the row."""
    refused = ValueError("null value violates a constraint\nDETAIL:  Failing row contains (7, Ada\n\nByron).")
    try:
        try:
            raise refused
        except ValueError as error:
            raise RuntimeError(str(error)) from error
    except RuntimeError as error:
        told = (type(error), error, error.__traceback__)
        record = logging.LogRecord("crushsync", logging.ERROR, "", 0, "one row", (), told)
        written = Discreet().format(record)
    assert "Ada" not in written
    assert "Byron" not in written
    assert written.count("null value violates a constraint\nDETAIL: •••") == 2
    assert "The above exception was the direct cause" in written


def test_the_log_is_written_so(settings: Settings) -> None:
    [handler] = settings.LOGGING["handlers"].values()
    formatter = settings.LOGGING["formatters"][handler["formatter"]]
    assert (formatter["class"], settings.LOGGING["root"]["handlers"]) == (
        "crushsync.lib.logs.Discreet",
        ["stderr"],
    )


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """`fail(usable)`: the look for the store fails, on a connection that is usable or lost."""

    def with_connection(usable: bool) -> None:
        def refuse(*arguments: object) -> None:
            raise OperationalError("connection refused\n\tIs the server running?")

        monkeypatch.setattr(Store.objects, "raw", refuse)
        monkeypatch.setattr(BaseDatabaseWrapper, "is_usable", lambda self: usable)
        for subclass in BaseDatabaseWrapper.__subclasses__():
            monkeypatch.setattr(subclass, "is_usable", lambda self: usable)

    return with_connection


def call(client: Client) -> tuple[int, str, str]:
    answer = client.post("/webhooks/shopify/Key/", b"{}", content_type="application/json")
    return answer.status_code, answer.content.decode(), answer.headers["Retry-After"]


@pytest.mark.django_db
def test_a_webhook_that_finds_no_database_is_told_to_come_again(
    client: Client, fail: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    fail(False)
    said = "CrushSync cannot reach its database now. Nothing was changed; try the same again in a moment."
    assert call(client) == (503, said, "30")
    assert "The database does not answer (connection refused)." in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.django_db
def test_what_fails_on_a_working_connection_keeps_its_traceback(
    client: Client, fail: Callable[[bool], None], caplog: pytest.LogCaptureFixture
) -> None:
    fail(True)
    assert call(client)[0] == 503
    assert "Traceback" in caplog.text
