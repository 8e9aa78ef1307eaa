"""The record of every call in and every webhook out; tests take their counts from here."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from time import monotonic

from sandbox.clock import now_iso
from sandbox.shapes import Json

# Per body: enough for any real order, and a flood cannot eat the memory.
KEEP_CHARACTERS = 64 * 1024


@dataclass
class Entry:
    """One call. ``status`` stays None until the work is done; ``answer`` is what it was before any fault."""

    seq: int
    direction: str  # "in" = a call to us, "out" = a webhook from us
    system: str
    account: str
    method: str
    path: str
    operation: str
    request: str
    time: str = field(default_factory=now_iso)
    started: float = field(default_factory=monotonic)
    status: int | None = None
    answer: str = ""
    fault: str = ""
    duration: float = 0.0
    attempts: int = 1
    note: Json = field(default_factory=dict)

    def finish(self, status: int | None, answer: str, fault: str = "") -> None:
        """Closes the entry with what was answered (before the wire spoiled it) and the fault applied."""
        self.status, self.answer = status, answer[:KEEP_CHARACTERS]
        self.fault = fault or self.fault
        self.duration = round(monotonic() - self.started, 4)


class CallLog:
    """Entries in the order of their arrival, numbered from 1."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []

    def open(
        self,
        *,
        direction: str,
        system: str,
        account: str,
        method: str,
        path: str,
        request: str,
        operation: str = "",
    ) -> Entry:
        """Starts an entry before anything else happens, so that a call that never ends is seen too."""
        with self._lock:
            entry = Entry(
                seq=len(self._entries) + 1,
                direction=direction,
                system=system,
                account=account,
                method=method,
                path=path,
                operation=operation,
                request=request[:KEEP_CHARACTERS],
            )
            self._entries.append(entry)
        return entry

    def find(self, wanted: Callable[[Entry], bool], since: int = 0) -> list[Json]:
        """Entries after number ``since`` that are wanted, oldest first, as plain dicts."""
        with self._lock:
            entries = self._entries[since:]
        return [_plain(entry) for entry in entries if wanted(entry)]

    def last(self, count: int) -> list[Json]:
        with self._lock:
            return [_plain(entry) for entry in self._entries[-count:]]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def _plain(entry: Entry) -> Json:
    return asdict(entry)
