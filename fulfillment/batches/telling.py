"""How far a batch is, and what became of each order."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count

from fulfillment.models import Batch, BatchRow, RowState


@dataclass(frozen=True)
class Progress:
    total: int
    waiting: int
    done: int
    refused: int  # the action made no sense for these
    failed: int
    cancelled: int

    @property
    def settled(self) -> int:
        return self.total - self.waiting

    @property
    def is_over(self) -> bool:
        return self.waiting == 0


def progress(batch: Batch) -> Progress:
    """Counted now, in one question."""
    counted = BatchRow.objects.filter(batch=batch).order_by().values_list("state").annotate(Count("pk"))
    counts = dict(counted)
    return Progress(
        total=sum(counts.values()),
        waiting=counts.get(RowState.WAITING, 0),
        done=counts.get(RowState.DONE, 0),
        refused=counts.get(RowState.REFUSED, 0),
        failed=counts.get(RowState.FAILED, 0),
        cancelled=counts.get(RowState.CANCELLED, 0),
    )


def results(batch: Batch) -> Iterator[BatchRow]:
    """Every row with its order, oldest first; read piece by piece, as there may be thousands."""
    rows = batch.rows.select_related("fulfillment_order__order__store").order_by("pk")
    return rows.iterator(chunk_size=1_000)
