"""The processes the demo starts: each with a log of its own, watched, and ended with all that came of it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.demo.ground import PROJECT, Trouble

PATIENCE = 40.0  # seconds a child gets to end in good order
TOLD_LINES = 15  # of a dead child's log
ENDINGS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Child:
    name: str
    process: subprocess.Popen[str]
    log: Path

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TOLD_LINES:])


class Children:
    """As a context: whatever was started has ended afterwards, however it comes to leave."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._services: list[Child] = []
        self._commands: list[subprocess.Popen[str]] = []

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start what has to run until `stop`; it speaks to a log of its own."""
        path = self._folder / f"{name}.log"
        with path.open("w") as log, _uninterrupted():
            process = self._born(command, stdout=log, stderr=subprocess.STDOUT)
            self._services.append(Child(name, process, path))

    def begin(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start what ends by itself, without waiting for it; it speaks to nobody."""
        with _uninterrupted():
            process = self._born(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self._commands.append(process)
        return process

    def run(self, command: Sequence[str], secret: Mapping[str, str]) -> tuple[int, str, str]:
        """Its exit code, output and errors. `secret`: what goes into its environment, not its arguments."""
        with _uninterrupted():
            pipe = subprocess.PIPE
            process = self._born(command, env={**self._environment, **secret}, stdout=pipe, stderr=pipe)
            self._commands.append(process)
        out, err = process.communicate()
        self._commands.remove(process)
        return process.returncode, out, err

    def _born(self, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """In a session of its own: Ctrl-C reaches the demo alone, which then ends the rest."""
        given = {"env": self._environment, "stdin": subprocess.DEVNULL, "text": True, **options}
        return subprocess.Popen(  # noqa: S603 - our own programs
            command, cwd=PROJECT, start_new_session=True, **given
        )

    def check(self) -> None:
        """Raises Trouble if one has ended by itself."""
        for child in self._services:
            code = child.process.poll()
            if code is not None:
                raise Trouble(f"The {child.name} ended early ({code}). {child.log}:\n{child.last_words()}")

    def stop(self) -> None:
        """End them in the reverse order of their start: who calls ends before who is called."""
        for command in self._commands:
            _end(command)
        while self._services:
            _end(self._services.pop().process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A second Ctrl-C must not leave half of them alive.
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        self.stop()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C and SIGTERM take effect once the block has ended.

    In the moment between a process's birth and its entry in the list, nobody would know of it to end it.
    """
    caught: list[int] = []
    former = {number: signal.signal(number, lambda number, _: caught.append(number)) for number in ENDINGS}
    try:
        yield
    finally:
        for number, action in former.items():
            signal.signal(number, action)
    for late in caught:
        signal.raise_signal(late)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask it to end, then end all of its session that is left."""
    with suppress(ProcessLookupError):
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
