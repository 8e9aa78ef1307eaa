"""Each call: what we send, where, what we make of the answer, and of the error."""

import base64
import json
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
from crushsync.lib.text import dump_json, parse_json
from crushsync.vinoshipper.client import Vinoshipper, connect
from crushsync.vinoshipper.payloads import compliance_body, order_body
from crushsync.vinoshipper.types import (
    Acceptance,
    CancelOutcome,
    Profile,
    RateCode,
    VinoshipperConnection,
    WebhookRegistration,
)
from tests.vinoshipper.samples import NUMBER, ORDER, recorded

ANYWHERE = re.compile(".*")
PATH = f"/api/v3/p/orders/{NUMBER}"
LOGIN_PAGE = Response("<html><form>Log in</form></html>", 200, content_type="text/html;charset=UTF-8")
WRITES: dict[str, Callable[[Vinoshipper], Any]] = {
    "put": lambda v: v.put_order(ORDER),
    "cancel": lambda v: v.cancel_order(NUMBER, "why"),
    "add webhook": lambda v: v.add_webhook("ORDER", "https://x.example/h"),
    "delete webhook": lambda v: v.delete_webhook("7"),
}
READS: dict[str, Callable[[Vinoshipper], Any]] = {
    "get": lambda v: v.get_order(NUMBER),
    "check": lambda v: v.check_compliance(ORDER),
    "feed": lambda v: v.product_feed(),
    "profile": lambda v: v.profile(),
    "rate codes": lambda v: v.rate_codes(),
    "webhooks": lambda v: v.webhooks(),
}


def reply(content: bytes | Any, status: int = 200) -> Response:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Response(data, status, {"vs-trace-id": "trace-9"}, content_type="application/json")


def sent(httpserver: HTTPServer) -> list[tuple[str, str]]:
    return [(request.method, request.full_path.rstrip("?")) for request, _ in httpserver.log]


def first_request(httpserver: HTTPServer) -> Request:
    return httpserver.log[0][0]


# -- PUT an order ------------------------------------------------------------------------------------------


def test_put_sends_the_order_with_our_name_and_credentials(
    httpserver: HTTPServer, vinoshipper: Vinoshipper
) -> None:
    httpserver.expect_request(PATH, method="PUT").respond_with_response(reply(recorded("order__accepted")))
    vinoshipper.put_order(ORDER)
    request = first_request(httpserver)
    assert sent(httpserver) == [("PUT", PATH)]
    assert parse_json(request.get_data()) == parse_json(dump_json(order_body(ORDER)).encode())
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"342.key:secret"
    assert request.headers["VS-Client-ID"] == "CrushSync"
    assert request.headers["Content-Type"] == "application/json"


def test_put_accepted(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    httpserver.expect_request(PATH).respond_with_response(reply(recorded("order__accepted")))
    answer = vinoshipper.put_order(ORDER)
    assert (answer.number, answer.acceptance, answer.trace_id) == (NUMBER, Acceptance.ACCEPTED, "trace-9")


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (200, "order__problem"),
        (400, "error__compliance"),
        (409, "error__compliance"),
        (422, "error__compliance"),
    ],
)
def test_put_rejected_is_an_answer(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, status: int, name: str
) -> None:
    httpserver.expect_request(PATH).respond_with_response(reply(recorded(name), status))
    answer = vinoshipper.put_order(ORDER)
    assert (answer.acceptance, answer.http_status, answer.trace_id) == (
        Acceptance.REJECTED,
        status,
        "trace-9",
    )
    assert [problem.code for problem in answer.problems] == ["STATE_PROHIBITED", "PO_BOX"]


