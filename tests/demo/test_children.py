"""The demo's processes: none outlives it, at whatever moment it is interrupted."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.demo.children import ENDINGS, Children

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """They interrupt, as in the demo, which ignores them once it ends."""
    former = {number: signal.signal(number, _interrupt) for number in ENDINGS}
    yield
    for number, action in former.items():
        signal.signal(number, action)


@pytest.fixture(params=ENDINGS)
def ending(request: pytest.FixtureRequest) -> signal.Signals:
    number: signal.Signals = request.param
    return number


@pytest.fixture
def born(monkeypatch: pytest.MonkeyPatch, ending: signal.Signals) -> list["subprocess.Popen[str]"]:
    """Whatever is started; the signal comes when a process is there and nobody has heard of it yet."""
    processes = []
    start = subprocess.Popen

    def interrupted(*args: Any, **options: Any) -> "subprocess.Popen[str]":
        process = start(*args, **options)
        processes.append(process)
        os.kill(os.getpid(), ending)
        return process

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    return processes


def test_a_service_interrupted_at_its_birth_has_ended(
    born: list["subprocess.Popen[str]"], tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt), Children(tmp_path, os.environ) as children:
        children.start("sleeper", SLEEPER)
    assert [process.poll() for process in born] == [-signal.SIGTERM]


def test_a_command_interrupted_at_its_birth_has_ended(
    born: list["subprocess.Popen[str]"], tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt), Children(tmp_path, os.environ) as children:
        children.run(SLEEPER, {})
    assert [process.poll() for process in born] == [-signal.SIGTERM]


def test_a_command_in_the_background_has_ended(born: list["subprocess.Popen[str]"], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Children(tmp_path, os.environ) as children:
        children.begin(SLEEPER)
    assert [process.poll() for process in born] == [-signal.SIGTERM]


def test_what_a_command_said_comes_back(tmp_path: Path) -> None:
    script = "import os, sys; print(os.environ['PASSWORD']); sys.stderr.write('bad'); sys.exit(3)"
    with Children(tmp_path, {}) as children:
        assert children.run([sys.executable, "-c", script], {"PASSWORD": "x"}) == (3, "x\n", "bad")
