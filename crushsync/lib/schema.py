"""The database is there and as this version needs it: on another, work fails until a person looks."""

import logging

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, Error, connection
from django.db.migrations.executor import MigrationExecutor

from crushsync.lib.models import KeyCheck

log = logging.getLogger(__name__)


class NotReady(ImproperlyConfigured):
    """The database does not answer or is not migrated. This may pass without a change of settings."""


def database_away(error: Error) -> str:
    """The driver's own reason, which holds no password, in a sentence that says where to look."""
    said = str(error).partition("\n")[0].strip()
    return f"The database does not answer ({said}). Look whether it runs, and at DATABASE_URL."


def verify_schema() -> None:
    """Raise NotReady, saying how to mend it, unless the database has all migrations of this version.

    One without any history is empty, or its tables were made from the models, as for tests.
    """
    try:
        executor = MigrationExecutor(connection)
        if not executor.loader.applied_migrations and _has_tables():
            return
    except DatabaseError as error:
        raise NotReady(database_away(error)) from error
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        raise NotReady(
            f"The database lacks migrations of this version: {len(plan)}, the first is {plan[0][0]}. "
            "Run `python manage.py migrate`."
        )
    newer = sorted(set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations))
    if newer:
        log.warning(
            "the database was migrated by a newer version (%s.%s): update this machine, too", *newer[-1]
        )


def _has_tables() -> bool:
    return KeyCheck._meta.db_table in connection.introspection.table_names()
