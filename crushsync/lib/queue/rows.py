"""Rows that say when they are due, how often they were tried, and who holds them."""

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Q

# Claims without an end before a row is taken for one that kills its worker.
CRASH_LIMIT = 3

# After these a person has to look; 76 hours in all.
RETRY_WAITS = [
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
]
JITTER = 0.2
LONGEST_RETRY_AFTER = timedelta(hours=24)


class StoredValues(models.Model):
    """Knows what the database holds of it, so that `save_many` writes only what changed."""

    class Meta:
        abstract = True

    def save(self, *arguments: Any, **options: Any) -> None:
        super().save(*arguments, **options)
        names = options.get("update_fields") or [field.name for field in self._meta.concrete_fields]
        self.note_stored(self._meta.get_field(name).attname for name in names)  # type: ignore[union-attr]

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any
    ) -> Self:
        row = super().from_db(db, field_names, values, **options)
        row.__dict__["_stored"] = {name: row.__dict__[name] for name in field_names}
        return row

    def refresh_from_db(self, *arguments: Any, **options: Any) -> None:
        super().refresh_from_db(*arguments, **options)
        self.note_stored(field.attname for field in self._meta.concrete_fields)

    def note_stored(self, attnames: Iterable[str]) -> None:
        """The database holds these as they are here."""
        here = self.__dict__
        here.setdefault("_stored", {}).update({name: here[name] for name in attnames if name in here})

    def has_changed(self, field: "models.Field[Any, Any]") -> bool:
        """Whether the database holds something else. JSON may have changed inside: it is always written."""
        here, stored = self.__dict__, self.__dict__.get("_stored", {})
        name = field.attname
        return isinstance(field, models.JSONField) or name not in stored or stored[name] != here.get(name)


class DueRow(StoredValues):
    """A row with a next step. A claim moves `due_at` past its lease: a lost worker's rows come back alone."""

    # Model label of an outside account -> the way to it: whose pause parks this row.
    parked_by: ClassVar[Mapping[str, str]] = {}

    # When the next step is due; empty: nothing to do, or a person has to act first.
    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Tries of the present step, counted in the claim: before anything is sent.
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    # Claims since the last one that was settled. More than one: a worker died or is very late.
    open_claims = models.PositiveSmallIntegerField(default=0, editable=False)
    # The number of the newest claim. A result that carries an older one does not land.
    fence = models.PositiveIntegerField(default=0, editable=False)
    # Waits for its account's connection to be well again; no try is counted meanwhile.
    is_parked = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="%(class)s_due")]

    @property
    def is_in_flight(self) -> bool:
        return self.open_claims > 0

    @property
    def was_cut_off_twice(self) -> bool:
        """Whether this claim is its last chance: the next one without an end is the crash limit."""
        return self.open_claims >= CRASH_LIMIT

    @classmethod
    def resting_on(cls, account: models.Model) -> "models.QuerySet[Self]":
        """The rows whose next step rests on a setting of this account: they are looked at when it changes."""
        return cls._default_manager.none()

    @classmethod
    def mending(cls, account: models.Model, code: str, now: datetime) -> "models.QuerySet[Self]":
        """The rows whose next step may end this account's pause, which began for `code`: they are due now."""
        return cls._default_manager.none()

    def settle(self, next_at: datetime | None, *, tries: int = 0) -> None:
        """End the present claim: the next step is due at `next_at` (None: no next step). Not saved."""
        self.due_at = next_at
        self.tries = tries
        self.open_claims = 0
        self.is_parked = False

    def park(self, until: datetime) -> None:
        """End the present claim without a try: its account is paused. Not saved."""
        self.settle(until, tries=max(self.tries - 1, 0))
        self.is_parked = True


RowT = TypeVar("RowT", bound=DueRow)

SETTLED_FIELDS = ["due_at", "tries", "open_claims", "is_parked"]


