"""The server itself: connections, load, start and stop, and the page for people."""

import ast
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.sandbox.outside import Api, order

ROOT = Path(__file__).parents[2]
OURS = {"crushsync", "orders", "compliance", "fulfillment", "notifications"}


def test_one_connection_serves_many_calls(server: SandboxServer, sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rsplit(":", 1)[1]), timeout=5)
    connection.connect()
    first = connection.sock
    quickest = 1.0
    for _ in range(20):
        start = time.monotonic()
        connection.request("GET", "/control/faults")
        answer = connection.getresponse()
        assert (answer.status, answer.version) == (200, 11)
        answer.read()
        quickest = min(quickest, time.monotonic() - start)
    assert connection.sock is first
    assert quickest < 0.04  # each of them would be held up by a small-packet delay
    connection.close()


def test_64_connections_at_once(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("delay", seconds=0.5)
    statuses: list[int] = []

    def put(place: int) -> None:
        one = Api(sandbox.vinoshipper.url)
        statuses.append(one.call("PUT", f"p/orders/HO-{place}", order()).status_code)

    threads = [threading.Thread(target=put, args=(place,)) for place in range(64)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 64
    assert time.monotonic() - start < 16.0  # one after another would be 32 s
    assert len(sandbox.vinoshipper.orders()) == 64


def test_stop_ends_open_connections_and_waiting_answers() -> None:
    with SandboxServer() as server:
        sandbox = Sandbox(server.url)
        sandbox.add_fault("timeout", seconds=60)
        failed: list[type[Exception]] = []

        def wait() -> None:
            try:
                Api(sandbox.vinoshipper.url).put("HO-1")
            except requests.RequestException as error:
                failed.append(type(error))

        thread = threading.Thread(target=wait)
        thread.start()
        while not sandbox.log():
            time.sleep(0.01)
    thread.join(5.0)
    assert failed == [requests.ConnectionError]
    with pytest.raises(requests.ConnectionError):
        sandbox.log()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", *arguments],
        cwd=ROOT,
        # as on a fresh machine: no settings named, no keys
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_port_in_use_is_told(taken_port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        SandboxServer(port=taken_port)
    process = command("--port", str(taken_port))
    _, told = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{taken_port}" in told
    assert "--port" in told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_and_stops_cleanly(number: signal.Signals) -> None:
    process = command("--port", "0")
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.split()[2]
    assert requests.get(f"{url}/control/log", timeout=5).json() == []
    process.send_signal(number)
    rest, told = process.communicate(timeout=10)
    assert (process.returncode, rest, told) == (0, "", "")
    assert line == f"Sandbox at {url}  Vinoshipper {url}/vinoshipper  Shopify {url}/shopify/<shop>\n"


def test_the_page_shows_both_sides(api: Api, sandbox: Sandbox, pinot_order: str) -> None:
    sandbox.shop().place(pinot_order)
    api.put("HO-<b>1<b>", state="UT")
    sandbox.add_fault("reset", match="nothing")
    page = requests.get(f"{sandbox.url}/", timeout=5)
    assert page.status_code == 200
    assert "#1042" in page.text
    assert "HO-&lt;b&gt;1&lt;b&gt;" in page.text
    assert "STATE_PROHIBITED" in page.text
    assert "nothing" in page.text
    assert "http://" not in page.text.replace(sandbox.url, "")
    requests.post(f"{sandbox.url}/sample-order/hollow-oak", data={"mixed": "1"}, timeout=5)
    assert [len(row["rest"]["line_items"]) for row in sandbox.shop().orders()] == [3, 3]


def test_control_refuses_in_plain_words(sandbox: Sandbox) -> None:
    answers = {
        "missing": requests.post(f"{sandbox.url}/control/vinoshipper/orders/X/approve", timeout=5),
        "switch": requests.patch(
            f"{sandbox.url}/control/vinoshipper/switches", json={"rejection": "500"}, timeout=5
        ),
        "list": requests.post(f"{sandbox.url}/control/faults", json=[], timeout=5),
        "nowhere": requests.get(f"{sandbox.url}/control/shopify/nobody/orders", timeout=5),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "missing": 404,
        "switch": 422,
        "list": 422,
        "nowhere": 404,
    }
    assert answers["missing"].json() == {"error": "no order X"}


def test_the_core_knows_neither_our_code_nor_django() -> None:
    for path in (ROOT / "sandbox").rglob("*.py"):
        knows_django = path.name == "apps.py" or "management" in path.parts
        known = OURS if knows_django else OURS | {"django"}
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & known, path
