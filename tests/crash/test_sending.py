"""Workers killed with -9 while they send: one order at Vinoshipper for each of the shop's, and none lost."""

from collections import Counter
from collections.abc import Sequence

import pytest

from crushsync.accounts.models import VinoshipperAccount
from fulfillment.models import FulfillmentOrder, Outcome, SyncAttempt, SyncStatus
from fulfillment.sync import SyncLane
from tests.crash.conftest import (
    KILLED,
    Workers,
    batches,
    bought,
    heal,
    leases_end,
    make_due,
    slots_are_free,
)
from tests.crash.naive import NaiveLane
from tests.flow.conftest import World

KILLS = 50
TOGETHER = 2  # orders in the worker when it dies

pytestmark = pytest.mark.crash


def kill_each(workers: Workers, works: Sequence[FulfillmentOrder], fault: str, lane: str = "sync") -> int:
    """Give a new worker the next orders, and let it die at the place, by turns at the first and at the last
    of them; how many died."""
    died = 0
    for rows in batches(works, TOGETHER):
        slots_are_free()
        make_due(rows)
        nth = 1 + died % len(rows) if fault != "commit" else 1
        assert workers.run(lane, fault=f"{fault}:{nth}") == [KILLED]
        died += 1
    return died


def all_sent() -> bool:
    return not FulfillmentOrder.objects.exclude(status=SyncStatus.SENT).exists()


def assert_one_each(world: World, works: list[FulfillmentOrder]) -> None:
    """Exactly one accepted order for each of the shop's, under the number we gave it."""
    there = world.at_vinoshipper()
    assert Counter(row["number"] for row in there if row["accepted"]) == Counter(
        work.number for work in works
    )
    assert {(row["acceptances"], row["posts"]) for row in there} == {(1, 0)}
    assert len(there) == len(works)


def assert_explained(works: list[FulfillmentOrder], cut_off: int) -> None:
    """Every row has come to rest, and its attempts tell how: so many or more cut off, then each done."""
    rows = FulfillmentOrder.objects.filter(pk__in=[work.pk for work in works])
    assert Counter(
        rows.values_list("status", "is_call_open", "open_claims", "is_held", "attention_code")
    ) == {(SyncStatus.SENT, False, 0, False, ""): len(works)}
    attempts = SyncAttempt.objects.filter(fulfillment_order__in=works, kind="send")
    ended = Counter(attempts.values_list("outcome", "code"))
    assert set(ended) == {(Outcome.OK, ""), (Outcome.UNKNOWN, "cut_off")}
    assert ended[Outcome.OK, ""] == len(works)
    assert ended[Outcome.UNKNOWN, "cut_off"] >= cut_off


@pytest.mark.parametrize(("fault", "adopted_at_least"), [("call", 0), ("answer", KILLS), ("commit", KILLS)])
def test_one_order_each_and_none_lost(
    world: World, workers: Workers, fault: str, adopted_at_least: int
) -> None:
    works = bought(world, KILLS * TOGETHER)
    assert kill_each(workers, works, fault) == KILLS
    leases_end()
    heal([SyncLane()], all_sent)
    assert_one_each(world, works)
    assert_explained(works, cut_off=KILLS)
    adopted = SyncAttempt.objects.filter(sentence__contains="had it already")
    assert adopted.count() >= adopted_at_least


def test_killed_again_while_looking_what_became_of_it(world: World, workers: Workers) -> None:
    works = bought(world, 24)
    kill_each(workers, works, "answer")
    for fault in ("call", "answer"):
        FulfillmentOrder.objects.filter(open_claims=1).update(due_at=None)
        half = works[:12] if fault == "call" else works[12:]
        kill_each(workers, half, fault)
    leases_end()
    heal([SyncLane()], all_sent)
    assert_one_each(world, works)
    assert_explained(works, cut_off=12)


def test_an_order_that_always_kills_its_worker_is_put_on_hold_alone(world: World, workers: Workers) -> None:
    """All are in the worker each time it dies. The last time they go one by one, and only one dies again."""
    works = bought(world, 8)
    make_due(works)
    for _ in range(2):
        leases_end()
        assert workers.run("sync", fault="call") == [KILLED]
    bad, *good = sorted(works, key=lambda work: work.pk)
    slots_are_free()
    make_due([bad])
    assert workers.run("sync", fault="call") == [KILLED]
    leases_end()
    # The account's calls a second put some of them off for a moment.
    waiting = FulfillmentOrder.objects.filter(is_held=False).exclude(status=SyncStatus.SENT)
    heal([SyncLane()], lambda: not waiting.exists())
    bad.refresh_from_db()
    assert (bad.is_held, bad.attention_code, bad.is_call_open) == (True, "crash_loop", True)
    sent = FulfillmentOrder.objects.filter(status=SyncStatus.SENT, is_held=False)
    assert {work.pk for work in sent} == {work.pk for work in good}
    numbers = Counter(world.accepted())
    assert {numbers[work.number] for work in good} == {1}


def test_sending_anew_each_time_would_duplicate(world: World, workers: Workers) -> None:
    """The same kills over what most integrations do: so this test can fail."""
    works = bought(world, 20)
    assert kill_each(workers, works, "answer", lane="naive") == 10
    leases_end()
    heal([NaiveLane()], all_sent)
    assert len(world.accepted()) - len(works) >= 10


def test_workers_at_once_call_once(world: World, workers: Workers) -> None:
    """On SQLite one of them gets the slot and the others end; on PostgreSQL all of them work."""
    # No limit puts a row off: a worker ends when nothing is due at the moment.
    VinoshipperAccount.objects.update(calls_in_flight=1_000, calls_per_second=0)
    works = bought(world, 60)
    make_due(works)
    assert workers.run("sync", count=3) == [0, 0, 0]
    assert all_sent()
    assert_one_each(world, works)
    assert {row["puts"] for row in world.at_vinoshipper()} == {1}
    assert Counter(call["method"] for call in world.calls())["PUT"] == 60
