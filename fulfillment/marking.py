"""What the store's staff see of us on an order: kept true to the fulfillment order, with retries of its own.

A mark never holds anything else up: a store that does not let us write it still gets its orders sent.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.problems import CODES_OF_MARKS, entry
from crushsync.lib.errors import ConnectionProblem, SyncError
from crushsync.lib.queue import Done, clock, save_many, wait
from fulfillment.models import (
    AttemptKind,
    FulfillmentOrder,
    MarkStatus,
    Outcome,
    StoreMark,
    SyncAttempt,
    SyncStatus,
)
from fulfillment.news import News, NewsLane, Standing, Telling
from orders.models import Store
from orders.storefronts.types import MarkState, ShopMark, ShownMark
from orders.stores import storefront

# An order passes some states within seconds; the store is told of the one in which it comes to rest.
CALM = timedelta(seconds=5)
STATUS_OF = {
    Standing.WAITING: MarkStatus.WAITING,
    Standing.TOLD: MarkStatus.SHOWN,
    Standing.FAILED: MarkStatus.FAILED,
}


def mark_of(work: FulfillmentOrder, *, is_refused: bool) -> ShopMark | None:
    """What the store is to show; None while nobody knows how it stands. `is_refused`: by Vinoshipper."""
    match work.status:
        case SyncStatus.UNKNOWN:
            return None
        case SyncStatus.SENT:
            said = _("Accepted by Vinoshipper as %(number)s.") % {"number": work.number}
            return ShopMark(MarkState.SENT, number=work.number, progress=said)
        case SyncStatus.FAILED:
            # Our own words: what Vinoshipper wrote may name the customer.
            hold = f"Vinoshipper: {entry(work.reason_code).sentence}" if is_refused else ""
            return ShopMark(MarkState.FAILED, hold=hold)
        case SyncStatus.VOIDED:
            return ShopMark(MarkState.VOIDED, number=f"{work.number} (voided)")
        case _:
            return ShopMark()


def note_marks(works: Iterable[FulfillmentOrder], now: datetime) -> None:
    """Make due what their stores no longer show rightly. Call inside a transaction, with the rows locked."""
    marked = [work for work in works if work.order.store.shows_marks]
    if not marked:
        return
    refused = _refused(marked)
    rows = StoreMark.objects.select_for_update().filter(fulfillment_order__in=marked).order_by("pk")
    known = {row.fulfillment_order_id: row for row in rows}
    made, changed = [], []
    for work in marked:
        mark, row = mark_of(work, is_refused=work.pk in refused), known.get(work.pk)
        if mark is None:
            continue
        if row is None and mark != ShopMark():
            due_at = now + wait(CALM)
            made.append(StoreMark(fulfillment_order=work, wanted_hash=fingerprint(mark), due_at=due_at))
        elif row is not None and _want(row, fingerprint(mark), now):
            changed.append(row)
    StoreMark.objects.bulk_create(made)
    save_many(changed, ["due_at", "tries", "is_parked", "status", "wanted_hash"])


def show_again(work: FulfillmentOrder, actor: str) -> None:
    """A person wants the store told again: the row is due now. Saves it."""
    row = StoreMark.objects.select_for_update().get(fulfillment_order=work)
    row.status, row.due_at, row.tries, row.asked_by = MarkStatus.WAITING, clock(), 0, actor
    row.save(update_fields=["status", "due_at", "tries", "asked_by"])


def fingerprint(mark: ShopMark) -> str:
    told = "\n".join([mark.state, mark.number, mark.progress, mark.hold])
    return hashlib.sha256(told.encode()).hexdigest()


class MarkLane(NewsLane[StoreMark]):
    """Shows the store's staff how its orders stand."""

    model = StoreMark
    calls = 4  # unread, or read and write; and the number is defined once for each shop
    needs = ("fulfillment_order__order__store",)
    keeps = ("status", "sentence", "wanted_hash", "shown_hash", "shown_at", "is_held", "asked_by")
    kind = AttemptKind.MARK
    subject = "fulfillment_order"
    crashed = lazy("Showing this in the store stopped the worker three times.")
    codes, prefix = CODES_OF_MARKS, "mark"
    order_path = "fulfillment_order__order"

    def account_of(self, row: StoreMark) -> Store:
        return row.fulfillment_order.order.store

    def attempt_of(self, row: StoreMark) -> SyncAttempt:
        work = row.fulfillment_order
        return SyncAttempt(order_id=work.order_id, fulfillment_order=work, actor=row.asked_by)

    def drop_stale(self, rows: Sequence[StoreMark]) -> None:
        """What is shown already, or unknown for now, goes no further."""
        marks = _marks(rows)
        for row in rows:
            mark = marks.get(row.pk)
            if mark is None:
                row.settle(None)  # due again when the outcome is known
                continue
            row.wanted_hash = fingerprint(mark)
            if row.wanted_hash == row.shown_hash:
                row.settle(None)
                self.stand(row, Standing.TOLD)

    def news(self, rows: Sequence[StoreMark]) -> dict[int, News]:
        marks = _marks(rows)
        return {
            row.pk: News(
                row.wanted_hash,
                {"state": marks[row.pk].state, "number": marks[row.pk].number, "hold": marks[row.pk].hold},
                partial(_show, self.account_of(row), row.fulfillment_order.order.external_id, marks[row.pk]),
            )
            for row in rows
        }

    def wishes(self, rows: Sequence[StoreMark]) -> dict[int, str]:
        wanted = dict(StoreMark.objects.filter(pk__in=[r.pk for r in rows]).values_list("pk", "wanted_hash"))
        for row in rows:
            row.wanted_hash = wanted[row.pk]
        return wanted

    def failed(self) -> QuerySet[StoreMark]:
        return StoreMark.objects.filter(status=MarkStatus.FAILED)

    def stand(self, row: StoreMark, standing: Standing, sentence: str | None = None) -> None:
        row.status = STATUS_OF[standing]
        row.sentence = row.sentence if sentence is None else sentence

    def told(self, row: StoreMark, telling: Telling, result: ShownMark, now: datetime) -> str:
        telling.attempt.answer = {"written": list(result.written)}
        row.shown_hash, row.shown_at, row.is_held = telling.fingerprint, now, result.is_held
        return result.sentence

    def turn_away(self, row: StoreMark, item: Done, error: ConnectionProblem, now: datetime) -> None:
        """A store that does not let us write this still gets its orders sent: it is not paused for it."""
        if error.code == "permission":
            self.fail(row, item, error, now)
            return
        row.shown_hash = ""
        super().turn_away(row, item, error, now)

    def fail(self, row: StoreMark, item: Done, error: SyncError, now: datetime) -> None:
        """Nobody knows what the store shows now."""
        row.shown_hash = ""
        super().fail(row, item, error, now)


