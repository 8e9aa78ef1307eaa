"""The ground the other tests stand on holds."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection

COUNT_USERS = "from django.contrib.auth.models import User; print(User.objects.count())"


def test_a_child_process_sees_the_tests_rows(child_environment: Callable[..., dict[str, str]]) -> None:
    User.objects.create(username="ada")
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", COUNT_USERS]
    child = subprocess.run(command, env=child_environment(), capture_output=True, text=True, check=True)
    assert child.stdout == "1\n"


def test_sqlite_is_a_file_in_write_ahead_mode(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
    assert Path(connection.settings_dict["NAME"]).name == "tests.sqlite3"


@pytest.mark.postgres
def test_a_list_is_planned_for_what_is_asked(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        assert cursor.fetchone() == ("force_custom_plan",)


def test_the_internet_is_out_of_reach() -> None:
    with socket.socket() as door, pytest.raises(RuntimeError, match="a test wanted to reach 192"):
        door.connect(("192.0.2.1", 443))