def test_numbers_are_quoted(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    httpserver.expect_request("/api/v3/p/orders/a/../b ?#%é").respond_with_response(reply({}, 404))
    assert vinoshipper.get_order("a/../b ?#%é") is None
    assert first_request(httpserver).environ["RAW_URI"] == "/api/v3/p/orders/a%2F..%2Fb%20%3F%23%25%C3%A9"


@pytest.mark.parametrize("status", [200, 201])
def test_another_orders_number_says_nothing_about_ours(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, status: int
) -> None:
    other = {"orderNumber": "SOMEBODY-1", "status": "SUCCESS"}
    httpserver.expect_request(PATH).respond_with_response(reply(other, status))
    with pytest.raises(OutcomeUnknown) as written:
        vinoshipper.put_order(ORDER)
    with pytest.raises(TemporaryError) as looked:
        vinoshipper.get_order(NUMBER)
    assert (written.value.code, looked.value.code) == ("mismatch", "mismatch")
    assert written.value.trace_id == "trace-9"


def test_the_case_of_a_number_does_not_matter(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    answer = {"orderNumber": NUMBER.lower(), "status": "SUCCESS"}
    httpserver.expect_request(PATH).respond_with_response(reply(answer))
    assert vinoshipper.put_order(ORDER).acceptance is Acceptance.ACCEPTED


@pytest.mark.parametrize("content", [b"{}", b"null", b"[]", b'"SUCCESS"', b'{"orderNumber": "HOLLOW-1001"}'])
def test_a_200_without_an_order_is_no_answer(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, content: bytes
) -> None:
    httpserver.expect_request(PATH).respond_with_response(reply(content))
    with pytest.raises(OutcomeUnknown, match=r"answer about order HOLLOW-1001 is not what it should be"):
        vinoshipper.put_order(ORDER)
    with pytest.raises(TemporaryError):
        vinoshipper.get_order(NUMBER)


# -- GET an order ------------------------------------------------------------------------------------------


def test_get(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    httpserver.expect_request(PATH, method="GET").respond_with_response(
        reply(recorded("order__two_packages"))
    )
    answer = vinoshipper.get_order(NUMBER)
    assert answer
    assert answer.tracking_numbers == ("1Z12345E0205271688", "1Z12345E6605272234")
    assert first_request(httpserver).get_data() == b""


def test_get_nothing_there(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    httpserver.expect_request(PATH).respond_with_response(reply({"error": {"status": 404}}, 404))
    assert vinoshipper.get_order(NUMBER) is None


def test_a_404_page_is_a_wrong_address_and_no_news(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    httpserver.expect_request(PATH).respond_with_data("<html>", 404, content_type="text/html")
    with pytest.raises(ConnectionProblem):
        vinoshipper.get_order(NUMBER)


@pytest.mark.parametrize("name", ["error__validation", "error__conflict"])
def test_an_error_in_a_200_refuses_a_put_and_is_no_order_to_read(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, name: str
) -> None:
    httpserver.expect_request(PATH).respond_with_response(reply(recorded(name)))
    assert vinoshipper.put_order(ORDER).acceptance is Acceptance.REJECTED
    with pytest.raises(TemporaryError):
        vinoshipper.get_order(NUMBER)


# -- cancel ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reason", "told"), [("Too warm", "Too warm"), ("  ", "Canceled by the winery")])
def test_cancel_sends_a_reason(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, reason: str, told: str
) -> None:
    httpserver.expect_request(f"{PATH}/cancel", method="POST").respond_with_response(reply({"ok": True}))
    answer = vinoshipper.cancel_order(NUMBER, reason)
    assert first_request(httpserver).get_json() == {"reason": told}
    assert (answer.outcome, answer.raw, answer.trace_id) == (CancelOutcome.CANCELLED, {"ok": True}, "trace-9")
    assert answer.sentence == "Vinoshipper canceled order HOLLOW-1001."


@pytest.mark.parametrize("content", [b"", b"OK", b"[]"])
def test_cancel_needs_no_body_to_be_done(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, content: bytes
) -> None:
    httpserver.expect_request(f"{PATH}/cancel").respond_with_response(reply(content))
    answer = vinoshipper.cancel_order(NUMBER, "why")
    assert (answer.outcome, answer.raw) == (CancelOutcome.CANCELLED, {})


@pytest.mark.parametrize(
    ("status", "found", "outcome", "sentence"),
    [
        (404, None, "not_found", "Vinoshipper has no order HOLLOW-1001."),
        (400, "order__two_packages", "too_late",
         "Vinoshipper did not cancel order HOLLOW-1001: It has been shipped. Call us."),
        (409, "order__two_packages", "too_late",
         "Vinoshipper did not cancel order HOLLOW-1001: It has been shipped. Call us."),
        (400, "order__cancelled", "cancelled", "Order HOLLOW-1001 was canceled at Vinoshipper before."),
        (400, "deleted", "cancelled", "Order HOLLOW-1001 was canceled at Vinoshipper before."),
        (409, "order__problem", "not_found",
         "Vinoshipper holds no accepted order HOLLOW-1001, so there is nothing to cancel."),
    ],
)  # fmt: skip
def test_cancel_refused(
    httpserver: HTTPServer,
    vinoshipper: Vinoshipper,
    status: int,
    found: str | None,
    outcome: str,
    sentence: str,
) -> None:
    errors = [{"description": "It has been shipped."}, {"description": "Call us."}]
    refused = reply({"error": {"status": status, "type": "VALIDATION", "errors": errors}}, status)
    httpserver.expect_ordered_request(f"{PATH}/cancel", method="POST").respond_with_response(refused)
    if found:
        odd = {"deleted": reply({"orderNumber": NUMBER, "status": "DELETED"})}
        there = odd[found] if found in odd else reply(recorded(found))
        httpserver.expect_ordered_request(PATH, method="GET").respond_with_response(there)
    answer = vinoshipper.cancel_order(NUMBER, "why")
    assert (answer.outcome, answer.sentence, answer.http_status) == (outcome, sentence, status)
    assert len(httpserver.log) == (2 if found else 1)


def test_cancel_refused_and_not_shown_says_nothing(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    """They know the number, so it is there and cannot be read yet."""
    httpserver.expect_ordered_request(f"{PATH}/cancel", method="POST").respond_with_response(reply({}, 400))
    httpserver.expect_ordered_request(PATH, method="GET").respond_with_response(reply({}, 404))
    with pytest.raises(TemporaryError) as caught:
        vinoshipper.cancel_order(NUMBER, "why")
    assert (caught.value.code, caught.value.trace_id) == ("not_shown", "trace-9")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (recorded("order__two_packages"), "Vinoshipper refused this (HTTP 200) without saying why."),
        (b'{"error": {"errors": [{"description": "Too late."}]}}', "Too late."),
        (b'{"status": "SUCCESS", "orderProblems": [{"description": "Too late."}]}', "Too late."),
    ],
)
def test_a_200_that_does_not_cancel(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, content: bytes, words: str
) -> None:
    httpserver.expect_ordered_request(f"{PATH}/cancel").respond_with_response(reply(content))
    httpserver.expect_ordered_request(PATH).respond_with_response(reply(recorded("order__two_packages")))
    answer = vinoshipper.cancel_order(NUMBER, "why")
    assert answer.outcome is CancelOutcome.TOO_LATE
    assert answer.sentence == f"Vinoshipper did not cancel order HOLLOW-1001: {words}"


# -- the other calls ---------------------------------------------------------------------------------------


def test_check_compliance(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    path = "/api/v3/p/orders/check-compliance"
    no = {"isCompliant": False, "problems": [{"code": "PO_BOX", "description": "No PO boxes."}]}
    httpserver.expect_oneshot_request(path, method="POST").respond_with_response(reply(no))
    httpserver.expect_oneshot_request(path).respond_with_response(reply(recorded("error__validation"), 400))
    verdict, refused = vinoshipper.check_compliance(ORDER), vinoshipper.check_compliance(ORDER)
    assert parse_json(first_request(httpserver).get_data()) == parse_json(
        dump_json(compliance_body(ORDER)).encode()
    )
    assert (verdict.is_compliant, [p.code for p in verdict.problems]) == (False, ["PO_BOX"])
    assert (refused.is_compliant, [p.code for p in refused.problems]) == (False, ["UNKNOWN_PRODUCT"])
    assert verdict.trace_id == refused.trace_id == "trace-9"


def test_the_feed_asks_the_profile_whose_it_is_once(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    httpserver.expect_request("/api/v3/p/profile").respond_with_json({"id": 342, "name": "Hollow Oak"})
    feed = reply(recorded("feed__mixed"))
    httpserver.expect_request(
        "/api/v3/feeds/vs/342/products", query_string="soldOut=true"
    ).respond_with_response(feed)
    assert len(vinoshipper.product_feed().products) == 3
    assert len(vinoshipper.product_feed().products) == 3
    listing = ("GET", "/api/v3/feeds/vs/342/products?soldOut=true")
    assert sent(httpserver) == [("GET", "/api/v3/p/profile"), listing, listing]


def test_a_feed_may_be_large(httpserver: HTTPServer) -> None:
    rows = [{"id": n, "sku": f"S{n}", "name": "x" * 900, "inventory": 1} for n in range(5_000)]
    httpserver.expect_request("/api/v3/feeds/vs/9/products").respond_with_json({"products": rows})
    client = Vinoshipper(VinoshipperConnection(httpserver.url_for(""), "k", "s", producer_id="9"))
    assert len(client.product_feed().products) == 5_000


def test_profile_rate_codes_and_webhooks(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    hook = {"id": 7, "subject": "ORDER", "url": "https://x.example/h"}
    rate = {"carrier": "UPS", "rateCode": "03", "rateDescription": "UPS Ground"}
    httpserver.expect_request("/api/v3/p/profile").respond_with_json({"id": 342, "name": "Hollow Oak"})
    httpserver.expect_request("/api/v3/p/shipment/rate-codes").respond_with_json([rate])
    httpserver.expect_request("/api/v3/p/profile/webhooks", method="GET").respond_with_json([hook])
    assert vinoshipper.profile() == Profile("342", "Hollow Oak")
    assert vinoshipper.rate_codes() == (RateCode("UPS", "03", "UPS Ground"),)
    assert vinoshipper.webhooks() == (WebhookRegistration("7", "ORDER", "https://x.example/h"),)


def test_webhooks_come_and_go(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    path, url = "/api/v3/p/profile/webhooks", "https://x.example/h"
    hook = {"id": 7, "subject": "ORDER", "url": url}
    body = {"subject": "ORDER", "url": url, "description": "CrushSync"}
    httpserver.expect_request(path, method="POST", json=body).respond_with_json(hook)
    httpserver.expect_oneshot_request(f"{path}/7", method="DELETE").respond_with_data("", 204)
    httpserver.expect_oneshot_request(f"{path}/7", method="DELETE").respond_with_json({}, 404)
    assert vinoshipper.add_webhook("ORDER", url) == WebhookRegistration("7", "ORDER", url)
    vinoshipper.delete_webhook("7")
    vinoshipper.delete_webhook("7")
    assert len(httpserver.log) == 3


def test_a_webhook_registered_without_an_id_is_uncertain(
    httpserver: HTTPServer, vinoshipper: Vinoshipper
) -> None:
    httpserver.expect_request("/api/v3/p/profile/webhooks").respond_with_json({})
    with pytest.raises(OutcomeUnknown):
        vinoshipper.add_webhook("ORDER", "https://x.example/h")


# -- errors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("content", [b"null", b"5", b'{"x": 1}'])
def test_an_answer_of_another_shape_is_no_answer(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, name: str, content: bytes
) -> None:
    httpserver.expect_request(ANYWHERE).respond_with_response(reply(content))
    with pytest.raises(TemporaryError) as caught:
        READS[name](vinoshipper)
    assert (caught.value.code, caught.value.trace_id) == ("unreadable", "trace-9")


@pytest.mark.parametrize(
    ("given", "of_write", "of_read"),
    [
        (LOGIN_PAGE, ConnectionProblem, ConnectionProblem),
        (Response("", 401), ConnectionProblem, ConnectionProblem),
        (Response("", 403), ConnectionProblem, ConnectionProblem),
        (Response("", 302, {"Location": "/login"}), ConnectionProblem, ConnectionProblem),
        (Response("", 429), TemporaryError, TemporaryError),
        (Response("", 500), OutcomeUnknown, TemporaryError),
        (Response("", 503), OutcomeUnknown, TemporaryError),
        (Response("", 410), PermanentError, PermanentError),
    ],
)
def test_every_call_has_the_error_of_what_happens_next(
    httpserver: HTTPServer,
    vinoshipper: Vinoshipper,
    given: Response,
    of_write: type[SyncError],
    of_read: type[SyncError],
) -> None:
    httpserver.expect_request(ANYWHERE).respond_with_response(given)
    for call in WRITES.values():
        with pytest.raises(of_write) as caught:
            call(vinoshipper)
        assert type(caught.value) is of_write
    for call in READS.values():
        with pytest.raises(of_read) as caught:
            call(vinoshipper)
        assert type(caught.value) is of_read


def test_a_client_is_kept_per_account() -> None:
    one = VinoshipperConnection("https://vinoshipper.example", "key", "secret")
    same = VinoshipperConnection("https://vinoshipper.example", "key", "secret")
    other = VinoshipperConnection("https://vinoshipper.example", "key", "changed")
    assert connect(one) is connect(same)
    assert connect(one) is not connect(other)
    assert "secret" not in repr(one)
