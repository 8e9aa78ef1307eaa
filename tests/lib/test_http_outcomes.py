"""What each status, header and body means: the class decides what happens next."""

import json as json_module
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from crushsync.lib.errors import ConnectionProblem, OutcomeUnknown, PermanentError, SyncError, TemporaryError
from crushsync.lib.http import Answer, Client
from crushsync.lib.http.answers import retry_after
from crushsync.lib.http.client import checked_url
from tests.lib.conftest import Handler, RawServer, Visit, always, answer

Start = Callable[[Handler], RawServer]
PAGE = b"<!doctype html><title>Log in</title>"


def client(server: RawServer, **options: object) -> Client:
    return Client(server.url, partner="Vinoshipper", timeout=2, **options)  # type: ignore[arg-type]


def raised(server: RawServer, *, writes: bool, method: str = "PUT", path: str = "/orders/CS-1") -> SyncError:
    with pytest.raises(SyncError) as caught:
        client(server).call(method, path, json={"a": 1}, writes=writes)
    return caught.value


def test_sends_the_request_as_it_is_meant(raw_server: Start) -> None:
    server = raw_server(always(answer(b'{"ok":true}')))
    vinoshipper = Client(
        server.url + "/api/v3/",
        partner="Vinoshipper",
        auth=("key", "s\u00e9cret"),
        headers={"VS-Client-ID": "CrushSync"},
    )
    vinoshipper.call(
        "POST", "/orders?x=1", json={"price": Decimal("12.50"), "name": "Ren\u00e9"}, writes=True
    )
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /api/v3/orders?x=1 HTTP/1.1"
    assert sorted(lines[1:]) == [
        "Accept-Encoding: gzip",
        "Accept: application/json",
        "Authorization: Basic a2V5OnPDqWNyZXQ=",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        f"Host: {server.url.removeprefix('http://')}",
        "User-Agent: CrushSync",
        "VS-Client-ID: CrushSync",
    ]
    assert body == b'{"price":12.50,"name":"Ren\\u00e9"}'


@pytest.mark.parametrize("path", ["/", "//x", "/orders/..", "/a%2Fb%2E%7E/./c?q=%20+/../&r=a%3Ab"])
def test_a_path_is_sent_letter_by_letter(raw_server: Start, path: str) -> None:
    server = raw_server(always(answer()))
    Client(server.url + "/api", partner="Vinoshipper").call("POST", path, writes=False)
    head = server.requests[0].split(b"\r\n")
    assert (head[0].decode(), b"Content-Length: 0" in head) == (f"POST /api{path} HTTP/1.1", True)


def test_returns_the_answer(raw_server: Start) -> None:
    server = raw_server(always(answer(b'{"total": 12.10}', X_Request_Id="r-1", Link="a")))
    started = time.monotonic()
    result = client(server).call("GET", "/orders", writes=False)
    lasted = time.monotonic() - started
    assert (result.status, result.body, result.headers["LINK"], result.trace_id) == (
        200,
        b'{"total": 12.10}',
        "a",
        "r-1",
    )
    assert result.json() == {"total": Decimal("12.10")}
    assert 0 < result.seconds <= lasted


def test_reuses_the_connection(raw_server: Start) -> None:
    server = raw_server(always(answer()))
    shop = client(server)
    for _ in range(5):
        shop.call("GET", "/", writes=False)
    assert (server.visits, len(server.requests)) == (1, 5)


def test_opens_a_new_connection_when_the_answer_says_close(raw_server: Start) -> None:
    server = raw_server(always(answer(Connection="close")))
    shop = client(server)
    assert [shop.call("GET", "/", writes=False).body for _ in range(3)] == [b"{}"] * 3
    assert server.visits == 3


@pytest.mark.parametrize("status", ["204 No Content", "201 Created", "202 Accepted"])
def test_any_2xx_is_an_answer(raw_server: Start, status: str) -> None:
    server = raw_server(always(answer(b"", status=status)))
    assert client(server).call("PUT", "/x", writes=True).status == int(status[:3])


