"""Shopify's three layers of errors, each with its class; and lists longer than a page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crushsync.lib.errors import (
    ConnectionProblem,
    OutcomeUnknown,
    PermanentError,
    SyncError,
    TemporaryError,
)
from orders.storefronts.shopify import operations
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.shopify.graphql import AdminApi
from orders.storefronts.shopify.operations import Operation
from orders.storefronts.types import StoreConnection
from tests.storefronts.answers import ORDER_ID, as_json, line, nodes, recorded_order, work

READ, WRITE = operations.ORDER_FOR_SYNC, operations.FULFILLMENT_CREATE


def _connection(server: HTTPServer) -> StoreConnection:
    return StoreConnection(server.url_for(""), (("access_token", "shpat_test"),), deadline=3.0)


def _answering(server: HTTPServer, content: Any, status: int = 200) -> AdminApi:
    answer = Response(as_json(content), status, {"X-Request-Id": "trace-1"}, content_type="application/json")
    server.expect_request(re.compile(".*")).respond_with_handler(lambda _request: answer)
    return AdminApi(_connection(server))


def _error(server: HTTPServer, operation: Operation, content: Any, status: int = 200) -> SyncError:
    with pytest.raises(SyncError) as caught:
        _answering(server, content, status).execute(operation, {})
    assert caught.value.trace_id == "trace-1"
    return caught.value


def _errors(code: str | None, **more: Any) -> dict[str, Any]:
    extensions = {"code": code} if code else {}
    return {"errors": [{"message": "Said by Shopify", "extensions": extensions}], **more}


def test_what_is_sent_and_where(httpserver: HTTPServer) -> None:
    assert _answering(httpserver, {"data": {"order": None}}).execute(READ, {"id": "gid"}) == {"order": None}
    request = httpserver.log[0][0]
    assert (request.method, request.path) == ("POST", "/admin/api/2026-07/graphql.json")
    assert request.headers["X-Shopify-Access-Token"] == "shpat_test"
    sent = {"query": READ.text, "operationName": "OrderForSync", "variables": {"id": "gid"}}
    assert request.json == sent


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((401, "credentials"), (402, "shop_frozen"), (403, "permission"), (404, "address")),
        *((423, "shop_locked"), (430, "blocked")),
    ],
)
@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_a_status_that_only_a_person_can_change(
    httpserver: HTTPServer, operation: Operation, status: int, code: str
) -> None:
    error = _error(httpserver, operation, {"errors": "[API] Invalid API key or access token"}, status)
    assert (type(error), error.code) == (ConnectionProblem, code)
    assert "shpat" not in error.sentence


@pytest.mark.parametrize(
    ("code", "ours"), [("ACCESS_DENIED", "permission"), ("SHOP_INACTIVE", "shop_frozen")]
)
def test_denied_inside_a_200(httpserver: HTTPServer, code: str, ours: str) -> None:
    error = _error(httpserver, READ, _errors(code, data={"order": None}))
    assert (type(error), error.code) == (ConnectionProblem, ours)
    assert error.sentence.endswith("Shopify said: Said by Shopify")


@pytest.mark.parametrize(
    ("needed", "available", "rate", "seconds"),
    [(590, 66, 100, 5.24), (590, 66, 50, 10.48), (590, 600, 100, 1.0), (590, 0, 1, 60.0), (590, 66, 0, 1.0)],
)
@pytest.mark.parametrize("operation", [READ, WRITE], ids=["read", "write"])
def test_throttled_says_how_long(
    httpserver: HTTPServer, operation: Operation, needed: int, available: int, rate: int, seconds: float
) -> None:
    throttle = {"maximumAvailable": 2000, "currentlyAvailable": available, "restoreRate": rate}
    cost = {"requestedQueryCost": needed, "actualQueryCost": None, "throttleStatus": throttle}
    error = _error(httpserver, operation, _errors("THROTTLED", extensions={"cost": cost}))
    assert isinstance(error, TemporaryError)
    assert error.retry_after == pytest.approx(seconds)


def test_throttled_without_numbers(httpserver: HTTPServer) -> None:
    error = _error(httpserver, READ, _errors("THROTTLED", extensions=[]))
    assert isinstance(error, TemporaryError)
    assert error.retry_after == 1.0


@pytest.mark.parametrize(
    ("operation", "kind"), [(READ, TemporaryError), (WRITE, OutcomeUnknown)], ids=["read", "write"]
)
def test_their_own_error_inside_a_200(
    httpserver: HTTPServer, operation: Operation, kind: type[SyncError]
) -> None:
    assert type(_error(httpserver, operation, _errors("INTERNAL_SERVER_ERROR"))) is kind


@pytest.mark.parametrize(
    ("code", "ours"),
    [("MAX_COST_EXCEEDED", "too_costly"), ("undefinedField", "not_understood"), (None, "not_understood")],
)
def test_a_question_they_do_not_accept(httpserver: HTTPServer, code: str | None, ours: str) -> None:
    error = _error(httpserver, WRITE, _errors(code))
    assert (type(error), error.code) == (PermanentError, ours)
    assert error.sentence == "Shopify did not accept the question: Said by Shopify"


def test_an_error_beside_the_result_of_a_write_is_unknown(httpserver: HTTPServer) -> None:
    written: dict[str, Any] = {"fulfillmentCreate": {"fulfillment": None, "userErrors": []}}
    assert type(_error(httpserver, WRITE, _errors("ACCESS_DENIED", data=written))) is OutcomeUnknown


def test_user_errors_are_a_refusal_in_their_words(httpserver: HTTPServer) -> None:
    refused = [
        {"field": ["fulfillment"], "message": "Fulfillment order is closed."},
        {"message": "And more."},
    ]
    answer = {"data": {"fulfillmentCreate": {"fulfillment": None, "userErrors": refused}}}
    error = _error(httpserver, WRITE, answer)
    assert (type(error), error.code) == (PermanentError, "user_error")
    assert error.sentence == "Shopify refused: Fulfillment order is closed.; And more."


@pytest.mark.parametrize("content", [{}, [], 1, {"data": None}, {"data": []}, {"errors": []}])
@pytest.mark.parametrize(
    ("operation", "kind"), [(READ, TemporaryError), (WRITE, OutcomeUnknown)], ids=["read", "write"]
)
def test_nothing_definite(
    httpserver: HTTPServer, operation: Operation, kind: type[SyncError], content: Any
) -> None:
    assert type(_error(httpserver, operation, content)) is kind


@pytest.mark.parametrize(
    "errors", ["text", {"code": 1}, [1], [{"extensions": []}], [{"extensions": {"code": []}}]]
)
def test_errors_of_odd_shape_are_a_refusal(httpserver: HTTPServer, errors: Any) -> None:
    assert type(_error(httpserver, READ, {"errors": errors})) is PermanentError


def _page(place: int, entries: list[dict[str, Any]], has_next: bool) -> dict[str, Any]:
    return {**nodes(*entries), "pageInfo": {"hasNextPage": has_next, "endCursor": f"cursor-{place}"}}


def _paged(answers: dict[tuple[str, str | None], Any]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        asked = request.json
        key = (asked["operationName"], asked["variables"].get("after"))
        return Response(as_json({"data": answers[key]}), content_type="application/json")

    return answer


def test_a_long_order_is_read_to_its_end(httpserver: HTTPServer) -> None:
    first_work = {**work(1, {1: 1}), "lineItems": _page(3, nodes_of(1), has_next=True)}
    order = recorded_order(
        lineItems=_page(1, [line(1)], has_next=True),
        fulfillmentOrders=_page(2, [first_work], has_next=True),
    )
    collected = work(2, {3: 1}, deliveryMethod={"methodType": "PICK_UP"})
    answers = {
        ("OrderForSync", None): {"order": order},
        ("OrderLineItemsPage", "cursor-1"): {"order": {"lineItems": _page(4, [line(2)], has_next=True)}},
        ("OrderLineItemsPage", "cursor-4"): {"order": {"lineItems": nodes(line(3))}},
        ("OrderFulfillmentOrdersPage", "cursor-2"): {"order": {"fulfillmentOrders": nodes(collected)}},
        ("FulfillmentOrderLinesPage", "cursor-3"): {"node": {"lineItems": nodes(*nodes_of(2))}},
    }
    httpserver.expect_request(re.compile(".*")).respond_with_handler(_paged(answers))
    found = Shopify(_connection(httpserver)).read_order(ORDER_ID)
    assert found is not None
    methods = [(entry.external_id, entry.delivery_method.value) for entry in found.lines]
    assert methods == [("1", "shipping"), ("2", "shipping"), ("3", "pickup")]
    assert len(httpserver.log) == len(answers)


def nodes_of(number: int) -> list[dict[str, Any]]:
    """The line of a fulfillment order."""
    lines: list[dict[str, Any]] = work(1, {number: 1})["lineItems"]["nodes"]
    return lines


def test_a_list_without_end_is_given_up(httpserver: HTTPServer) -> None:
    endless = {"order": {"lineItems": _page(1, [line(1)], has_next=True)}}
    api = _answering(httpserver, {"data": endless})
    with pytest.raises(PermanentError, match="more than 40 pages"):
        list(api.pages(operations.ORDER_LINE_ITEMS_PAGE, {"id": "gid"}, None, "order", "lineItems"))
    assert len(httpserver.log) == 40


def test_smaller_pages_are_more_pages(httpserver: HTTPServer) -> None:
    """A long order is read to its end also where Shopify wants pages of a sixteenth."""

    def answer(request: Request) -> Response:
        if "(first: 100" in request.json["query"]:
            return Response(as_json(_errors("MAX_COST_EXCEEDED")), content_type="application/json")
        place = int(request.json["variables"].get("after") or 0)
        page = {**nodes(line(place)), "pageInfo": {"hasNextPage": place < 60, "endCursor": str(place + 1)}}
        return Response(as_json({"data": {"order": {"lineItems": page}}}), content_type="application/json")

    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    api = AdminApi(_connection(httpserver))
    found = api.pages(operations.ORDER_LINE_ITEMS_PAGE, {"id": "gid"}, None, "order", "lineItems")
    assert len(list(found)) == 61


def test_a_page_that_is_left_out_may_be_asked_for_again(httpserver: HTTPServer) -> None:
    api = _answering(httpserver, {"data": {"order": None}})
    with pytest.raises(TemporaryError):
        list(api.pages(operations.ORDER_LINE_ITEMS_PAGE, {"id": "gid"}, None, "order", "lineItems"))


def test_another_order_than_asked_for_is_not_taken(httpserver: HTTPServer) -> None:
    _answering(httpserver, {"data": {"order": recorded_order(id="gid://shopify/Order/43")}})
    with pytest.raises(TemporaryError, match="another order"):
        Shopify(_connection(httpserver)).read_order(ORDER_ID)
