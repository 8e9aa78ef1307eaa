"""Verdicts written down: one row for each, whoever gave it, with what was wrong and in which line."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from compliance.checks import Finding
from compliance.models import Asked, ComplianceEvent
from crushsync.lib.queue import insert_many
from crushsync.lib.redaction import redact
from crushsync.vinoshipper.payloads import problem_sentence
from crushsync.vinoshipper.types import OrderProblem, Verdict
from orders.models import Order

# What of Vinoshipper's answer is the verdict; the attempt keeps the whole.
VERDICT = ("http_status", "status", "isCompliant", "orderProblems", "problems", "ageVerification", "error")


def told(problems: Iterable[OrderProblem], skus: Sequence[str]) -> list[dict[str, str]]:
    """Vinoshipper's problems as an event keeps them. `skus` are those sent, in their order."""
    kept = (
        {
            "code": item.code,
            "description": redact(problem_sentence(item)),
            "type": item.type,
            "line": _line(item, skus),
        }
        for item in problems
    )
    return [{key: value for key, value in item.items() if value} for item in kept]


def _line(problem: OrderProblem, skus: Sequence[str]) -> str:
    """The SKU a problem is about: by the place it names, like products[1].productId, or by its words."""
    _, _, place = problem.field.partition("products[")
    number = place.partition("]")[0]
    if number.isdecimal() and int(number) < len(skus):
        return skus[int(number)]
    words = f"{problem.field} {problem.description}"
    return max((sku for sku in skus if sku and sku in words), key=len, default="")


def checked(order: Order, verdict: Verdict, skus: Sequence[str], at: datetime) -> ComplianceEvent:
    """What check-compliance said, to be saved."""
    answer: dict[str, Any] = redact(dict(verdict.raw))
    return ComplianceEvent(
        order=order,
        asked=Asked.CHECK,
        is_compliant=verdict.is_compliant,
        problems=told(verdict.problems, skus),
        answer={key: answer[key] for key in VERDICT if key in answer},
        trace_id=verdict.trace_id[:80],
        at=at,
    )


def note_own_checks(found: Mapping[int, Sequence[Finding]], seen_before: set[int], at: datetime) -> None:
    """Write what our own checks say of these orders (by id), where it is news.

    A clean first look writes nothing: the order is sent, and Vinoshipper's verdict stands for both. One query
    for all, and none where all are new and clean.
    """
    asked = [order for order, findings in found.items() if findings or order in seen_before]
    if not asked:
        return
    last = _last_own(asked)
    fresh = [(order, _as_problems(found[order])) for order in asked]
    insert_many(
        [
            ComplianceEvent(
                order_id=order,
                asked=Asked.OURSELVES,
                is_compliant=not any(finding.blocks for finding in found[order]),
                problems=problems,
                at=at,
            )
            for order, problems in fresh
            if problems != last.get(order, [])
        ]
    )


def _last_own(orders: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    events = ComplianceEvent.objects.filter(order__in=orders, asked=Asked.OURSELVES).order_by("pk")
    return dict(events.values_list("order_id", "problems"))


def _as_problems(findings: Sequence[Finding]) -> list[dict[str, str]]:
    kept = (
        {
            "code": finding.code,
            "description": finding.sentence,
            "level": str(finding.level),
            "line": finding.line,
        }
        for finding in findings
    )
    return [{key: value for key, value in item.items() if value} for item in kept]
