"""A storm: orders, shipments, faults of the partners and dying workers, at random. Then the sun comes out."""

import json
import random
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from crushsync.lib.queue import clock
from fulfillment.models import Fulfillment, FulfillmentOrder, ReportStatus, SyncAttempt, SyncStatus
from fulfillment.pipeline import lanes
from orders.models import HintState, InboundHint
from orders.polling import note_changes
from orders.storefronts.types import ChangedOrder
from sandbox.shopify.samples import PINOT, ROSE, ZINFANDEL, order_body
from tests.chaos.conftest import SECONDS
from tests.crash.conftest import Workers, heal, leases_end
from tests.flow.conftest import World

MOST_ORDERS = 400
FAULTS = [
    *("timeout_after_accept", "accept_then_reset", "accept_then_status"),
    *("reset", "status", "garbage", "empty"),
]
PLACES = ["call", "answer", "commit"]

pytestmark = pytest.mark.chaos


@dataclass
class Storm:
    world: World
    workers: Workers
    dice: random.Random
    placed: int = 0
    killed: int = 0

    def strike(self) -> None:
        """One move of the world, then two workers that die, then one that lives."""
        self.dice.choice([self.buy, self.buy, self.ship, self.spoil])()
        for _ in range(2):
            leases_end()
            fault, kill_after = self.death()
            signals = self.workers.run("hints", "sync", "report", fault=fault, kill_after=kill_after)
            self.killed += sum(signal == 9 for signal in signals)
        leases_end()
        self.workers.run("hints", "sync", "report")

    def death(self) -> tuple[str, float | None]:
        """At a named place, or anywhere at all within the first moments."""
        if self.dice.random() < 0.5:
            return f"{self.dice.choice(PLACES)}:{self.dice.randint(1, 4)}", None
        return "", self.dice.uniform(0.01, 0.4)

    def buy(self) -> None:
        for _ in range(self.dice.randint(1, 4)):
            if self.placed < MOST_ORDERS:
                self.placed += 1
                lines = self.dice.sample([PINOT, ROSE, ZINFANDEL], self.dice.randint(1, 3))
                order = self.world.shop.place(order_body(number=1000 + self.placed, lines=lines))
                note_changes(self.world.store, [ChangedOrder(order["id"], clock())])

    def ship(self) -> None:
        waiting = [row["number"] for row in self.world.at_vinoshipper() if row["orderStatus"] == "OPEN"]
        for number in self.dice.sample(waiting, min(len(waiting), 3)):
            self.world.sandbox.vinoshipper.move(number, "SHIPPED", packages=self.dice.randint(1, 2))
        FulfillmentOrder.objects.filter(number__in=waiting, status=SyncStatus.SENT).update(due_at=clock())

    def spoil(self) -> None:
        system = self.dice.choice(["vinoshipper", "shopify"])
        kind = self.dice.choice(FAULTS)
        self.world.sandbox.add_fault(kind, system=system, times=self.dice.randint(1, 3), seconds=6.0)

    def is_over(self) -> bool:
        """Everything has reached its end; what waits for its next try is not kept waiting."""
        for model in (InboundHint, FulfillmentOrder, Fulfillment):
            model.objects.filter(due_at__isnull=False).update(due_at=clock())
        return (
            not InboundHint.objects.filter(state=HintState.WAITING).exists()
            and FulfillmentOrder.objects.filter(status=SyncStatus.SENT).count() == self.placed
            and not Fulfillment.objects.exclude(report_status=ReportStatus.REPORTED).exists()
            and Fulfillment.objects.count() == self.placed
        )


def test_a_storm_loses_and_doubles_nothing(
    world: World, workers: Workers, dice: random.Random, capsys: pytest.CaptureFixture[str]
) -> None:
    storm = Storm(world, workers, dice)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        storm.strike()
    world.sandbox.clear_faults()
    leases_end()
    heal([*lanes()], lambda: everything_is_shipped(world, storm), seconds=120)

    with capsys.disabled():
        print(f"{storm.placed} orders, {storm.killed} workers killed")  # noqa: T201
    assert_one_of_each(world)


def everything_is_shipped(world: World, storm: Storm) -> bool:
    for row in world.at_vinoshipper():
        if row["orderStatus"] == "OPEN" and row["accepted"]:
            world.sandbox.vinoshipper.move(row["number"], "SHIPPED")
    return storm.is_over()


def assert_one_of_each(world: World) -> None:
    """By the partners' own books: one order there, one shipment shown, one mail for each of the shop's."""
    bought = world.shop.orders()
    there = world.at_vinoshipper()
    assert len(there) == len(bought)
    assert Counter((row["accepted"], row["acceptances"], row["posts"]) for row in there) == {
        (True, 1, 0): len(bought)
    }
    numbers = {row["number"]: row["packages"] for row in there}
    shown_by_id = {row["id"]: row["fulfillments"] for row in bought}
    for work in FulfillmentOrder.objects.select_related("order"):
        [shown] = shown_by_id[work.order.external_id]
        assert sorted(shown["numbers"]) == sorted(numbers[work.number])
        assert shown["events"] == []  # UPS: Shopify follows the parcel itself
    created = world.calls("shopify", "FulfillmentCreate")
    made = [call for call in created if '"fulfillment": {"id"' in call["answer"]]
    told = Counter(json.loads(call["request"])["variables"]["message"] for call in made)
    assert Counter(told.values()) == {1: len(bought)}
    assert not SyncAttempt.objects.filter(outcome="running").exists()
