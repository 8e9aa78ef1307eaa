"""A shop's bucket of cost points: we wait before Shopify refuses, and not for long."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from crushsync.lib.errors import TemporaryError
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.shopify.pace import FURTHEST, MOST_WAITING, Bucket
from orders.storefronts.types import StoreConnection
from sandbox.client import Sandbox, ShopControl
from tests.storefronts.answers import ORDER_ID
from tests.storefronts.conftest import TOKEN


def told(left: float, cost: float = 100.0, rate: float = 50.0, most: float = 1000.0) -> dict[str, Any]:
    status = {"maximumAvailable": most, "currentlyAvailable": left, "restoreRate": rate}
    return {"extensions": {"cost": {"requestedQueryCost": cost, "throttleStatus": status}}}


def test_nothing_is_held_back_before_anything_is_known() -> None:
    assert Bucket().take("Read", 5.0) == (0.0, 0.0)


def test_what_an_operation_asks_for_is_taken_in_advance() -> None:
    bucket = Bucket()
    bucket.learn("Read", told(left=250), 0.0)
    assert [bucket.take("Read", 5.0) for _ in range(2)] == [(0.0, 100.0)] * 2
    wait, taken = bucket.take("Read", 0.0)
    assert wait == pytest.approx(1.0, abs=0.5)  # 50 points are left, 50 come in a second
    assert taken == 0.0


def test_what_is_under_way_is_not_counted_twice() -> None:
    bucket = Bucket()
    bucket.learn("Read", told(left=300, rate=1), 0.0)
    _, first = bucket.take("Read", 5.0)
    bucket.take("Read", 5.0)
    bucket.learn("Read", told(left=200, rate=1), first)  # the shop has not seen the second yet
    assert bucket.take("Read", 5.0) == (0.0, 100.0)
    assert bucket.take("Read", 0.0)[0] == pytest.approx(100, abs=5)


def test_what_an_answer_gives_back_lets_the_next_one_in() -> None:
    bucket = Bucket()
    bucket.learn("Read", told(left=100, rate=0.01), 0.0)
    _, first = bucket.take("Read", 5.0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(bucket.take, "Read", 30.0)
        bucket.learn("Read", told(left=990, rate=0.01), first)
        assert waiting.result() == (0.0, 100.0)


def test_a_long_wait_takes_nothing() -> None:
    bucket = Bucket()
    bucket.learn("Read", told(left=0, rate=1), 0.0)
    wait, taken = bucket.take("Read", 5.0)
    assert wait == pytest.approx(100.0, abs=5)
    assert taken == 0.0


def test_a_crowd_does_not_wait_but_comes_back_one_after_the_other() -> None:
    """Each thread that waits is one that other wineries lack."""
    bucket = Bucket()
    bucket.learn("Read", told(left=100, rate=10), 0.0)
    _, first = bucket.take("Read", 5.0)  # an answer to it may give points back at any moment
    with ThreadPoolExecutor(MOST_WAITING) as pool:
        waiting = [pool.submit(bucket.take, "Read", 30.0) for _ in range(MOST_WAITING)]
        while bucket._waiting < MOST_WAITING:
            time.sleep(0.01)
        started = time.monotonic()
        turns = [bucket.take("Read", 30.0)[0] for _ in range(3)]
        assert time.monotonic() - started < 10  # a thread that waits would wait 30
        assert turns == sorted(turns)
        assert turns == pytest.approx([1.0, 1.05, 1.1], abs=0.5)
        assert not any(one.done() for one in waiting)
        bucket.learn("Read", told(left=1000, rate=10), first)
        assert [one.result() for one in waiting] == [(0.0, 100.0)] * MOST_WAITING


def test_whoever_is_told_to_come_back_comes_back_within_a_minute() -> None:
    bucket = Bucket()
    bucket.learn("Read", told(left=0, rate=10), 0.0)
    bucket._waiting = MOST_WAITING
    assert max(bucket.take("Read", 30.0)[0] for _ in range(2_000)) == pytest.approx(FURTHEST, abs=0.1)


@pytest.mark.parametrize("content", [{}, told(left=0, rate=0), {"extensions": {"cost": "free"}}])
def test_an_answer_without_numbers_holds_nothing_back(content: dict[str, Any]) -> None:
    bucket = Bucket()
    bucket.learn("Read", content, 0.0)
    assert bucket.take("Read", 5.0) == (0.0, 0.0)


@pytest.fixture
def shopify(shop: ShopControl, order_1042: None) -> Shopify:
    return Shopify(StoreConnection(shop.url, (("access_token", TOKEN),), deadline=10.0))


def answers(sandbox: Sandbox) -> list[str]:
    return [call["answer"] for call in sandbox.log(system="shopify", operation="OrderForSync")]


def test_many_readers_are_never_throttled(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    shopify.read_order(ORDER_ID)
    cost = json.loads(answers(sandbox)[0])["extensions"]["cost"]["requestedQueryCost"]
    shop.switch(throttle=True, bucket=cost * 3, restore_rate=cost * 10)
    shopify.read_order(ORDER_ID)  # tells what the bucket is now
    with ThreadPoolExecutor(4) as pool:
        orders = list(pool.map(shopify.read_order, [ORDER_ID] * 20))
    assert all(order is not None for order in orders)
    assert len(answers(sandbox)) == 22
    assert not any("THROTTLED" in answer for answer in answers(sandbox))


def test_a_slow_bucket_is_left_alone(sandbox: Sandbox, shop: ShopControl, shopify: Shopify) -> None:
    shopify.read_order(ORDER_ID)
    cost = json.loads(answers(sandbox)[0])["extensions"]["cost"]["requestedQueryCost"]
    shop.switch(throttle=True, bucket=cost * 1.02, restore_rate=cost / 1000)
    shopify.read_order(ORDER_ID)
    with pytest.raises(TemporaryError) as refusal:
        shopify.read_order(ORDER_ID)
    assert refusal.value.code == "slow_down"
    assert 5 < (refusal.value.retry_after or 0) < 200
    assert len(answers(sandbox)) == 2
