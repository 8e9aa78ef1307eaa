"""Start a batch, and stop one."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from itertools import groupby

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet
from django.utils.translation import gettext as _

from crushsync.lib.queue import clock, ring
from fulfillment.actions import FOR_MANY, Asked, Doubt
from fulfillment.models import Batch, BatchRow, FulfillmentOrder, RowState
from fulfillment.refusals import NotAllowed
from orders.models import Order

MOST = 20_000  # orders in one batch
AT_ONCE = 1_000  # rows in one insert


class TooMany(Exception):
    """More orders than one batch takes; `sentence` says so, for staff."""

    def __init__(self, count: int) -> None:
        self.sentence = _("Choose at most %(most)d orders at a time.") % {"most": MOST}
        super().__init__(self.sentence)
        self.count = count


def start(
    action_name: str, orders: QuerySet[Order], asked: Asked, *, token: str, is_sure: bool = True
) -> list[Batch]:
    """Have the action done to each of the orders, and return at once: a batch for each of their wineries.

    The caller has narrowed `orders` to what the person may act on. Without `is_sure` those that the action
    would ask about are left out, and say so. The same `token` again starts nothing and returns what it
    started. Raises KeyError for an action that is not for many, NotAllowed where something is
    still to be said or without any order, TooMany.
    """
    action = FOR_MANY[action_name]
    if lack := asked.lacks(action.asks):
        raise NotAllowed(lack)
    concerned = FulfillmentOrder.objects.filter(order__in=orders.order_by().values("pk"))
    found = concerned.order_by("order__winery", "pk").values_list("order__winery", "pk", "status")
    works = list(found[: MOST + 1])
    if not works:
        raise NotAllowed(_("None of these orders has anything to do."))
    if len(works) > MOST:
        raise TooMany(len(works))
    doubt = None if is_sure else action.doubt
    try:
        with transaction.atomic():
            made = [
                _make(_batch(winery, action_name, asked, token), mine, doubt)
                for winery, mine in groupby(works, key=lambda work: work[0])
            ]
            ring()
    except IntegrityError:
        started: list[Batch] = list(Batch.objects.filter(token=token, actor=asked.actor).order_by("pk"))
        if not started:
            raise
        return started
    return made


def cancel(batch: Batch, *, actor: str) -> int:
    """Leave alone what has not been done yet; returns how many. What is done stays done.

    A batch of which nothing is left was done, and must not say that it was canceled.
    """
    with transaction.atomic():
        now = clock()
        waiting = BatchRow.objects.filter(batch=batch, state=RowState.WAITING)
        stopped = Batch.objects.filter(Exists(waiting), pk=batch.pk, cancelled_at=None)
        stopped.update(cancelled_at=now, cancelled_by=actor)
        return waiting.filter(open_claims=0).update(
            state=RowState.CANCELLED, due_at=None, done_at=now, sentence=_("Canceled before it was done.")
        )


def _batch(winery_id: int, action_name: str, asked: Asked, token: str) -> Batch:
    return Batch(
        winery_id=winery_id,
        action=action_name,
        actor=asked.actor,
        reason=asked.reason,
        person=asked.person or "",
        until=asked.until or (asked.day and datetime.combine(asked.day, time(12), UTC)),
        token=token,
    )


def _make(batch: Batch, works: Iterable[tuple[int, int, str]], doubt: Doubt | None) -> Batch:
    batch.save(force_insert=True)
    now = clock()
    rows = [
        _left_out(batch, work, doubt, now)
        if doubt and status == doubt.status
        else BatchRow(batch=batch, fulfillment_order_id=work, due_at=now)
        for _winery, work, status in works
    ]
    BatchRow.objects.bulk_create(rows, batch_size=AT_ONCE)
    return batch


def _left_out(batch: Batch, work: int, doubt: Doubt, now: datetime) -> BatchRow:
    return BatchRow(
        batch=batch,
        fulfillment_order_id=work,
        state=RowState.REFUSED,
        sentence=str(doubt.left_out),
        done_at=now,
    )
