"""One GraphQL call to one shop, and Shopify's three layers of errors.

The HTTP status, `errors` inside a 200, and `userErrors` inside a mutation's answer.
https://shopify.dev/docs/api/usage/response-codes
https://shopify.dev/docs/api/usage/limits
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, NoReturn

from crushsync.lib.errors import ConnectionProblem, OutcomeUnknown, PermanentError, SyncError, TemporaryError
from crushsync.lib.http import Answer, Client
from crushsync.lib.text import clean_text
from orders.storefronts.shopify.operations import Operation
from orders.storefronts.shopify.pace import Bucket, seconds_until_filled
from orders.storefronts.shopify.values import as_dict, as_list, nodes
from orders.storefronts.types import StoreConnection

API_VERSION = "2026-07"
PATH = f"/admin/api/{API_VERSION}/graphql.json"
MOST_BYTES = 4_000_000
MOST_PAGES = 40
LONGEST_PAUSE = 5.0  # seconds a call waits for points; what has to wait longer is tried again later
SMALLEST = 16  # pages are never made smaller than a sixteenth

# status -> (code, sentence)
REFUSALS = {
    401: (
        "credentials",
        "Shopify did not accept the access token. Enter a new one for this store.",
    ),
    402: (
        "shop_frozen",
        "Shopify has frozen the shop because of an unpaid bill. Its owner must pay it.",
    ),
    403: ("permission", "Shopify does not permit this to the access token. Check the app's access scopes."),
    404: ("address", "There is no Shopify shop at this address. Check the store's address."),
    423: ("shop_locked", "Shopify has locked the shop. Its owner must ask Shopify's support."),
    430: ("blocked", "Shopify blocks our calls as suspicious. Ask Shopify's support, then resume the store."),
}
# extensions.code of a top-level error -> (code, sentence)
DENIALS = {
    "ACCESS_DENIED": ("permission", "Shopify does not permit this to the app. Check its access scopes."),
    "SHOP_INACTIVE": ("shop_frozen", "Shopify says that the shop is not active. Its owner must reopen it."),
}


class AdminApi:
    """Asks one shop's Admin API. Thread-safe: one for each store, kept."""

    def __init__(self, connection: StoreConnection) -> None:
        """Raises ConnectionProblem if address or token cannot be used at all."""
        token = connection.credential("access_token").strip()
        if not token:
            raise ConnectionProblem("No Shopify access token is entered for this store.", code="credentials")
        self._divisor = 1
        self._bucket = Bucket()
        # Shopify answers with another version once it no longer supports the one asked for.
        # https://shopify.dev/docs/api/usage/versioning
        self.answered_version = API_VERSION
        self._client = Client(
            connection.base_url,
            partner="Shopify",
            headers={"X-Shopify-Access-Token": token},
            timeout=connection.deadline,
        )

    def execute(self, operation: Operation, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer's `data`; of a mutation its one payload, free of userErrors.

        Raises TemporaryError, OutcomeUnknown (mutations only), ConnectionProblem, and PermanentError for what
        Shopify will refuse again.
        """
        answer, data = self._ask(operation, variables)
        return _payload(answer, data) if operation.writes else data

    def write(
        self, operation: Operation, variables: Mapping[str, Any], fine: frozenset[str] = frozenset()
    ) -> None:
        """Run a mutation of one or more fields. A userError whose code is in `fine` is none.

        Raises as `execute` does; what was refused may stand beside what was written.
        """
        answer, data = self._ask(operation, variables)
        _refuse(answer, data.values(), fine)

    def try_to_write(self, operation: Operation, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a mutation and return its payload whole: what its userErrors mean is the caller's to judge.

        Raises as `execute` does, but never for a userError.
        """
        answer, data = self._ask(operation, variables)
        payload = next(iter(data.values()))
        if not isinstance(payload, dict):
            raise answer.call.no_answer("garbage", trace_id=answer.trace_id)
        return payload

    def _ask(self, operation: Operation, variables: Mapping[str, Any]) -> tuple[Answer, dict[str, Any]]:
        """Ask, with smaller pages from now on where Shopify finds the question too costly.

        https://shopify.dev/docs/api/usage/limits#single-query-limit
        """
        divisor = self._divisor
        try:
            return self._ask_once(operation, operation.smaller(divisor), variables)
        except PermanentError as refusal:
            if refusal.code != "too_costly" or divisor >= SMALLEST:
                raise
        self._divisor = max(self._divisor, divisor * 2)  # two threads refused at once halve once
        return self._ask(operation, variables)

    def _ask_once(
        self, operation: Operation, text: str, variables: Mapping[str, Any]
    ) -> tuple[Answer, dict[str, Any]]:
        taken = self._wait_for_points(operation)
        content: dict[str, Any] = {}
        try:
            answer = self._call(operation, text, variables)
            content = as_dict(answer.json())
        finally:
            self._bucket.learn(operation.name, content, taken)
        data = as_dict(content.get("data"))
        if content.get("errors"):
            _raise_top_level(answer, content, was_written=operation.writes and any(data.values()))
        if not data:
            raise answer.call.no_answer("garbage", trace_id=answer.trace_id)
        return answer, data

    def _wait_for_points(self, operation: Operation) -> float:
        """Wait until the shop's bucket holds what it costs; raises TemporaryError if that takes long."""
        wait, taken = self._bucket.take(operation.name, LONGEST_PAUSE)
        if wait:
            raise TemporaryError("Shopify's limit is reached for now.", code="slow_down", retry_after=wait)
        return taken

    def _call(self, operation: Operation, text: str, variables: Mapping[str, Any]) -> Answer:
        """Raises ConnectionProblem for the statuses that say that nothing works."""
        answer = self._client.call(
            "POST",
            PATH,
            json={"query": text, "operationName": operation.name, "variables": dict(variables)},
            writes=operation.writes,
            max_bytes=MOST_BYTES,
            accept_statuses=frozenset(REFUSALS),
        )
        self.answered_version = clean_text(answer.headers.get("x-shopify-api-version", API_VERSION), 20)
        if answer.status in REFUSALS:
            code, sentence = REFUSALS[answer.status]
            raise ConnectionProblem(sentence, code=code, trace_id=answer.trace_id, answer=answer)
        return answer

    def pages(
        self, operation: Operation, variables: Mapping[str, Any], first: Any, *path: str
    ) -> Iterator[dict[str, Any]]:
        """Yield the objects of a connection: of its first page, if we have it, and of all that follow.

        `path` leads through an answer's data to the connection. Raises PermanentError beyond 40 pages, of
        smaller ones beyond so many more.
        """
        connection = first
        for number in count():
            if number >= MOST_PAGES * self._divisor:
                raise PermanentError(f"Shopify's list has more than {number} pages.", code="too_long")
            if connection is not None:
                yield from nodes(connection)
                info = as_dict(as_dict(connection).get("pageInfo"))
                if info.get("hasNextPage") is not True:
                    return
                variables = {**variables, "after": info.get("endCursor")}
            connection = self.execute(operation, variables)
            for key in path:
                connection = as_dict(connection).get(key)
            if not isinstance(connection, dict):
                raise TemporaryError("Shopify left out a part of its answer.", code="garbage")


def _payload(answer: Answer, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of the mutation's one root field. Its userErrors mean that nothing was written."""
    payload = next(iter(data.values()))
    _refuse(answer, [payload], frozenset())
    return as_dict(payload)


def _refuse(answer: Answer, payloads: Iterable[Any], fine: frozenset[str]) -> None:
    """Raise PermanentError with the userErrors of all payloads, but for those whose code is in `fine`."""
    payloads = list(payloads)
    if not all(isinstance(payload, dict) for payload in payloads):
        raise answer.call.no_answer("garbage", trace_id=answer.trace_id)
    errors = [as_dict(error) for payload in payloads for error in as_list(payload.get("userErrors"))]
    messages = [clean_text(error.get("message"), 200) for error in errors if error.get("code") not in fine]
    if messages:
        raise PermanentError(
            f"Shopify refused: {'; '.join(messages)[:500]}",
            code="user_error",
            trace_id=answer.trace_id,
            answer=answer,
        )


def _raise_top_level(answer: Answer, content: Mapping[str, Any], *, was_written: bool) -> NoReturn:
    """Raise what the first of the `errors` with a known code means; they have no data worth keeping."""
    errors = [as_dict(error) for error in as_list(content.get("errors"))]
    codes = [clean_text(as_dict(error.get("extensions")).get("code"), 60) for error in errors]
    trace_id = answer.trace_id
    if was_written:  # the change is made, only the telling of it failed
        raise OutcomeUnknown("Shopify sent an error beside its result.", code="mixed", trace_id=trace_id)
    if "THROTTLED" in codes:
        wait = seconds_until_filled(content)
        raise TemporaryError(
            "Shopify asks us to slow down.", code="slow_down", trace_id=trace_id, retry_after=wait
        )
    if "INTERNAL_SERVER_ERROR" in codes or "TIMEOUT" in codes:
        raise answer.call.no_answer("server_error", status=answer.status, trace_id=trace_id)
    raise _refusal(answer, errors, codes)


def _refusal(answer: Answer, errors: list[dict[str, Any]], codes: list[str]) -> SyncError:
    told = clean_text(errors[0].get("message"), 300) if errors else ""
    for code in codes:
        if code in DENIALS:
            ours, sentence = DENIALS[code]
            said = f"{sentence} Shopify said: {told}" if told else sentence
            return ConnectionProblem(said, code=ours, trace_id=answer.trace_id, answer=answer)
    ours = "too_costly" if "MAX_COST_EXCEEDED" in codes else "not_understood"
    return PermanentError(
        f"Shopify did not accept the question: {told}", code=ours, trace_id=answer.trace_id, answer=answer
    )
