"""The lane that does a batch's act, each order in a transaction of its own."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from crushsync.lib.queue import CRASH_LIMIT, Done, Job, clock, still_ours, wait
from fulfillment.actions import Asked, run
from fulfillment.models import Batch, BatchRow, FulfillmentOrder, RowState
from fulfillment.refusals import IN_FLIGHT, NotAllowed

BUSY = timedelta(seconds=5)  # how long a row waits for a call about its order
PATIENCE = 20  # times


class BatchLane:
    """Calls nobody: an act only changes rows and makes them due."""

    model = BatchRow
    calls = 1

    def prepare(self, rows: Sequence[BatchRow]) -> list[Job]:
        """Do and settle every row. Act and result are one transaction, so a crash between does it again
        only where nothing was done."""
        prefetch_related_objects(rows, "batch")
        for row in rows:
            with transaction.atomic():
                # One that is done was prepared before, in company with a row that could not be.
                for held in still_ours([row] if row.state == RowState.WAITING else []):
                    _do(held)
                    held.save()
        return []

    def settle(self, done: Sequence[Done]) -> None:
        """Never called: there are no calls."""


def _do(row: BatchRow) -> None:
    now = clock()
    if row.open_claims > CRASH_LIMIT:
        _end(row, RowState.FAILED, _("Handling this order stopped the worker three times."))
    elif row.batch.cancelled_at:
        _end(row, RowState.CANCELLED, _("Cancelled before it was done."))
    else:
        try:
            with transaction.atomic():
                done = run(row.batch.action, row.fulfillment_order_id, _asked(row.batch))
        except NotAllowed as refusal:
            if refusal.sentence == str(IN_FLIGHT) and row.tries < PATIENCE:
                row.settle(now + wait(BUSY), tries=row.tries)
                return
            _end(row, RowState.REFUSED, refusal.sentence)
        except FulfillmentOrder.DoesNotExist:
            _end(row, RowState.REFUSED, _("The order is gone."))
        else:
            _end(row, RowState.DONE, done)
    row.done_at = now


def _asked(batch: Batch) -> Asked:
    return Asked(batch.actor, batch.reason, batch.person, batch.until)


def _end(row: BatchRow, state: RowState, sentence: str) -> None:
    row.state, row.sentence = state, sentence
    row.settle(None)
