"""What Vinoshipper says about an order, in our words."""

from collections.abc import Mapping
from typing import Any

from crushsync.lib.http import Answer
from crushsync.lib.text import MalformedBody, parse_json, web_address
from crushsync.vinoshipper.payloads.reading import distinct, flag, mapping, mappings, moment, money, text
from crushsync.vinoshipper.types import Acceptance, OrderAnswer, OrderProblem, Progress, Verdict

SENTENCE = 2_000

# Their `status`: was the order taken? https://developer.vinoshipper.com/reference/createorder
ACCEPTANCE = {
    "PENDING": Acceptance.PENDING,
    "SUCCESS": Acceptance.ACCEPTED,
    "AGE_VERIFICATION_FAILED": Acceptance.AGE_FAILED,
    "AGE_VERIFICATION_LOCKED": Acceptance.AGE_LOCKED,
    "DELETED": Acceptance.DELETED,
    "PROBLEM": Acceptance.REJECTED,
    "PAYMENT_AUTHORIZED": Acceptance.PENDING,  # not captured yet
    "PAYMENT_CAPTURE_FAILED": Acceptance.REJECTED,
}

# Their `orderStatus`: where are the bottles? https://developer.vinoshipper.com/reference/uioptions
PROGRESS = {
    "OPEN": Progress.OPEN,
    "NEW_MEMBER": Progress.OPEN,  # a club's first order
    "LABELS_GENERATED": Progress.LABELED,
    "SHIPPED": Progress.SHIPPED,
    "DELIVERED": Progress.DELIVERED,
    "PICKED_UP": Progress.DELIVERED,
    "CANCELLED": Progress.CANCELLED,
    "RETURNED": Progress.RETURNED,
    "UNPAID": Progress.TROUBLE,
    "PROBLEM": Progress.TROUBLE,
}


def order_answer(body: Any, *, http_status: int, trace_id: str, number: str) -> OrderAnswer:
    """Read an order as Vinoshipper returned it; `number` is for an answer that names none. Never raises."""
    order = mapping(body)
    if "status" not in order and (mapping(order.get("error")) or mappings(order.get("errors"))):
        return _refused(order, http_status=http_status, trace_id=trace_id, number=number)
    problems = tuple(_problem(item) for item in mappings(order.get("orderProblems")))
    shipping, age = mapping(order.get("shipping")), mapping(order.get("ageVerification"))
    status, order_status = text(order.get("status"), 50).upper(), text(order.get("orderStatus"), 50).upper()
    return OrderAnswer(
        number=text(order.get("orderNumber")) or number,
        acceptance=_acceptance(status, problems),
        progress=PROGRESS.get(order_status, Progress.UNKNOWN),
        status=status,
        order_status=order_status,
        problems=problems,
        is_compliant=flag(order.get("isCompliant")),
        age_verified=flag(age.get("verified")),
        id_scan_url=web_address(text(age.get("idScanUrl"), SENTENCE)),
        carrier=text(shipping.get("carrier"), 50),
        tracking_numbers=_tracking_numbers(shipping),
        shipped_at=moment(order.get("shippedAt")),
        delivered_at=moment(order.get("deliveredAt")),
        cancelled_at=moment(order.get("canceledAt")),
        cancel_reason=text(order.get("cancelReason"), SENTENCE),
        taxes_adjusted=money(order.get("taxesAdjusted")),
        fees_adjusted=money(order.get("extraFeesAdjusted")),
        total=money(order.get("total")),
        trace_id=trace_id,
        http_status=http_status,
        raw=order,
    )


def refusal(answer: Answer, number: str) -> OrderAnswer:
    """Read an HTTP 400, 409 or 422 as a rejection, with a problem in it whatever its body looks like."""
    body = envelope(answer)
    return _refused(body, http_status=answer.status, trace_id=answer.trace_id, number=number)


def envelope(answer: Answer) -> Mapping[str, Any]:
    """The JSON object of an answer whose status has told already what matters; {} if there is none."""
    try:
        return mapping(parse_json(answer.body))
    except MalformedBody:
        return {}


def verdict(body: Any, *, trace_id: str) -> Verdict | None:
    """Read the answer of check-compliance; None if it holds no verdict."""
    answer = mapping(body)
    problems = tuple(
        _problem(item) for item in mappings(answer.get("problems") or answer.get("orderProblems"))
    )
    compliant = flag(answer.get("isCompliant"))
    if compliant is None and not problems:
        return None
    return Verdict(is_compliant=compliant is True, problems=problems, trace_id=trace_id, raw=answer)


def problem_sentence(problem: OrderProblem) -> str:
    """What is wrong in Vinoshipper's own words, whole; its code if it gave no words."""
    if problem.description:
        return problem.description
    name = (problem.code or problem.type).replace("_", " ").lower()
    about = f" about {problem.field}" if problem.field else ""
    return (
        f"Vinoshipper named a problem{about}: {name}."
        if name
        else f"Vinoshipper named a problem{about} without words."
    )


def _acceptance(status: str, problems: tuple[OrderProblem, ...]) -> Acceptance:
    """A 200 that lists problems is a rejection, unless the status says more than that."""
    acceptance = ACCEPTANCE.get(status, Acceptance.UNKNOWN)
    undecided = acceptance in {Acceptance.PENDING, Acceptance.UNKNOWN}
    return Acceptance.REJECTED if undecided and problems else acceptance


def _refused(body: Mapping[str, Any], *, http_status: int, trace_id: str, number: str) -> OrderAnswer:
    """The envelope {"error": {"status", "type", "errors": [...]}}; any part may be missing, the outer too."""
    error = mapping(body.get("error")) or body
    kind = text(error.get("type"), 50).upper()
    problems = tuple(_problem(item, kind) for item in mappings(error.get("errors")))
    words = text(error.get("description") or error.get("message") or body.get("message"), SENTENCE)
    silent = words or f"Vinoshipper refused this (HTTP {http_status}) without saying why."
    return OrderAnswer(
        number=number,
        acceptance=Acceptance.REJECTED,
        progress=Progress.UNKNOWN,
        status="",
        order_status="",
        problems=problems or (OrderProblem(code="", description=silent, type=kind),),
        trace_id=trace_id,
        http_status=http_status,
        raw=body,
    )


def _problem(item: Mapping[str, Any], kind: str = "") -> OrderProblem:
    return OrderProblem(
        code=text(item.get("code"), 100),
        description=text(item.get("description") or item.get("shortDescription"), SENTENCE),
        type=text(item.get("type"), 50).upper() or kind,
        field=text(item.get("field"), 100),
    )


def _tracking_numbers(shipping: Mapping[str, Any]) -> tuple[str, ...]:
    return distinct(
        text(package.get("trackingNumber"), 100) for package in mappings(shipping.get("packages"))
    )
