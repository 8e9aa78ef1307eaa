"""An account's limits through the whole house: counted in the log of the other side."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from fulfillment.models import FulfillmentOrder, SyncStatus
from orders.stores import webhook_url
from sandbox.shopify.samples import order_body
from tests.factories import StoreFactory, VinoshipperAccountFactory
from tests.flow.conftest import SECRET, TOKEN, World


def place(world: World, count: int) -> None:
    for number in range(1001, 1001 + count):
        world.shop.place(order_body(number=number))


def all_sent(world: World, count: int) -> bool:
    return FulfillmentOrder.objects.filter(status=SyncStatus.SENT).count() == count


def set_limits(world: World, in_flight: int, per_second: int = 0) -> None:
    world.account.calls_in_flight, world.account.calls_per_second = in_flight, per_second
    world.account.save()


def most_at_a_time(calls: list[dict[str, Any]]) -> int:
    edges = [(call["started"], 1) for call in calls] + [
        (call["started"] + call["duration"], -1) for call in calls
    ]
    inside = most = 0
    for _, step in sorted(edges):
        inside += step
        most = max(most, inside)
    return most


@pytest.mark.parametrize("limit", [1, 3])
def test_calls_at_a_time(world: World, limit: int) -> None:
    set_limits(world, limit)
    world.sandbox.add_fault("delay", system="vinoshipper", match="PUT *", seconds=0.15)
    place(world, 9)
    world.run(lambda: all_sent(world, 9), seconds=30)
    puts = [call for call in world.calls() if call["method"] == "PUT"]
    assert len(puts) == 9
    assert most_at_a_time(puts) <= limit


def test_a_retry_after_holds_for_the_whole_account(world: World) -> None:
    set_limits(world, 1)
    world.sandbox.add_fault("status", system="vinoshipper", match="PUT *", status=429, retry_after=2, skip=1)
    place(world, 6)
    world.run(lambda: all_sent(world, 6), seconds=30)
    calls = world.calls()
    [refused] = [call for call in calls if call["status"] == 429]
    after = [call["started"] - refused["started"] for call in calls if call["seq"] > refused["seq"]]
    assert len(after) >= 4
    assert min(after) >= 2.0
    world.account.refresh_from_db()
    assert world.account.pace == 0.5
    assert not any(work.needs_attention for work in world.works())


def test_five_failures_break_off_and_one_probe_goes_on(world: World) -> None:
    set_limits(world, 1)
    world.sandbox.add_fault("status", system="vinoshipper", match="*", status=503, times=None)
    place(world, 8)
    world.run(world.paused)
    # Others may have been let in while the fifth answer was still to be written down.
    assert 5 <= len(world.calls()) < 8
    assert world.account.pause_code == "no_answer"
    assert "calls in a row failed. The last: Vinoshipper had an error" in world.account.pause_sentence
    asked = len(world.calls())
    time.sleep(0.7)  # the pause is over: one call asks, and the account pauses again
    world.run(lambda: len(world.calls()) > asked)
    assert len(world.calls()) == asked + 1
    assert world.paused()
    world.sandbox.clear_faults()
    world.run(lambda: all_sent(world, 8), seconds=40)
    assert not world.paused()
    assert [there["acceptances"] for there in world.at_vinoshipper()] == [1] * 8


def test_another_winery_is_not_delayed(world: World, settings: Settings) -> None:
    settings.CALL_DEADLINE = 6.0
    theirs = world.sandbox.vinoshipper.account(
        "other", key="o", secret="o", products={"HO-PN23-750": {"name": "Pinot"}}
    )
    account = VinoshipperAccountFactory.create(
        base_url=world.sandbox.vinoshipper.url,
        credentials={"api_key": "o", "api_secret": "o"},
        producer_id=str(theirs["producer_id"]),
    )
    shop = world.sandbox.shop("other")
    store = StoreFactory.create(
        winery=account.winery,
        vinoshipper_account=account,
        base_url=shop.url,
        credentials={"access_token": TOKEN, "webhook_secret": SECRET},
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    shop.configure(token=TOKEN, secret=SECRET, webhook_url=webhook_url(store))
    world.sandbox.add_fault(
        "timeout", system="vinoshipper", account="hollow-oak", match="*", times=None, seconds=10
    )
    place(world, 40)
    world.run(lambda: world.orders_known() == 40, seconds=30)
    shop.place(order_body(number=2001))
    world.run(lambda: FulfillmentOrder.objects.filter(status=SyncStatus.SENT).exists(), seconds=30)
    world.sandbox.settle()
    told = world.sandbox.log(system="shopify", account="other", direction="out")[0]
    put = next(call for call in world.calls() if call["account"] == "other")
    assert put["started"] - told["started"] < 4.0  # those who wait for the other account wait 6
    hanging = [call for call in world.calls() if call["account"] == "hollow-oak"]
    assert all_sent(world, 1)
    assert most_at_a_time([{**call, "duration": 5.5} for call in hanging]) <= 8
