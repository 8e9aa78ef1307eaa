"""The worker as it runs in production: real processes, killed and stopped in every way that hurts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compliance.models import CatalogProduct
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.models import DrainSlot
from crushsync.lib.queue import clock
from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.factories import VinoshipperAccountFactory

pytestmark = [pytest.mark.slow, pytest.mark.crash]

PATIENCE = 12.0  # more than a busy machine takes to start a cluster
BUSY = 60.0  # seconds a busy machine may take for what takes a free one one or two
PRODUCTS = 5  # approved ones of the sandbox's sample account

Environment = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(port=0) as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    sandbox = Sandbox(server.url)
    sandbox.reset()
    return sandbox


class Worker:
    """`manage.py worker`, with a log."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as file:
            command = [sys.executable, "manage.py", "worker", "--patience", str(PATIENCE)]
            self.process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)

    @property
    def words(self) -> str:
        return self.log.read_text()

    def cluster(self) -> int:
        """The process that leads django-q's group."""
        return children(self.process.pid)[0]

    def idle(self) -> list[int]:
        """django-q's workers but the one that drains."""
        told = [line.rpartition(" ")[2] for line in self.words.splitlines() if "ready for work" in line]
        alive = [pid for pid in map(int, told) if Path(f"/proc/{pid}").exists()]
        return [pid for pid in alive if pid != draining()]


@pytest.fixture
def worker(child_environment: Environment, tmp_path: Path) -> Iterator[Worker]:
    given = {"CRUSHSYNC_CALL_DEADLINE": "5", "CRUSHSYNC_LOG_LEVEL": "DEBUG"}  # django-q tells its processes
    running = Worker(child_environment(**given), tmp_path / "worker.log")
    yield running
    running.process.terminate()
    try:
        running.process.wait(BUSY)
    except subprocess.TimeoutExpired:
        for child in children(running.process.pid):
            os.killpg(child, signal.SIGKILL)
        running.process.kill()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def draining() -> int:
    """The process that drains now; 0 if none does."""
    holder = DrainSlot.objects.exclude(holder="").values_list("holder", flat=True).first()
    return int(holder.split(":")[1]) if holder else 0


def until(come: Callable[[], object]) -> None:
    end = time.monotonic() + BUSY
    while not come():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.05)


def owed(sandbox: Sandbox, count: int = 1) -> list[VinoshipperAccount]:
    """Accounts whose product feed is due: work for the worker, one call each."""
    return VinoshipperAccountFactory.create_batch(
        count,
        base_url=sandbox.vinoshipper.url,
        credentials={"api_key": "342.sandbox", "api_secret": "sandbox-secret"},
        producer_id="342",
        due_at=clock(),
    )


def are_done(accounts: list[VinoshipperAccount]) -> bool:
    rows = VinoshipperAccount.objects.filter(pk__in=[account.pk for account in accounts])
    return all(row.last_ok_at and not row.open_claims for row in rows)


def test_calls_in_flight_are_finished_before_it_ends(worker: Worker, sandbox: Sandbox) -> None:
    sandbox.add_fault("delay", seconds=2.0, system="vinoshipper")
    accounts = owed(sandbox, 3)
    until(lambda: len(sandbox.log(system="vinoshipper")) == 3)
    worker.process.terminate()
    assert worker.process.wait(BUSY) == 0
    assert are_done(accounts)
    assert CatalogProduct.objects.count() == 3 * PRODUCTS
    assert len(sandbox.log(system="vinoshipper")) == 3
    assert "starting it anew" not in worker.words


def test_nothing_is_left_of_it(worker: Worker) -> None:
    until(draining)
    group = worker.cluster()
    worker.process.terminate()
    assert worker.process.wait(BUSY) == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_a_killed_drain_is_followed_by_the_next(worker: Worker, sandbox: Sandbox) -> None:
    until(draining)
    killed = draining()
    os.kill(killed, signal.SIGKILL)
    accounts = owed(sandbox)
    until(lambda: are_done(accounts))
    assert draining() != killed


def test_killing_idle_workers_is_survived(worker: Worker, sandbox: Sandbox) -> None:
    """The second one may hold the lock of django-q's task queue, which nobody else gets then."""
    until(draining)
    for _ in range(2):
        until(worker.idle)
        os.kill(worker.idle()[0], signal.SIGKILL)
        time.sleep(1)
    os.kill(draining(), signal.SIGKILL)
    accounts = owed(sandbox)
    until(lambda: are_done(accounts))
    assert CatalogProduct.objects.count() == PRODUCTS


def test_a_wedged_cluster_is_started_anew(worker: Worker, sandbox: Sandbox) -> None:
    until(draining)
    wedged = worker.cluster()
    os.killpg(wedged, signal.SIGSTOP)
    accounts = owed(sandbox)
    until(lambda: are_done(accounts))
    assert worker.cluster() != wedged
    assert "nobody does it: starting anew" in worker.words


def test_a_cluster_that_ends_is_started_anew(worker: Worker, sandbox: Sandbox) -> None:
    until(draining)
    orphan = draining()
    os.kill(worker.cluster(), signal.SIGKILL)
    until(lambda: "the worker ended by itself (-9): starting it anew" in worker.words)
    until(lambda: draining() not in (0, orphan))
    assert not Path(f"/proc/{orphan}").exists()
    accounts = owed(sandbox)
    until(lambda: are_done(accounts))


def test_the_wrong_key_is_refused(child_environment: Environment, sandbox: Sandbox) -> None:
    def start(**settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "import crushsync.wsgi"]
        environment = child_environment(**settings)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert start().returncode == 0
    refused = start(CRUSHSYNC_FIELD_KEYS="d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmctd3I=")
    assert refused.returncode == 1
    assert "This database was written with another key" in refused.stderr
