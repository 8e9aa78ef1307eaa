"""What came back, and what it means: a value for the caller, or the error class that decides what is next."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from crushsync.lib.errors import (
    ConnectionProblem,
    OutcomeUnknown,
    PermanentError,
    SyncError,
    TemporaryError,
)
from crushsync.lib.http.wire import WireFailure
from crushsync.lib.text import MalformedBody, clean_text, parse_json

LONGEST_RETRY_AFTER = 24 * 3600.0
LONGEST_TRACE = 80  # as long as the records of calls keep it

# Nothing was sent: the sentence, after the partner's name.
NOT_SENT = {
    "unknown_host": "could not be found: its address is unknown. Nothing was sent.",
    "refused": "could not be reached: it refused the connection. Nothing was sent.",
    "connect_timeout": "could not be reached in time. Nothing was sent.",
    "certificate": "could not prove who it is: its security certificate is not valid. Nothing was sent.",
    "closed": "closed the connection at once. Nothing was sent.",
    "timeout": "could not be reached in time. Nothing was sent.",
}
# Something was sent, and no definite answer came.
NO_ANSWER = {
    "timeout": "did not answer within {seconds:g} seconds.",
    "closed": "closed the connection without an answer.",
    "truncated": "broke off in the middle of its answer.",
    "too_large": "sent an answer that is far too large.",
    "garbage": "sent an answer that cannot be read.",
    "server_error": "had an error of its own ({status}).",
}


class Call(NamedTuple):
    """What the sentences and classes of one call depend on."""

    partner: str
    writes: bool
    seconds: float
    trace_header: str

    def no_answer(
        self, code: str, *, status: int = 0, trace_id: str = "", retry_after: float | None = None
    ) -> SyncError:
        """Return the error for "sent, and nothing definite came back": a write may have happened."""
        sentence = f"{self.partner} {NO_ANSWER[code]}".format(seconds=self.seconds, status=status)
        if self.writes:
            return OutcomeUnknown(sentence, code=code, trace_id=trace_id)
        return TemporaryError(sentence, code=code, trace_id=trace_id, retry_after=retry_after)

    def failed(self, failure: WireFailure) -> SyncError:
        """Return the error for an exchange that ended without an answer."""
        if failure.was_sent:
            return self.no_answer(failure.code)
        return TemporaryError(f"{self.partner} {NOT_SENT[failure.code]}", code=failure.code)


@dataclass(frozen=True, slots=True)
class Answer:
    """A definite answer. `seconds` is how long the whole call took; `body` is decoded and complete."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float
    call: Call = field(default=Call("The other side", False, 0.0, "x-request-id"), repr=False)

    @property
    def trace_id(self) -> str:
        """The partner's own id of this exchange, for its support; "" if it gave none."""
        return clean_text(self.headers.get(self.call.trace_header, ""), LONGEST_TRACE)

    def json(self) -> Any:
        """Return the body's JSON, fractions as Decimal.

        Raises OutcomeUnknown after a write and TemporaryError after a read if it is not JSON.
        """
        try:
            return parse_json(self.body)
        except MalformedBody:
            error = self.call.no_answer("garbage", trace_id=self.trace_id)
        raise error


def judge_head(answer: Answer, accept_statuses: frozenset[int]) -> None:
    """Raise what status and headers alone decide, in the order that design asks for; the body is not needed.

    5xx and 429 stay what they are even when they carry a web page; so do redirects and 401.
    """
    status, call, trace_id = answer.status, answer.call, answer.trace_id
    is_page = _is_page(answer)
    if status in accept_statuses and not is_page:
        return
    if status == 429:
        raise TemporaryError(
            f"{call.partner} asks us to slow down.",
            code="slow_down",
            trace_id=trace_id,
            retry_after=retry_after(answer.headers.get("retry-after")),
        )
    # 408 is what a balancer says of a request that it did not get whole.
    if status >= 500 or status < 200 or status == 408:
        wait = retry_after(answer.headers.get("retry-after"))
        raise call.no_answer("server_error", status=status, trace_id=trace_id, retry_after=wait)
    problem = _connection_problem(status, is_page)
    if problem:
        code, sentence = problem
        raise ConnectionProblem(f"{call.partner} {sentence}", code=code, trace_id=trace_id, answer=answer)


def judge_body(answer: Answer, accept_statuses: frozenset[int]) -> Answer:
    """Return the complete answer of a 2xx or accepted status; raise PermanentError with it otherwise."""
    if answer.status < 300 or answer.status in accept_statuses:
        return answer
    raise PermanentError(
        f"{answer.call.partner} refused the request ({answer.status}).",
        code=f"http_{answer.status}",
        trace_id=answer.trace_id,
        answer=answer,
    )


def retry_after(header: str | None) -> float | None:
    """Return the seconds a Retry-After header asks for (number or date), at most 24 hours; None if unusable.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    if not header:
        return None
    if re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,20})?", header.strip()):
        return min(float(header), LONGEST_RETRY_AFTER)
    try:
        seconds = parsedate_to_datetime(header).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_RETRY_AFTER) if seconds >= 0 else None


def _is_page(answer: Answer) -> bool:
    """Whether a web page follows the head. Servers name a type even for a body that they do not send."""
    if answer.status == 204 or answer.headers.get("content-length") == "0":
        return False
    return answer.headers.get("content-type", "").lower().startswith(("text/html", "application/xhtml"))


def _connection_problem(status: int, is_page: bool) -> tuple[str, str] | None:
    if 300 <= status < 400:
        return "redirect", "sent us to another address. Check the address of this connection."
    if status == 401:
        return "credentials", "did not accept the credentials of this connection."
    if is_page:
        return "not_json", "answered with a web page instead of data: wrong address or wrong credentials."
    if status == 403:
        return "permission", "does not permit this to the credentials of this connection."
    return None
