"""What the environment decides, as a process reads it at its start."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from crushsync.environment import Environment


def told(expression: str, **given: str) -> tuple[str, str]:
    """What a process that was given this environment says of its settings, and what it complains of."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "crushsync.settings",
        "CRUSHSYNC_SECRET_KEY": "only-for-this-test",
        **given,
    }
    command = [sys.executable, "-c", f"from django.conf import settings; print({expression})"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip(), done.stderr


def test_the_database_is_spoken_to_as_its_address_says() -> None:
    address = "postgres://ada:secret@db.example.com/crushsync?sslmode=verify-full"
    assert told("settings.DATABASES['default']['OPTIONS']['sslmode']", DATABASE_URL=address) == (
        "verify-full",
        "",
    )


def test_a_database_that_is_gone_without_a_word_is_noticed() -> None:
    given = (
        "[settings.DATABASES['default']['OPTIONS'][name] for name in ('connect_timeout', 'keepalives_idle')]"
    )
    address = "postgres://ada:secret@db.example.com/crushsync"
    assert told(given, DATABASE_URL=address) == ("[10, 30]", "")
    assert told(given, DATABASE_URL=f"{address}?connect_timeout=3") == ("[3, 30]", "")


def test_the_public_host_is_answered_to() -> None:
    given = {"CRUSHSYNC_BASE_URL": "https://wine.example.com:8443/", "CRUSHSYNC_ALLOWED_HOSTS": "10.0.0.7"}
    assert told("settings.ALLOWED_HOSTS", **given) == ("['10.0.0.7', 'wine.example.com']", "")


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Reads settings whose name is what they are set to: X_abc is "abc"."""
    values = ["", " ", "abc", "0", "-3", "2.5", "on", "Off", "maybe", "info", "wine.example.com"]
    values += ["https://a.example/shop", "http://[::1]:8000/", "nosuch", "postmark", "7"]
    for value in values:
        monkeypatch.setenv(f"X_{value}", value)
    env = Environment()
    env.prefix = "X_"
    return env


def test_a_setting_is_read_as_what_it_is(env: Environment) -> None:
    assert (env.switch("on", default=False), env.switch("Off", default=True)) == (True, False)
    assert (env.whole("7", default=1, least=1, most=9), env.positive("2.5", default=1.0)) == (7, 2.5)
    assert env.choice("info", default="ERROR", among=["INFO", "ERROR"]) == "INFO"
    assert env.origin("http://[::1]:8000/", default="") == "http://[::1]:8000"
    assert env.mail_service("postmark") == "postmark"


@pytest.mark.parametrize("name", ["", " ", "not there at all"])
def test_what_is_empty_counts_as_not_given(env: Environment, name: str) -> None:
    assert (env.switch(name, default=True), env.whole(name, default=5, least=1, most=9)) == (True, 5)
    assert (env.positive(name, default=1.5), env.mail_service(name)) == (1.5, "")
    assert env.choice(name, default="INFO", among=["INFO"]) == "INFO"
    assert env.database(name, default="sqlite:////somewhere/db")["NAME"] == "/somewhere/db"
    assert env.mail_server(name, default="consolemail://")["EMAIL_HOST"] is None


def test_nonsense_is_refused_by_name(env: Environment) -> None:
    refused: list[tuple[Callable[[], Any], str]] = [
        (lambda: env.switch("maybe", default=True), "X_maybe is 'maybe'. It has to be on or off."),
        (lambda: env.whole("abc", default=1, least=1, most=9), "a whole number from 1 to 9."),
        (lambda: env.whole("0", default=1, least=1, most=9), "X_0 is '0'. It has to be a whole number"),
        (lambda: env.positive("-3", default=1.0), "X_-3 is '-3'. It has to be a number above 0."),
        (lambda: env.positive("0", default=1.0), "a number above 0."),
        (lambda: env.choice("abc", default="A", among=["A", "B"]), "It has to be one of A, B."),
        (lambda: env.origin("wine.example.com", default=""), "http:// or https:// and a host name"),
        (lambda: env.origin("https://a.example/shop", default=""), "without a path."),
        (lambda: env.mail_service("nosuch"), "a mail service that django-anymail knows"),
    ]
    for read, sentence in refused:
        with pytest.raises(ImproperlyConfigured) as error:
            read()
        assert sentence in str(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "pgsqll://ada:s3cret@db/wine",
        "mysql://ada:s3cret@db/wine",
        "postgres://ada:s3cret/1@db/wine",
        "postgres://ada:s3cret@db",
    ],
)
@pytest.mark.filterwarnings("error")
def test_a_database_that_cannot_be_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(ImproperlyConfigured) as error:
        Environment().database("DATABASE_URL", default="")
    assert str(error.value).startswith("DATABASE_URL names no database. Write it like postgres://")
    assert "s3cret" not in str(error.value)
    assert error.value.__context__ is None


def test_a_file_that_cannot_be_read_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Environment.read_file(tmp_path / "absent")
    with pytest.raises(ImproperlyConfigured, match="cannot be read by this user: Is a directory"):
        Environment.read_file(tmp_path)
    (tmp_path / ".env").write_text("X_FROM_FILE=7\n")
    monkeypatch.delenv("X_FROM_FILE", raising=False)
    Environment.read_file(tmp_path / ".env")
    assert os.environ.pop("X_FROM_FILE") == "7"


def test_a_mail_server_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "pigeon://ada:s3cret@roof")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL names no mail server") as error:
        Environment().mail_server("EMAIL_URL", default="consolemail://")
    assert "s3cret" not in str(error.value)


def test_a_command_refuses_in_one_line() -> None:
    environment = {**os.environ, "CRUSHSYNC_SECRET_KEY": "x", "CRUSHSYNC_DRAINS": "many"}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "CrushSync does not start: CRUSHSYNC_DRAINS is 'many'. It has to be a whole number from 1 to 100.\n"
    )
