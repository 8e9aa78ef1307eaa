"""One act on many orders: what was asked for, and what became of each."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery
from crushsync.lib.queue import DueRow
from fulfillment.models.fulfillment_orders import FulfillmentOrder


class Batch(models.Model):
    """How far it is follows from its rows; nothing here counts along."""

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="batches")
    action = models.CharField(_("what"), max_length=40)  # of fulfillment.actions.FOR_MANY
    # What the act was asked with, as far as it asks for something.
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    person = models.CharField(_("to whom"), max_length=150, blank=True)
    until = models.DateTimeField(_("until"), null=True)  # of a day, its noon
    actor = models.CharField(_("by"), max_length=150)
    # Made with the page that asks: a second click with the same one starts nothing.
    token = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("started"), default=timezone.now)
    cancelled_at = models.DateTimeField(_("canceled"), null=True)
    cancelled_by = models.CharField(max_length=150, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["winery", "token"], name="fulfillment_batch_once")]

    def __str__(self) -> str:
        return f"{self.action} · {self.pk}"


class RowState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Not done")  # the action made no sense for this order
    FAILED = "failed", _("Failed")  # it stopped its worker
    CANCELLED = "cancelled", _("Canceled")


class BatchRow(DueRow):
    """One order of a batch. As a due row: when the act is to be done."""

    winery_path: ClassVar[str] = "batch__winery"

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows")
    fulfillment_order = models.ForeignKey(FulfillmentOrder, models.CASCADE, related_name="+")
    state = models.CharField(_("result"), max_length=10, choices=RowState.choices, default=RowState.WAITING)
    sentence = models.TextField(_("what came of it"), blank=True)
    done_at = models.DateTimeField(_("when"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        constraints = [
            models.UniqueConstraint(fields=["batch", "fulfillment_order"], name="fulfillment_batch_row_once"),
            models.CheckConstraint(
                condition=Q(state=RowState.WAITING) | Q(due_at__isnull=True),
                name="fulfillment_batch_row_done_is_not_due",
            ),
        ]
        indexes = [
            *DueRow.Meta.indexes,
            models.Index(fields=["batch", "state"], name="fulfillment_batch_progress"),
        ]

    def __str__(self) -> str:
        return f"{self.fulfillment_order_id} · {self.get_state_display()}"
