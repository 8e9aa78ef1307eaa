"""What a person let CrushSync write to a customer."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet
from crushsync.lib.encrypted import EncryptedJSONField
from crushsync.lib.queue import DueRow
from fulfillment.models.fulfillment_orders import FulfillmentOrder


class MessageKind(models.TextChoices):
    ID_SCAN = "id_scan", _("ID scan")
    NOT_COMPLIANT = "not_compliant", _("May not be shipped there")
    ADDRESS = "address", _("Where to deliver it")


class MessageState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    # The mail server's answer never came: it is not sent again by itself.
    UNKNOWN = "unknown", _("Unknown whether it was sent")
    BOUNCED = "bounced", _("Bounced")


class CustomerMessage(DueRow):
    """One mail to the order's customer, in the words a person saw. Once for each kind and sending."""

    winery_path: ClassVar[str] = "fulfillment_order__order__winery"

    fulfillment_order = models.ForeignKey(FulfillmentOrder, models.CASCADE, related_name="messages")
    kind = models.CharField(_("about"), max_length=15, choices=MessageKind.choices)
    version = models.PositiveSmallIntegerField()  # of the fulfillment order
    content = EncryptedJSONField()  # {"subject", "body"}: names the customer
    asked_by = models.CharField(_("by"), max_length=150)
    state = models.CharField(
        _("state"), max_length=10, choices=MessageState.choices, default=MessageState.WAITING
    )
    sentence = models.TextField(_("what came of it"), blank=True)
    is_call_open = models.BooleanField(default=False)
    provider_id = models.CharField(max_length=200, blank=True, db_index=True)  # the mail service's own
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("message to a customer")
        constraints = [
            models.UniqueConstraint(
                fields=["fulfillment_order", "kind", "version"], name="fulfillment_message_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_state_display()}"
