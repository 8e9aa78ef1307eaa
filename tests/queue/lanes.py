"""A lane for tests: hints are its rows, a function is its call, and it can be told to trip over some rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from crushsync.lib.queue import SETTLED_FIELDS, Done, Job, keep_ours, save_many, together_or_each
from orders.models import HintState, InboundHint


@dataclass
class FakeLane:
    """Calls `call` with each row's id and marks the row done with what came of it."""

    call: Callable[[int], Any] = str
    unpreparable: set[int] = field(default_factory=set)
    unwritable: set[int] = field(default_factory=set)
    prepared: list[list[int]] = field(default_factory=list)
    settled: list[Done] = field(default_factory=list)
    model = InboundHint
    calls = 1

    def prepare(self, rows: Sequence[InboundHint]) -> list[Job]:
        self.prepared.append([row.pk for row in rows])
        if any(row.pk in self.unpreparable for row in rows):
            raise ZeroDivisionError("this row cannot be prepared")
        return [Job((row,), partial(self.call, row.pk), row.fence) for row in rows]

    def settle(self, done: Sequence[Done]) -> None:
        together_or_each(done, self._write)

    def _write(self, done: Sequence[Done]) -> None:
        ours = keep_ours([item.job.rows[0] for item in done])
        rows = []
        for item in done:
            row: InboundHint = item.job.rows[0]
            if row.pk in ours:
                # Told apart from a second settling of the same object: the state is part of the sentence.
                row.sentence = f"{row.state} {item.error.code if item.error else item.result}"
                row.state = HintState.DONE
                row.settle(None)
                rows.append(row)
        save_many(rows, [*SETTLED_FIELDS, "state", "sentence"])
        if any(row.pk in self.unwritable for row in rows):
            raise ZeroDivisionError("this row cannot be written")
        self.settled.extend(item for item in done if item.job.rows[0].pk in ours)
