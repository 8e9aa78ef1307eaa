"""Orders: bringing them there, reading, canceling, marking as shipped, and searching."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from crushsync.lib.errors import OutcomeUnknown, TemporaryError
from crushsync.lib.http import Answer
from crushsync.vinoshipper import payloads
from crushsync.vinoshipper.client.base import NOT_FOUND, ORDERS, REFUSED, Caller, odd, readable
from crushsync.vinoshipper.types import (
    Acceptance,
    Call,
    CancelAnswer,
    CancelOutcome,
    Delivery,
    FoundOrder,
    OrderAnswer,
    OrderInput,
    OrderProblem,
    Progress,
)

PAGE = 25
CALLED_OFF = "Canceled by the winery"  # they refuse a cancellation without a reason

# What stands there without being turned down. If it equals ours, sending again would gain nothing.
STANDING = {Acceptance.ACCEPTED, Acceptance.PENDING, Acceptance.UNKNOWN}
ON_ITS_WAY = {Progress.LABELED, Progress.SHIPPED, Progress.DELIVERED, Progress.RETURNED}

GONE = {Progress.SHIPPED, Progress.DELIVERED, Progress.RETURNED, Progress.CANCELLED}

# By these fields an answer is one about an order; a PUT may also be refused by an envelope in a 200.
ORDER_FIELDS = frozenset({"status", "orderStatus"})
PUT_FIELDS = ORDER_FIELDS | {"orderProblems", "error", "errors"}


class OrderCalls(Caller):
    """What is done with orders."""

    def put_order(self, order: OrderInput) -> OrderAnswer:
        """Create the order under our number, or correct the one they turned down.

        Returns what they made of it; HTTP 400, 409 and 422 are rejections too. Raises OutcomeUnknown where
        that is not certain, also when they answer about another order's number.
        """
        return self._put(order, [])

    def get_order(self, number: str) -> OrderAnswer | None:
        """Read an order; None if they hold none under this number."""
        return self._get(number, [])

    def deliver(self, order: OrderInput, *, look_first: bool, body: dict[str, Any] | None = None) -> Delivery:
        """Bring the order there, at most once. `look_first` whenever this number may have been sent before;
        `body` is what order_body() makes of it, where the caller has that already.

        1. Look. What stands there and equals ours is adopted; what was accepted and differs is a conflict.
           Both hold for an order that was canceled there since: `answer.progress` tells.
        2. Otherwise PUT.
        3. Told that the number is taken: look again, and judge as in 1.

        Raises as put_order and get_order do.
        """
        calls: list[Call] = []
        found = self._get(order.number, calls) if look_first else None
        if found and (judged := _judged(order, found, calls)):
            return judged
        answer = self._put(order, calls, body)
        if _number_is_taken(answer):
            return self._after_conflict(order, answer, calls, look_first=look_first)
        # A look that found nothing may have come too early: then this answer shows an order sent before.
        compare = payloads.differences if look_first and not found else payloads.goods_differences
        differing = compare(order, answer) if answer.acceptance is Acceptance.ACCEPTED else ()
        return Delivery(answer, adopted=False, differences=differing, calls=tuple(calls))

    def cancel_order(self, number: str, reason: str) -> CancelAnswer:
        """Cancel an order that has not been shipped; an order already canceled counts as canceled.

        Raises OutcomeUnknown where it is not certain what they did: read the order then; TemporaryError
        where they refused and do not show the order yet.
        """
        # https://developer.vinoshipper.com/reference/cancelorder
        path = f"{_order_path(number)}/cancel"
        answer = self._http.call(
            "POST",
            path,
            json={"reason": reason.strip() or CALLED_OFF},
            writes=True,
            accept_statuses=REFUSED | NOT_FOUND,
        )
        if answer.status == 404:
            return _cancel_answer(CancelOutcome.NOT_FOUND, f"Vinoshipper has no order {number}.", answer)
        told = payloads.order_answer(
            payloads.envelope(answer), http_status=answer.status, trace_id="", number=number
        )
        # As with orders, a 200 alone does not mean that they did it.
        if answer.status in REFUSED or told.problems or told.progress in ON_ITS_WAY:
            problems = told.problems or payloads.refusal(answer, number).problems
            return self._not_cancelled(number, answer, problems)
        return _cancel_answer(CancelOutcome.CANCELLED, f"Vinoshipper canceled order {number}.", answer)

    def mark_shipped(self, number: str) -> bool:
        """Say that the winery has shipped the order itself; False if they hold no such order.

        Raises PermanentError where they refuse, OutcomeUnknown where it is not certain what they did.
        """
        # https://developer.vinoshipper.com/reference/orderhasshipped (no body is documented)
        path = f"{_order_path(number)}/shipped"
        answer = self._http.call("POST", path, json={}, writes=True, accept_statuses=NOT_FOUND)
        return answer.status != 404

    def ship_here(self, number: str) -> OrderAnswer | None:
        """Have the order be shipped by the winery, once; returns how it stands then, None if they hold none.

        What is on its way, or off, is left as it is. Raises as get_order and mark_shipped do.
        """
        found = self.get_order(number)
        if found is None or found.progress in GONE:
            return found
        return self.get_order(number) if self.mark_shipped(number) else None

    def search(self, *, pages: int = 40) -> Iterator[FoundOrder]:
        """The account's orders, the newest first, each once; at most `pages` calls, as they are used.

        They give 25 a page whatever is asked for and ignore filters: who wants less stops reading. Ends with
        the first page that is not full or brings nothing new.
        """
        # https://developer.vinoshipper.com/reference (the page of this call is not public)
        seen: set[str] = set()
        for page in range(pages):
            body = {
                "limit": PAGE,
                "offset": page * PAGE,
                "sort": {"field": "ORDER_DATE", "direction": "DESC"},
            }
            answer = self._http.call("POST", f"{ORDERS}/search", json=body, writes=False)
            found = readable(payloads.found_orders(answer.json()), "the search", answer)
            fresh = [order for order in found if order.number not in seen]
            seen.update(order.number for order in fresh)
            yield from {order.number: order for order in fresh}.values()
            if len(found) < PAGE or not fresh:
                return

    def search_options(self) -> dict[str, tuple[str, ...]]:
        """The lists of words that a search knows, such as every `orderStatus`, by their names for them."""
        # https://developer.vinoshipper.com/reference/uioptions
        return self._read(f"{ORDERS}/search/ui-options", payloads.word_lists, "the search's options")

    def _put(self, order: OrderInput, calls: list[Call], body: dict[str, Any] | None = None) -> OrderAnswer:
        # https://developer.vinoshipper.com/reference/updateorder
        path, body = _order_path(order.number), body or payloads.order_body(order)
        answer = self._http.call("PUT", path, json=body, writes=True, accept_statuses=REFUSED)
        calls.append(_call("PUT", path, answer))
        if answer.status in REFUSED:
            return payloads.refusal(answer, order.number)
        return _about(order.number, answer, PUT_FIELDS, OutcomeUnknown)

    def _get(self, number: str, calls: list[Call]) -> OrderAnswer | None:
        # https://developer.vinoshipper.com/reference (the page of this call is not public)
        path = _order_path(number)
        answer = self._http.call("GET", path, writes=False, accept_statuses=NOT_FOUND)
        calls.append(_call("GET", path, answer))
        return None if answer.status == 404 else _about(number, answer, ORDER_FIELDS, TemporaryError)

    def _after_conflict(
        self, order: OrderInput, refused: OrderAnswer, calls: list[Call], *, look_first: bool
    ) -> Delivery:
        """The number is taken: by our own earlier call, or, if this is our first, by somebody else."""
        try:
            found = self._get(order.number, calls)
        except TemporaryError as error:  # it stands there, whosever it is: next time look before sending
            raise OutcomeUnknown(error.sentence, code=error.code, trace_id=refused.trace_id) from error
        if found and (judged := _judged(order, found, calls)):
            return judged
        if look_first and found is None:
            sentence = (
                f"Vinoshipper says that order number {order.number} is taken but does not show the order yet."
            )
            raise OutcomeUnknown(sentence, code="number_taken", trace_id=refused.trace_id)
        return Delivery(refused, adopted=False, differences=(), calls=tuple(calls))

    def _not_cancelled(self, number: str, answer: Answer, problems: tuple[OrderProblem, ...]) -> CancelAnswer:
        """They refused: because it is canceled already, was never accepted, or is on its way?"""
        found = self.get_order(number)
        if found is None:  # they knew it a moment ago, so it is there and cannot be read yet
            sentence = f"Vinoshipper did not cancel order {number} and does not show it yet."
            raise TemporaryError(sentence, code="not_shown", trace_id=answer.trace_id)
        if found.acceptance not in STANDING | {Acceptance.DELETED}:
            sentence = f"Vinoshipper holds no accepted order {number}, so there is nothing to cancel."
            return _cancel_answer(CancelOutcome.NOT_FOUND, sentence, answer)
        if found.progress is Progress.CANCELLED or found.acceptance is Acceptance.DELETED:
            sentence = f"Order {number} was canceled at Vinoshipper before."
            return _cancel_answer(CancelOutcome.CANCELLED, sentence, answer)
        words = " ".join(payloads.problem_sentence(problem) for problem in problems)
        return _cancel_answer(
            CancelOutcome.TOO_LATE, f"Vinoshipper did not cancel order {number}: {words}", answer
        )


def _order_path(number: str) -> str:
    return f"{ORDERS}/{quote(number, safe='')}"


def _call(method: str, path: str, answer: Answer) -> Call:
    return Call(method, path, answer.status, answer.seconds, answer.trace_id)


def _about(
    number: str, answer: Answer, fields: frozenset[str], error: type[OutcomeUnknown] | type[TemporaryError]
) -> OrderAnswer:
    """Read an order and make sure it is the one we asked about: anything else says nothing about ours."""
    body, trace_id = answer.json(), answer.trace_id
    if not isinstance(body, dict) or not body.keys() & fields:
        raise error(odd(f"order {number}"), code="unreadable", trace_id=trace_id)
    read = payloads.order_answer(body, http_status=answer.status, trace_id=trace_id, number=number)
    if read.number.casefold() != number.casefold():
        sentence = f"Vinoshipper was asked about order {number} and answered about another order."
        raise error(sentence, code="mismatch", trace_id=trace_id)
    return read


def _judged(order: OrderInput, found: OrderAnswer, calls: list[Call]) -> Delivery | None:
    """What stands under our number: adopted, in conflict, or None for what a PUT may correct."""
    if found.acceptance not in STANDING:
        return None
    differing = payloads.differences(order, found)
    if differing and found.acceptance is not Acceptance.ACCEPTED:
        return None
    return Delivery(found, adopted=not differing, differences=differing, calls=tuple(calls))


def _number_is_taken(answer: OrderAnswer) -> bool:
    if answer.acceptance is not Acceptance.REJECTED:
        return False
    told = any(problem.type == "CONFLICT" or problem.field == "orderNumber" for problem in answer.problems)
    return answer.http_status == 409 or told


def _cancel_answer(outcome: CancelOutcome, sentence: str, answer: Answer) -> CancelAnswer:
    raw = payloads.envelope(answer)
    return CancelAnswer(outcome, sentence, trace_id=answer.trace_id, http_status=answer.status, raw=raw)