@pytest.mark.parametrize(
    ("status", "kind", "writes", "expected", "code"),
    [
        ("500 Internal Server Error", "application/json", True, OutcomeUnknown, "server_error"),
        ("500 Internal Server Error", "application/json", False, TemporaryError, "server_error"),
        ("502 Bad Gateway", "text/html", True, OutcomeUnknown, "server_error"),
        ("503 Service Unavailable", "text/html", False, TemporaryError, "server_error"),
        ("408 Request Timeout", "text/html", True, OutcomeUnknown, "server_error"),
        ("429 Too Many Requests", "application/json", True, TemporaryError, "slow_down"),
        ("429 Too Many Requests", "text/html", False, TemporaryError, "slow_down"),
        ("401 Unauthorized", "application/json", True, ConnectionProblem, "credentials"),
        ("401 Unauthorized", "text/html", True, ConnectionProblem, "credentials"),
        ("403 Forbidden", "application/json", False, ConnectionProblem, "permission"),
        ("403 Forbidden", "text/html; charset=utf-8", False, ConnectionProblem, "not_json"),
        ("200 OK", "text/html", True, ConnectionProblem, "not_json"),
        ("404 Not Found", "Text/HTML", False, ConnectionProblem, "not_json"),
        ("302 Found", "text/html", True, ConnectionProblem, "redirect"),
        ("307 Temporary Redirect", "application/json", True, ConnectionProblem, "redirect"),
        ("400 Bad Request", "application/json", True, PermanentError, "http_400"),
        ("404 Not Found", "application/json", False, PermanentError, "http_404"),
        ("422 Unprocessable", "application/problem+json", True, PermanentError, "http_422"),
    ],
)
def test_status_decides_the_class(
    raw_server: Start, status: str, kind: str, writes: bool, expected: type[SyncError], code: str
) -> None:
    server = raw_server(always(answer(b'{"secret": "body"}', status=status, kind=kind)))
    error = raised(server, writes=writes)
    assert (type(error), error.code) == (expected, code)
    assert error.sentence.startswith("Vinoshipper ")
    assert "secret" not in repr(error)
    assert len(server.requests) == 1


def test_refusal_carries_the_answer(raw_server: Start) -> None:
    server = raw_server(
        always(answer(b'{"message":"bad sku"}', status="400 Bad Request", X_Request_Id="t-9"))
    )
    error = raised(server, writes=True)
    assert isinstance(error, PermanentError)
    assert error.answer is not None
    assert error.answer.json() == {"message": "bad sku"}
    assert (error.trace_id, str(error)) == ("t-9", "Vinoshipper refused the request (400).")


def test_accepted_statuses_are_returned(raw_server: Start) -> None:
    server = raw_server(always(answer(b'{"message":"none"}', status="404 Not Found")))
    result = client(server).call("GET", "/x", writes=False, accept_statuses=frozenset({404}))
    assert (result.status, result.json()) == (404, {"message": "none"})


def test_a_page_is_not_an_accepted_404(raw_server: Start) -> None:
    server = raw_server(always(answer(PAGE, status="404 Not Found", kind="text/html")))
    with pytest.raises(ConnectionProblem) as caught:
        client(server).call("GET", "/x", writes=False, accept_statuses=frozenset({404}))
    assert caught.value.code == "not_json"


@pytest.mark.parametrize("status", ["204 No Content", "200 OK"])
def test_no_body_is_no_page(raw_server: Start, status: str) -> None:
    server = raw_server(always(answer(b"", status=status, kind="text/html")))
    shop = client(server)
    assert [shop.call("DELETE", "/x", writes=True).body for _ in range(2)] == [b"", b""]
    assert server.visits == 1


def test_a_redirect_is_never_followed(raw_server: Start) -> None:
    elsewhere = raw_server(always(answer()))
    server = raw_server(always(answer(status="302 Found", Location=elsewhere.url + "/login")))
    error = raised(server, writes=False, method="GET")
    assert (type(error), error.code, elsewhere.visits, len(server.requests)) == (
        ConnectionProblem,
        "redirect",
        0,
        1,
    )


