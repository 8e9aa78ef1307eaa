"""What we make of Vinoshipper's words about an order."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crushsync.vinoshipper.payloads import (
    ACCEPTANCE,
    PROGRESS,
    order_answer,
    problem_sentence,
    refusal,
    verdict,
)
from crushsync.vinoshipper.types import Acceptance, OrderAnswer, OrderProblem, Progress
from tests.vinoshipper.samples import NUMBER, answer, body, read, recorded

UTAH = OrderProblem("STATE_PROHIBITED", "Wine may not be shipped to Utah.", "COMPLIANCE")
PO_BOX = OrderProblem("PO_BOX", "Alcohol cannot be delivered to a PO box.", "COMPLIANCE")


def test_an_accepted_order() -> None:
    assert replace(read(body()), raw={}) == OrderAnswer(
        number=NUMBER,
        acceptance=Acceptance.ACCEPTED,
        progress=Progress.OPEN,
        status="SUCCESS",
        order_status="OPEN",
        is_compliant=True,
        age_verified=True,
        carrier="UPS",
        taxes_adjusted=Decimal("-1.46"),
        fees_adjusted=Decimal("-0.1"),
        total=Decimal("98.05"),
        trace_id="trace-1",
        http_status=200,
    )
    assert read(body()).raw == body()


def test_packages_merge_and_times_are_utc() -> None:
    shipped = read(body("order__two_packages"))
    assert shipped.progress is Progress.SHIPPED
    assert shipped.tracking_numbers == ("1Z12345E0205271688", "1Z12345E6605272234")
    assert shipped.shipped_at == datetime(2026, 11, 21, 17, 15, tzinfo=UTC)


def test_a_cancelled_order() -> None:
    cancelled = read(body("order__cancelled"))
    assert (cancelled.acceptance, cancelled.progress) == (Acceptance.ACCEPTED, Progress.CANCELLED)
    assert cancelled.cancelled_at == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert cancelled.cancel_reason == "Customer changed their mind"


def test_a_failed_age_check_names_where_to_scan() -> None:
    failed = read(body("order__age_failed"))
    assert (failed.acceptance, failed.age_verified) == (Acceptance.AGE_FAILED, False)
    assert failed.id_scan_url == "https://vinoshipper.com/id-scan/HOLLOW-1001"


def test_rejected_by_200_and_by_400_are_the_same_answer() -> None:
    by_200 = read(body("order__problem"))
    by_400 = refusal(answer(400, recorded("error__compliance")), NUMBER)
    assert (by_200.acceptance, by_200.problems) == (Acceptance.REJECTED, (UTAH, PO_BOX))
    assert (by_400.acceptance, by_400.problems, by_400.number) == (by_200.acceptance, by_200.problems, NUMBER)
    assert (by_400.status, by_400.http_status) == ("", 400)


@pytest.mark.parametrize(
    ("status", "acceptance"),
    [
        ("PENDING", "pending"),
        ("SUCCESS", "accepted"),
        ("AGE_VERIFICATION_FAILED", "age_failed"),
        ("AGE_VERIFICATION_LOCKED", "age_locked"),
        ("DELETED", "deleted"),
        ("PROBLEM", "rejected"),
        ("PAYMENT_AUTHORIZED", "pending"),
        ("PAYMENT_CAPTURE_FAILED", "rejected"),
        ("success", "accepted"),
        ("ON_THE_MOON", "unknown"),
        (None, "unknown"),
        (7, "unknown"),
        ({"name": "SUCCESS"}, "unknown"),
    ],
)
def test_each_status(status: Any, acceptance: str) -> None:
    assert read(body(status=status)).acceptance == acceptance


@pytest.mark.parametrize(
    ("order_status", "progress"),
    [
        ("OPEN", "open"),
        ("NEW_MEMBER", "open"),
        ("LABELS_GENERATED", "labeled"),
        ("SHIPPED", "shipped"),
        ("DELIVERED", "delivered"),
        ("PICKED_UP", "delivered"),
        ("CANCELLED", "cancelled"),
        ("RETURNED", "returned"),
        ("UNPAID", "trouble"),
        ("PROBLEM", "trouble"),
        ("FULFILLED", "unknown"),
        (None, "unknown"),
        ([], "unknown"),
    ],
)
def test_each_order_status(order_status: Any, progress: str) -> None:
    assert read(body(orderStatus=order_status)).progress == progress


def test_the_tables_hold_every_status_that_is_known() -> None:
    assert (len(ACCEPTANCE), len(PROGRESS)) == (8, 10)


@pytest.mark.parametrize(
    ("status", "acceptance"),
    [
        ("PENDING", Acceptance.REJECTED),
        ("ON_THE_MOON", Acceptance.REJECTED),
        ("SUCCESS", Acceptance.ACCEPTED),
        ("AGE_VERIFICATION_FAILED", Acceptance.AGE_FAILED),
        ("DELETED", Acceptance.DELETED),
    ],
)
def test_problems_turn_an_open_question_into_a_rejection(status: str, acceptance: Acceptance) -> None:
    assert read(body("order__problem", status=status)).acceptance is acceptance


@pytest.mark.parametrize("junk", [None, [], "SUCCESS", 1, True, {}, {"status": None}, {"error": "no"}])
def test_no_order_at_all_is_unknown_and_never_raises(junk: Any) -> None:
    odd = read(junk)
    assert (odd.acceptance, odd.number, odd.problems) == (Acceptance.UNKNOWN, NUMBER, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"shipping": "UPS"},
        {"shipping": {"carrier": 5.5, "packages": {"trackingNumber": "1Z"}}},
        {"shipping": {"packages": [None, "1Z", {"trackingNumber": {}}, {"trackingNumber": "  "}]}},
        {"orderProblems": {"code": "X"}},
        {"ageVerification": [], "isCompliant": "yes"},
        {"total": "a lot", "taxesAdjusted": True, "extraFeesAdjusted": 10**40},
        {"shippedAt": "soon", "deliveredAt": 10**30, "canceledAt": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_wrong_types_are_as_good_as_absent(changes: dict[str, Any]) -> None:
    odd = read(body(**changes))
    assert (odd.acceptance, odd.problems, odd.tracking_numbers) == (Acceptance.ACCEPTED, (), ())
    assert (odd.shipped_at, odd.delivered_at, odd.cancelled_at) == (None, None, None)


@pytest.mark.parametrize(
    "value",
    ["2026-11-21T17:15:00Z", "2026-11-21T09:15:00-0800", "2026-11-21 17:15:00", 1795281300, 1795281300000],
)
def test_times_in_every_form_seen(value: Any) -> None:
    assert read(body(deliveredAt=value)).delivered_at == datetime(2026, 11, 21, 17, 15, tzinfo=UTC)


def test_text_is_storable_and_a_scan_address_is_a_web_address() -> None:
    problem = {"code": "X", "description": "No\x00 wine\ud800", "type": "compliance"}
    age = {"verified": False, "idScanUrl": "javascript:alert(1)"}
    odd = read(body("order__problem", orderProblems=[problem], ageVerification=age))
    assert odd.problems == (OrderProblem("X", "No wine", "COMPLIANCE"),)
    assert odd.id_scan_url == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Vinoshipper refused this (HTTP 400) without saying why."),
        (b"Bad Request", "Vinoshipper refused this (HTTP 400) without saying why."),
        (b"[]", "Vinoshipper refused this (HTTP 400) without saying why."),
        (
            b'{"error": {"type": "VALIDATION"}}',
            "Vinoshipper refused this (HTTP 400) without saying why.",
        ),
        (b'{"error": {"errors": []}}', "Vinoshipper refused this (HTTP 400) without saying why."),
        (b'{"error": {"errors": "x", "message": "Too many bottles."}}', "Too many bottles."),
        (b'{"message": "Too many bottles."}', "Too many bottles."),
    ],
)
def test_a_refusal_always_has_a_problem(content: bytes, sentence: str) -> None:
    refused = refusal(answer(400, content), NUMBER)
    assert refused.acceptance is Acceptance.REJECTED
    assert [problem_sentence(problem) for problem in refused.problems] == [sentence]


def test_a_field_is_named() -> None:
    refused = refusal(answer(400, recorded("error__validation")), NUMBER)
    assert refused.problems == (
        OrderProblem(
            "UNKNOWN_PRODUCT",
            "Product RED-2020 was not found among your approved products.",
            "VALIDATION",
            "products[0].productId",
        ),
    )


def test_an_envelope_in_a_200_is_a_rejection() -> None:
    refused = read(body("error__compliance"))
    assert (refused.acceptance, refused.problems, refused.http_status) == (
        Acceptance.REJECTED, (UTAH, PO_BOX), 200
    )  # fmt: skip


def test_a_status_says_more_than_an_error_beside_it() -> None:
    assert read(body(error={"type": "VALIDATION"})).acceptance is Acceptance.ACCEPTED


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (UTAH, "Wine may not be shipped to Utah."),
        (OrderProblem("PO_BOX", ""), "Vinoshipper named a problem: po box."),
        (OrderProblem("", "", "VALIDATION", "taxes"), "Vinoshipper named a problem about taxes: validation."),
        (OrderProblem("", ""), "Vinoshipper named a problem without words."),
    ],
)
def test_problem_sentences(problem: OrderProblem, sentence: str) -> None:
    assert problem_sentence(problem) == sentence


def test_verdicts() -> None:
    problems = [{"code": "PO_BOX", "description": PO_BOX.description, "type": "COMPLIANCE"}]
    yes = verdict({"isCompliant": True, "problems": []}, trace_id="t")
    no = verdict({"isCompliant": False, "problems": problems}, trace_id="t")
    without_flag = verdict({"orderProblems": problems}, trace_id="t")
    assert yes
    assert no
    assert without_flag
    assert (yes.is_compliant, yes.problems, yes.trace_id) == (True, (), "t")
    assert (no.is_compliant, no.problems) == (False, (PO_BOX,))
    assert (without_flag.is_compliant, without_flag.problems) == (False, (PO_BOX,))
    unreadable: tuple[Any, ...] = (None, [], {}, {"isCompliant": "yes"})
    assert [verdict(junk, trace_id="") for junk in unreadable] == [None] * 4


def test_a_number_that_is_digits_stays_text() -> None:
    assert order_answer({"orderNumber": 1001}, http_status=200, trace_id="", number="x").number == "1001"
