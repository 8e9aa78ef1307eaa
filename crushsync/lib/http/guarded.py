"""POST to an address that somebody outside typed: to the public internet, by https, and nowhere else.

`requests-hardened` resolves the name once, refuses what is private, and pins the connection to the address
it has looked at: a name server that answers otherwise the second time is not asked a second time.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from requests import PreparedRequest, Request, RequestException, Response
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.exceptions import HTTPError

from crushsync.lib.http.client import USER_AGENT
from crushsync.lib.http.wire import CHUNK, ENCODINGS, EXCHANGE, Adapter, Exchange, OneHostSession, WireFailure

# All that the internet's registries have given out of IPv6: https://www.iana.org/assignments/ipv6-address-space
PUBLIC_IPV6 = IPv6Network("2000::/3")
KEPT = 4_000  # bytes of an answer that are read; the rest is left where it is
NO_ANSWER = {
    "unknown_host": "Its name is unknown. Nothing was sent.",
    "slow_name": "Its name server did not answer in time. Nothing was sent.",
    "refused": "It refused the connection. Nothing was sent.",
    "connect_timeout": "It could not be reached in time. Nothing was sent.",
    "certificate": "Its security certificate is not valid. Nothing was sent.",
    "forbidden": "Its address is not on the public internet. Nothing was sent.",
    "timeout": "It did not answer in time.",
    "closed": "It closed the connection without an answer.",
    "truncated": "It broke off in the middle of its answer.",
    "garbage": "Its answer cannot be read.",
}


Result = TypeVar("Result")


class ForbiddenAddress(ValueError):
    """Nothing is ever sent to such an address; the text says why."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it. `status` 0: no answer; then `code` says why, otherwise it is empty."""

    status: int
    seconds: float
    code: str = ""
    retry_after: str = ""
    answer: bytes = b""

    @property
    def sentence(self) -> str:
        return NO_ANSWER[self.code] if self.code else f"It answered {self.status}."


class GuardedAdapter(IPFilterAdapter, Adapter):  # type: ignore[misc]  # it comes without types
    """Connections that are looked at before they are made; the deadline is the exchange's."""

    def __init__(self, *, is_https: bool, to_this_machine: bool) -> None:
        self._to_this_machine = to_this_machine
        IPFilterAdapter.__init__(self, is_https_proto=is_https, allow_loopback=to_this_machine)

    def build_connection_pool_key_attributes(self, *args: Any, **options: Any) -> Any:
        """Look the name up and pin its address. Raises TimeoutError when the exchange's time is over."""
        look_up = partial(super().build_connection_pool_key_attributes, *args, **options)
        host, pool = within(EXCHANGE.get().seconds_left(), look_up)
        if not is_allowed(host["host"].strip("[]"), to_this_machine=self._to_this_machine):
            raise InvalidIPAddress(host["host"])
        return host, pool


class GuardedSession(OneHostSession):
    """For one address; close it when done. `to_this_machine` lets 127.0.0.1 in too, by plain http."""

    def __init__(self, url: str, *, to_this_machine: bool) -> None:
        """Raises ForbiddenAddress."""
        parts = checked_address(url, to_this_machine=to_this_machine)
        super().__init__(pool_size=1)
        adapter = GuardedAdapter(is_https=parts.scheme == "https", to_this_machine=to_this_machine)
        self.adapters.clear()
        self.mount(f"{parts.scheme}://", adapter)
        self._url = url

    def post_bytes(self, body: bytes, headers: Mapping[str, str], seconds: float) -> Posted:
        """Send the bytes as they are. Never raises for what the other side does; follows no redirect."""
        started = time.monotonic()
        told = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **headers}
        request = self.prepare_request(Request("POST", self._url, data=body, headers=told))
        try:
            status, after, answer = self._exchange(request, started + seconds)
        except WireFailure as failure:
            return Posted(0, time.monotonic() - started, failure.code)
        return Posted(status, time.monotonic() - started, "", after, answer)

    def _exchange(self, request: PreparedRequest, deadline: float) -> tuple[int, str, bytes]:
        exchange = Exchange(deadline)
        EXCHANGE.set(exchange)
        try:
            with self.send(request, stream=True, allow_redirects=False) as response:
                return response.status_code, response.headers.get("Retry-After", ""), _beginning(response)
        except InvalidIPAddress:
            raise WireFailure("forbidden", was_sent=False) from None
        except TimeoutError:  # all other waits end in a WireFailure
            raise WireFailure("slow_name", was_sent=False) from None
        except RequestException as error:
            code = "closed" if exchange.bytes_sent else "unknown_host"
            raise WireFailure(code, was_sent=exchange.bytes_sent > 0) from error


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """What the call returns or raises; TimeoutError once the seconds are over, whatever it does then.

    For what cannot be told how long it may take: a name server is waited for as long as the resolver likes.
    """
    found: Future[Result] = Future()

    def answer() -> None:
        try:
            found.set_result(call())
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            found.set_exception(error)

    Thread(target=answer, name="look-up", daemon=True).start()
    return found.result(timeout=seconds)


def is_allowed(address: str, *, to_this_machine: bool) -> bool:
    """Whether an address (not a name) may be called."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return to_this_machine
    if isinstance(ip, IPv6Address) and ip not in PUBLIC_IPV6:
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def checked_address(url: str, *, to_this_machine: bool) -> SplitResult:
    """Split an address that may be called; names are looked at when they are. Raises ForbiddenAddress."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        prepared = Request("POST", url).prepare().url or ""
    except (ValueError, RequestException):
        raise ForbiddenAddress("This is no web address.") from None
    if not host or not url.isascii() or urlsplit(prepared).hostname != host:
        raise ForbiddenAddress("This is no web address.")
    if parts.username is not None or parts.fragment:
        raise ForbiddenAddress("The address must hold neither a login nor a #.")
    if _is_local(host) and to_this_machine:
        return parts
    if parts.scheme != "https" or port not in (None, 443):
        raise ForbiddenAddress("The address must begin with https:// and use port 443.")
    if _is_local(host) or _is_forbidden_number(host):
        raise ForbiddenAddress("The address is not on the public internet.")
    return parts


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_forbidden_number(host: str) -> bool:
    try:
        return not is_allowed(host, to_this_machine=False)
    except ValueError:
        return False


def _beginning(response: Response) -> bytes:
    """The answer's first bytes, as far as they can be had: the status alone decides."""
    if response.headers.get("Content-Encoding", "").lower() not in ENCODINGS:
        return b""
    found = bytearray()
    try:
        while len(found) < KEPT and (chunk := response.raw.read1(CHUNK, decode_content=True)):
            found += chunk
    except (HTTPError, WireFailure, OSError):
        return bytes(found[:KEPT])
    return bytes(found[:KEPT])
