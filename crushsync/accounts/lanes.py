"""What lanes have in common whose rows each make one call to one outside account."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from django.db import transaction
from django.db.models import prefetch_related_objects

from crushsync.accounts import connections
from crushsync.accounts.models import Connection
from crushsync.lib.errors import ConnectionProblem, PermanentError, SyncError
from crushsync.lib.queue import (
    SETTLED_FIELDS,
    Done,
    DueRow,
    Job,
    clock,
    keep_ours,
    retry_wait,
    save_many,
    still_ours,
    together_or_each,
    wait,
)

RowT = TypeVar("RowT", bound=DueRow)


def next_wait(row: DueRow, error: SyncError) -> timedelta | None:
    """How long until the next try after this error; None: trying the same again is no use."""
    if isinstance(error, PermanentError):
        return None
    return retry_wait(row.tries, getattr(error, "retry_after", None))


class AccountLane(ABC, Generic[RowT]):
    """Prepares and settles rows that call one account each; a subclass says what and what for.

    A paused account's rows wait. An account that turns us away is paused, and its rows lose no try by it.
    Everything but `call`s runs on the database thread, inside a transaction.
    """

    model: type[RowT]
    calls: int
    needs: ClassVar[Sequence[str]] = ()  # relations to load before anything else
    keeps: ClassVar[Sequence[str]] = ()  # columns that the lane writes, besides those of every due row
    every: ClassVar[timedelta] = timedelta(hours=1)  # the wait where trying again is no use, or long over

    @abstractmethod
    def account_of(self, row: RowT) -> Connection:
        """The account that the row calls."""

    @abstractmethod
    def begin(self, rows: Sequence[RowT], now: datetime) -> list[Job]:
        """What to call for the rows that may; write down what has to be known before the calls."""

    @abstractmethod
    def take(self, row: RowT, item: Done, now: datetime) -> None:
        """A good answer came: settle the row by it."""

    def sort_out(self, rows: Sequence[RowT], now: datetime) -> None:
        """Settle the rows that need no call."""

    def admit(self, rows: Sequence[RowT], now: datetime) -> list[RowT]:
        """The rows that may call now; the others are parked or put off."""
        return connections.admit(rows, self.account_of, now)

    def turn_away(self, row: RowT, item: Done, error: ConnectionProblem, now: datetime) -> None:
        """The account does not let us in: it pauses, and the row waits for it."""
        connections.pause(self.account_of(row), error, now)
        row.park(now + wait(connections.PAUSE))

    def fail(self, row: RowT, item: Done, error: SyncError, now: datetime) -> None:
        """No answer, or a refusal. A lane that looks never gives up."""
        row.settle(now + (next_wait(row, error) or wait(self.every)), tries=row.tries)

    def write(self, done: Sequence[Done], now: datetime) -> None:
        """Write what else the settled rows brought."""

    def prepare(self, rows: Sequence[RowT]) -> list[Job]:
        """Commit what must be known before the calls; rows that need none are settled here."""
        with transaction.atomic():
            rows = still_ours(rows)
            prefetch_related_objects(rows, *self.needs)
            now = clock()
            self.sort_out(rows, now)
            jobs = self.begin(self.admit([row for row in rows if row.is_in_flight], now), now)
            save_many(rows, [*SETTLED_FIELDS, *self.keeps])
        return jobs

    def settle(self, done: Sequence[Done]) -> None:
        """Write the results of rows that are still ours."""
        together_or_each(done, self._settle)

    def _settle(self, done: Sequence[Done]) -> None:
        now = clock()
        ours = keep_ours([item.job.rows[0] for item in done])
        settled = [item for item in done if item.job.rows[0].pk in ours]
        for item in settled:
            row: Any = item.job.rows[0]
            match item.error:
                case None:
                    self.take(row, item, now)
                    connections.note_success(self.account_of(row), now)
                case ConnectionProblem() as problem:
                    self.turn_away(row, item, problem, now)
                case error:
                    self.fail(row, item, error, now)
        self.write(settled, now)
        save_many([item.job.rows[0] for item in settled], [*SETTLED_FIELDS, *self.keeps])
