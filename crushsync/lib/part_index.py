"""An index on PostgreSQL that finds any part of a text; SQLite, with fewer rows, reads them.

Its extension comes with PostgreSQL, and a database's owner may add it. Where it is not installed, a search
takes longer and finds the same. https://www.postgresql.org/docs/current/pgtrgm.html
"""

from typing import Any

from django.db.migrations import RunPython


def part_index(name: str, table: str, *texts: str) -> RunPython:
    """The migration that adds it. `texts`: SQL expressions, each as a query spells it."""

    def add(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
            if cursor.fetchone():
                columns = ", ".join(f"{text} gin_trgm_ops" for text in texts)
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                cursor.execute(f"CREATE INDEX {name} ON {table} USING gin ({columns})")

    def remove(apps: Any, schema_editor: Any) -> None:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")

    return RunPython(add, remove)
