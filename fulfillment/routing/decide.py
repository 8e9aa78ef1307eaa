"""Write a decision down: the order's fulfillment order, its lines, and why."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from compliance.checks import Finding
from compliance.verdicts import note_own_checks
from crushsync.lib.queue import SETTLED_FIELDS, clock, insert_many, ring, save_many
from crushsync.vinoshipper.payloads import order_body
from fulfillment.goods import shippable
from fulfillment.marking import note_marks
from fulfillment.models import Destination, FulfillmentOrder, FulfillmentOrderLine, SyncStatus
from fulfillment.outgoing import fingerprint, listings_for, number_of, order_input
from fulfillment.problems.noting import note_problems
from fulfillment.routing.explain import explain
from fulfillment.routing.question import Explanation, Verdict
from fulfillment.routing.shelf import read_feeds_soon, shelf_for
from fulfillment.stock.reserving import count_soon
from orders.models import EventKind, Order, OrderEvent

STATUS_OF = {
    Verdict.SEND: SyncStatus.WAITING,
    Verdict.WAIT: SyncStatus.WAITING,
    Verdict.BLOCKED: SyncStatus.FAILED,
    Verdict.NOT_REQUIRED: SyncStatus.NOT_REQUIRED,
    Verdict.DONT_SEND: SyncStatus.DONT_SEND,
}


LONGEST_SETTING = 120  # with a store's name in it, or in another language, it may be longer

# What deciding may change in a fulfillment order.
FIELDS = [
    *SETTLED_FIELDS,
    "fence",
    "status",
    "account",
    "reason_code",
    "reason",
    "reason_setting",
    "attention_code",
    "attention",
    "awaited_since",
]


def decide(order: Order) -> FulfillmentOrder:
    """Decide again about an order that is new, changed, or judged by new settings. Call inside a transaction.

    What Vinoshipper has, or may have, is never sent again here: a difference becomes a visible conflict.
    """
    return decide_all([order])[0]


def decide_all(orders: Iterable[Order]) -> list[FulfillmentOrder]:
    """`decide` for many orders at once, each named only once; the answers come in the same order."""
    orders = list(orders)
    prefetch_related_objects(orders, "store__vinoshipper_account", "winery", "lines")
    known = _known(orders)
    works = [known.get(order.pk) or _new(order) for order in orders]
    troubled = {work.pk for work in known.values() if work.needs_attention}
    ours = {work.order.winery_id for work in known.values() if work.is_open_here}
    now, shelf = clock(), shelf_for(orders)
    events: list[OrderEvent] = []
    applied = []
    found: dict[int, Sequence[Finding]] = {}
    for work in works:
        if work.was_sent:
            events += _compare_with_sent(work)
        elif work.status != SyncStatus.VOIDED:
            decision = explain(work.order, now=now, work=work, shelf=shelf)
            events += _apply(work, decision, now)
            applied.append(work)
            if decision.findings is not None:
                found[work.order_id] = decision.findings
    save_many(list(known.values()), FIELDS)
    FulfillmentOrder.objects.bulk_create([work for work in works if work.order_id not in known])
    insert_many(events)
    _write_lines(applied, known)
    note_own_checks(found, set(known), now)
    read_feeds_soon([work.partner for work in applied if work.reason_code == "unknown_sku"], now)
    note_marks(works, now)
    note_problems([work for work in works if work.needs_attention or work.pk in troubled], now)
    if any(work.due_at for work in applied):
        ring()
    ours |= {work.order.winery_id for work in applied if work.is_open_here}
    if ours:
        transaction.on_commit(partial(count_soon, ours))
    return works


def _known(orders: Sequence[Order]) -> dict[int, FulfillmentOrder]:
    """Their fulfillment orders as far as they have one, locked; by order."""
    found = (
        FulfillmentOrder.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(order__in=orders, destination=Destination.VINOSHIPPER)
        .order_by("pk")
    )
    known = {work.order_id: work for work in found}
    for order in orders:
        if order.pk in known:
            known[order.pk].order = order
    return known


def _new(order: Order) -> FulfillmentOrder:
    return FulfillmentOrder(
        winery_id=order.winery_id,
        order=order,
        destination=Destination.VINOSHIPPER,
        number=number_of(order, 1),
    )


def _apply(work: FulfillmentOrder, decision: Explanation, now: datetime) -> list[OrderEvent]:
    """Take the decision over; returns what to write into the order's history. Not saved."""
    if work.is_in_flight:
        work.fence += 1  # whoever holds it now looks for an answer that no longer matters
    status = STATUS_OF[decision.verdict]
    is_news = (work.status, work.reason_code) != (status, decision.code)
    work.move(status)
    work.account = work.order.store.vinoshipper_account
    sentence = str(decision.sentence)  # what is kept is translated now
    work.reason_code, work.reason = decision.code, sentence
    work.reason_setting = str(decision.setting)[:LONGEST_SETTING]
    goes = decision.verdict == Verdict.SEND
    if decision.verdict == Verdict.BLOCKED:
        work.attention_code, work.attention = decision.code, sentence
    elif not (goes and work.asked_by):  # what a person tries again is mended, or not, by the answer to that
        work.attention_code = work.attention = ""
    work.awaited_since = (work.awaited_since or now) if goes else None
    work.settle(now if goes else decision.until)
    return [_decided(work, decision.code, sentence)] if is_news else []


def _decided(work: FulfillmentOrder, code: str, sentence: str) -> OrderEvent:
    return OrderEvent(order=work.order, kind=EventKind.DECIDED, code=code, sentence=sentence)


def _write_lines(works: Sequence[FulfillmentOrder], known: Mapping[int, FulfillmentOrder]) -> None:
    """What each of them ships; lines of the known ones that are no longer shipped go."""
    lines = [
        FulfillmentOrderLine(
            fulfillment_order=work, order_line=line, quantity=line.left, kept=line.quantity - line.left
        )
        for work in works
        for line in shippable(list(work.order.lines.all()))
    ]
    FulfillmentOrderLine.objects.bulk_create(
        lines,
        update_conflicts=True,
        unique_fields=["fulfillment_order", "order_line"],
        update_fields=["quantity", "kept"],
    )
    before = [work for work in works if work.order_id in known]
    if before:
        shipped = [line.order_line for line in lines]
        FulfillmentOrderLine.objects.filter(fulfillment_order__in=before).exclude(
            order_line__in=shipped
        ).delete()


def _compare_with_sent(work: FulfillmentOrder) -> list[OrderEvent]:
    """It changed while Vinoshipper has it: say so if it matters there, unsay it if it no longer does."""
    if work.is_in_flight:
        return []  # the settling of that call compares
    code = conflict_code(work)
    conflicts = ("cancelled_after_sending", "changed_after_sending")
    if code and code != work.attention_code:
        sentence = {
            "cancelled_after_sending": _("Canceled in the store after it was sent."),
            "changed_after_sending": _("Changed in the store after it was sent."),
        }[code]
        work.attention_code, work.attention = code, sentence
        return [_decided(work, code, sentence)]
    if not code and work.attention_code in conflicts:
        work.attention_code = work.attention = ""
    return []


def conflict_code(work: FulfillmentOrder) -> str:
    """How the store's order now differs from what was sent; "" if it does not. Nothing was sent: ""."""
    if work.settled_hash == work.order.content_hash:
        return ""  # a person knows, and has settled it
    if work.order.cancelled_at:
        return "cancelled_after_sending"
    if not work.sent_hash:
        return ""
    now_wanted = fingerprint(order_body(order_input(work, listings_for([work]))))
    return "" if now_wanted == work.sent_hash else "changed_after_sending"
