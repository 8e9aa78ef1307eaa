"""Servers that misbehave on the wire: was it sent, does it end in time, does memory stay small."""

import datetime
import gzip
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from unittest import mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crushsync.lib.errors import OutcomeUnknown, PermanentError, SyncError, TemporaryError
from crushsync.lib.http import Client
from crushsync.lib.http.wire import tls
from tests.lib.conftest import Handler, RawServer, Visit, always, answer

Start = Callable[[Handler], RawServer]
DEADLINE = 0.6
STALL = 10.0  # seconds that a busy machine may add; most of these peers would hold a caller for ever


def outcome(
    url: str, *, writes: bool = True, client: Client | None = None, max_bytes: int = 1_000_000
) -> SyncError:
    """Make one call that must fail, in time, and return its error."""
    client = client or Client(url, partner="Vinoshipper", timeout=DEADLINE)
    started = time.monotonic()
    with pytest.raises(SyncError) as caught:
        client.call("PUT" if writes else "GET", "/x", json={"a": 1}, writes=writes, max_bytes=max_bytes)
    assert time.monotonic() - started < DEADLINE + STALL
    assert caught.value.__cause__ is None
    return caught.value


def says(*parts: bytes, pause: float = 0.0) -> Handler:
    """Read a request, say the parts with pauses between, and hang up."""

    def handler(visit: Visit) -> None:
        visit.read()
        for part in parts:
            visit.say(part)
            time.sleep(pause)

    return handler


def drips(head: bytes, drop: bytes) -> Handler:
    def handler(visit: Visit) -> None:
        visit.read()
        visit.say(head)
        while not visit.server.closing.wait(0.05):
            visit.say(drop)

    return handler


def silent(visit: Visit) -> None:
    visit.read()
    visit.server.closing.wait(10)


def resets(visit: Visit) -> None:
    visit.read()
    visit.reset()


HALF = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"a":'
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (silent, "timeout"),
        (resets, "closed"),
        (says(), "closed"),
        (drips(b"", b"H"), "timeout"),
        (drips(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"), "timeout"),
        (drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"a"), "timeout"),
        (drips(CHUNKED, b"1\r\na\r\n"), "timeout"),
        (drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "timeout"),
        (says(HALF), "truncated"),
        (says(CHUNKED + b"5\r\nab"), "truncated"),
        (says(CHUNKED + b"zz\r\nab"), "truncated"),
        (says(GZIPPED.replace(b"close", b"close\r\nContent-Length: 99") + gzip.compress(b"{}")), "truncated"),
        (says(GZIPPED + b"this is not gzip"), "garbage"),
        (says(GZIPPED.replace(b"gzip", b"br") + b"x"), "garbage"),
        (says(b"SSH-2.0-OpenSSH_9.6\r\n"), "garbage"),
        (says(b"HTTP/1.1 abc\r\n\r\n"), "garbage"),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"), "garbage"),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 101 + b"\r\n"), "garbage"),
        (says(b"HTTP/1.1 103 Early Hints\r\n\r\n"), "server_error"),
    ],
)
@pytest.mark.parametrize("writes", [True, False])
def test_sent_but_no_answer(raw_server: Start, handler: Handler, code: str, writes: bool) -> None:
    server = raw_server(handler)
    error = outcome(server.url, writes=writes)
    assert (type(error), error.code) == (OutcomeUnknown if writes else TemporaryError, code)
    assert (server.visits, len(server.requests)) == (1, 1)


def test_a_compressed_body_that_breaks_off_is_no_json(raw_server: Start) -> None:
    """Only the connection's end told the body's end: the answer is complete if its JSON is."""
    half = gzip.compress(b'{"order":' + b"7" * 100 + b"}")[:-12]
    server = raw_server(says(GZIPPED + half))
    with pytest.raises(OutcomeUnknown) as caught:
        Client(server.url, partner="Vinoshipper").call("PUT", "/", writes=True).json()
    assert caught.value.code == "garbage"


def test_an_answer_given_before_all_was_read_counts(raw_server: Start) -> None:
    def early(visit: Visit) -> None:
        visit.socket.recv(1000)
        visit.say(answer(b'{"message":"too long"}', status="413 Content Too Large"))
        visit.socket.shutdown(socket.SHUT_WR)
        while visit.socket.recv(1_000_000):
            pass

    client = Client(raw_server(early).url, partner="Vinoshipper")
    with pytest.raises(PermanentError) as caught:
        client.call("PUT", "/x", json="a" * 5_000_000, writes=True)
    assert caught.value.code == "http_413"


def test_reset_in_the_middle_of_the_body(raw_server: Start) -> None:
    def handler(visit: Visit) -> None:
        visit.read()
        visit.say(HALF)
        time.sleep(0.05)
        visit.reset()

    error = outcome(raw_server(handler).url)
    assert (type(error), error.code) == (OutcomeUnknown, "closed")


def test_the_sentence_names_the_deadline(raw_server: Start) -> None:
    assert str(outcome(raw_server(silent).url)) == "Vinoshipper did not answer within 0.6 seconds."


@pytest.mark.parametrize("sip", [0, 100_000])
def test_a_peer_that_reads_slowly_cannot_hold_us(raw_server: Start, sip: int) -> None:
    def slow(visit: Visit) -> None:
        while not visit.server.closing.wait(0.02):
            visit.socket.recv(sip)

    server = raw_server(slow)
    client = Client(server.url, partner="Vinoshipper", timeout=1.5)
    started = time.monotonic()
    with pytest.raises(OutcomeUnknown) as caught:
        client.call("PUT", "/x", json="a" * 20_000_000, writes=True)
    assert caught.value.code == "timeout"
    assert 1.5 <= time.monotonic() - started < 1.5 + STALL


