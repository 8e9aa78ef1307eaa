"""Rows of the other rooms that are only ever added: how far they can be read without missing one.

Ids are given out in order, but transactions commit in any order: a row may appear below an id that was read
already. So nothing is read beyond a horizon below which no row can appear any more.

PostgreSQL: an INSERT locks its table (ROW EXCLUSIVE, until its transaction ends) before it takes an id. So
once every transaction that held that lock after the newest id was read has ended, all ids up to it are
decided. `CREATE INDEX CONCURRENTLY` waits in the same way. It costs writers nothing: no column, no index.
https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES

SQLite has one writer at a time, so its ids are committed in order.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection, models

from compliance.models import ComplianceEvent
from crushsync.lib.queue import clock
from fulfillment.models import Problem, StockMovement
from notifications.models import Sweep
from orders.models import OrderEvent

# Kept with the horizon, so a name never changes.
SOURCES: Mapping[str, type[models.Model]] = {
    "order-event": OrderEvent,
    "verdict": ComplianceEvent,
    "problem": Problem,
    "stock": StockMovement,
}
# When a row of it happened.
MOMENTS: Mapping[str, str] = {"order-event": "at", "verdict": "at", "problem": "opened_at", "stock": "at"}

_WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
AND relation = ANY (%s::regclass[]::oid[]) AND pid IS DISTINCT FROM pg_backend_pid()
"""


def begin() -> None:
    """Have the other rooms swept from now on. What was before is not told."""
    Sweep.objects.get_or_create(key="only", defaults={"told": newest(), "due_at": clock()})


def newest() -> dict[str, int]:
    """The newest id of each source that can be seen now."""
    parts = ", ".join(
        f"(SELECT max(id) FROM {connection.ops.quote_name(model._meta.db_table)})"  # noqa: S608 - own names only
        for model in SOURCES.values()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}")
        return {name: highest or 0 for name, highest in zip(SOURCES, cursor.fetchone(), strict=True)}


def writers() -> list[str]:
    """The transactions that may yet bring rows of the sources, as PostgreSQL names them."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [[model._meta.db_table for model in SOURCES.values()]])
        return sorted(row[0] for row in cursor.fetchall())


def horizon(sweep: Sweep) -> Mapping[str, int]:
    """Up to which id of each source nothing can appear any more. What to wait for is noted, not saved.

    1. Without news there is nothing to find out.
    2. Those who wrote when we last looked have all ended: all that was visible then is decided.
    3. Nobody writes now: so is all that is visible now. The ids are read first, the writers after.
    4. Otherwise the next look knows more.
    """
    now = newest()
    sweep.told = {**now, **sweep.told}  # a source that is new in this version is not told from its beginning
    decided: Mapping[str, int] = sweep.told
    if all(now[name] <= decided[name] for name in now):
        return decided
    writing = writers()
    if not writing:
        sweep.seen, sweep.writers = {}, []
        return now
    if sweep.seen and not set(sweep.writers) & set(writing):
        decided, sweep.seen = sweep.seen, {}
    if not sweep.seen:
        sweep.seen, sweep.writers = now, writing
    return decided


def reach(sweep: Sweep, upto: Mapping[str, int], most: int) -> dict[str, int]:
    """Up to which id one look reads each source: `most` rows, and in none beyond the time where one is cut.

    Otherwise, of one order, the newer row of a short source would be told before the older one of a long one.
    """
    rows = {
        name: list(unread(sweep, name, upto[name]).values_list("pk", MOMENTS[name])[:most])
        for name in SOURCES
    }
    cuts = [found[-1][1] for name, found in rows.items() if len(found) == most and found[-1][0] < upto[name]]
    if not cuts:
        return dict(upto)
    end = min(cuts)
    return {
        name: max((pk for pk, at in found if at <= end), default=sweep.told[name])
        for name, found in rows.items()
    }


def unread(sweep: Sweep, name: str, upto: int) -> "models.QuerySet[Any]":
    """The source's rows from where the sweep stands up to that id, oldest first."""
    rows = SOURCES[name]._default_manager.filter(pk__gt=sweep.told[name], pk__lte=upto)
    return rows.order_by("pk")
