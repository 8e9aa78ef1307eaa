"""Sending at most once: which calls are made in which case, and what comes of it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from crushsync.lib.errors import OutcomeUnknown, TemporaryError
from crushsync.vinoshipper.client import Vinoshipper
from crushsync.vinoshipper.types import Acceptance, Progress
from tests.vinoshipper.samples import NUMBER, ORDER, body, moved_to, recorded

PATH = f"/api/v3/p/orders/{NUMBER}"
ACCEPTED = recorded("order__accepted")
PROBLEM = recorded("order__problem")
CONFLICT = recorded("error__conflict")
MOVED = moved_to(ORDER, city="Davis")
CITY = ("the city of the delivery address",)

Step = tuple[str, int, bytes]
NOT_THERE: Step = ("GET", 404, b"{}")


def playing(httpserver: HTTPServer, *steps: Step) -> None:
    """Let the server answer exactly these calls in this order; any other call is answered 500."""
    for method, status, content in steps:
        httpserver.expect_ordered_request(PATH, method=method).respond_with_response(
            Response(content, status, {"vs-trace-id": f"t-{status}"}, content_type="application/json")
        )


def changed(**changes: Any) -> bytes:
    return json.dumps(body(**changes), default=float).encode()


def calls(httpserver: HTTPServer) -> list[str]:
    httpserver.check_assertions()
    return [request.method for request, _ in httpserver.log]


def test_fresh(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, ("PUT", 200, ACCEPTED))
    delivery = vinoshipper.deliver(ORDER, look_first=False)
    assert (delivery.answer.acceptance, delivery.adopted, delivery.differences) == (
        Acceptance.ACCEPTED, False, ()
    )  # fmt: skip
    assert calls(httpserver) == ["PUT"]
    (call,) = delivery.calls
    assert (call.method, call.path, call.status, call.trace_id) == ("PUT", PATH, 200, "t-200")
    assert 0 < call.seconds < 5


def test_nothing_found_is_sent(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, NOT_THERE, ("PUT", 200, ACCEPTED))
    delivery = vinoshipper.deliver(ORDER, look_first=True)
    assert (delivery.adopted, delivery.differences) == (False, ())
    assert [(call.method, call.status) for call in delivery.calls] == [("GET", 404), ("PUT", 200)]


@pytest.mark.parametrize("status", ["SUCCESS", "PENDING", "ON_THE_MOON"])
def test_what_stands_there_and_equals_ours_is_adopted(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, status: str
) -> None:
    playing(httpserver, ("GET", 200, changed(status=status)))
    delivery = vinoshipper.deliver(ORDER, look_first=True)
    assert (delivery.answer.status, delivery.adopted, delivery.differences) == (status, True, ())
    assert calls(httpserver) == ["GET"]


def test_accepted_with_other_content_is_a_conflict(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, ("GET", 200, ACCEPTED))
    delivery = vinoshipper.deliver(MOVED, look_first=True)
    assert (delivery.answer.acceptance, delivery.adopted, delivery.differences) == (
        Acceptance.ACCEPTED, False, CITY
    )  # fmt: skip
    assert calls(httpserver) == ["GET"]


@pytest.mark.parametrize(
    "status", ["PROBLEM", "AGE_VERIFICATION_FAILED", "AGE_VERIFICATION_LOCKED", "DELETED"]
)
def test_what_was_turned_down_is_sent_again(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, status: str
) -> None:
    playing(httpserver, ("GET", 200, changed(status=status)), ("PUT", 200, ACCEPTED))
    delivery = vinoshipper.deliver(ORDER, look_first=True)
    assert (delivery.answer.acceptance, delivery.adopted) == (Acceptance.ACCEPTED, False)
    assert calls(httpserver) == ["GET", "PUT"]


def test_undecided_with_other_content_is_corrected(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, ("GET", 200, changed(status="PENDING")), ("PUT", 200, ACCEPTED))
    assert vinoshipper.deliver(MOVED, look_first=True).adopted is False
    assert calls(httpserver) == ["GET", "PUT"]


def test_a_rejection_is_delivered_as_such(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, ("PUT", 200, PROBLEM))
    delivery = vinoshipper.deliver(ORDER, look_first=False)
    assert (delivery.answer.acceptance, delivery.adopted, delivery.differences) == (
        Acceptance.REJECTED, False, ()
    )  # fmt: skip


def test_a_cancelled_order_is_adopted_as_cancelled(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, ("GET", 200, recorded("order__cancelled")))
    delivery = vinoshipper.deliver(ORDER, look_first=True)
    assert (delivery.adopted, delivery.answer.progress) == (True, Progress.CANCELLED)
    assert calls(httpserver) == ["GET"]


BARE_400 = b'{"error": {"status": 400, "type": "CONFLICT"}}'
BY_FIELD = b'{"error": {"type": "VALIDATION", "errors": [{"field": "orderNumber", "code": "TAKEN"}]}}'


@pytest.mark.parametrize(("status", "taken"), [(409, CONFLICT), (409, b""), (400, BARE_400), (400, BY_FIELD)])
@pytest.mark.parametrize("look_first", [True, False])
def test_told_that_the_number_is_taken_we_look(
    httpserver: HTTPServer, vinoshipper: Vinoshipper, status: int, taken: bytes, look_first: bool
) -> None:
    looks = [NOT_THERE] if look_first else []
    playing(httpserver, *looks, ("PUT", status, taken), ("GET", 200, ACCEPTED))
    delivery = vinoshipper.deliver(ORDER, look_first=look_first)
    assert (delivery.answer.acceptance, delivery.adopted, delivery.differences) == (
        Acceptance.ACCEPTED, True, ()
    )  # fmt: skip
    assert calls(httpserver) == [*(["GET"] if look_first else []), "PUT", "GET"]


def test_taken_by_an_order_of_other_content(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, ("PUT", 409, CONFLICT), ("GET", 200, ACCEPTED))
    delivery = vinoshipper.deliver(MOVED, look_first=False)
    assert (delivery.adopted, delivery.differences) == (False, CITY)


def test_a_first_try_on_somebody_elses_number_is_refused(
    httpserver: HTTPServer, vinoshipper: Vinoshipper
) -> None:
    playing(httpserver, ("PUT", 409, CONFLICT), NOT_THERE)
    delivery = vinoshipper.deliver(ORDER, look_first=False)
    assert (delivery.answer.acceptance, delivery.answer.http_status, delivery.adopted) == (
        Acceptance.REJECTED, 409, False
    )  # fmt: skip
    assert [problem.type for problem in delivery.answer.problems] == ["CONFLICT"]


def test_taken_but_not_to_be_seen_stays_unknown(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, NOT_THERE, ("PUT", 409, CONFLICT), NOT_THERE)
    with pytest.raises(OutcomeUnknown) as caught:
        vinoshipper.deliver(ORDER, look_first=True)
    assert (caught.value.code, caught.value.trace_id) == ("number_taken", "t-409")


def test_a_put_that_was_ignored_is_seen(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    """The look came too early, the order was there already, and they kept it as it was."""
    playing(httpserver, NOT_THERE, ("PUT", 200, ACCEPTED))
    assert vinoshipper.deliver(MOVED, look_first=True).differences == CITY


def test_a_fresh_put_may_be_echoed_with_a_tidied_address(
    httpserver: HTTPServer, vinoshipper: Vinoshipper
) -> None:
    playing(httpserver, ("PUT", 200, ACCEPTED))
    assert vinoshipper.deliver(MOVED, look_first=False).differences == ()


def test_a_fresh_put_echoed_with_other_bottles_is_seen(
    httpserver: HTTPServer, vinoshipper: Vinoshipper
) -> None:
    playing(httpserver, ("PUT", 200, ACCEPTED))
    delivery = vinoshipper.deliver(replace(ORDER, lines=ORDER.lines[:1]), look_first=False)
    assert delivery.differences == ("the quantity of rose-24 (0 here, 1 at Vinoshipper)",)


def test_without_a_look_nothing_is_sent(httpserver: HTTPServer, vinoshipper: Vinoshipper) -> None:
    playing(httpserver, ("GET", 503, b"{}"))
    with pytest.raises(TemporaryError):
        vinoshipper.deliver(ORDER, look_first=True)
    assert calls(httpserver) == ["GET"]


def test_a_failed_look_after_a_conflict_is_no_second_put(
    httpserver: HTTPServer, vinoshipper: Vinoshipper
) -> None:
    playing(httpserver, ("PUT", 409, CONFLICT), ("GET", 500, b"{}"))
    with pytest.raises(OutcomeUnknown):
        vinoshipper.deliver(ORDER, look_first=False)
    assert calls(httpserver) == ["PUT", "GET"]
