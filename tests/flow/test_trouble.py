"""When the outside is slow, wrong or away: nothing is lost, nothing sent twice, only that account waits."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from compliance.models import ComplianceEvent
from crushsync.lib.queue import Done, claim, clock
from fulfillment.actions import Asked, run
from fulfillment.models import (
    AttemptKind,
    Fulfillment,
    FulfillmentOrder,
    Outcome,
    Problem,
    ReportStatus,
    SyncAttempt,
    SyncStatus,
)
from fulfillment.sync import SyncLane
from orders.models import HintState, InboundHint, OrderEvent
from sandbox.shopify.samples import order_body
from tests.flow.conftest import World


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 429, "retry_after": 1},
        {"kind": "reset"},
        {"kind": "garbage"},
        {"kind": "truncated"},
        {"kind": "empty"},
        {"kind": "oversized"},
        {"kind": "accept_then_reset"},
        {"kind": "accept_then_status", "status": 500},
        {"kind": "wrong_order_number"},
    ],
    ids=lambda fault: f"{fault['kind']}{fault.get('status', '')}",
)
def test_a_bad_answer_to_sending_leads_to_one_order(world: World, fault: dict[str, Any]) -> None:
    world.sandbox.add_fault(system="vinoshipper", match="PUT *", **{"times": 2, **fault})
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    assert len(world.at_vinoshipper()) == 1
    assert SyncAttempt.objects.filter(kind=AttemptKind.SEND).count() >= 2


def test_wrong_credentials_pause_the_account_and_it_resumes_by_itself(world: World) -> None:
    world.sandbox.vinoshipper.switch(bad_credentials="html")
    world.sandbox.vinoshipper.account(secret="changed")
    for number in (1001, 1002, 1003):
        world.shop.place(order_body(number=number))
    world.run(lambda: world.paused() and world.orders_known() == 3)
    calls = len(world.calls())
    assert calls <= 3
    assert {work.status for work in world.works()} == {SyncStatus.WAITING}
    assert not any(work.needs_attention for work in world.works())
    world.sandbox.vinoshipper.account(secret="secret")
    world.run(lambda: all(work.status == SyncStatus.SENT for work in world.works()), seconds=30)
    assert not world.paused()
    assert len(world.at_vinoshipper()) == 3


def test_the_shop_is_away_while_an_order_is_read(world: World) -> None:
    world.sandbox.add_fault("status", system="shopify", match="OrderForSync", status=502, times=2)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    assert InboundHint.objects.get(topic="orders/create").state == HintState.DONE


def test_reporting_is_tried_again_and_shown_once(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.sandbox.add_fault("accept_then_reset", system="shopify", match="FulfillmentCreate")
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    world.run(world.is_reported)
    assert len(world.shop.orders()[0]["fulfillments"]) == 1
    outcomes = [a.outcome for a in SyncAttempt.objects.filter(kind=AttemptKind.REPORT).order_by("pk")]
    assert outcomes == [Outcome.UNKNOWN, Outcome.OK]


def test_a_refused_report_waits_for_a_person_or_for_news(world: World) -> None:
    """Looking again at what is known to be refused tells the shop nothing; a delivery does."""
    world.sandbox.vinoshipper.switch(lose_webhooks=True)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.hold_in_shop(world.shop.orders()[0]["fulfillment_orders"][0]["id"])
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    world.run(lambda: Fulfillment.objects.filter(report_status=ReportStatus.FAILED).exists())
    reports, looks = world.work().attempts.filter(kind="report"), world.work().attempts.filter(kind="follow")
    told, looked = reports.count(), looks.count()
    run("check-fulfillment", world.work().pk, Asked("ana"))
    world.run(lambda: looks.filter(outcome=Outcome.OK).count() > looked)
    assert (reports.count(), world.shipment().report_status) == (told, ReportStatus.FAILED)
    world.sandbox.vinoshipper.move(world.work().number, "DELIVERED")
    run("check-fulfillment", world.work().pk, Asked("ana"))
    world.run(lambda: reports.count() > told)


def test_a_mistake_of_ours_does_not_end_the_looking(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.sandbox.vinoshipper.switch(lose_webhooks=True)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    with monkeypatch.context() as patch:
        patch.setattr("crushsync.vinoshipper.client.orders.payloads.order_answer", lambda *_, **__: 1 / 0)
        run("check-fulfillment", world.work().pk, Asked("ana"))
        world.run(lambda: world.work().attention_code == "internal_error")
    assert (world.work().status, world.work().due_at is None) == (SyncStatus.SENT, False)
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    run("check-fulfillment", world.work().pk, Asked("ana"))
    world.run(world.is_reported)
    assert not world.work().needs_attention


def test_a_cancellation_in_the_store_outlives_trouble_at_vinoshipper(world: World) -> None:
    """Of two things that are wrong one is told; when that is over, the other one still is."""
    placed = world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.shop.cancel(placed["id"])
    world.run(lambda: world.work().attention_code == "cancelled_after_sending")
    world.sandbox.vinoshipper.say(world.work().number, order_status="PROBLEM")
    world.run(lambda: world.work().attention_code == "partner_trouble")
    world.sandbox.vinoshipper.say(world.work().number, order_status="OPEN")
    world.run(lambda: world.work().attention_code != "partner_trouble")
    assert world.work().attention_code == "cancelled_after_sending"


def test_a_cancellation_while_a_worker_dies_is_seen(world: World) -> None:
    """Told of while a call is under way it is left to that call's answer, which never comes."""
    placed = world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.run()
    FulfillmentOrder.objects.update(due_at=clock() - timedelta(seconds=1))
    assert SyncLane().prepare(claim(FulfillmentOrder, 1, 60))  # and that was its last act
    world.shop.cancel(placed["id"])
    world.run(lambda: world.order().cancelled_at is not None)
    FulfillmentOrder.objects.update(due_at=clock() - timedelta(seconds=1))
    world.run(lambda: not world.work().is_in_flight)
    assert world.work().attention_code == "cancelled_after_sending"


