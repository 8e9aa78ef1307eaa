"""One batch of answers being settled: the rows move, and what else is to be written is collected."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from compliance.models import Asked, ComplianceEvent
from compliance.problems import entry
from compliance.verdicts import VERDICT, told
from crushsync.vinoshipper.types import OrderAnswer
from fulfillment.goods import shippable
from fulfillment.models import FulfillmentOrder, SyncAttempt, SyncStatus
from orders.models import EventKind, OrderEvent


@dataclass
class Settling:
    """One batch being settled: what besides the rows has to be written with them."""

    now: datetime
    events: list[OrderEvent] = field(default_factory=list)
    verdicts: list[ComplianceEvent] = field(default_factory=list)
    undecided: set[int] = field(default_factory=set)  # orders to decide about again
    said: dict[int, str] = field(default_factory=dict)  # fulfillment order -> Vinoshipper's own words
    # Of the plan whose answer is being taken: what was sent, and whether an earlier call was open.
    fingerprint: str = ""
    was_open: bool = False

    def move(
        self, work: FulfillmentOrder, status: SyncStatus, code: str, sentence: str, told: str = ""
    ) -> None:
        """Change the status with its reason, and write it, or what is `told`, into the order's history."""
        work.move(status)
        work.reason_code, work.reason, work.reason_setting = code, sentence, ""
        self.events.append(
            OrderEvent(
                order_id=work.order_id,
                kind=EventKind.MOVED,
                code=code,
                sentence=told or sentence,
                actor=work.asked_by,
            )
        )

    def refuse(self, work: FulfillmentOrder, code: str, sentence: str, attention: str) -> None:
        """They do not take it: a person has to act, still or again."""
        is_still_so = work.attention_code == attention
        told = _("Tried again, and still so: %(why)s") % {"why": sentence} if is_still_so else ""
        self.move(work, SyncStatus.FAILED, code, sentence, told)
        need_person(work, attention, sentence)

    def is_still_asked(self, work: FulfillmentOrder) -> bool:
        """Whether what a person asked for is yet to be done: they looked first, and may send now."""
        return work.status == SyncStatus.WAITING and work.order_id in self.undecided

    def judge(
        self,
        work: FulfillmentOrder,
        attempt: SyncAttempt,
        asked: Asked,
        answer: OrderAnswer,
        *,
        is_compliant: bool,
    ) -> None:
        """Note their verdict on the work's order, with what of the attempt's answer is about it."""
        skus = [line.sku for line in shippable(list(work.order.lines.all()))] if answer.problems else []
        self.verdicts.append(
            ComplianceEvent(
                order_id=attempt.order_id,
                asked=asked,
                is_compliant=is_compliant,
                problems=told(answer.problems, skus),
                answer={key: attempt.answer[key] for key in VERDICT if key in attempt.answer},
                trace_id=answer.trace_id,
                at=self.now,
            )
        )


def need_person(work: FulfillmentOrder, code: str, sentence: str = "") -> None:
    work.attention_code, work.attention = code, sentence or str(entry(code).sentence)


def calm(work: FulfillmentOrder) -> None:
    work.attention_code = work.attention = ""
