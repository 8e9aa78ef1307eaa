"""What every test stands on: which database, which network, and what a real child process needs to know."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

# The machine may be busy: a slow example is no failure.
hypothesis_settings.register_profile("crushsync", deadline=None)
hypothesis_settings.load_profile("crushsync")


def refuse_the_internet(event: str, args: tuple[Any, ...]) -> None:
    """Audit hook: a test can reach this machine and nothing else, so no real shop can be hit by mistake."""
    if event != "socket.connect" or not isinstance(args[1], tuple):
        return
    host = str(args[1][0])
    if host not in {"localhost", "::1", "0.0.0.0"} and not host.startswith("127."):  # noqa: S104
        raise RuntimeError(f"a test wanted to reach {host}; tests stay on 127.0.0.1")


def pytest_configure(config: pytest.Config) -> None:
    sys.addaudithook(refuse_the_internet)
    settings.WHITENOISE_AUTOREFRESH = True  # each test client would read all static files
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {'SQLite' if settings.IS_SQLITE else 'PostgreSQL'}"


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"world", "live_server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.http)
        if settings.IS_SQLITE and item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: make test-postgres"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite: a file, because threads and child processes cannot share a database in memory."""
    database = settings.DATABASES["default"]
    database["CONN_MAX_AGE"] = 0  # a server thread that kept its connection would keep the database
    if not settings.IS_SQLITE:
        return
    database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "tests.sqlite3")
    # No test cuts the power; killed processes lose nothing without waiting for the disk either.
    options = database["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")


# Made with the tables and changed by nobody.
KEPT = {"django_content_type", "auth_permission", "django_migrations"}


def empty_the_tables(_: TransactionTestCase) -> None:
    """What Django's `flush` is for, quickly.

    `flush` truncates each table on PostgreSQL, empty or not, and makes all permissions anew: more work than
    most tests.
    """
    tables = sorted(set(connection.introspection.django_table_names()) - KEPT)
    filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(filled)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")


@pytest.fixture(scope="session", autouse=True)
def quick_teardown() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_the_tables)
        yield


@pytest.fixture(scope="session")
def environment_on_tests(django_db_setup: None) -> Callable[..., dict[str, str]]:
    """The environment of a real process on the test's own database: `environment_on_tests(NAME="value")`.

    Further settings go in as keywords.
    """
    database = connection.settings_dict
    if settings.IS_SQLITE:
        url = f"sqlite:///{Path(database['NAME']).resolve()}"
    else:
        login = ":".join(part for part in (database["USER"], database["PASSWORD"]) if part)
        url = f"postgres://{login}@{database['HOST']}:{database['PORT']}/{database['NAME']}"

    def build(**more: str) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "crushsync.settings",
            "CRUSHSYNC_SECRET_KEY": settings.SECRET_KEY,
            "CRUSHSYNC_FIELD_KEYS": ",".join(settings.FIELD_KEYS),
            "CRUSHSYNC_WORKER_NICENESS": "0",  # the other tests would leave it nothing
            **more,
        }

    return build


@pytest.fixture
def child_environment(
    environment_on_tests: Callable[..., dict[str, str]], transactional_db: None
) -> Callable[..., dict[str, str]]:
    """The same, for a process that has to see the rows of this test: they are committed."""
    return environment_on_tests
