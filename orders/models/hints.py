"""What came in from outside, as it came."""

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, VinoshipperAccount, Winery
from crushsync.lib.encrypted import EncryptedBytesField
from crushsync.lib.queue import DueRow
from orders.models.stores import Store


class HintSource(models.TextChoices):
    WEBHOOK = "webhook", _("Webhook")
    POLL = "poll", _("Poll")
    STAFF = "staff", _("Staff")


class HintState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    IGNORED = "ignored", _("Ignored")  # by name, with a reason
    UNKNOWN = "unknown", _("Unknown topic")
    MALFORMED = "malformed", _("Not readable")
    FAILED = "failed", _("Failed")  # a person has to look


class InboundHint(DueRow):
    """Something outside may have changed: a webhook as it came, or what a poll or a person pointed at.

    Stored before it is answered, kept as it came, and never believed: its object is read again.
    """

    winery_path: ClassVar[str] = "winery"
    parked_by: ClassVar[Mapping[str, str]] = {"orders.Store": "store"}

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="+")
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="hints")
    vinoshipper_account = models.ForeignKey(
        VinoshipperAccount, models.CASCADE, null=True, related_name="hints"
    )
    source = models.CharField(_("source"), max_length=10, choices=HintSource.choices)
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    # The sender's own id for the delivery; a repeat is the same row.
    delivery_id = models.CharField(max_length=120)
    order_number = models.CharField(max_length=100, blank=True)  # the order's id there, once read
    headers = models.JSONField(default=dict)
    body = EncryptedBytesField(null=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)
    state = models.CharField(_("state"), max_length=10, choices=HintState.choices, default=HintState.WAITING)
    sentence = models.TextField(_("what came of it"), blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("inbound hint")
        indexes = [
            *DueRow.Meta.indexes,
            # Of the webhooks about one order, the newest; nothing is kept here before it is read.
            models.Index(
                fields=["order_number"],
                condition=Q(body__isnull=False) & ~Q(order_number=""),
                name="orders_hint_about",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "delivery_id"], name="orders_hint_once_a_store"),
            models.UniqueConstraint(
                fields=["vinoshipper_account", "delivery_id"], name="orders_hint_once_an_account"
            ),
            models.CheckConstraint(
                condition=Q(store__isnull=True) ^ Q(vinoshipper_account__isnull=True),
                name="orders_hint_has_one_sender",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic or self.source} {self.order_number}".strip()
