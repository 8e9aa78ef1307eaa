"""The lane that does a batch's act, each order in a transaction of its own."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.lib.queue import CRASH_LIMIT, RowByRow, clock, wait
from fulfillment.actions import Asked, run
from fulfillment.models import Batch, BatchRow, FulfillmentOrder, RowState
from fulfillment.refusals import IN_FLIGHT, NotAllowed

BUSY = timedelta(seconds=5)  # how long a row waits for a call about its order
PATIENCE = 20  # times


class BatchLane(RowByRow):
    """An act only changes rows and makes them due."""

    model = BatchRow
    related = ("batch",)

    def do(self, row: BatchRow) -> None:
        now = clock()
        if row.open_claims > CRASH_LIMIT:
            _end(row, RowState.FAILED, _("Handling this order stopped the worker three times."))
        elif row.batch.cancelled_at:
            _end(row, RowState.CANCELLED, _("Canceled before it was done."))
        elif not _act(row):
            row.settle(now + wait(BUSY), tries=row.tries)
            return
        row.done_at = now


def _act(row: BatchRow) -> bool:
    """Done, or refused with a reason; False: a call about its order is under way, it has to wait."""
    try:
        with transaction.atomic():
            done = run(row.batch.action, row.fulfillment_order_id, _asked(row.batch))
    except NotAllowed as refusal:
        if refusal.sentence == str(IN_FLIGHT) and row.tries < PATIENCE:
            return False
        _end(row, RowState.REFUSED, refusal.sentence)
    except FulfillmentOrder.DoesNotExist:
        _end(row, RowState.REFUSED, _("The order is gone."))
    else:
        _end(row, RowState.DONE, done)
    return True


def _asked(batch: Batch) -> Asked:
    day = batch.until.date() if batch.until else None
    return Asked(batch.actor, batch.reason, batch.person, batch.until, day)


def _end(row: BatchRow, state: RowState, sentence: str) -> None:
    row.state, row.sentence = state, sentence
    row.settle(None)
