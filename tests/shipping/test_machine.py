"""Whatever people do on both sides, in whatever order, whatever becomes of hints and workers: nothing is lost
or shipped twice at any step, and once all is quiet both sides show the same."""

import contextlib
import itertools
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, Sum
from hypothesis import HealthCheck
from hypothesis import settings as Runs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from pytest_django import Settings

from crushsync.lib.errors import SyncError
from crushsync.lib.queue import Lane, claim, clock, drain
from fulfillment import stock
from fulfillment.models import Fulfillment, FulfillmentOrder, PromiseCount, ReportStatus, StockLevel
from fulfillment.models.fulfillment_orders import OPEN_HERE
from fulfillment.reporting import ReportLane
from fulfillment.rereading import HintLane
from fulfillment.shipping import Refused, cancel_fulfillment
from fulfillment.stock import NotEnoughStock
from fulfillment.stock.reserving import PromiseLane
from fulfillment.sync import SyncLane
from orders.models import InboundHint, Order, OrderLine
from orders.polling import note_changes
from orders.storefronts.types import ChangedOrder
from sandbox.client import SandboxError
from sandbox.shopify.samples import Line, order_body
from tests.flow.conftest import World, sandbox_server, world
from tests.shipping.scene import CELLAR, PINOT, ROSE, SHOPFRONT, UNKNOWN, Scene, begin

__all__ = ["sandbox_server", "world"]

EXAMPLES = int(os.environ.get("CRUSHSYNC_EXAMPLES", "1000"))
PLENTY = 100_000  # bottles at each place: enough for all examples
SKUS, COUNTS = st.sampled_from([PINOT, ROSE]), st.integers(1, 3)
CALM = Runs(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True)
MANY = Runs(CALM, max_examples=EXAMPLES, stateful_step_count=14)
FEW = Runs(CALM, max_examples=8, stateful_step_count=12, derandomize=True)
REFUSALS = (Refused, SandboxError, NotEnoughStock)  # the piece is not there, on this side or that


