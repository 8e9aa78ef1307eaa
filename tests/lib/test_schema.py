"""A database that is away, older, or newer than this version is told apart, in words that say what to do."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError

from crushsync.lib import schema
from crushsync.lib.schema import NotReady, verify_schema

FIRST, SECOND, OF_TOMORROW = ("orders", "0001_initial"), ("orders", "0002_more"), ("orders", "0999_tomorrow")

Applied = Callable[..., None]


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> Applied:
    """`applied(...)`: what the database has, where this version has FIRST and SECOND."""

    def have(*migrations: tuple[str, str]) -> None:
        def executor(connection: Any) -> Any:
            plan = [(".".join(known), False) for known in (FIRST, SECOND) if known not in migrations]
            loader = SimpleNamespace(
                graph=SimpleNamespace(leaf_nodes=lambda: [SECOND]),
                applied_migrations=dict.fromkeys(migrations),
                disk_migrations=dict.fromkeys((FIRST, SECOND)),
            )
            return SimpleNamespace(loader=loader, migration_plan=lambda nodes: plan)

        monkeypatch.setattr(schema, "MigrationExecutor", executor)

    return have


def test_a_database_as_this_version_needs_it_passes(
    applied: Applied, caplog: pytest.LogCaptureFixture
) -> None:
    applied(FIRST, SECOND)
    verify_schema()
    assert caplog.text == ""


def test_what_the_database_lacks_is_named(applied: Applied) -> None:
    applied(FIRST)
    with pytest.raises(NotReady) as error:
        verify_schema()
    assert str(error.value) == (
        "The database lacks migrations of this version: 1, the first is orders.0002_more. "
        "Run `python manage.py migrate`."
    )


def test_a_newer_database_is_a_warning(applied: Applied, caplog: pytest.LogCaptureFixture) -> None:
    applied(FIRST, SECOND, OF_TOMORROW)
    with caplog.at_level(logging.WARNING):
        verify_schema()
    assert "migrated by a newer version (orders.0999_tomorrow)" in caplog.text


@pytest.mark.django_db
def test_tables_without_a_history_pass(applied: Applied, monkeypatch: pytest.MonkeyPatch) -> None:
    applied()
    verify_schema()
    monkeypatch.setattr(schema, "_has_tables", lambda: False)
    with pytest.raises(NotReady, match="lacks migrations of this version: 2"):
        verify_schema()


def test_a_database_that_is_away_says_so_in_the_drivers_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(connection: Any) -> None:
        raise OperationalError("connection refused\n\tIs the server running?")

    monkeypatch.setattr(schema, "MigrationExecutor", refuse)
    with pytest.raises(NotReady) as error:
        verify_schema()
    assert str(error.value) == (
        "The database does not answer (connection refused). Look whether it runs, and at DATABASE_URL."
    )


@pytest.mark.parametrize("command", [["worker"], ["orders", "--winery", "oak"]])
def test_nothing_starts_on_a_database_without_tables(tmp_path: Path, command: list[str]) -> None:
    environment = {
        **os.environ,
        "CRUSHSYNC_SECRET_KEY": "x",
        "CRUSHSYNC_FIELD_KEYS": "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0=",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty'}",
    }
    started = [sys.executable, "manage.py", *command]
    done = subprocess.run(started, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: The database lacks migrations of this version: ")