@pytest.mark.parametrize(
    "framing", [CHUNKED, b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"]
)
def test_an_endless_body_is_cut_at_the_cap(raw_server: Start, framing: bytes) -> None:
    data = b"10000\r\n" + b"a" * 65_536 + b"\r\n"

    def handler(visit: Visit) -> None:
        visit.read()
        visit.say(framing)
        for _ in range(2_000):
            visit.say(data)

    assert outcome(raw_server(handler).url).code == "too_large"


def test_a_chunk_of_size_minus_one_is_no_way_around_the_cap(raw_server: Start) -> None:
    def handler(visit: Visit) -> None:
        visit.read()
        visit.say(CHUNKED + b"-1\r\n")
        for _ in range(2_000):
            visit.say(b"a" * 65_536)

    tracemalloc.start()
    error = outcome(raw_server(handler).url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.code in {"too_large", "truncated"}
    assert peak < 8_000_000


def test_a_body_of_exactly_the_cap_is_fine(raw_server: Start) -> None:
    client = Client(raw_server(always(answer(b"a" * 1000))).url, partner="Vinoshipper")
    assert len(client.call("GET", "/", writes=False, max_bytes=1000).body) == 1000
    assert outcome("", client=client, max_bytes=999).code == "too_large"


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_compression_bomb_stays_small(raw_server: Start, compress: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if compress is gzip.compress else "deflate"
    bomb = answer(compress(b"0" * 100_000_000), Content_Encoding=encoding)
    server = raw_server(always(bomb))
    tracemalloc.start()
    error = outcome(server.url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.code == "too_large"
    assert peak < 8_000_000


def test_a_bomb_within_a_bomb_is_not_opened(raw_server: Start) -> None:
    bomb = answer(gzip.compress(gzip.compress(b"0" * 100_000_000)), Content_Encoding="gzip, gzip")
    assert outcome(raw_server(always(bomb)).url).code == "garbage"


def test_compressed_answers_are_read(raw_server: Start) -> None:
    body = b'{"a":' + b"1" * 500 + b"}"
    server = raw_server(always(answer(gzip.compress(body), Content_Encoding="gzip")))
    client = Client(server.url, partner="Vinoshipper")
    assert [client.call("GET", "/", writes=False).body for _ in range(2)] == [body, body]
    assert server.visits == 1


# ---------------------------------------------------------------- nothing was sent


def test_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = outcome(f"http://127.0.0.1:{port}")
    assert (type(error), error.code) == (TemporaryError, "refused")
    assert str(error) == "Vinoshipper could not be reached: it refused the connection. Nothing was sent."


def test_unknown_host() -> None:
    with mock.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror(-2, "no such name")):
        error = outcome("https://no-such-shop.example")
    assert (type(error), error.code) == (TemporaryError, "unknown_host")


def test_connect_times_out() -> None:
    with mock.patch.object(socket, "create_connection", side_effect=TimeoutError):
        error = outcome("https://127.0.0.1")
    assert (type(error), error.code) == (TemporaryError, "connect_timeout")


def test_a_full_backlog_ends_at_the_deadline() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        with socket.create_connection(listener.getsockname()), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(listener.getsockname())
            error = outcome(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert (type(error), error.code) == (TemporaryError, "connect_timeout")


def test_a_dead_first_address_leaves_time_for_the_second(raw_server: Start) -> None:
    server = raw_server(always(answer()))
    port = int(server.url.rsplit(":", 1)[1])
    dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.2", port))
    alive = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
    real = socket.create_connection

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        if address[0] == "127.0.0.2":
            time.sleep(timeout)
            raise TimeoutError
        with mock.patch.object(socket, "getaddrinfo", return_value=[alive]):
            return real(address, timeout=timeout)

    with (
        mock.patch.object(socket, "getaddrinfo", return_value=[dead, alive]),
        mock.patch.object(socket, "create_connection", side_effect=connect),
    ):
        client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
        assert client.call("GET", "/", writes=False).status == 200


# ---------------------------------------------------------------- certificates


def certificate(path: Path) -> Path:
    """Write a self-signed certificate for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def over_tls(pem: Path, handler: Handler) -> Handler:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)

    def wrapped(visit: Visit) -> None:
        visit.socket = context.wrap_socket(visit.socket, server_side=True)
        handler(visit)

    return wrapped


def test_an_unknown_certificate_is_never_accepted(raw_server: Start, tmp_path: Path) -> None:
    server = raw_server(over_tls(certificate(tmp_path / "own.pem"), always(answer())))
    error = outcome(server.url.replace("http", "https"))
    assert (type(error), error.code, server.requests) == (TemporaryError, "certificate", [])
    assert "certificate" in str(error)


def test_plain_http_on_the_tls_port(raw_server: Start) -> None:
    server = raw_server(
        lambda visit: visit.say(b"HTTP/1.1 400 Bad Request\r\n\r\n" + visit.socket.recv(9)[:0])
    )
    assert outcome(server.url.replace("http", "https")).code == "certificate"


@pytest.mark.parametrize("handler", [always(answer()), drips(b"", b"H")], ids=["works", "drips"])
def test_a_trusted_certificate(
    raw_server: Start, tmp_path: Path, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path / "own.pem")
    server = raw_server(over_tls(pem, handler))
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    tls.cache_clear()
    client = Client(server.url.replace("http", "https"), partner="Vinoshipper", timeout=DEADLINE)
    tls.cache_clear()
    if "drips" in handler.__qualname__:
        assert outcome("", client=client).code == "timeout"
        return
    assert [client.call("PUT", "/", json={}, writes=True).status for _ in range(3)] == [200, 200, 200]
    assert server.visits == 1