class BothSides(RuleBasedStateMachine):
    """One order of four and two bottles, a winery with two places, and the shop."""

    def __init__(self, scene: Scene, tally: Counter[str]) -> None:
        super().__init__()
        self.scene, self.tally = scene, tally
        self.shop, self.key = scene.world.shop, scene.order.external_id
        self.counts = 0

    @rule(sku=SKUS, count=COUNTS, is_cellar=st.booleans())
    def ship_here(self, sku: str, count: int, is_cellar: bool) -> None:
        place = self.scene.cellar if is_cellar else self.scene.shopfront
        with contextlib.suppress(*REFUSALS):
            self.scene.ship(place, None, **{"pinot" if sku == PINOT else "rose": count})

    @rule(sku=SKUS, count=COUNTS, place=st.sampled_from([CELLAR, SHOPFRONT, UNKNOWN]))
    def ship_there(self, sku: str, count: int, place: str) -> None:
        with contextlib.suppress(*REFUSALS):
            self.shop.fulfill(self.key, {sku: count}, location=place)

    @rule(pick=st.integers(0, 3))
    def cancel_here(self, pick: int) -> None:
        live = self.scene.live()
        if live:
            cancel_fulfillment(live[pick % len(live)].pk, actor="elena")

    @rule(pick=st.integers(0, 3))
    def cancel_there(self, pick: int) -> None:
        live = [made["id"] for made in self.scene.in_shop["fulfillments"] if made["status"] == "SUCCESS"]
        if live:
            self.shop.cancel_fulfillment(live[pick % len(live)])

    @rule(sku=SKUS)
    def refund(self, sku: str) -> None:
        with contextlib.suppress(*REFUSALS):
            self.shop.refund(self.key, sku, 1)

    @rule(sku=SKUS)
    def order_one_more(self, sku: str) -> None:
        """The shop's staff edit the order."""
        row = next(row for row in self.scene.in_shop["rest"]["line_items"] if row["sku"] == sku)
        if any(
            line["sku"] == sku and line["remaining"]
            for work in self.scene.in_shop["fulfillment_orders"]
            for line in work["lines"]
        ):
            wanted = {name: row[name] + 1 for name in ("quantity", "current_quantity")}
            self.shop.edit(self.key, lines=[{"id": row["id"], **wanted}])
            self.scene.ordered[sku] += 1

    @rule(sku=SKUS, found=st.integers(-3, 3))
    def count_bottles(self, sku: str, found: int) -> None:
        self.counts += 1
        level = StockLevel.objects.get(location=self.scene.cellar, sku=sku).on_hand
        stock.count(self.scene.cellar, sku, level + found, f"count:{self.scene.order.pk}:{self.counts}")

    @rule(copies=st.integers(1, 2))
    def hint(self, copies: int) -> None:
        self.shop.tell(self.key, "orders/updated", copies=copies)

    @rule(how=st.sampled_from(["send", "hold", "lose"]))
    def hints_go(self, how: str) -> None:
        self.shop.switch(webhooks=how)

    @rule(newest_first=st.booleans())
    def hints_come_late(self, newest_first: bool) -> None:
        self.shop.release(newest_first=newest_first)

    @rule()
    def an_answer_is_lost(self) -> None:
        """The shop makes the next fulfillment, and we never hear of it."""
        self.scene.world.sandbox.add_fault(
            "accept_then_reset", system="shopify", match="FulfillmentCreate", times=1
        )

    @rule(lane=st.sampled_from([ReportLane(), HintLane()]), has_called=st.booleans())
    def a_worker_dies(self, lane: ReportLane | HintLane, has_called: bool) -> None:
        """It had claimed what the shop is to be told, or what it has told, and perhaps made its calls; its
        claims come back."""
        model: type[Any] = lane.model
        jobs = lane.prepare(claim(model, 9, 60.0))
        for job in jobs if has_called else ():
            with contextlib.suppress(SyncError):
                job.call()
        self.leases_end()

    @rule()
    def read(self) -> None:
        self.work(HintLane())

    @rule()
    def tell(self) -> None:
        self.work(ReportLane())

    @invariant()
    def nothing_is_lost_or_shipped_twice(self) -> None:
        self.scene.conserved()
        self.tally["steps"] += 1

    def teardown(self) -> None:
        """Hints come again, and a person cancels here what the shop will not show: both show the same."""
        self.scene.world.sandbox.clear_faults()
        self.shop.switch(webhooks="send")
        self.shop.release()
        for _ in range(3):
            self.shop.tell(self.key, "orders/updated")
            self.quiet()
            for made in self.scene.live().filter(report_status=ReportStatus.FAILED):
                cancel_fulfillment(made.pk, actor="elena")
        self.quiet()
        self.scene.conserved()
        assert self.scene.here() == self.scene.there()
        shown = [made for made in self.scene.in_shop["fulfillments"] if made["status"] == "SUCCESS"]
        for key, place in ((CELLAR, self.scene.cellar), (SHOPFRONT, self.scene.shopfront)):
            pieces = [sum(made["lines"].values()) for made in shown if made["location"] == key]
            live = self.scene.live().filter(location=place).annotate(pieces=Sum("lines__quantity"))
            assert sorted(live.values_list("pieces", flat=True)) == sorted(pieces)
        self.promises_are_counted()
        self.tally["the same"] += 1

    def promises_are_counted(self) -> None:
        """What is to be shipped still is promised, of this order and of those before it."""
        PromiseCount.objects.filter(due_at__isnull=False).update(due_at=clock() - timedelta(seconds=1))
        self.work(PromiseLane())
        lines = OrderLine.objects.filter(
            order__in=FulfillmentOrder.objects.filter(OPEN_HERE).values("order"),
            quantity__gt=F("shipped_here"),
        )
        wanted = lines.values_list("sku").annotate(left=Sum(F("quantity") - F("shipped_here")))
        reserved = StockLevel.objects.order_by().values_list("sku").annotate(all=Sum("reserved"))
        assert Counter(dict(reserved)) == Counter(dict(wanted.order_by()))

    def work(self, *lanes: Lane) -> None:
        self.scene.world.sandbox.settle()
        assert drain(lanes, seconds=5, until_idle=True) is not None

    def quiet(self) -> None:
        end = time.monotonic() + 30
        is_quiet = False
        while not is_quiet:  # once at least: a hint that was sent may not have arrived yet
            assert time.monotonic() < end, "it did not become quiet in time"
            self.leases_end()
            self.work(HintLane(), SyncLane(), ReportLane())
            is_quiet = self.scene.is_quiet()

    @staticmethod
    def leases_end() -> None:
        for model in (Fulfillment, InboundHint):
            model.objects.filter(open_claims__gt=0).update(due_at=clock())


@pytest.fixture
def tally() -> Counter[str]:
    """Steps after which nothing was lost, and runs at whose end both sides were the same."""
    return Counter()


@pytest.fixture
def new(world: World, settings: Settings, tally: Counter[str]) -> Callable[[], BothSides]:
    """The same again with another order of the same winery."""
    settings.WAIT_FACTOR = 0.0005
    first = begin(world, start=PLENTY)
    numbers = itertools.count(2001)

    def made() -> BothSides:
        world.shop.switch(webhooks="lose")
        lines = [Line(PINOT, quantity=4), Line(ROSE, "2024 Dry Rosé", quantity=2)]
        body = world.shop.place(order_body(number=next(numbers), lines=lines))
        note_changes(world.store, [ChangedOrder(body["id"], clock())])
        assert drain([HintLane()], seconds=5, until_idle=True) is not None
        world.shop.switch(webhooks="send")
        order = Order.objects.get(external_id=body["id"])
        return BothSides(replace(first, order=order, ordered=Counter({PINOT: 4, ROSE: 2})), tally)

    return made


def run(new: Callable[[], BothSides], runs: Runs) -> None:
    """What the machine asserts after each step and at the end of each run fails here."""
    run_state_machine_as_test(new, settings=runs)  # type: ignore[arg-type] # any callable, as documented


def test_both_sides_agree_in_the_end(new: Callable[[], BothSides], tally: Counter[str]) -> None:
    run(new, FEW)
    assert tally["the same"] >= FEW.max_examples
    assert tally["steps"] >= FEW.max_examples * 2


@pytest.mark.chaos
def test_both_sides_agree_in_the_end_a_thousand_times(
    new: Callable[[], BothSides], tally: Counter[str]
) -> None:
    run(new, MANY)
    assert tally["the same"] >= EXAMPLES
    assert tally["steps"] >= EXAMPLES * 2
