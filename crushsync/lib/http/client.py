"""A client for one outside account: its address, its credentials, its pool of connections."""

import base64
import ipaddress
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from requests import PreparedRequest, Request, RequestException, Response
from requests.structures import CaseInsensitiveDict

from crushsync.lib.errors import ConnectionProblem
from crushsync.lib.http.answers import Answer, Call, judge_body, judge_head
from crushsync.lib.http.wire import EXCHANGE, Exchange, OneHostSession, WireFailure, read_body
from crushsync.lib.text import dump_json

DEADLINE_SECONDS = 20.0
USER_AGENT = "CrushSync"


class _Made(threading.local):
    calls = 0


_made = _Made()


def calls_made() -> int:
    """How many calls this thread has made; asked before and after some work, how many the work took."""
    return _made.calls


class Client:
    """Calls one outside account. Safe to share between threads; make one per account and keep it.

    No proxies or credentials from the environment, no cookies, no redirects, certificates always checked.
    """

    def __init__(
        self,
        base_url: str,
        *,
        partner: str,
        auth: tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        pool_size: int = 64,
        trace_header: str = "x-request-id",
    ) -> None:
        """`partner` is the name staff read; `timeout` the seconds of a whole call; `auth` user and password.

        Raises ConnectionProblem: `bad_url`, `insecure_url` (plain HTTP beyond this machine) or `credentials`
        (characters that no header can carry).
        """
        parts = checked_url(base_url, partner)
        self._base_url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._session = OneHostSession(pool_size)
        self._session.headers = CaseInsensitiveDict(_checked_headers(auth, headers or {}, partner))
        self._blank = self._session.prepare_request(Request("GET", self._base_url))
        self._partner = partner
        self._seconds = timeout or DEADLINE_SECONDS
        self._trace_header = trace_header.lower()

    def call(
        self,
        method: str,
        path: str,
        *,
        writes: bool,
        json: Any = None,
        max_bytes: int = 1_000_000,
        accept_statuses: frozenset[int] = frozenset(),
    ) -> Answer:
        """Return the answer of a 2xx status or of one in `accept_statuses`; raise a SyncError for the rest.

        `path` starts with "/", is quoted and may carry a query. `writes` says whether the call changes
        anything there: then OutcomeUnknown is raised where a read would raise TemporaryError. Decimals in
        `json` are sent digit by digit. Raises ValueError for a path that is not quoted.
        """
        if not re.fullmatch(r"/[!\"$-~]*", path):
            raise ValueError("a path starts with / and holds quoted ASCII only")
        _made.calls += 1
        started = time.monotonic()
        call = Call(self._partner, writes, self._seconds, self._trace_header)
        request = self._request(method, path, json)
        try:
            with self._send(request, Exchange(started + self._seconds), writes) as response:
                head = Answer(response.status_code, response.headers, b"", time.monotonic() - started, call)
                judge_head(head, accept_statuses)
                body = read_body(response, max_bytes)
        except WireFailure as failure:
            raise call.failed(failure) from None
        return judge_body(replace(head, body=body, seconds=time.monotonic() - started), accept_statuses)

    def close(self) -> None:
        """Close the resting connections; the client stays usable."""
        self._session.close()

    def _request(self, method: str, path: str, json: Any) -> PreparedRequest:
        """Fill in the blank: to prepare each request would cost more, and rewrite paths such as /orders/.."""
        request = self._blank.copy()
        request.method, request.url = method, self._base_url + path
        if json is not None:
            request.headers["Content-Type"] = "application/json"
            request.prepare_body(dump_json(json).encode(), None)
        return request

    def _send(self, request: PreparedRequest, exchange: Exchange, writes: bool) -> Response:
        """Send, and read the answer's head.

        If the peer had closed the resting connection that was used, once more on a new one: a read in any
        case, a write only when not one byte of it had left us.
        """
        EXCHANGE.set(exchange)
        try:
            return self._session.send(request, stream=True, allow_redirects=False)
        except WireFailure as failure:
            is_sent_write = writes and failure.was_sent
            if failure.code != "closed" or exchange.is_on_new_connection or is_sent_write:
                raise
        except RequestException as error:  # such as a pool that another thread has just closed
            raise exchange.failed(error) from None
        return self._send(request, Exchange(exchange.deadline, wants_new_connection=True), writes)


def checked_url(base_url: str, partner: str) -> SplitResult:
    """Split an account's base URL. Raises ConnectionProblem `bad_url`, or `insecure_url` if not https.

    Plain http is accepted for this machine only: the sandbox.
    """
    bad = ConnectionProblem(
        f"The address of {partner} is not a web address such as https://…", code="bad_url"
    )
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname or "", parts.port
        Request("GET", base_url).prepare()
    except ValueError:  # among them what requests cannot call
        raise bad from None
    is_plain = bool(
        re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc) and re.fullmatch(r"[!-~]*", parts.path)
    )
    if parts.scheme not in ("http", "https") or not host or not is_plain or parts.query or parts.fragment:
        raise bad
    if parts.scheme == "http" and not _is_this_machine(host):
        raise ConnectionProblem(f"The address of {partner} must begin with https://", code="insecure_url")
    return parts


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_headers(
    auth: tuple[str, str] | None, headers: Mapping[str, str], partner: str
) -> dict[str, str]:
    """Return the headers of every call. Refused here, because later the exception would quote the secret."""
    fixed = {
        "User-Agent": USER_AGENT,
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
    if auth:
        fixed["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
    fixed |= headers
    if not all(re.fullmatch(r"[!-~]+", name) for name in fixed) or not all(
        re.fullmatch(r"[\t -~]*", value) for value in fixed.values()
    ):
        raise ConnectionProblem(
            f"The credentials of {partner} hold a character that cannot be sent, such as a line end.",
            code="credentials",
        )
    return fixed
