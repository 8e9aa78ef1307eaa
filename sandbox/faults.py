"""Everything that can go wrong on the way, switched on call by call."""

import itertools
import threading
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase

from sandbox.shapes import ControlError, Json

# Before the work: nothing happens on the other side.
BEFORE = {"reset", "status", "html", "timeout", "throttled"}
# After the work: it happened, but the news of it is spoiled.
AFTER = {
    "timeout_after_accept",
    "accept_then_reset",
    "accept_then_status",
    "garbage",
    "truncated",
    "empty",
    "oversized",
    "drip",
    "wrong_order_number",
}
KINDS = BEFORE | AFTER | {"delay"}


@dataclass
class Fault:
    """One switch: what happens, to which calls, how often (``times`` None = always), after how many."""

    kind: str
    system: str = "*"
    account: str = "*"
    match: str = "*"  # GraphQL operation name, or "METHOD /path" with wildcards
    about: str = ""  # only calls whose body holds this text, such as an order's id
    times: int | None = 1
    skip: int = 0
    seconds: float = 30.0
    status: int = 503
    type: str = "SERVER_ERROR"  # of Vinoshipper's error envelope, with `says` in it
    says: str = ""
    retry_after: int | None = None
    size: int = 32 * 1024 * 1024
    id: int = 0
    hits: int = 0

    def concerns(self, system: str, account: str, call: str, operation: str, body: str) -> bool:
        return (
            self.times != 0
            and fnmatchcase(system, self.system)
            and fnmatchcase(account, self.account)
            and (fnmatchcase(call, self.match) or fnmatchcase(operation, self.match))
            and self.about in body
        )

    def use(self) -> bool:
        """Counts one matching call; false while it is one of those to be let through."""
        if self.skip > 0:
            self.skip -= 1
            return False
        self.hits += 1
        if self.times is not None:
            self.times -= 1
        return True


def fault_from(data: Json) -> Fault:
    """A fault as the control API describes it (a delay: 1 s, always); ControlError names what is wrong."""
    unknown = set(data) - {f.name for f in fields(Fault)}
    if unknown:
        raise ControlError(f"unknown fault field: {', '.join(sorted(unknown))}")
    if data.get("kind") not in KINDS:
        raise ControlError(f"kind must be one of {', '.join(sorted(KINDS))}")
    if data["kind"] == "delay":
        data = {"seconds": 1.0, "times": None, **data}
    return Fault(**data)


@dataclass(frozen=True)
class Spoiling:
    """What one call is in for: seconds of delay, and at most one fault."""

    delay: float = 0.0
    fault: Fault | None = None

    @property
    def name(self) -> str:
        return self.fault.kind if self.fault else "delay" if self.delay else ""


class FaultBook:
    """The switches that are on. The first matching fault counts; matching delays add up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            fault.id = next(self._ids)
            self._faults.append(fault)
        return fault

    def clear(self, fault_id: int | None = None) -> None:
        with self._lock:
            self._faults = [f for f in self._faults if fault_id is not None and f.id != fault_id]

    def list(self) -> list[Json]:
        with self._lock:
            return [asdict(f) for f in self._faults]

    def take(self, system: str, account: str, call: str, operation: str, body: str = "") -> Spoiling:
        """Uses up what is due for this call."""
        delay, chosen = 0.0, None
        with self._lock:
            for fault in self._faults:
                if chosen and fault.kind != "delay":
                    continue
                if not fault.concerns(system, account, call, operation, body) or not fault.use():
                    continue
                if fault.kind == "delay":
                    delay += fault.seconds
                else:
                    chosen = fault
        return Spoiling(delay, chosen)
