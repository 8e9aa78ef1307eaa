"""What every act on an order is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from fulfillment.models import FulfillmentOrder, SyncStatus

OPEN_CALL = lazy("Nobody knows yet whether Vinoshipper has it: it is looked at first.")


class Ask(StrEnum):
    """What has to be said before an act is done."""

    NOTHING = ""
    REASON = "reason"
    PERSON = "person"  # the login of somebody of the winery; "" is nobody
    UNTIL = "until"
    DAY = "day"  # none is an answer, too


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an act, and what they said."""

    actor: str
    reason: str = ""
    person: str | None = None
    until: datetime | None = None
    day: date | None = None

    def lacks(self, ask: Ask) -> str:
        """What is still to be said, in a sentence; "" if nothing."""
        match ask:
            case Ask.REASON if not self.reason:
                return _("Please say why.")
            case Ask.PERSON if self.person is None:
                return _("Please say who.")
            case Ask.UNTIL if self.until is None:
                return _("Please say until when.")
            case _nothing:
                return ""


@dataclass(frozen=True)
class Doubt:
    """How an order stands for which an act may not be meant: asked about by itself, left out among many."""

    status: SyncStatus
    question: Any  # lazily translated, with %(why)s: why it stands so
    of_many: Any  # lazily translated: what to tick so that they go along
    left_out: Any  # lazily translated: what became of one that did not


@dataclass(frozen=True)
class Action:
    """`why_not` returns "" where the action is allowed; `do` changes the locked row and says what was done.

    One that is `beside` the row leaves the row itself alone: `do` is called without its lock, also while a
    call about the order is under way, and keeps its own history.
    """

    name: str
    label: Any  # lazily translated
    confirm: Any  # lazily translated: what will happen, and what will not
    why_not: Callable[[FulfillmentOrder], str]
    do: Callable[[FulfillmentOrder, Asked], str]
    is_dangerous: bool = False
    asks: Ask = Ask.NOTHING
    is_beside: bool = False
    calls_out: bool = False  # asks Vinoshipper while one waits: done to one order at a time
    doubt: Doubt | None = None

    def question(self, work: FulfillmentOrder) -> str:
        """What to ask about this very order first; "" if nothing."""
        if self.doubt is None or work.status != self.doubt.status:
            return ""
        return str(self.doubt.question) % {"why": work.reason}