def test_the_body_of_a_redirect_is_not_read(raw_server: Start) -> None:
    def endless(visit: Visit) -> None:
        visit.read()
        visit.say(b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n")
        while not visit.server.closing.is_set():
            visit.say(b"a" * 65_536)

    server = raw_server(endless)
    started = time.monotonic()
    with pytest.raises(ConnectionProblem) as caught:
        Client(server.url, partner="Vinoshipper", timeout=20).call("GET", "/x", writes=False)
    assert (caught.value.code, time.monotonic() - started < 20) == ("redirect", True)


def test_cookies_are_not_kept(raw_server: Start) -> None:
    server = raw_server(always(answer(Set_Cookie="session=abc; Path=/")))
    shop = client(server)
    shop.call("GET", "/", writes=False)
    shop.call("GET", "/", writes=False)
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("99999999", 86_400.0),
        ("9" * 30, None),
        ("-5", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("\u0665", None),
        ("", None),
        (None, None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_retry_after_as_a_date() -> None:
    header = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after(header) == pytest.approx(90, abs=3)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_read_carries_retry_after(raw_server: Start, status: str) -> None:
    error = raised(raw_server(always(answer(status=status, Retry_After="7"))), writes=False)
    assert isinstance(error, TemporaryError)
    assert error.retry_after == 7.0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe{\x00}\x00", b'{"a": NaN}', b"[" * 5000 + b"]" * 5000, b"{} trailing"]
)
def test_garbage_where_json_is_due(raw_server: Start, body: bytes) -> None:
    shop = client(raw_server(always(answer(body))))
    written = shop.call("POST", "/x", json=[], writes=True)
    with pytest.raises(OutcomeUnknown) as unknown:
        written.json()
    read = shop.call("GET", "/x", writes=False)
    with pytest.raises(TemporaryError, match="cannot be read"):
        read.json()
    assert unknown.value.code == "garbage"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://shop.example.com", "insecure_url"),
        ("http://localhost.example.com", "insecure_url"),
        ("http://10.0.0.1", "insecure_url"),
        ("ftp://127.0.0.1", "bad_url"),
        ("shop.example.com", "bad_url"),
        ("https://", "bad_url"),
        ("https://user:pass@shop.example.com", "bad_url"),
        ("https://shop.example.com:99999", "bad_url"),
        ("https://shop.example.com/?x=1", "bad_url"),
        ("https://shop.example.com/#x", "bad_url"),
        ("https://shop.example.com/a b", "bad_url"),
        ("https://.example.com", "bad_url"),
        ("https://[::1", "bad_url"),
    ],
)
def test_refuses_a_bad_base_url(url: str, code: str) -> None:
    with pytest.raises(ConnectionProblem) as caught:
        Client(url, partner="Hollow Oak")
    assert caught.value.code == code
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://shop.example.com/api", "http://127.8.9.1:8000", "http://[::1]:80", "http://localhost"]
)
def test_accepts_a_good_base_url(url: str) -> None:
    assert checked_url(url, "Hollow Oak").geturl() == url


@pytest.mark.parametrize("secret", ["line\nend", "sn\u00f6wman\u2603", "nul\x00"])
def test_refuses_a_token_that_no_header_can_carry(secret: str) -> None:
    with pytest.raises(ConnectionProblem) as caught:
        Client("https://shop.example.com", partner="Hollow Oak", headers={"X-Token": secret})
    assert caught.value.code == "credentials"
    assert secret not in str(caught.value)


@pytest.mark.parametrize("path", ["orders", "/a b", "/caf\u00e9", "/x\r\nHost: evil", "/x#y", ""])
def test_refuses_an_unquoted_path_before_anything_is_sent(raw_server: Start, path: str) -> None:
    server = raw_server(always(answer()))
    with pytest.raises(ValueError, match="quoted ASCII"):
        client(server).call("GET", path, writes=False)
    assert server.visits == 0


def test_headers_are_found_in_any_case_and_joined(raw_server: Start) -> None:
    server = raw_server(always(answer(Link="a", LINK="b")))
    headers = client(server).call("GET", "/", writes=False).headers
    assert (headers["link"], "x" in headers) == ("a, b", False)


def test_an_answer_shows_nothing_of_its_content() -> None:
    shown = repr(
        Answer(200, {"x-token": "abc"}, json_module.dumps({"name": "Elena"}).encode(), time.monotonic())
    )
    assert "Elena" not in shown
    assert "abc" not in shown
