"""A winery with orders to send, and real worker processes to kill over them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from pytest_django import Settings

from crushsync.lib.models import DrainSlot
from crushsync.lib.queue import DueRow, Lane, clock, drain
from fulfillment.models import Fulfillment, FulfillmentOrder, StoreMark, SyncStatus
from fulfillment.rereading import HintLane
from fulfillment.sync import SyncLane
from orders.models import InboundHint
from orders.polling import note_changes
from orders.storefronts.types import ChangedOrder
from sandbox.shopify.samples import order_body
from tests.factories import FulfillmentOrderFactory, OrderFactory
from tests.flow.conftest import World, sandbox_server, world

__all__ = ["sandbox_server", "world"]

RowT = TypeVar("RowT", bound=DueRow)

KILLED = 9
ROOT = Path(__file__).parents[2]


@dataclass
class Workers:
    """Asks the ready process (worker.py) for runs."""

    process: subprocess.Popen[str]

    def run(self, *lanes: str, fault: str = "", count: int = 1, kill_after: float | None = None) -> list[int]:
        """Run `count` workers at once; the signal that ended each, 0 for one that came to its own end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"lanes": lanes, "fault": fault, "count": count, "kill_after": kill_after}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return [int(signal) for signal in json.loads(self.process.stdout.readline())]


@pytest.fixture(scope="session")
def ready_process(environment_on_tests: Callable[..., dict[str, str]]) -> Iterator[subprocess.Popen[str]]:
    """What forks the workers; it never looks at the database itself."""
    environment = environment_on_tests(
        CRUSHSYNC_WAIT_FACTOR="0.1",
        CRUSHSYNC_CALL_DEADLINE="5",
        CRUSHSYNC_CALLS_IN_FLIGHT="8",
        CRUSHSYNC_DRAINS="4",
        CRUSHSYNC_LOG_LEVEL="ERROR",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.worker"],
        env=environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.fixture
def workers(ready_process: subprocess.Popen[str], world: World, settings: Settings) -> Workers:
    settings.WAIT_FACTOR = 0.1  # what was sent is not looked at again before the test is over
    world.sandbox.vinoshipper.switch(lose_webhooks=True)
    world.shop.switch(webhooks="lose")
    return Workers(ready_process)


def bought(world: World, count: int) -> list[FulfillmentOrder]:
    """So many orders that were read and decided on; they wait to be sent, and none is due yet."""
    orders = [OrderFactory.create(store=world.store, lines__sku="HO-PN23-750") for _ in range(count)]
    return [FulfillmentOrderFactory.create(order=order, reason_code="send") for order in orders]


def shipped(world: World, count: int) -> list[Fulfillment]:
    """So many orders that the shop holds, Vinoshipper has shipped, and the shop has not been told of."""
    placed = [world.shop.place(order_body(number=1001 + place)) for place in range(count)]
    note_changes(world.store, [ChangedOrder(row["id"], clock()) for row in placed])
    sending: list[Lane] = [HintLane(), SyncLane()]
    heal(sending, lambda: FulfillmentOrder.objects.filter(status=SyncStatus.SENT).count() == count)
    for work in FulfillmentOrder.objects.all():
        world.sandbox.vinoshipper.move(work.number, "SHIPPED")
    FulfillmentOrder.objects.update(due_at=clock())
    heal(sending, lambda: Fulfillment.objects.filter(due_at__isnull=False).count() == count)
    Fulfillment.objects.update(due_at=None)
    return list(Fulfillment.objects.order_by("pk"))


def make_due(rows: Sequence[RowT]) -> None:
    if rows:
        type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).update(due_at=clock())


def slots_are_free() -> None:
    """The dead worker's slot counts as silent at once; otherwise the next one would wait five seconds."""
    DrainSlot.objects.update(beat_at=None)


def leases_end() -> None:
    """Time passes: what dead workers had claimed comes back."""
    for model in (InboundHint, FulfillmentOrder, Fulfillment, StoreMark):
        model.objects.filter(open_claims__gt=0).update(due_at=clock())
    slots_are_free()


def heal(lanes: Sequence[Lane], until: Callable[[], bool], seconds: float = 60.0) -> None:
    """A healthy drain in this process, until `until` holds."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come to pass in time"
        assert drain(lanes, seconds=5, until_idle=True) is not None, "another drain holds the slot"
        time.sleep(0.02)


def batches(rows: Sequence[RowT], size: int) -> list[Sequence[RowT]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
