"""`manage.py demo` as a stranger runs it: in a process of its own, on this run's kind of database."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from sandbox.demo.scenarios import FEWEST, MIX, PLAIN, RECORDED, programme

# Two demos at once would choose the same free port.
pytestmark = pytest.mark.xdist_group("demo")

# Away from the ports that other tests' servers may take between the demo's look and its use.
PORT = str(17_000 + os.getpid() % 1_000 * 2)

ENDS_WITHIN = 240

Command = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def database(db: None) -> Iterator[dict[str, str]]:
    """An empty database: the demo makes its own on SQLite, and is given one on PostgreSQL."""
    if settings.IS_SQLITE:
        yield {}
        return
    login = connection.settings_dict
    name = f"demo_{uuid.uuid4().hex[:8]}"
    account = ":".join(part for part in (login["USER"], login["PASSWORD"]) if part)
    url = f"postgres://{account}@{login['HOST']}:{login['PORT']}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
        yield {"DATABASE_URL": f"{url}/{name}"}
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def demo(database: dict[str, str], tmp_path: Path) -> Iterator[Command]:
    """`demo("--orders", "20")` starts it with nothing set up but the database."""
    started = []
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith(("CRUSHSYNC_", "DJANGO_"))
    }
    inherited.pop("DATABASE_URL", None)
    inherited["CRUSHSYNC_WORKER_NICENESS"] = "0"  # the other tests would leave it nothing

    def start(*arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "manage.py", "demo", "--folder", str(tmp_path / "demo"), *arguments]
        process = subprocess.Popen(
            command, env={**inherited, **database}, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=60)


def processes_of(folder: Path) -> list[str]:
    """Whatever still runs with this demo's keys in its environment."""
    secret = json.loads((folder / "keys.json").read_text())["CRUSHSYNC_SECRET_KEY"].encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if secret in environment.read_bytes():
                found.append((environment.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended meanwhile, or is somebody else's
    return found


@pytest.mark.slow
def test_every_order_ends_where_it_must(demo: Command, tmp_path: Path) -> None:
    process = demo("--orders", "20", "--exit", "--json", "--port", PORT)
    out, err = process.communicate(timeout=ENDS_WITHIN)
    assert (process.returncode, err) == (0, "")
    result = json.loads(out.splitlines()[-1])
    assert 0 < result.pop("seconds") < ENDS_WITHIN
    assert result == {
        "orders": 20,
        "sent": 16,
        "not_required": 3,
        "failed": 1,
        "fulfilled": 16,
        "delivered": 16,
        "reported": 16,
        "duplicates": 0,
    }
    assert processes_of(tmp_path / "demo") == []
    assert (tmp_path / "demo" / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_running(
    demo: Command, tmp_path: Path, number: signal.Signals
) -> None:
    process = demo("--port", PORT)
    deadline = time.monotonic() + 60
    while not (tmp_path / "demo" / "worker.log").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "CommandError: Interrupted; everything has ended.\n")
    deadline = time.monotonic() + 10  # a killed process may be seen for a moment
    while processes_of(tmp_path / "demo") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_of(tmp_path / "demo") == []


def test_a_used_port_is_told(demo: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = demo("--port", str(port))
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.startswith(f"CommandError: Port {port} is in use. Give another one: make demo PORT=")


def test_too_few_orders_are_refused(demo: Command) -> None:
    process = demo("--orders", "19")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (2, "", "CommandError: The mix needs at least 20 orders.\n")


@pytest.mark.parametrize("orders", [FEWEST, 21, 24, 25, 40, 101])
def test_the_mix_is_in_every_day(orders: int) -> None:
    day = programme(orders)
    assert day[0] == MIX[0]
    assert [day.count(scenario) for scenario in MIX] == [1] * len(MIX)
    assert day.count(PLAIN) == orders - len(MIX)


def test_the_recorded_order_is_the_recorded_webhook() -> None:
    fixture = Path(__file__).parent.parent / "fixtures/shopify/webhooks/orders_create.json"
    assert RECORDED.read_bytes() == fixture.read_bytes()
