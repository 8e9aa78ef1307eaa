"""A lane that calls nobody and does its rows one by one."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import prefetch_related_objects

from crushsync.lib.queue.drain import Done, Job
from crushsync.lib.queue.rows import DueRow, still_ours


class RowByRow:
    """What is done about a row, and that it is done, are one transaction: after a crash only what was not
    done is done again."""

    model: type[DueRow]
    calls = 1
    related: ClassVar[tuple[str, ...]] = ()  # what `do` reads besides: loaded for all rows at once

    def do(self, row: Any) -> None:
        """Do it and settle the row, which is locked, and saved afterwards."""
        raise NotImplementedError

    def prepare(self, rows: Sequence[DueRow]) -> list[Job]:
        prefetch_related_objects(rows, *self.related)
        for row in rows:
            with transaction.atomic():
                # One that is settled was prepared before, in company with a row that could not be.
                for held in still_ours([row] if row.is_in_flight else []):
                    self.do(held)
                    held.save()
        return []

    def settle(self, done: Sequence[Done]) -> None:
        """Never called: there are no calls."""
