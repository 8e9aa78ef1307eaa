"""Rows that were cut off: the one that kills its worker is found out, and takes no other along."""

import threading
from datetime import timedelta

from pytest_django import Settings

from crushsync.lib.queue import CRASH_LIMIT, clock, drain
from fulfillment.models import FulfillmentOrder, Outcome, SyncAttempt, SyncStatus
from fulfillment.pipeline import lanes
from fulfillment.sync import SyncLane
from orders.models import HintState, InboundHint
from tests.factories import FulfillmentOrderFactory, SyncAttemptFactory
from tests.queue.conftest import MakeHints
from tests.queue.lanes import FakeLane


def test_rows_cut_off_twice_go_one_at_a_time(make_hints: MakeHints) -> None:
    hints = make_hints(6)
    suspects = [hint.pk for hint in hints[:4]]
    InboundHint.objects.filter(pk__in=suspects).update(open_claims=CRASH_LIMIT - 1, tries=2)
    lock, under_way, most, together = threading.Lock(), set[int](), 0, 0

    def call(pk: int) -> None:
        nonlocal most, together
        with lock:
            under_way.add(pk)
            most = max(most, len(under_way & set(suspects)))
            together = max(together, len(under_way))
        threading.Event().wait(0.05)
        with lock:
            under_way.discard(pk)

    report = drain([FakeLane(call)], seconds=3)
    assert report is not None
    assert (report.settled, most, together) == (6, 1, 3)
    assert set(InboundHint.objects.values_list("state", flat=True)) == {HintState.DONE}


def test_rows_cut_off_once_go_together(make_hints: MakeHints, settings: Settings) -> None:
    make_hints(6)
    InboundHint.objects.update(open_claims=1)
    lane = FakeLane()
    drain([lane], seconds=5, until_idle=True)
    assert [len(batch) for batch in lane.prepared] == [6]


def test_the_fourth_claim_puts_an_order_on_hold_without_a_call(transactional_db: None) -> None:
    now = clock()
    work = FulfillmentOrderFactory.create(
        due_at=now - timedelta(seconds=1), open_claims=CRASH_LIMIT, tries=CRASH_LIMIT, is_call_open=True
    )
    cut_off = SyncAttemptFactory.create(fulfillment_order=work, outcome=Outcome.RUNNING, sentence="")
    report = drain([SyncLane()], seconds=5, until_idle=True)
    assert report is not None
    assert (report.claimed, report.settled) == (1, 0)
    work.refresh_from_db()
    assert (work.is_held, work.hold_reason, work.attention_code) == (True, "crash loop", "crash_loop")
    assert (work.due_at, work.open_claims, work.is_call_open) == (None, 0, True)
    assert work.status == SyncStatus.WAITING
    [attempt] = SyncAttempt.objects.all()
    assert (attempt.pk, attempt.outcome, attempt.code) == (cut_off.pk, Outcome.UNKNOWN, "cut_off")


def test_a_hint_that_stops_workers_is_given_up_and_the_others_read_on(make_hints: MakeHints) -> None:
    bad, good = make_hints(2)
    InboundHint.objects.filter(pk=bad.pk).update(open_claims=CRASH_LIMIT)
    InboundHint.objects.filter(pk=good.pk).update(topic="shop/update")
    drain(lanes(), seconds=5, until_idle=True)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.sentence) == (HintState.FAILED, "Reading this stopped the worker three times.")
    assert good.state == HintState.IGNORED


def test_a_worker_that_slept_before_it_prepared_writes_nothing(transactional_db: None) -> None:
    work = FulfillmentOrderFactory.create(due_at=clock(), fence=1, open_claims=1)
    stale = FulfillmentOrder.objects.get(pk=work.pk)
    FulfillmentOrder.objects.filter(pk=work.pk).update(fence=2, status=SyncStatus.SENT, open_claims=0)
    assert SyncLane().prepare([stale]) == []
    work.refresh_from_db()
    assert (work.status, work.is_call_open, SyncAttempt.objects.count()) == (SyncStatus.SENT, False, 0)
