"""What no answer, or none about the order, means for a fulfillment order: the error's class decides."""

from django.utils.translation import gettext as _

from crushsync.accounts import connections, limits
from crushsync.lib.errors import ConnectionProblem, OutcomeUnknown, PermanentError, SyncError, TemporaryError
from crushsync.lib.queue import RETRY_WAITS, retry_wait, wait
from fulfillment.models import FulfillmentOrder, Outcome, Step, SyncAttempt, SyncStatus
from fulfillment.sync.settling import Settling, need_person

LOOKS = (Step.FOLLOW, Step.AGE)


def failed(settling: Settling, work: FulfillmentOrder, attempt: SyncAttempt, error: SyncError) -> None:
    """No answer, or none about the order: what happens next is the error's class."""
    attempt.code, attempt.sentence, attempt.trace_id = error.code, error.sentence, error.trace_id
    match error:
        case ConnectionProblem():
            attempt.outcome = Outcome.CONNECTION
            work.is_call_open = settling.was_open  # they turned us away: nothing was done
            connections.pause(work.partner, error, settling.now)
            _explain_wait(work, "connection", error.sentence)
            work.park(settling.now + wait(connections.PAUSE))
        case TemporaryError(code=limits.SLOW_DOWN):
            attempt.outcome = Outcome.TEMPORARY
            work.is_call_open = settling.was_open
            _explain_wait(work, "try_again", error.sentence)
            limits.put_off(work, limits.slow_down(work.partner, error, settling.now))
        case TemporaryError(code=limits.RESTING):
            attempt.outcome = Outcome.TEMPORARY
            work.is_call_open = settling.was_open
            limits.put_off(work, settling.now + limits.rest_asked(error))
        case TemporaryError():
            attempt.outcome = Outcome.TEMPORARY
            work.is_call_open = settling.was_open
            _explain_wait(work, "try_again", error.sentence)
            try_again(settling, work, error.retry_after)
            limits.note_failure(work.partner, error, settling.now)
        case OutcomeUnknown():
            attempt.outcome = Outcome.UNKNOWN
            limits.note_failure(work.partner, error, settling.now)
            if work.step == Step.SEND:
                unknown(settling, work, "no_answer", error.sentence)
            else:
                try_again(settling, work)
        case PermanentError():
            attempt.outcome = Outcome.REFUSED
            attention = error.code if error.code in ("conflict",) else "refused"
            if work.step == Step.SEND:
                work.is_call_open = False
                settling.refuse(work, error.code or "refused", error.sentence, attention)
            else:
                need_person(work, attention, error.sentence)
            work.void_reason, work.is_ship_asked = "", False
            settling.said[work.pk] = error.sentence
            _look_tomorrow(settling, work)
        case _:
            attempt.outcome = Outcome.UNKNOWN
            need_person(work, "internal_error")
            _look_tomorrow(settling, work)
    if work.attention_code == "gave_up":
        settling.said[work.pk] = error.sentence


def unknown(settling: Settling, work: FulfillmentOrder, code: str, sentence: str) -> None:
    if work.status != SyncStatus.UNKNOWN:
        settling.move(
            work,
            SyncStatus.UNKNOWN,
            code,
            _("%(sentence)s CrushSync will look before it sends again.") % {"sentence": sentence},
        )
    work.is_call_open = True
    try_again(settling, work)


def try_again(settling: Settling, work: FulfillmentOrder, retry_after: float | None = None) -> None:
    """The next try, or a person's turn. Looking never ends: what is under way there is not forgotten."""
    length = retry_wait(work.tries, retry_after)
    if length is None and work.step in LOOKS:
        length = wait(RETRY_WAITS[-1])
    if length is None:
        need_person(work, "gave_up")
        if work.step == Step.SEND and not work.is_call_open:
            work.move(SyncStatus.FAILED)
    work.settle(None if length is None else settling.now + length, tries=work.tries)


def _look_tomorrow(settling: Settling, work: FulfillmentOrder) -> None:
    """A person has to act. What Vinoshipper has is looked at all the same: it goes its way there."""
    work.settle(settling.now + wait(RETRY_WAITS[-1]) if work.step in LOOKS else None)


def _explain_wait(work: FulfillmentOrder, code: str, sentence: str) -> None:
    if work.step == Step.SEND:
        work.reason_code, work.reason, work.reason_setting = code, sentence, ""
