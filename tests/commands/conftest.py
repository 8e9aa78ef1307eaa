"""Commands as a script calls them: arguments, environment and standard input in, lines and exit code out."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("name", "argument", stdin="", VARIABLE="value")` returns what was printed."""

    def command(name: str, *arguments: str, stdin: str = "", **variables: str) -> str:
        with monkeypatch.context() as patch:
            for variable, value in variables.items():
                patch.setenv(variable, value)
            patch.setattr("sys.stdin", io.StringIO(stdin))
            out: Any = io.StringIO()
            call_command(name, *arguments, stdout=out)
        return str(out.getvalue()).strip()

    return command
