"""Whatever happens to an order, in whatever order: one open problem per cause, none once it is finished.

One and the same cause stays one and the same problem, also when it is tried again.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crushsync.lib.queue import Done, claim
from crushsync.vinoshipper.payloads import order_answer
from crushsync.vinoshipper.types import Delivery
from fulfillment.actions import Asked, run
from fulfillment.models import FulfillmentOrder, Problem
from fulfillment.problems.clock import look
from fulfillment.problems.noting import FINISHED
from fulfillment.refusals import NotAllowed
from fulfillment.routing import decide
from fulfillment.sync import SyncLane
from orders.models import Order
from orders.storefronts.types import BirthDateState
from tests.factories import OrderFactory

UNKNOWN = {"error": {"type": "VALIDATION", "errors": [{"description": "product ESTATE-PN-22 was not found"}]}}
UTAH = {"status": "PROBLEM", "isCompliant": False, "orderProblems": [{"description": "Not to this address."}]}
TAKEN = {"status": "SUCCESS", "orderStatus": "OPEN", "isCompliant": True}
RETURNED = {"status": "SUCCESS", "orderStatus": "RETURNED"}
PAID_BACK = {"status": "SUCCESS", "orderStatus": "CANCELLED"}


def changed(**values: Any) -> Callable[[Order], None]:
    """The order changes in the store, is read, and decided about."""

    def change(order: Order) -> None:
        for name, value in values.items():
            setattr(order, name, value)
        order.content_hash = f"{int(order.content_hash or '0', 16) + 1:064x}"
        order.save()
        decide(Order.objects.get(pk=order.pk))

    return change


def answered(body: dict[str, Any], status: int = 200) -> Callable[[Order], None]:
    """The next step comes due, and Vinoshipper answers so."""

    def answer(order: Order) -> None:
        past = timezone.now() - timedelta(seconds=1)  # on SQLite the present millisecond is not over yet
        FulfillmentOrder.objects.filter(order=order, due_at__isnull=False).update(due_at=past)
        lane = SyncLane()
        jobs = lane.prepare(claim(FulfillmentOrder, 5, 60))
        for job in jobs:
            told = order_answer(body, http_status=status, trace_id="", number=job.rows[0].number)
            is_sending = job.context[0].fingerprint
            result = Delivery(told, adopted=False, differences=(), calls=()) if is_sending else told
            lane.settle([Done(job, result, None, 0.1)])

    return answer


def pressed(name: str) -> Callable[[Order], None]:
    def press(order: Order) -> None:
        work = FulfillmentOrder.objects.get(order=order)
        try:
            run(name, work.pk, Asked("ana", "so"))
        except NotAllowed:
            return

    return press


def looked(order: Order) -> None:
    look(order.winery, timezone.now())


MOVES = {
    "misread": changed(birth_date_state=BirthDateState.AMBIGUOUS),
    "mended": changed(birth_date_state=BirthDateState.KNOWN),
    "edited": changed(note="another"),
    "cancelled": changed(cancelled_at=timezone.now()),
    "uncancelled": changed(cancelled_at=None),
    "unknown sku": answered(UNKNOWN, 400),
    "not compliant": answered(UTAH),
    "taken": answered(TAKEN),
    "returned": answered(RETURNED),
    "cancelled there": answered(PAID_BACK),
    "looked at": looked,
    **{name: pressed(name) for name in ("retry", "dont-send", "send", "hold", "release")},
}


def wrong_after(moves: list[str]) -> list[str]:
    """The moves after which other problems are open than the order's one, or any on a finished order; and
    those that made a problem of what was one already, or ended it by merely trying again."""
    FulfillmentOrder.objects.all().delete()
    order = OrderFactory.create()
    decide(order)
    rows = Problem.objects.filter(order=order, closed_at__isnull=True)
    wrong = []
    for move in moves:
        before = dict(rows.values_list("code", "pk"))
        MOVES[move](order)
        work = FulfillmentOrder.objects.get(order=order)
        after = dict(rows.values_list("code", "pk"))
        is_trying = move == "retry" and work.reason_code == "send"
        if (is_trying and after != before) or any(after.get(code, pk) != pk for code, pk in before.items()):
            wrong.append(f"{move}: {before} became {after}")
        found = list(rows.values_list("code", flat=True))
        expected = [work.attention_code] if work.needs_attention else []
        if found != expected or (found and work.status in FINISHED):
            wrong.append(f"{move}: {found} instead of {expected}")
    return wrong


SEQUENCES = st.lists(st.sampled_from(sorted(MOVES)), min_size=3, max_size=10)


@pytest.mark.django_db
@settings(max_examples=12)
@given(SEQUENCES)
@example(["unknown sku", "retry", "unknown sku", "retry", "taken"])
def test_one_open_problem_per_cause_and_none_when_finished(moves: list[str]) -> None:
    assert wrong_after(moves) == []


@pytest.mark.chaos
@pytest.mark.django_db
@settings(max_examples=1_000)
@given(SEQUENCES)
def test_so_it_is_in_a_thousand_stories(moves: list[str]) -> None:
    assert wrong_after(moves) == []
