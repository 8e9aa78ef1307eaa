"""Every try of anything with the outside about an order."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet
from fulfillment.models.fulfillment_orders import FulfillmentOrder
from fulfillment.models.fulfillments import Fulfillment
from orders.models import Order


class AttemptKind(models.TextChoices):
    READ = "read", _("Read from the store")
    SEND = "send", _("Send to Vinoshipper")
    VOID = "void", _("Void in Vinoshipper")
    FOLLOW = "follow", _("Look at Vinoshipper")
    SHIP = "ship", _("Mark as shipped at Vinoshipper")
    REPORT = "report", _("Report to the store")
    MARK = "mark", _("Mark in the store")
    COMPARE = "compare", _("Compare with Vinoshipper")


class Outcome(models.TextChoices):
    RUNNING = "running", _("Running")
    OK = "ok", _("Done")
    REFUSED = "refused", _("Refused")  # a definite no: something has to change
    TEMPORARY = "temporary", _("Try again")
    UNKNOWN = "unknown", _("No answer")
    CONNECTION = "connection", _("Connection problem")


# What is written when a call has ended.
ANSWER_FIELDS = ["seconds", "outcome", "code", "sentence", "trace_id", "answer"]


class SyncAttempt(models.Model):
    """Written before the call, completed after it. One that stays Running was cut off: outcome unknown."""

    winery_path: ClassVar[str] = "order__winery"

    order = models.ForeignKey(Order, models.CASCADE, related_name="attempts")
    fulfillment_order = models.ForeignKey(
        FulfillmentOrder, models.CASCADE, null=True, related_name="attempts"
    )
    fulfillment = models.ForeignKey(Fulfillment, models.CASCADE, null=True, related_name="attempts")
    kind = models.CharField(_("what"), max_length=10, choices=AttemptKind.choices)
    number = models.PositiveSmallIntegerField(_("try"), default=1)
    actor = models.CharField(_("by"), max_length=150, blank=True)  # empty: CrushSync itself
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    seconds = models.FloatField(_("took"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, default=Outcome.RUNNING)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.TextField(_("what came back"), blank=True)
    trace_id = models.CharField(_("trace id"), max_length=80, blank=True)
    request = models.JSONField(default=dict)  # redacted
    answer = models.JSONField(default=dict)  # redacted

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("sync attempt")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_outcome_display()}"


def close_cut_off(attempts: models.QuerySet[SyncAttempt]) -> None:
    """End those of the attempts that a dead worker left running: nobody knows what came of them."""
    _end(attempts, "cut_off", _("The worker stopped before an answer came."))


def close_late(attempts: models.QuerySet[SyncAttempt]) -> None:
    """End those of the attempts whose answer was dropped: the row had moved on when it came."""
    _end(attempts, "late", _("The answer came when it no longer mattered."))


def _end(attempts: models.QuerySet[SyncAttempt], code: str, sentence: Any) -> None:
    running = attempts.filter(outcome=Outcome.RUNNING)
    running.update(outcome=Outcome.UNKNOWN, code=code, sentence=str(sentence))
