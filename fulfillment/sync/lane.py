"""The lane of fulfillment orders: whatever their next step is at Vinoshipper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from compliance.catalog import client
from crushsync.accounts import connections, limits
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.queue import (
    CRASH_LIMIT,
    SETTLED_FIELDS,
    Done,
    Job,
    clock,
    insert_many,
    keep_ours,
    save_many,
    still_ours,
    together_or_each,
)
from crushsync.lib.redaction import redact
from crushsync.vinoshipper.payloads import order_body
from crushsync.vinoshipper.types import CancelAnswer, Delivery, OrderAnswer, OrderInput
from fulfillment.discretion import without_people
from fulfillment.marking import note_marks
from fulfillment.models import (
    ANSWER_FIELDS,
    AttemptKind,
    FulfillmentOrder,
    Outcome,
    Step,
    SyncAttempt,
    SyncStatus,
    close_cut_off,
    close_late,
)
from fulfillment.outgoing import fingerprint, listings_for, order_input
from fulfillment.problems.noting import note_problems
from fulfillment.routing import Verdict, decide, explain
from fulfillment.routing.shelf import Shelf, shelf_for
from fulfillment.stock.vinoshipper import MOVES_STOCK, book_shipments
from fulfillment.sync.answers import ANSWERS
from fulfillment.sync.failures import failed
from fulfillment.sync.settling import Settling
from orders.models import Order

KIND_OF = {
    Step.SEND: AttemptKind.SEND,
    Step.VOID: AttemptKind.VOID,
    Step.SHIP: AttemptKind.SHIP,
    Step.FOLLOW: AttemptKind.FOLLOW,
    Step.AGE: AttemptKind.FOLLOW,
}
WORK_FIELDS = [
    *SETTLED_FIELDS,
    "status",
    "reason_code",
    "reason",
    "reason_setting",
    "attention_code",
    "attention",
    "is_held",
    "hold_reason",
    "is_call_open",
    "asked_by",
    "void_reason",
    "is_ship_asked",
    "awaited_since",
    "sent_at",
    "sent_hash",
    "partner_status",
    "partner_order_status",
    "id_scan_url",
    "taxes_adjusted",
    "fees_adjusted",
    "followed_at",
]


@dataclass(frozen=True)
class Plan:
    """One call about to be made, and what has to be known when its answer comes."""

    work: FulfillmentOrder
    step: Step
    call: Callable[[], Any]
    request: dict[str, Any]
    fingerprint: str  # of what is sent; "" where nothing is
    was_open: bool  # an earlier call's outcome is unknown still
    order_hash: str  # the order's content as it is read for this call; "" where a worker died before it


class SyncLane:
    """Sends, voids, follows and the like; one transaction before the calls, one after a batch of answers."""

    model = FulfillmentOrder
    calls = 4  # look, send, look again, and one to spare

    def prepare(self, rows: Sequence[FulfillmentOrder]) -> list[Job]:
        """Commit the attempts before anything is sent; what need not go any more is settled here."""
        with transaction.atomic():
            rows = still_ours(rows)
            prefetch_related_objects(
                rows,
                "order__store__vinoshipper_account",
                "order__winery",
                "order__lines",
                "account__rate_rules",
            )
            now = clock()
            if crashed := [work for work in rows if work.open_claims > 1]:
                close_cut_off(SyncAttempt.objects.filter(fulfillment_order__in=crashed, fulfillment=None))
            alive = [work for work in rows if not _stops_workers(work)]
            well = connections.admit([work for work in alive if work.account], _partner, now)
            admitted = limits.admit(well, _partner, now)
            listings = listings_for(list(admitted)) if admitted else {}
            shelf = shelf_for([work.order for work in admitted if work.step == Step.SEND])
            plans = [plan for work in admitted if (plan := _plan(work, listings, shelf, now))]
            attempts = _begin(plans, now)
            for plan in plans:
                plan.work.is_call_open = plan.was_open or plan.step == Step.SEND
            planned = {plan.work.pk for plan in plans}
            for work in admitted:
                if work.pk not in planned:
                    limits.leave(work, work.partner)
            idle = [work for work in rows if work.pk not in planned and work.is_in_flight]
            for work in idle:
                work.settle(None)
            save_many([plan.work for plan in plans], ["is_call_open"])
            save_many([work for work in rows if work.pk not in planned], WORK_FIELDS)
            note_problems([work for work in rows if work not in alive], now)
            for work in idle:
                if not work.is_held and not work.void_reason:
                    decide(work.order)
        return [
            Job((plan.work,), _guarded(plan), (plan, attempt))
            for plan, attempt in zip(plans, attempts, strict=True)
        ]

    def settle(self, done: Sequence[Done]) -> None:
        together_or_each(done, _settle)


def _plan(
    work: FulfillmentOrder, listings: dict[tuple[int, str], str], shelf: Shelf, now: datetime
) -> Plan | None:
    """What to call for the row's next step; None if there is nothing to call any more."""
    account, step, was_open = work.partner, work.step, work.is_call_open
    # What changed while the claim of a dead worker stood was left to its answer, and is to be decided about.
    order_hash = work.order.content_hash if work.open_claims == 1 else ""
    plan = partial(Plan, work, step, was_open=was_open, order_hash=order_hash)
    if step == Step.VOID:
        return plan(partial(_cancel, account, work.number, work.void_reason), {"reason": "…"}, "")
    if step == Step.SHIP:
        return plan(partial(_ship, account, work.number), {}, "")
    if step != Step.SEND:
        return plan(partial(_look, account, work.number), {}, "")
    if not was_open and work.status != SyncStatus.WAITING:
        return None  # woken by a setting that changed: to be decided about, not to be sent yet
    # The last look before sending: settings, holds and the order may have changed since it was decided. It
    # knows as much as the decision did: what the two judge differently would be decided about for ever.
    if explain(work.order, now=now, work=work, shelf=shelf).verdict != Verdict.SEND:
        return plan(partial(_look, account, work.number), {}, "") if was_open else None
    order = order_input(work, listings)
    body = order_body(order)
    call = partial(_deliver, account, order, body, look_first=was_open)
    return plan(call, redact(body), fingerprint(body))


