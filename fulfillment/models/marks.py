"""What the store's staff see of us on an order."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet
from crushsync.lib.queue import DueRow
from fulfillment.models.fulfillment_orders import FulfillmentOrder


class MarkStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting to show")
    SHOWN = "shown", _("Shown in the store")
    FAILED = "failed", _("Failed to show")


class StoreMark(DueRow):
    """As a due row: when the store is to show how the fulfillment order stands.

    Only fingerprints are kept: what is to be shown follows from the fulfillment order itself.
    """

    winery_path: ClassVar[str] = "fulfillment_order__order__winery"
    parked_by: ClassVar[Mapping[str, str]] = {"orders.Store": "fulfillment_order__order__store"}

    fulfillment_order = models.OneToOneField(FulfillmentOrder, models.CASCADE, related_name="mark")
    status = models.CharField(
        _("mark"), max_length=10, choices=MarkStatus.choices, default=MarkStatus.WAITING
    )
    sentence = models.TextField(_("what the store said"), blank=True)
    wanted_hash = models.CharField(max_length=64)
    shown_hash = models.CharField(max_length=64, blank=True)  # "": nobody knows what is shown
    shown_at = models.DateTimeField(null=True)
    is_held = models.BooleanField(default=False)  # a hold of ours is in the store
    asked_by = models.CharField(max_length=150, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("mark in the store")

    def __str__(self) -> str:
        return f"{self.fulfillment_order_id} · {self.get_status_display()}"

    @classmethod
    def resting_on(cls, account: models.Model) -> "models.QuerySet[StoreMark]":
        """Those the store may let us write now, and our holds, which go when a store shows no marks."""
        if account._meta.label != "orders.Store":
            return cls.objects.none()
        unfinished = cls.objects.filter(Q(status=MarkStatus.FAILED) | Q(is_held=True), open_claims=0)
        return unfinished.filter(fulfillment_order__order__store=account.pk)
