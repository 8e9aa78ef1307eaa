"""Vinoshipper's own words without the people in them: what is kept and told on must not name the customer.

Fields that hold people are hidden by their names (crushsync.lib.redaction); here it is free text: the words
of a refusal, the reason of a cancellation.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TypeVar

from crushsync.lib.redaction import hide, naming
from crushsync.vinoshipper.types import CancelAnswer, Delivery, OrderAnswer, OrderProblem, Verdict
from orders.models import Order

AnswerT = TypeVar("AnswerT", Delivery, OrderAnswer, CancelAnswer, Verdict)


def without_people(answer: AnswerT, order: Order) -> AnswerT:
    """The answer with the order's people hidden wherever Vinoshipper uses words of its own.

    Most answers have none, and cost nothing.
    """
    if isinstance(answer, Delivery):
        return replace(answer, answer=without_people(answer.answer, order))
    people = naming(_people(order)) if _has_words(answer) else None
    if people is None:
        return answer
    raw = hide(answer.raw, people)
    if isinstance(answer, CancelAnswer):
        return replace(answer, sentence=hide(answer.sentence, people), raw=raw)
    if isinstance(answer, OrderAnswer):
        reason = hide(answer.cancel_reason, people)
        return replace(answer, problems=_hidden(answer.problems, people), cancel_reason=reason, raw=raw)
    return replace(answer, problems=_hidden(answer.problems, people), raw=raw)


def _has_words(answer: OrderAnswer | CancelAnswer | Verdict) -> bool:
    return not isinstance(answer, OrderAnswer) or bool(answer.problems or answer.cancel_reason)


def _hidden(problems: tuple[OrderProblem, ...], people: re.Pattern[str]) -> tuple[OrderProblem, ...]:
    clean = partial(hide, pattern=people)
    return tuple(replace(problem, description=clean(problem.description)) for problem in problems)


def _people(order: Order) -> Iterator[str]:
    """What says who bought and who receives it, and where they live."""
    yield from (order.first_name, order.last_name, order.customer_name, order.email, order.phone)
    for address in (order.ship_to or {}, order.bill_to or {}):
        first, last = str(address.get("first_name", "")), str(address.get("last_name", ""))
        yield from (first, last, f"{first} {last}")
        yield from (str(address.get(name, "")) for name in ("company", "street1", "street2", "phone"))
    if born := order.birth_date:
        yield from (born.isoformat(), f"{born:%m/%d/%Y}", f"{born.month}/{born.day}/{born.year}")
