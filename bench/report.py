"""The bars, and the table that holds measurements against them."""

import os
import platform
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

Measured = dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Bar:
    """What a median has to reach (`at_least`) or may not exceed."""

    value: float
    at_least: bool

    def holds(self, median: float) -> bool:
        return median >= self.value if self.at_least else median <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


BARS = {
    ("a", "of the wire limit"): Bar(0.75, at_least=True),
    ("a", "CPU ms/order"): Bar(4.0, at_least=False),
    ("bc", "orders/s"): Bar(60.0, at_least=True),
    ("bc", "times plain django-q2"): Bar(5.0, at_least=True),
    ("bc", "webhook p99 ms"): Bar(100.0, at_least=False),
    ("d", "p50 s"): Bar(0.3, at_least=False),
    ("d", "p99 s"): Bar(1.0, at_least=False),
}
HEAD = ("", "what", "lowest", "median", "highest", "bar", "verdict")


def is_good(measured: Measured) -> bool:
    return all(verdict != "FAIL" for *_, verdict in _lines(measured))


def as_text(measured: Measured) -> str:
    lines = [HEAD, *_lines(measured)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def as_markdown(measured: Measured) -> str:
    rounds = max(len(values) for numbers in measured.values() for values in numbers.values())
    table = [HEAD, ["---"] * len(HEAD), *_lines(measured)]
    rows = "\n".join(f"| {' | '.join(line)} |" for line in table)
    return f"{_INTRODUCTION}\n{_circumstances()} {rounds} rounds.\n\n{rows}\n"


def _lines(measured: Measured) -> Iterator[tuple[str, ...]]:
    for scenario, numbers in measured.items():
        for what, values in numbers.items():
            median, bar = statistics.median(values), BARS.get((scenario, what))
            verdict = "" if bar is None else "PASS" if bar.holds(median) else "FAIL"
            spread = (f"{number:.3g}" for number in (min(values), median, max(values)))
            yield (scenario, what, *spread, str(bar or ""), verdict)


def _circumstances() -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync')")
        version, fsync = cursor.fetchone()
    return (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} at commit {commit.strip() or 'unknown'}: "
        f"{os.cpu_count()} cores\n({_processor()}), {platform.system()}, Python {platform.python_version()}, "
        f"PostgreSQL {version}, fsync {fsync}."
    )


def _processor() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return names[0] if names else platform.machine()


_INTRODUCTION = """# Performance

`make bench` measures the engine on a throw-away PostgreSQL with durable commits. Both partners are stand-ins
that answer every call after 150 ms; everything on our side is the product as it runs in production, with 32
calls in flight. Database, web server, worker, partners and the sender of the webhooks share the machine.

- **a** A backlog of orders due to be sent, drained. The wire limit is what 32 calls of 150 ms allow: 213/s.
- **bc** A burst of signed webhooks of 16 kB at 120 a second, each order read again, decided about, sent,
  and its acceptance committed. Beside it the plain way: one django-q2 task per order with django-q2's default
  settings (and lasting database connections), the same two calls and rows; it is even spared the webhooks.
- **d** A webhook every quarter of a second: the time from sending it to the call at Vinoshipper, less the
  150 ms that reading the order takes.

The yardstick is the CPU time of a million steps of plain Python after each round. Where other programs share
the cores it rises, and every CPU time with it: compare rounds by it.
"""
