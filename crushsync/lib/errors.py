"""What can go wrong with the outside, classed by what happens next.

An answer such as "you may not ship there" is not an error: clients return it as a value.
"""

from typing import TYPE_CHECKING

from django.core.exceptions import SuspiciousOperation

if TYPE_CHECKING:
    from crushsync.lib.http import Answer


class SyncError(Exception):
    """Base of all. `sentence` is for winery staff: no personal data, no credentials, no jargon.

    `code` names the cause for problems and filters; `trace_id` is the partner's, for its support.
    """

    def __init__(self, sentence: str, *, code: str = "", trace_id: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.trace_id = trace_id


class TemporaryError(SyncError):
    """Nothing happened there; trying again later is safe. `retry_after` is in seconds, if they named one."""

    def __init__(
        self, sentence: str, *, code: str = "", trace_id: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(sentence, code=code, trace_id=trace_id)
        self.retry_after = retry_after


class OutcomeUnknown(SyncError):
    """A write was sent and no definite answer came: it may have happened. Look before sending again."""


class PermanentError(SyncError):
    """They refused, and will refuse the same again: something has to change first."""

    def __init__(
        self, sentence: str, *, code: str = "", trace_id: str = "", answer: "Answer | None" = None
    ) -> None:
        super().__init__(sentence, code=code, trace_id=trace_id)
        self.answer = answer


class ConnectionProblem(PermanentError):
    """Credentials, permission or address of one account are wrong: that account pauses, nothing else does."""


class WebhookRejected(SuspiciousOperation):
    """The sender could not prove who it is. Never raised for odd content of an authentic webhook."""