def test_an_answer_that_comes_when_the_order_has_moved_on_ends_its_attempt(world: World) -> None:
    """As when the customer corrects the order while it is looked at: the answer is dropped."""
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    FulfillmentOrder.objects.update(due_at=clock() - timedelta(seconds=1))
    [job] = SyncLane().prepare(claim(FulfillmentOrder, 1, 60))
    FulfillmentOrder.objects.update(fence=F("fence") + 1)
    SyncLane().settle([Done(job, job.call(), None, 0.1)])
    attempt = world.work().attempts.filter(kind="follow").latest("pk")
    assert (attempt.outcome, attempt.code) == (Outcome.UNKNOWN, "late")
    assert not SyncAttempt.objects.filter(outcome=Outcome.RUNNING).exists()


def test_an_answer_that_lags_behind_is_no_loss(world: World) -> None:
    world.sandbox.vinoshipper.switch(read_lag=1.0)
    world.sandbox.add_fault("timeout_after_accept", system="vinoshipper", match="PUT *", seconds=3)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent, seconds=20)
    assert len(world.at_vinoshipper()) == 1


SAID = (
    "ELENA MARQUEZ (customer1001@example.com), born 1984-06-21, of 1200 barton springs rd: Marquez is unknown"
)


def test_their_own_words_about_somebody_are_kept_without_the_name(world: World) -> None:
    world.sandbox.add_fault(
        "status", system="vinoshipper", match="PUT *", status=400, type="VALIDATION", says=SAID
    )
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    work = world.work()
    assert work.attention == "••• (•••), born •••, of •••: ••• is unknown"
    attempts = [(a.request, a.answer, a.sentence) for a in SyncAttempt.objects.all()]
    problems = list(Problem.objects.values_list("sentence", "said"))
    verdicts = list(ComplianceEvent.objects.values_list("problems", "answer"))
    kept = str([attempts, problems, verdicts, *OrderEvent.objects.values_list("sentence"), work.reason])
    assert work.attention in kept
    assert [word for word in ("marquez", "elena", "1984", "barton", "@example") if word in kept.lower()] == []


def test_nobody_personal_is_kept_in_attempts(world: World) -> None:
    world.shop.place(order_body(number=1001, note="leave with Mr. Canary"))
    world.run(world.is_sent)
    kept = str([(a.request, a.answer, a.sentence) for a in SyncAttempt.objects.all()])
    for personal in ("Marquez", "Barton Springs", "customer1001@example.com", "Canary", "1984", "5125550142"):
        assert personal not in kept
