"""The processes the demo starts: each with a log of its own, watched, and ended with all that came of it."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.demo.ground import PROJECT, Trouble

PATIENCE = 40.0  # seconds a child gets to end in good order
TOLD_LINES = 15  # of a dead child's log


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TOLD_LINES:])


class Children:
    """As a context: whatever was started has ended afterwards, however it comes to leave."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._children: list[Child] = []

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start it in a session of its own: Ctrl-C reaches the demo alone, which then ends the rest."""
        path = self._folder / f"{name}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                cwd=PROJECT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(Child(name, process, path))

    def check(self) -> None:
        """Raises Trouble if one has ended by itself."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise Trouble(f"The {child.name} ended early ({code}). {child.log}:\n{child.last_words()}")

    def stop(self) -> None:
        """End them in the reverse order of their start: who calls ends before who is called."""
        while self._children:
            _end(self._children.pop())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A second Ctrl-C must not leave half of them alive.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self.stop()


def _end(child: Child) -> None:
    with suppress(ProcessLookupError):
        child.process.terminate()
    deadline = time.monotonic() + PATIENCE
    while child.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()
