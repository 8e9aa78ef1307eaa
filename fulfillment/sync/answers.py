"""What an answer of Vinoshipper's means for a fulfillment order.

Each function moves one row and its attempt and notes what else is to be written; nothing here calls out.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from compliance.models import Asked, ComplianceEvent
from compliance.problems import Family, entry, refusal_code
from crushsync.lib.queue import wait
from crushsync.lib.redaction import redact
from crushsync.vinoshipper.payloads import problem_sentence
from crushsync.vinoshipper.types import (
    Acceptance,
    CancelAnswer,
    CancelOutcome,
    Delivery,
    OrderAnswer,
    Progress,
)
from fulfillment import money, tracking
from fulfillment.models import FulfillmentOrder, Outcome, Step, SyncAttempt, SyncStatus
from fulfillment.sync.failures import try_again, unknown
from fulfillment.sync.settling import Settling, calm, need_person

# An order just accepted may not be readable for a moment.
READ_LAG = timedelta(minutes=2)
# What a call without an answer has sent may still arrive: so often they have to say that they have no order.
SURELY_GONE = 3


def sent(
    settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, result: Delivery | OrderAnswer | None
) -> None:
    """The answer to sending; or, where the order is no longer to go, to the look that an open call needs."""
    if isinstance(result, Delivery):
        _note_answer(work, attempt, result.answer)
        _BY_ACCEPTANCE[result.answer.acceptance](settling, work, attempt, result)
    elif result is not None and result.acceptance == Acceptance.ACCEPTED:
        _note_answer(work, attempt, result)
        settling.undecided.add(work.order_id)
        _accepted(settling, work, attempt, Delivery(result, adopted=True, differences=(), calls=()))
    elif _may_still_come(work, result):
        attempt.outcome = Outcome.UNKNOWN
        attempt.sentence = _("Vinoshipper may still take it: looked at again.")
        try_again(settling, work)
    else:
        work.is_call_open = False
        work.move(SyncStatus.WAITING)
        work.settle(None)
        attempt.outcome, attempt.sentence = (
            Outcome.OK,
            _("Vinoshipper does not have it: nothing was sent twice."),
        )
        settling.undecided.add(work.order_id)


def _may_still_come(work: FulfillmentOrder, found: OrderAnswer | None) -> bool:
    """Whether what is not to go any more may yet be accepted there, where nobody would look for it."""
    if found is None:
        return work.tries < SURELY_GONE
    return found.acceptance in (Acceptance.PENDING, Acceptance.UNKNOWN)


def _accepted(settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, delivery: Delivery) -> None:
    answer = delivery.answer
    sentence = _("Accepted by Vinoshipper as %(number)s.") % {"number": work.number}
    if delivery.adopted:
        sentence = _("Vinoshipper had it already as %(number)s; nothing was sent twice.") % {
            "number": work.number
        }
    attempt.outcome, attempt.sentence = Outcome.OK, sentence
    if work.status != SyncStatus.SENT:
        settling.move(work, SyncStatus.SENT, "sent", sentence)
        settling.judge(work, attempt, Asked.SENDING, answer, is_compliant=True)
        work.awaited_since = settling.now
    work.is_call_open = False
    work.sent_at = work.sent_at or settling.now
    work.sent_hash = settling.fingerprint
    calm(work)
    if delivery.differences:
        need_person(
            work,
            "conflict",
            _("Different at Vinoshipper: %(list)s.") % {"list": ", ".join(delivery.differences)},
        )
    _follow(settling, work, answer)


def _undecided(settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, delivery: Delivery) -> None:
    """They have it and have not decided, or say so in a word nobody has told us about."""
    words = delivery.answer.status or "nothing"
    attempt.outcome = Outcome.UNKNOWN
    attempt.sentence = _("Vinoshipper has the order and says %(words)s: looked at again.") % {"words": words}
    unknown(settling, work, "partner_undecided", attempt.sentence)
    if delivery.answer.acceptance == Acceptance.UNKNOWN:
        settling.said[work.pk] = words
        need_person(
            work, "partner_trouble", _("Vinoshipper's status of the order is %(words)s.") % {"words": words}
        )


def _rejected(settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, delivery: Delivery) -> None:
    answer = delivery.answer
    code = refusal_code(answer)
    words = " ".join(problem_sentence(item) for item in answer.problems)
    sentence = words or str(entry(code).sentence)
    attempt.outcome, attempt.code, attempt.sentence = Outcome.REFUSED, code, sentence
    settling.refuse(work, code, sentence, code)
    settling.said[work.pk] = words
    work.is_call_open = False
    work.id_scan_url = answer.id_scan_url or work.id_scan_url
    is_age = answer.acceptance in _AGE
    if is_age or entry(code).family == Family.AFTER_PURCHASE or answer.is_compliant is not None:
        asked = Asked.AGE if is_age else Asked.SENDING
        settling.judge(work, attempt, asked, answer, is_compliant=False)
    # Nothing changes by asking again, but for an age that the customer can prove meanwhile.
    waits_for_age = answer.acceptance == Acceptance.AGE_FAILED
    work.settle(
        settling.now + tracking.follow_wait(work.order.placed_at, settling.now) if waits_for_age else None
    )


_AGE = (Acceptance.AGE_FAILED, Acceptance.AGE_LOCKED)
_BY_ACCEPTANCE: dict[Acceptance, Callable[[Settling, FulfillmentOrder, SyncAttempt, Delivery], None]] = {
    Acceptance.ACCEPTED: _accepted,
    Acceptance.PENDING: _undecided,
    Acceptance.UNKNOWN: _undecided,
    Acceptance.REJECTED: _rejected,
    Acceptance.AGE_FAILED: _rejected,
    Acceptance.AGE_LOCKED: _rejected,
    Acceptance.DELETED: _rejected,
}


def voided(settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, result: CancelAnswer) -> None:
    """The answer to a cancellation."""
    attempt.trace_id, attempt.sentence = result.trace_id, result.sentence
    attempt.answer = {"http_status": result.http_status, **redact(dict(result.raw))}
    if result.outcome == CancelOutcome.NOT_FOUND and settling.was_open and work.tries < SURELY_GONE:
        attempt.outcome = Outcome.UNKNOWN
        try_again(settling, work)
        return
    work.void_reason = ""
    if result.outcome == CancelOutcome.TOO_LATE:
        attempt.outcome, attempt.code = Outcome.REFUSED, "void_too_late"
        need_person(work, "void_too_late", result.sentence)
        settling.said[work.pk] = result.sentence
        work.settle(settling.now)  # see how far it is
        return
    attempt.outcome = Outcome.OK
    _void(settling, work, result.sentence)


def _void(settling: Settling, work: FulfillmentOrder, sentence: str) -> None:
    settling.move(work, SyncStatus.VOIDED, "voided", sentence)
    work.is_call_open = work.is_ship_asked = False
    work.sent_hash = ""
    calm(work)
    work.settle(None)
    settling.events.extend(tracking.cancel_all(work, settling.now))


def followed(
    settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, result: OrderAnswer | None
) -> None:
    """What Vinoshipper says of an order it accepted."""
    work.followed_at = settling.now
    attempt.outcome = Outcome.OK
    if result is None:
        attempt.sentence = _("Vinoshipper does not show this order.")
        fresh = work.sent_at is not None and settling.now - work.sent_at < READ_LAG
        if not fresh:
            need_person(work, "gone_there")
        work.settle(settling.now + tracking.follow_wait(work.sent_at, settling.now))
        return
    _note_answer(work, attempt, result)
    attempt.sentence = _("Vinoshipper says %(status)s.") % {"status": result.order_status or result.status}
    if _is_doubt(work, result):
        settling.judge(work, attempt, Asked.LATER, result, is_compliant=False)
    _follow(settling, work, result)


def shipped(
    settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, result: OrderAnswer | None
) -> None:
    """They were told that the winery has shipped it: from here on it is followed like any other."""
    work.is_ship_asked = False
    followed(settling, work, attempt, result)
    if result is not None and result.progress in (Progress.OPEN, Progress.LABELED):  # not to be seen yet
        work.settle(settling.now + wait(tracking.SOONEST))


def _is_doubt(work: FulfillmentOrder, answer: OrderAnswer) -> bool:
    """Whether they now say no to what they accepted, and have not said so before."""
    if answer.is_compliant is not False and answer.acceptance not in (Acceptance.REJECTED, *_AGE):
        return False
    last = ComplianceEvent.objects.filter(order=work.order_id).first()
    return last is None or last.is_compliant or last.asked != Asked.LATER


def _follow(settling: Settling, work: FulfillmentOrder, answer: OrderAnswer) -> None:
    """Take over how far it is, and set when to look again."""
    if answer.progress == Progress.CANCELLED or answer.acceptance == Acceptance.DELETED:
        why = f": {answer.cancel_reason}" if answer.cancel_reason else "."
        _void(settling, work, f"Canceled at Vinoshipper{why}")
        return
    if work.attention_code in ("gone_there", "partner_trouble", "internal_error"):
        calm(work)
        settling.undecided.add(work.order_id)  # it may have hidden that the order was canceled or changed
    if answer.progress == Progress.RETURNED:
        need_person(work, "returned")
    elif answer.acceptance != Acceptance.ACCEPTED:  # what they took, they now take back or question
        words = settling.said[work.pk] = answer.status or "nothing"
        need_person(
            work,
            "partner_trouble",
            _("Vinoshipper accepted the order and now says %(words)s.") % {"words": words},
        )
    elif answer.progress in (Progress.TROUBLE, Progress.UNKNOWN):
        words = settling.said[work.pk] = answer.order_status or "nothing"
        need_person(
            work, "partner_trouble", _("Vinoshipper's status of the order is %(words)s.") % {"words": words}
        )
    settling.events.extend(tracking.apply(work, answer, settling.now))
    if answer.progress in (Progress.SHIPPED, Progress.DELIVERED, Progress.RETURNED):
        work.awaited_since = None
    is_over = answer.progress in (Progress.DELIVERED, Progress.RETURNED)
    work.settle(None if is_over else settling.now + tracking.follow_wait(work.sent_at, settling.now))


def age_looked_at(
    settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, result: OrderAnswer | None
) -> None:
    """Has the customer proved their age? Then the order is sent again; it was never accepted."""
    attempt.outcome = Outcome.OK
    if result is not None:
        _note_answer(work, attempt, result)
    if result is not None and (result.age_verified or result.acceptance == Acceptance.ACCEPTED):
        attempt.sentence = _("The customer's age is verified: the order is sent again.")
        settling.judge(work, attempt, Asked.AGE, result, is_compliant=True)
        settling.move(work, SyncStatus.WAITING, "age_verified", attempt.sentence)
        work.awaited_since = settling.now
        calm(work)
        work.settle(settling.now)
        return
    attempt.sentence = _("The customer's age is not verified yet.")
    work.settle(settling.now + tracking.follow_wait(work.order.placed_at, settling.now))


ANSWERS: dict[Step, Callable[[Settling, FulfillmentOrder, SyncAttempt, Any], None]] = {
    Step.SEND: sent,
    Step.VOID: voided,
    Step.SHIP: shipped,
    Step.FOLLOW: followed,
    Step.AGE: age_looked_at,
}


def _note_answer(work: FulfillmentOrder, attempt: SyncAttempt, answer: OrderAnswer) -> None:
    attempt.trace_id = answer.trace_id
    attempt.answer = {"http_status": answer.http_status, **redact(dict(answer.raw))}
    work.partner_status, work.partner_order_status = answer.status[:40], answer.order_status[:40]
    if answer.acceptance == Acceptance.ACCEPTED:
        work.taxes_adjusted = money.cents(answer.taxes_adjusted)
        work.fees_adjusted = money.cents(answer.fees_adjusted)
