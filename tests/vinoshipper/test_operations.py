"""Estimates, searches, other questions: what we send, where, what we make of the answer, of the error."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crushsync.lib.errors import ConnectionProblem, PermanentError, TemporaryError
from crushsync.lib.text import parse_json
from crushsync.vinoshipper.client import Vinoshipper
from crushsync.vinoshipper.types import AccessPoint, FoundOrder, Progress, Quote, TaxEstimate
from sandbox.server import SandboxServer
from tests.vinoshipper.samples import HOME, NUMBER, ORDER
from tests.vinoshipper.test_client import LOGIN_PAGE, first_request, reply, sent
from tests.vinoshipper.test_sandbox import WINE, client, sandbox, switch

__all__ = ["client", "sandbox"]

P = "/api/v3/p"
GOODS = [
    {"productId": "RED-2020", "quantity": 2, "price": Decimal("25.00")},
    {"productId": "ROSE-24", "quantity": 1, "price": Decimal("19.50")},
]
ADDRESS = {
    "street1": "123 Fake St",
    "city": "Sacramento",
    "stateCode": "CA",
    "postalCode": "95814",
    "country": "US",
}
TO = {
    "firstName": "Jane",
    "lastName": "Doe",
    **ADDRESS,
    "phone": {"number": "9165550100", "country": 1},
}
QUOTED: dict[str, Any] = {"productIdType": "SKU", "shipToAddress": TO, "products": GOODS}
RATE = {"carrier": "UPS", "rateCode": "03", "price": Decimal("27.25")}
NEWEST = {"limit": 25, "offset": 0, "sort": {"field": "ORDER_DATE", "direction": "DESC"}}
ROW = {
    "orderNumber": "A-1",
    "orderStatus": "shipped",
    "saleAmount": 70.5,
    "shippedAt": "2026-11-20T10:00:00Z",
}
ROW_READ = FoundOrder(
    "A-1", Progress.SHIPPED, "SHIPPED", Decimal("70.5"), None, datetime(2026, 11, 20, 10, tzinfo=UTC)
)
POINT = {"locationId": "U1", "businessName": "Store", **ADDRESS}

Verb = Callable[[Vinoshipper], Any]
VERBS: dict[str, tuple[Verb, str, str, Any, Any, Any]] = {
    # verb: call, method, path, body sent, answer, what we make of it
    "taxes": (
        lambda v: v.estimate_taxes(ORDER), "POST", f"{P}/orders/estimate-taxes",
        {**QUOTED, "shippingRate": RATE},
        {"taxesTotal": 8.1, "extraFeesTotal": 0.3}, TaxEstimate(Decimal("7.8"), Decimal("0.3")),
    ),
    "shipping": (
        lambda v: v.estimate_shipping(ORDER), "POST", f"{P}/orders/estimate-shipping",
        {**QUOTED, "isResidential": True},
        {"rates": [{"carrier": "ups", "rateCode": "03", "price": 14, "rateDescription": "Ground"}, {}]},
        (Quote("UPS", "03", Decimal(14), "Ground"),),
    ),
    "access points": (
        lambda v: v.access_points(HOME), "POST", f"{P}/addresses/access-points", ADDRESS,
        {"locations": [POINT]},
        (AccessPoint("U1", "Store", "123 Fake St", "Sacramento", "CA", "95814"),),
    ),
    "customers": (
        lambda v: v.customers_with("jane@example.com"), "POST", f"{P}/customers/exists",
        {"email": "jane@example.com"}, [{"id": 7}, {"id": 7}, {"id": 8}], ("7", "8"),
    ),
    "search": (
        lambda v: list(v.search()), "POST", f"{P}/orders/search", NEWEST, [ROW, ROW], [ROW_READ],
    ),
    "search options": (
        lambda v: v.search_options(), "GET", f"{P}/orders/search/ui-options", None,
        {"orderStatuses": ["OPEN", "OPEN", 3], "other": {}}, {"orderStatuses": ("OPEN", "3")},
    ),
    "shippers": (
        lambda v: v.shippers(), "GET", f"{P}/shippers/active", None,
        [{"carrier": "UPS"}, {"carrier": "GLS", "active": False}], ("UPS",),
    ),
    "mark shipped": (
        lambda v: v.mark_shipped(NUMBER), "POST", f"{P}/orders/{NUMBER}/shipped", {}, {}, True,
    ),
}  # fmt: skip
verbs = pytest.mark.parametrize("verb", VERBS)
questions = pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "mark shipped"])


@verbs
def test_what_is_sent_and_what_we_make_of_the_answer(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, verb: str
) -> None:
    call, method, path, body, answer, expected = VERBS[verb]
    httpserver.expect_request(path, method=method).respond_with_response(reply(answer))
    assert call(vinoshipper) == expected
    assert sent(httpserver) == [(method, path)]
    given = first_request(httpserver).get_data()
    assert (parse_json(given) if given else None) == body


@verbs
def test_refused(httpserver: HTTPServer, vinoshipper: Vinoshipper, verb: str) -> None:
    call, _, path, *_ = VERBS[verb]
    httpserver.expect_request(path).respond_with_response(reply({"error": {"type": "VALIDATION"}}, 400))
    with pytest.raises(PermanentError) as caught:
        call(vinoshipper)
    assert (caught.value.code, caught.value.trace_id) == ("http_400", "trace-9")


@verbs
def test_the_login_page(httpserver: HTTPServer, vinoshipper: Vinoshipper, verb: str) -> None:
    httpserver.expect_request(VERBS[verb][2]).respond_with_response(LOGIN_PAGE)
    with pytest.raises(ConnectionProblem):
        VERBS[verb][0](vinoshipper)


@questions
@pytest.mark.parametrize("odd", [None, 3, "text", {"what": 1}, [1]])
def test_an_answer_of_another_shape(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, verb: str, odd: Any
) -> None:
    """Unreadable is not the same as nothing; a list with nothing readable in it is."""
    httpserver.expect_request(VERBS[verb][2]).respond_with_response(reply(odd))
    is_list_verb = verb in ("search", "customers", "shippers") and isinstance(odd, list)
    if is_list_verb or (verb == "search options" and isinstance(odd, dict)):
        assert not VERBS[verb][0](vinoshipper)
        return
    with pytest.raises(TemporaryError) as caught:
        VERBS[verb][0](vinoshipper)
    assert (caught.value.code, caught.value.trace_id) == ("unreadable", "trace-9")


def test_an_order_to_mark_that_they_do_not_have(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    httpserver.expect_request(f"{P}/orders/{NUMBER}/shipped").respond_with_response(reply({}, 404))
    assert vinoshipper.mark_shipped(NUMBER) is False


@pytest.mark.parametrize("wrapper", ["results", "orders", "data"])
def test_a_search_in_a_wrapper(httpserver: HTTPServer, vinoshipper: Vinoshipper, wrapper: str) -> None:
    httpserver.expect_request(f"{P}/orders/search").respond_with_response(reply({wrapper: [ROW]}))
    assert list(vinoshipper.search()) == [ROW_READ]


def test_several_rows_of_an_order_are_one(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    """As seen in public clients; the credit that a cancellation leaves has a number of its own."""
    credit = {**ROW, "orderNumber": "CR-A-1", "saleAmount": -70.5}
    httpserver.expect_request(f"{P}/orders/search").respond_with_response(reply([ROW, credit, ROW]))
    found = list(vinoshipper.search())
    assert [(order.number, order.amount) for order in found] == [
        ("A-1", Decimal("70.5")),
        ("CR-A-1", Decimal("-70.5")),
    ]


def paged(httpserver: HTTPServer, count: int, *, heeds_offset: bool = True) -> list[int]:
    """A search over so many orders; the offsets asked for are noted."""
    offsets: list[int] = []

    def page(request: Request) -> Response:
        offset = parse_json(request.get_data())["offset"]
        offsets.append(offset)
        first = offset if heeds_offset else 0
        return reply([{**ROW, "orderNumber": f"A-{n}"} for n in range(first, min(first + 25, count))])

    httpserver.expect_request(f"{P}/orders/search").respond_with_handler(page)
    return offsets


@pytest.mark.parametrize(("count", "calls"), [(0, [0]), (24, [0]), (25, [0, 25]), (60, [0, 25, 50])])
def test_pages_of_25(httpserver: HTTPServer, vinoshipper: Vinoshipper, count: int, calls: list[int]) -> None:
    offsets = paged(httpserver, count)
    assert [order.number for order in vinoshipper.search()] == [f"A-{n}" for n in range(count)]
    assert offsets == calls


def test_a_search_that_ignores_the_offset_ends(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    offsets = paged(httpserver, 100, heeds_offset=False)
    assert len(list(vinoshipper.search())) == 25
    assert offsets == [0, 25]


def test_pages_are_bounded_and_read_when_needed(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    offsets = paged(httpserver, 1000)
    assert len(list(vinoshipper.search(pages=3))) == 75
    assert offsets == [0, 25, 50]
    next(vinoshipper.search())
    assert offsets == [0, 25, 50, 0]


@pytest.mark.parametrize("wrapper", ["list", "results", "orders", "data"])
def test_all_of_it_at_the_stand_in(sandbox: SandboxServer, client: Vinoshipper, wrapper: str) -> None:
    switch(sandbox, search_wrapper=wrapper)
    client.put_order(WINE)
    assert [(order.number, order.progress) for order in client.search()] == [(NUMBER, Progress.OPEN)]
    assert client.estimate_taxes(WINE) == TaxEstimate(Decimal("8.26"), Decimal("0.2"))
    assert [(quote.code, quote.price) for quote in client.estimate_shipping(WINE)][:2] == [
        ("03", Decimal("15.5")),
        ("12", Decimal("25.5")),
    ]
    assert [point.id for point in client.access_points(WINE.ship_to)] == ["U00000001"]
    assert len(client.customers_with("jane.doe@example.com")) == 1
    assert client.customers_with("nobody@example.com") == ()
    assert client.shippers() == ("UPS", "FEDEX")
    assert "LABELS_GENERATED" in client.search_options()["orderStatuses"]
    assert client.mark_shipped(NUMBER)
    found = client.get_order(NUMBER)
    assert found
    assert found.progress == Progress.SHIPPED
