"""Telling a store something about an order: what the lanes of shipments and of marks have in common.

Each call is an attempt, written before it and completed after it. Telling reads what the store shows first,
so telling again never shows a thing twice.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise

from compliance.problems import entry
from crushsync.accounts import limits
from crushsync.accounts.lanes import AccountLane, RowT, next_wait
from crushsync.lib.errors import ConnectionProblem, PermanentError, SyncError, TemporaryError
from crushsync.lib.queue import CRASH_LIMIT, Done, Job, save_many
from fulfillment.models import ANSWER_FIELDS, AttemptKind, Outcome, Problem, SyncAttempt, close_cut_off
from fulfillment.problems.noting import Cause, close_all, note_codes
from orders.models import Store


class Standing(Enum):
    """Where a piece of news stands; each model has its own words for it."""

    WAITING = auto()
    TOLD = auto()
    FAILED = auto()


@dataclass(frozen=True)
class News:
    """What a store is to be told now: its fingerprint, what the attempt keeps of it, and the call."""

    fingerprint: str
    request: dict[str, Any]
    call: Callable[[], Any]


@dataclass(frozen=True)
class Telling:
    """One piece of news under way."""

    fingerprint: str
    attempt: SyncAttempt


class NewsLane(AccountLane[RowT]):
    """Tells each row's store its news; a subclass says what the news is, and writes down that it is told."""

    kind: ClassVar[AttemptKind]
    subject: ClassVar[str]  # the attempt's field that says which row it is about
    crashed: ClassVar[str | Promise]  # what staff read of a row that stops workers
    codes: ClassVar[frozenset[str]]  # of the problems that a failure opens
    prefix: ClassVar[str]  # what these codes begin with
    codes_by_error: ClassVar[Mapping[str, str]] = {}  # where the connector's error says more
    order_path: ClassVar[str]  # the way from a row to its order, as filters spell it

    @abstractmethod
    def account_of(self, row: RowT) -> Store: ...

    @abstractmethod
    def attempt_of(self, row: RowT) -> SyncAttempt:
        """An attempt about the row's order, not saved."""

    @abstractmethod
    def news(self, rows: Sequence[RowT]) -> Mapping[int, News]:
        """What the rows' stores are to be told now, by the row's id."""

    @abstractmethod
    def wishes(self, rows: Sequence[RowT]) -> Mapping[int, str]:
        """The fingerprint of what is to be told as it is in the database now: it may be newer."""

    @abstractmethod
    def failed(self) -> QuerySet[RowT]:
        """All rows whose store was not told, where a person has to act."""

    @abstractmethod
    def stand(self, row: RowT, standing: Standing, sentence: str | None = None) -> None:
        """Note where the news stands, and what the store said (None: as before)."""

    @abstractmethod
    def told(self, row: RowT, telling: Telling, result: Any, now: datetime) -> str:
        """The store knows: note what it knows, and return what it said of it."""

    def drop_stale(self, rows: Sequence[RowT]) -> None:
        """Settle the rows that have nothing to tell any more, where there can be such."""

    def sort_out(self, rows: Sequence[RowT], now: datetime) -> None:
        """What was told, is off, or stops workers goes no further."""
        if again := [row for row in rows if row.open_claims > 1]:
            subjects = [getattr(self.attempt_of(row), f"{self.subject}_id") for row in again]
            attempts = SyncAttempt.objects.filter(kind=self.kind, **{f"{self.subject}__in": subjects})
            close_cut_off(attempts)
        for row in again:
            if row.open_claims > CRASH_LIMIT:
                row.settle(None)
                self.stand(row, Standing.FAILED, str(self.crashed))
                cause = self._cause(row, f"{self.prefix}_crashed", "")
                note_codes([cause.order_id], self.codes, [cause], now)
        self.drop_stale([row for row in rows if row.is_in_flight])

    def begin(self, rows: Sequence[RowT], now: datetime) -> list[Job]:
        news = self.news(rows)
        attempts = [self.attempt_of(row) for row in rows]
        for row, attempt in zip(rows, attempts, strict=True):
            attempt.kind, attempt.number, attempt.started_at = self.kind, row.tries, now
            attempt.request = news[row.pk].request
        SyncAttempt.objects.bulk_create(attempts)
        return [
            Job((row,), news[row.pk].call, Telling(news[row.pk].fingerprint, attempt))
            for row, attempt in zip(rows, attempts, strict=True)
        ]

    def take(self, row: RowT, item: Done, now: datetime) -> None:
        telling: Telling = item.job.context
        sentence = self.told(row, telling, item.result, now)
        telling.attempt.outcome, telling.attempt.sentence = Outcome.OK, sentence
        self.stand(row, Standing.TOLD, sentence)
        row.settle(None)

    def turn_away(self, row: RowT, item: Done, error: ConnectionProblem, now: datetime) -> None:
        self._note(row, item, Outcome.CONNECTION, error)
        super().turn_away(row, item, error, now)

    def fail(self, row: RowT, item: Done, error: SyncError, now: datetime) -> None:
        """Not told, or nobody knows: again later, or a person."""
        match error:
            case PermanentError():
                outcome = Outcome.REFUSED
            case TemporaryError():
                outcome = Outcome.TEMPORARY
            case _:
                outcome = Outcome.UNKNOWN
        self._note(row, item, outcome, error)
        if isinstance(error, TemporaryError) and error.code == limits.SLOW_DOWN:
            limits.put_off(row, now + limits.rest_asked(error))
            return
        length = next_wait(row, error)
        if length is None:
            self.stand(row, Standing.FAILED)
        row.settle(None if length is None else now + length, tries=row.tries if length else 0)

    def write(self, done: Sequence[Done], now: datetime) -> None:
        """News that came while the old was being told is told next."""
        wishes = self.wishes([item.job.rows[0] for item in done])
        for item in done:
            row, telling = item.job.rows[0], item.job.context
            telling.attempt.seconds, row.asked_by = round(item.seconds, 3), ""
            if row.due_at is None and wishes.get(row.pk, telling.fingerprint) != telling.fingerprint:
                self.stand(row, Standing.WAITING)
                row.settle(now)
        save_many([item.job.context.attempt for item in done], ANSWER_FIELDS)
        self._note_problems(done, now)

    def _note_problems(self, done: Sequence[Done], now: datetime) -> None:
        """A failure is a problem of the order; it closes when the last of the order's news is told."""
        causes = []
        for item in done:
            row, error = item.job.rows[0], item.error
            if error is not None and row.due_at is None:
                code = f"{self.prefix}_gave_up"
                if isinstance(error, PermanentError):
                    code = self.codes_by_error.get(error.code, f"{self.prefix}_refused")
                causes.append(self._cause(row, code, error.sentence))
        note_codes([cause.order_id for cause in causes], self.codes, causes, now)
        told = [item.job for item in done if item.error is None]
        if told:
            others = self.failed().exclude(pk__in=[job.rows[0].pk for job in told])
            mine = Problem.objects.filter(
                order__in={job.context.attempt.order_id for job in told}, code__in=self.codes
            )
            close_all(mine.exclude(Exists(others.filter(**{self.order_path: OuterRef("order")}))), now)

    def _cause(self, row: RowT, code: str, said: str) -> Cause:
        attempt = self.attempt_of(row)
        return Cause(
            self.account_of(row).winery_id,
            code,
            "",
            str(entry(code).sentence),
            said,
            order_id=attempt.order_id,
            work_id=attempt.fulfillment_order_id,
        )

    def _note(self, row: RowT, item: Done, outcome: Outcome, error: SyncError) -> None:
        attempt = item.job.context.attempt
        attempt.outcome, attempt.code = outcome, error.code
        attempt.sentence, attempt.trace_id = error.sentence, error.trace_id
        self.stand(row, Standing.WAITING, error.sentence)