def _begin(plans: Sequence[Plan], now: datetime) -> list[SyncAttempt]:
    """Write the attempts, running, and learn their ids. `bulk_create` tells them, but quotes all twice."""
    attempts = [_attempt(plan, now) for plan in plans]
    insert_many(attempts)
    running = SyncAttempt.objects.filter(
        fulfillment_order__in=[plan.work.pk for plan in plans], fulfillment=None, outcome=Outcome.RUNNING
    ).exclude(kind=AttemptKind.MARK)
    ids = dict(running.order_by("pk").values_list("fulfillment_order", "pk"))  # the newest, were there two
    for attempt in attempts:
        attempt.pk = ids[attempt.fulfillment_order_id]
    return attempts


def _partner(work: FulfillmentOrder) -> VinoshipperAccount:
    return work.partner


def _guarded(plan: Plan) -> Callable[[], Any]:
    return partial(limits.guarded, plan.work.partner, plan.work, plan.call)


def _deliver(
    account: VinoshipperAccount, order: OrderInput, body: dict[str, Any], *, look_first: bool
) -> Delivery:
    return client(account).deliver(order, look_first=look_first, body=body)


def _look(account: VinoshipperAccount, number: str) -> OrderAnswer | None:
    return client(account).get_order(number)


def _ship(account: VinoshipperAccount, number: str) -> OrderAnswer | None:
    return client(account).ship_here(number)


def _cancel(account: VinoshipperAccount, number: str, reason: str) -> CancelAnswer:
    return client(account).cancel_order(number, reason)


def _attempt(plan: Plan, now: datetime) -> SyncAttempt:
    work = plan.work
    return SyncAttempt(
        order_id=work.order_id,
        fulfillment_order=work,
        kind=KIND_OF[plan.step],
        number=work.tries,
        actor=work.asked_by,
        started_at=now,
        request=plan.request,
    )


def _stops_workers(work: FulfillmentOrder) -> bool:
    """Put a row on hold that was claimed again and again without an end. Its open call stays open."""
    if work.open_claims <= CRASH_LIMIT:
        return False
    work.settle(None)
    work.is_held, work.hold_reason = True, "crash loop"
    work.attention_code = "crash_loop"
    work.attention = _("Handling this order stopped the worker three times, so it was put on hold.")
    return True


def _settle(done: Sequence[Done]) -> None:
    """Write what a batch of answers means. Late answers, to claims that are no longer ours, are dropped."""
    now = clock()
    ours = keep_ours([item.job.rows[0] for item in done])
    settling = Settling(now)
    works, attempts, troubled, late = [], [], [], []
    for item in done:
        plan, attempt = item.job.context
        limits.leave(plan.work, plan.work.partner)
        if plan.work.pk not in ours:
            late.append(attempt.pk)
            continue
        attempt.seconds = round(item.seconds, 3)
        was_troubled = plan.work.needs_attention
        settling.fingerprint, settling.was_open = plan.fingerprint, plan.was_open
        if item.error is None:
            result = item.result and without_people(item.result, plan.work.order)
            ANSWERS[plan.step](settling, plan.work, attempt, result)
            limits.note_good_answer(plan.work.partner, now)
        else:
            failed(settling, plan.work, attempt, item.error)
        if not settling.is_still_asked(plan.work):
            plan.work.asked_by = ""
        works.append(plan.work)
        if was_troubled or plan.work.needs_attention:
            troubled.append(plan.work)
        attempts.append(attempt)
    save_many(works, WORK_FIELDS)
    save_many(attempts, ANSWER_FIELDS)
    if late:
        close_late(SyncAttempt.objects.filter(pk__in=late))
    note_marks(works, now)
    note_problems(troubled, now, settling.said)
    insert_many(settling.events)
    insert_many(settling.verdicts)
    book_shipments({event.order_id for event in settling.events if event.code in MOVES_STOCK})
    _decide_again(done, ours, settling)


def _decide_again(done: Sequence[Done], ours: set[int], settling: Settling) -> None:
    """Orders that changed while their call was out, or whose open question is answered now."""
    plans = [item.job.context[0] for item in done if item.job.rows[0].pk in ours]
    concerned = Order.objects.filter(pk__in=[plan.work.order_id for plan in plans]).order_by()
    now_stands = dict(concerned.values_list("pk", "content_hash"))
    changed = {
        plan.work.order_id for plan in plans if now_stands.get(plan.work.order_id) != plan.order_hash
    } | settling.undecided
    if not changed:
        return
    for order in Order.objects.filter(pk__in=changed).select_related("store__vinoshipper_account", "winery"):
        decide(order)
