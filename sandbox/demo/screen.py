"""What the demo shows: a live display on a terminal, plain lines elsewhere, and the table at the end."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sandbox.demo.day import Day
from sandbox.demo.verdict import Ended

PLAIN_EVERY = 2.0  # seconds between two plain lines
WIDE = 150  # columns where nobody says how wide the paper is


class Screen:
    def __init__(self) -> None:
        terminal = Console()
        self._console = terminal if terminal.is_terminal else Console(width=WIDE)

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def progress(self, orders: int) -> Iterator["Display"]:
        """Shows a day of so many orders while it is played."""
        if not self._console.is_terminal:
            yield Display(self, orders)
            return
        columns = (
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            yield Bars(self, orders, progress)

    def table(self, rows: Sequence[Ended]) -> None:
        table = Table(title="A day at Hollow Oak Winery", title_justify="left")
        table.add_column("order", no_wrap=True)
        for heading in ("what happens", "where it ended", "why"):
            table.add_column(heading)
        for row in rows:
            style = "red" if row.fault else ""
            where = f"{row.where}: {row.fault}" if row.fault else row.where
            table.add_row(row.name, row.what, where, row.why, style=style)
        self._console.print(table)


class Display:
    """Plain lines, now and then."""

    def __init__(self, screen: Screen, orders: int) -> None:
        self._screen, self._orders, self._told = screen, orders, 0.0

    def show(self, day: Day) -> None:
        is_over = day.ended == self._orders
        if time.monotonic() - self._told < PLAIN_EVERY and not is_over:
            return
        self._told = time.monotonic()
        counts = ", ".join(f"{name.lower()} {count}" for name, count in stages(day).items())
        self._screen.say(f"{day.seconds:5.1f} s  of {self._orders} orders: {counts}")


class Bars(Display):
    """One bar for each stage."""

    def __init__(self, screen: Screen, orders: int, progress: Progress) -> None:
        super().__init__(screen, orders)
        self._progress = progress
        self._bars = {name: progress.add_task(name, total=orders) for name in stages(Day())}

    def show(self, day: Day) -> None:
        for name, count in stages(day).items():
            self._progress.update(self._bars[name], completed=count)


def stages(day: Day) -> dict[str, int]:
    """How many orders have come how far."""
    seen = day.seen
    orders = [story.order for story in day.stories if seen and story.order in seen.shop]
    return {
        "Placed in the shop": len(orders),
        "At Vinoshipper": sum(bool(seen and seen.accepted(order)) for order in orders),
        "Tracking in the shop": sum(bool(seen and seen.is_reported(order)) for order in orders),
        "Ended": day.ended,
    }
