"""requests and urllib3, taught two things: one deadline over all of a call, and whether a byte has left us.

A thread's Exchange holds both; sockets and connections ask there.
"""

import socket
import ssl
import time
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

from requests import Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

CONNECT_SECONDS = 5.0
# Routers forget silent connections; to write into a forgotten one is to wait for the deadline.
IDLE_SECONDS = 30.0
CHUNK = 65_536
ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")


class WireFailure(Exception):
    """No usable answer. `code` says why; `was_sent` is False only if not one byte of the request left us.

    Neither urllib3 nor requests knows this class, so that it passes them untouched.
    """

    def __init__(self, code: str, *, was_sent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.was_sent = was_sent


@dataclass(slots=True)
class Exchange:
    """One request and its answer: when it must end (monotonic), and how far it has come."""

    deadline: float
    wants_new_connection: bool = False
    is_on_new_connection: bool = False
    bytes_sent: int = 0

    def seconds_left(self) -> float:
        """Return how long the next wait may last. Raises TimeoutError when that is over."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def failed(self, error: Exception) -> WireFailure:
        """Return what an error after connecting means."""
        if isinstance(error, TimeoutError):
            code = "timeout"
        else:
            code = "closed" if isinstance(error, OSError) else "garbage"
        return WireFailure(code, was_sent=self.bytes_sent > 0)


# What this thread is busy with, until its next call: the body is read with it, too.
EXCHANGE: ContextVar[Exchange] = ContextVar("exchange")


class TimedSocket(socket.socket):
    """A socket whose every wait ends at the exchange's deadline, however little arrives at a time."""

    def recv_into(self, *args: Any, **options: Any) -> int:
        self.settimeout(EXCHANGE.get().seconds_left())
        return super().recv_into(*args, **options)

    def sendall(self, data: Any, flags: int = 0) -> None:
        exchange, view = EXCHANGE.get(), memoryview(data)
        while view:
            self.settimeout(exchange.seconds_left())
            count = self.send(view, flags)
            exchange.bytes_sent += count
            view = view[count:]


class TimedTlsSocket(TimedSocket, ssl.SSLSocket):
    """The same, encrypted; the TLS context makes it."""


class Connection(HTTPConnection):
    """A connection on a timed socket, which tells by WireFailure what happened to the exchange."""

    _used_at = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether a resting connection can be used: young, and nothing (not even an end) came on it."""
        is_young = time.monotonic() - self._used_at < IDLE_SECONDS
        return is_young and not EXCHANGE.get().wants_new_connection and super().is_connected

    def connect(self) -> None:
        EXCHANGE.get().is_on_new_connection = True
        try:
            super().connect()
        except ssl.SSLError:
            raise WireFailure("certificate", was_sent=False) from None
        except TimeoutError:
            raise WireFailure("connect_timeout", was_sent=False) from None
        except OSError:
            raise WireFailure("refused", was_sent=False) from None

    def _new_conn(self) -> socket.socket:
        """Dial every address. A dead first one (IPv6 without a route) must leave time for the others."""
        ends = min(EXCHANGE.get().deadline, time.monotonic() + CONNECT_SECONDS)
        try:
            addresses = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise WireFailure("unknown_host", was_sent=False) from None
        for left, (*_, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
            seconds = max((ends - time.monotonic()) / left, 0.001)
            try:
                raw = socket.create_connection(cast(tuple[str, int], address[:2]), timeout=seconds)
                break
            except OSError:
                if left == 1:
                    raise
        timed = TimedSocket(fileno=raw.detach())
        timed.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        timed.settimeout(max(ends - time.monotonic(), 0.001))  # for the TLS handshake
        return timed

    def request(self, *args: Any, **options: Any) -> None:
        exchange = EXCHANGE.get()
        try:
            super().request(*args, **options)
        except OSError as error:
            # A peer may answer and hang up before it has read all: urllib3 looks for that answer.
            if exchange.bytes_sent and isinstance(error, ConnectionError):
                raise
            raise exchange.failed(error) from None

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 does
        self._used_at = time.monotonic()
        try:
            return super().getresponse()
        except (OSError, HTTPException, HTTPError) as error:
            raise EXCHANGE.get().failed(error) from None


class TlsConnection(Connection, HTTPSConnection):
    """The same, encrypted."""


class Pool(HTTPConnectionPool):
    ConnectionCls = Connection


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = TlsConnection


class Adapter(HTTPAdapter):
    """Hands out our connections. The TLS context decides whom to trust, not requests' own bundle."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, ssl_context=tls(), **options)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}

    def cert_verify(self, *_: Any) -> None:
        """Load nothing: requests would read its bundle into the shared context for each connection."""


class OneHostSession(Session):
    """A session that stays where it is and remembers nothing: no redirects, cookies or environment."""

    def __init__(self, pool_size: int) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = Adapter(pool_connections=1, pool_maxsize=pool_size)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: Response) -> None:
        """Never look: requests reads a redirect's whole body, however long, even if it must not follow."""


def read_body(response: Response, max_bytes: int) -> bytes:
    """Read and decode the whole body, at most `max_bytes` of it. Raises WireFailure.

    A body that only the end of the connection ends is as complete as its JSON.
    """
    if response.headers.get("Content-Encoding", "").lower() not in ENCODINGS:
        raise WireFailure("garbage", was_sent=True)
    body = bytearray()
    try:
        # read() believes a chunk size of -1 and then reads without bound; read1() does not.
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > max_bytes:
                raise WireFailure("too_large", was_sent=True)
    except HTTPError as error:
        raise WireFailure(_body_code(error), was_sent=True) from None
    return bytes(body)


def _body_code(error: HTTPError) -> str:
    if isinstance(error, ReadTimeoutError):
        return "timeout"
    if isinstance(error, DecodeError):
        return "garbage"
    return "closed" if isinstance(error.__cause__, OSError) else "truncated"


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """The system's trusted authorities (SSL_CERT_FILE adds a private one); shared, as it is large."""
    context = ssl.create_default_context()
    context.sslsocket_class = TimedTlsSocket
    return context