def _show(store: Store, order_id: str, mark: ShopMark) -> ShownMark:
    return storefront(store).show_state(order_id, mark)


def _refused(works: Sequence[FulfillmentOrder]) -> set[int]:
    """Of the failed ones those whose reason is Vinoshipper's refusal, not a decision of ours."""
    failed = [work.pk for work in works if work.status == SyncStatus.FAILED]
    if not failed:
        return set()
    attempts = SyncAttempt.objects.filter(
        fulfillment_order__in=failed,
        kind=AttemptKind.SEND,
        outcome=Outcome.REFUSED,
        code=F("fulfillment_order__reason_code"),
    )
    return {pk for pk in attempts.values_list("fulfillment_order", flat=True) if pk}


def _want(row: StoreMark, wanted: str, now: datetime) -> bool:
    """Make the row due if it is to show something else; whether it changed. Not saved."""
    is_lost = row.status == MarkStatus.WAITING and row.due_at is None
    if row.wanted_hash == wanted and not is_lost:
        return False
    row.wanted_hash = wanted
    if row.is_in_flight:
        return True  # the settling of that call finds the new wish
    is_shown = row.shown_hash == wanted
    row.status = MarkStatus.SHOWN if is_shown else MarkStatus.WAITING
    row.settle(None if is_shown else now + wait(CALM))
    return True


def _marks(rows: Sequence[StoreMark]) -> dict[int, ShopMark]:
    """What each row's store is to show now, by the row's id; a store that wants no marks loses ours."""
    refused = _refused([row.fulfillment_order for row in rows])
    found = {}
    for row in rows:
        work = row.fulfillment_order
        mark = mark_of(work, is_refused=work.pk in refused) if work.order.store.shows_marks else ShopMark()
        if mark is not None:
            found[row.pk] = replace(mark, work_id=_only_work(row, mark))
    return found


def _only_work(row: StoreMark, mark: ShopMark) -> str:
    """The one piece of work to mark unread; "" if a mark may be there already, or there are several."""
    is_first = mark.state is MarkState.SENT and row.shown_at is None and row.tries <= 1
    work_ids = row.fulfillment_order.order.work_ids
    return str(work_ids[0]) if is_first and len(work_ids) == 1 else ""