def claim(model: type[RowT], limit: int, lease: float, *, suspects: bool = True) -> list[RowT]:
    """Take up to `limit` due rows for `lease` seconds, oldest due first, by the database's clock.

    One statement, committed when it returns: two workers never get the same row, and each row's try is
    counted before anything is sent. `suspects` False leaves out rows that were cut off twice.
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    # Named, for PostgreSQL refuses to run a prepared `RETURNING *` once a migration has added a column.
    columns = ", ".join(quote(str(field.column)) for field in model._meta.concrete_fields)
    now, later, lock = _clock_sql(lease)
    only = "" if suspects else f" AND open_claims < {CRASH_LIMIT - 1}"
    # Chosen first: as a mere sub-query it may be asked again for each row, and find others each time.
    chosen = f"SELECT id FROM {table} WHERE due_at <= {now}{only} ORDER BY due_at LIMIT %s {lock}"  # noqa: S608
    statement = (
        f"WITH due AS MATERIALIZED ({chosen})"  # noqa: S608 - own names only
        f" UPDATE {table} SET due_at = {later}, fence = fence + 1, tries = tries + 1,"
        f" open_claims = open_claims + 1 WHERE id IN (SELECT id FROM due) RETURNING {columns}"
    )
    return sorted(model._default_manager.raw(statement, [limit]), key=lambda row: row.pk)


def count_due(models_: Sequence[type[DueRow]], most: int) -> list[int]:
    """How many rows of each model are due, counted up to `most`: one cheap read that takes no write lock."""
    now, _, _ = _clock_sql(0)
    counts = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM {connection.ops.quote_name(model._meta.db_table)}"  # noqa: S608
        f" WHERE due_at <= {now} LIMIT {most}) AS due)"
        for model in models_
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}", [])
        return list(cursor.fetchone())


def keep_ours(rows: Sequence[DueRow]) -> set[int]:
    """Lock the rows whose claim is still the newest and return their ids. Call inside a transaction.

    A worker that slept through its lease finds its rows gone from the answer, and must not write them.
    """
    fences = {row.pk: row.fence for row in rows}
    if not fences:
        return set()
    model = type(rows[0])
    found = model._default_manager.select_for_update().filter(pk__in=fences).values_list("pk", "fence")
    return {pk for pk, fence in found.order_by("pk") if fences[pk] == fence}


def still_ours(rows: Sequence[RowT]) -> list[RowT]:
    """Lock the rows and return those whose claim is still the newest. Call inside a transaction.

    Between a claim and its use a process may sleep for longer than the lease.
    """
    ours = keep_ours(rows)
    return [row for row in rows if row.pk in ours]


def as_claimed(rows: Sequence[RowT]) -> list[RowT]:
    """Read claimed rows anew, in place, and return those that are still there.

    Each keeps the fence of its claim: what another worker has claimed since does not become ours again.
    """
    found = []
    for row in rows:
        fence = row.fence
        if type(row)._default_manager.filter(pk=row.pk).exists():
            row.refresh_from_db()
            row.fence = fence
            found.append(row)
    return found


def put_back(rows: Sequence[DueRow]) -> None:
    """Undo a claim just made, as if it had not been: the rows are due again."""
    if rows:
        table = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])
        table.update(due_at=clock(), tries=F("tries") - 1, open_claims=F("open_claims") - 1)


def save_many(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Save the named fields of many rows of one model in one round trip; those that changed in none stay.

    `bulk_update` builds a CASE for every value, which costs more than the rows themselves.
    """
    if not rows:
        return
    meta, database = rows[0]._meta, _database()
    by_name = {field.name: field for field in meta.concrete_fields}
    columns = [by_name[name] for name in fields if _changed_in_any(rows, by_name[name])]
    if not columns:
        return
    changes = ", ".join(f"{database.ops.quote_name(str(column.column))} = %s" for column in columns)
    statement = f"UPDATE {database.ops.quote_name(meta.db_table)} SET {changes} WHERE id = %s"  # noqa: S608
    values = [
        [*(column.get_db_prep_save(getattr(row, column.attname), database) for column in columns), row.pk]
        for row in rows
    ]
    with database.cursor() as cursor:
        cursor.executemany(statement, values)
    for row in rows:
        if isinstance(row, StoredValues):
            row.note_stored(column.attname for column in columns)


def _changed_in_any(rows: Sequence[models.Model], field: "models.Field[Any, Any]") -> bool:
    return any(not isinstance(row, StoredValues) or row.has_changed(field) for row in rows)


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model whose ids nobody needs, in one round trip.

    `bulk_create` packs each column into one array, in which every quote of our JSON is escaped, twice.
    """
    if not rows:
        return
    meta, database = rows[0]._meta, _database()
    columns = [column for column in meta.concrete_fields if not column.primary_key]
    names = ", ".join(database.ops.quote_name(str(column.column)) for column in columns)
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {database.ops.quote_name(meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
    values = [
        [column.get_db_prep_save(column.pre_save(row, add=True), database) for column in columns]
        for row in rows
    ]
    with database.cursor() as cursor:
        cursor.executemany(statement, values)


def _database() -> BaseDatabaseWrapper:
    """The connection itself: fields ask it much for each value, and `connection` looks it up each time."""
    return connections[DEFAULT_DB_ALIAS]


def clock() -> datetime:
    """Now, by the database's clock: the one clock all workers share."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]  # type: ignore[no-any-return]
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0])


def wait(length: timedelta) -> timedelta:
    """A wait, shortened where time is shortened (settings.WAIT_FACTOR)."""
    factor: float = settings.WAIT_FACTOR
    return length * factor


def retry_wait(tries: int, retry_after: float | None = None) -> timedelta | None:
    """How long until the next try after `tries` failed ones; None: a person has to look.

    A partner's own Retry-After counts when it is longer, up to a day.
    """
    if tries > len(RETRY_WAITS):
        return None
    length = wait(RETRY_WAITS[max(tries, 1) - 1]) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    if retry_after is None:
        return length
    return max(length, min(timedelta(seconds=retry_after), LONGEST_RETRY_AFTER))


def _clock_sql(lease: float) -> tuple[str, str, str]:
    """SQL for now, for now + lease, and for the row lock, per database."""
    seconds = float(lease)
    if connection.vendor == "postgresql":
        return (
            "clock_timestamp()",
            f"clock_timestamp() + interval '{seconds} seconds'",
            "FOR UPDATE SKIP LOCKED",
        )
    # Django stores times as text, to the microsecond. So must this be, to compare as times do: a row that is
    # due in this very millisecond is due.
    form = "'%%Y-%%m-%%d %%H:%%M:%%f000'"
    return f"strftime({form}, 'now')", f"strftime({form}, 'now', '+{seconds} seconds')", ""
