"""Nobody reaches the inside of the network through an address they typed.

The inside is a real server on this machine that counts its visitors; most forbidden addresses lead to it by
another spelling, the others to places where metadata and neighbours live. 0 may be reached.
"""

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crushsync.lib.http import ForbiddenAddress, GuardedSession, Posted
from crushsync.lib.http.guarded import is_allowed

BATTERY = [
    "http://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "https://localhost:{port}/",
    "https://localhost/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://169.254.170.2/",
    "https://100.100.100.200/",
    "https://100.64.0.1/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://192.0.0.192/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1#@example.com/",
    "https://127。0。0。1/",
    "https://example.com:22/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_",
    "https:///etc",
    "https://",
]
# Names that lead inside, as a name server under somebody else's control may say.
NAMES = ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1", "::ffff:10.0.0.1", "fd00::1", "100.64.1.1"]


def attempt(url: str, *, to_this_machine: bool = False) -> Posted | str:
    try:
        with GuardedSession(url, to_this_machine=to_this_machine) as session:
            return session.post_bytes(b"{}", {}, 3.0)
    except ForbiddenAddress as refusal:
        return str(refusal)


@pytest.fixture
def inside(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/").respond_with_data("secret")
    return httpserver


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let names of `.test` resolve to these addresses, one after the other; returns what was asked."""
    real = socket.getaddrinfo

    def install(*answers: str) -> list[str]:
        asked: list[str] = []

        def resolve(host: Any, *args: Any, **options: Any) -> Any:
            if not str(host).endswith(".test"):
                return real(host, *args, **options)
            asked.append(str(host))
            return real(answers[min(len(asked), len(answers)) - 1], *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return install


@pytest.mark.parametrize("url", BATTERY)
def test_a_forbidden_address_is_never_reached(inside: HTTPServer, url: str) -> None:
    result = attempt(url.format(port=inside.port))
    assert isinstance(result, str) or (result.status, result.code) in [(0, "forbidden"), (0, "unknown_host")]
    assert inside.log == []


@pytest.mark.parametrize("address", NAMES)
def test_a_name_that_leads_inside_is_never_reached(
    inside: HTTPServer, name_server: Callable[..., list[str]], address: str
) -> None:
    name_server(address)
    result = attempt("https://hooks.test/")
    assert isinstance(result, Posted)
    assert (result.status, result.code) == (0, "forbidden")
    assert inside.log == []


def test_a_name_that_changes_its_mind_is_asked_once(
    inside: HTTPServer, name_server: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public when it is looked at, 127.0.0.1 a moment later. The first answer is dialled."""
    asked = name_server("93.184.215.14", "127.0.0.1")
    dialled: list[Any] = []

    def refuse(address: Any, *args: Any, **options: Any) -> Any:
        dialled.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    result = attempt("https://hooks.test/")
    assert isinstance(result, Posted)
    assert (result.code, asked, dialled) == ("refused", ["hooks.test"], ["93.184.215.14"])


def test_a_name_server_that_does_not_answer_costs_the_calls_time_and_no_more(
    inside: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says later is not dialled."""
    is_over, answered = threading.Event(), threading.Event()
    real = socket.getaddrinfo

    def resolve(*args: Any, **options: Any) -> Any:
        is_over.wait(20)
        answered.set()
        return real("127.0.0.1", inside.port, type=socket.SOCK_STREAM)

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", resolve)
        with GuardedSession("https://hooks.test/", to_this_machine=True) as session:
            result = session.post_bytes(b"{}", {}, 0.2)
    assert (result.status, result.code) == (0, "slow_name")
    assert 0.2 <= result.seconds < 10
    is_over.set()
    assert answered.wait(10)
    assert inside.log == []


def test_a_redirect_is_an_answer_and_not_followed(inside: HTTPServer, httpserver: HTTPServer) -> None:
    for status in (301, 302, 303, 307, 308):
        httpserver.expect_request(f"/{status}").respond_with_response(
            Response("", status, {"Location": inside.url_for("/")})
        )
        result = attempt(httpserver.url_for(f"/{status}"), to_this_machine=True)
        assert isinstance(result, Posted)
        assert result.status == status
    assert [request.path for request, _answer in inside.log] == ["/301", "/302", "/303", "/307", "/308"]


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "192.168.1.1", "fd00:ec2::254"])
def test_letting_this_machine_in_lets_nothing_else_in(
    name_server: Callable[..., list[str]], address: str
) -> None:
    assert not is_allowed(address, to_this_machine=True)
    name_server(address)
    result = attempt("https://hooks.test/", to_this_machine=True)
    assert isinstance(result, Posted)
    assert result.code == "forbidden"


def test_the_public_internet_is_allowed() -> None:
    for address in ("93.184.215.14", "8.8.8.8", "2606:4700::1111"):
        assert is_allowed(address, to_this_machine=False)


def test_a_proxy_of_the_environment_is_not_used(
    inside: HTTPServer, monkeypatch: pytest.MonkeyPatch, name_server: Callable[..., list[str]]
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{inside.port}")
    name_server("10.0.0.1")
    attempt("https://hooks.test/")
    assert inside.log == []


def test_an_endless_answer_ends(httpserver: HTTPServer) -> None:
    """The status decides; of the rest the beginning is kept."""

    def drip(request: Request) -> Response:
        return Response((b"x" * 1000 for _ in range(100_000)), 200)

    httpserver.expect_request("/drip").respond_with_handler(drip)
    result = attempt(httpserver.url_for("/drip"), to_this_machine=True)
    assert isinstance(result, Posted)
    assert (result.status, len(result.answer)) == (200, 4_000)
