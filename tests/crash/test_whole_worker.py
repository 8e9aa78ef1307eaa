"""The worker as it runs in production, `manage.py worker` with all its processes, killed with -9 at work."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from crushsync.lib.queue import CRASH_LIMIT
from fulfillment.models import FulfillmentOrder, SyncStatus
from sandbox.shopify.samples import order_body
from tests.crash.conftest import ROOT, leases_end
from tests.flow.conftest import World

# One fewer than the claims after which a row is taken for one that kills its worker and put on hold.
KILLS = CRASH_LIMIT - 1
ORDERS = 10  # placed for each life of the worker

pytestmark = [pytest.mark.crash, pytest.mark.slow]


def members(session: int) -> list[int]:
    """The processes of a session, as Linux tells them."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name, which may hold anything) state parent group session
            if int(stat.read_text().rpartition(")")[2].split()[3]) == session:
                found.append(int(stat.parent.name))
    return found


def kill_all(worker: subprocess.Popen[bytes]) -> None:
    """No process of the worker's gets to say a word: the supervisor, the cluster, its hands."""
    while alive := [pid for pid in members(worker.pid) if pid != worker.pid or worker.poll() is None]:
        for pid in alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        worker.poll()
        time.sleep(0.05)


@contextmanager
def running_worker(environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "manage.py", "worker"]
    worker = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
    try:
        yield
    finally:
        kill_all(worker)


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)


def puts(world: World) -> int:
    return sum(call["method"] == "PUT" for call in world.calls())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes by Linux's /proc")
def test_kill_9_of_everything_loses_and_doubles_nothing(
    world: World, child_environment: Callable[..., dict[str, str]]
) -> None:
    environment = child_environment(
        CRUSHSYNC_WAIT_FACTOR="0.1",
        CRUSHSYNC_CALL_DEADLINE="5",
        CRUSHSYNC_CALLS_IN_FLIGHT="4",
        CRUSHSYNC_LOG_LEVEL="ERROR",
    )
    world.sandbox.add_fault("delay", system="vinoshipper", match="PUT *", seconds=0.3)
    for life in range(KILLS):
        before = puts(world)
        for place in range(ORDERS):
            world.shop.place(order_body(number=1001 + life * ORDERS + place))
        with running_worker(environment):
            wait_until(lambda seen=before: puts(world) >= seen + 2)  # type: ignore[misc]
        leases_end()
    world.sandbox.clear_faults()
    sent = FulfillmentOrder.objects.filter(status=SyncStatus.SENT)
    with running_worker(environment):
        wait_until(lambda: sent.count() == KILLS * ORDERS)
    there = world.at_vinoshipper()
    assert Counter(row["number"] for row in there) == Counter(sent.values_list("number", flat=True))
    assert {(row["acceptances"], row["posts"]) for row in there} == {(1, 0)}
