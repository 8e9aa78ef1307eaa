"""Statuses as staff see them: an icon, a word and a tone."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from compliance.models import ComplianceEvent
from crushsync.accounts.admin.markup import Pill
from fulfillment.models import (
    Fulfillment,
    FulfillmentOrder,
    FulfillmentStatus,
    MarkStatus,
    Outcome,
    ReportStatus,
    StoreMark,
    SyncAttempt,
    SyncStatus,
)
from fulfillment.progress import OrderProgress, order_progress
from orders.models import Order

SYNC = {
    SyncStatus.WAITING: ("wait", "clock"),
    SyncStatus.SENT: ("good", "check"),
    SyncStatus.FAILED: ("bad", "cross"),
    SyncStatus.NOT_REQUIRED: ("quiet", "dash"),
    SyncStatus.VOIDED: ("quiet", "ban"),
    SyncStatus.DONT_SEND: ("quiet", "ban"),
    SyncStatus.UNKNOWN: ("warn", "question"),
}
SHIPMENT = {
    FulfillmentStatus.PENDING: ("wait", "box"),
    FulfillmentStatus.SHIPPED: ("info", "truck"),
    FulfillmentStatus.DELIVERED: ("good", "home"),
    FulfillmentStatus.CANCELED: ("quiet", "ban"),
}
PROGRESS = {
    OrderProgress.NOT_SHIPPED: ("quiet", "dash"),
    OrderProgress.PENDING: ("wait", "box"),
    OrderProgress.PARTLY_SHIPPED: ("info", "truck"),
    OrderProgress.SHIPPED: ("info", "truck"),
    OrderProgress.DELIVERED: ("good", "home"),
    OrderProgress.CANCELED: ("quiet", "ban"),
}
REPORT = {
    ReportStatus.NOT_YET: ("quiet", "dash"),
    ReportStatus.WAITING: ("wait", "clock"),
    ReportStatus.REPORTED: ("good", "check"),
    ReportStatus.FAILED: ("bad", "cross"),
}
OUTCOME = {
    Outcome.RUNNING: ("wait", "clock"),
    Outcome.OK: ("good", "check"),
    Outcome.REFUSED: ("bad", "cross"),
    Outcome.TEMPORARY: ("warn", "refresh"),
    Outcome.UNKNOWN: ("warn", "question"),
    Outcome.CONNECTION: ("bad", "pause"),
}
MARK = {
    MarkStatus.WAITING: ("wait", "clock"),
    MarkStatus.SHOWN: ("good", "check"),
    MarkStatus.FAILED: ("bad", "cross"),
}
COMPLIANT = Pill("good", "check", _("Compliant"))
NOT_COMPLIANT = Pill("bad", "cross", _("Not compliant"))
NOT_CHECKED = Pill("quiet", "dash", _("Not checked"))
ON_HOLD = Pill("warn", "pause", _("On hold"))


def sync_pill(work: FulfillmentOrder) -> Pill:
    return Pill(*SYNC[SyncStatus(work.status)], work.get_status_display())


def shipment_pill(shipment: Fulfillment) -> Pill:
    return Pill(*SHIPMENT[FulfillmentStatus(shipment.status)], shipment.get_status_display())


def report_pill(shipment: Fulfillment) -> Pill:
    return Pill(*REPORT[ReportStatus(shipment.report_status)], shipment.get_report_status_display())


def mark_pill(mark: StoreMark) -> Pill:
    return Pill(*MARK[MarkStatus(mark.status)], mark.get_status_display())


def attempt_pill(attempt: SyncAttempt) -> Pill:
    return Pill(*OUTCOME[Outcome(attempt.outcome)], attempt.get_outcome_display())


def progress_pill(order: Order) -> Pill:
    """How far all of the order is."""
    progress = order_progress(order)
    return Pill(*PROGRESS[progress], progress.label)


def compliance_pill(verdicts: Sequence[ComplianceEvent]) -> Pill:
    """The newest verdict, which comes first."""
    if not verdicts:
        return NOT_CHECKED
    return COMPLIANT if verdicts[0].is_compliant else NOT_COMPLIANT
