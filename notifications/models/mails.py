"""Who gets which mails, and what became of each."""

from collections.abc import Mapping
from datetime import time
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery
from crushsync.lib.queue import DueRow
from fulfillment.models import Problem


class Kind(models.TextChoices):
    """What a recipient chooses from."""

    PROBLEM = "problem", _("An order needs a person")
    SOLVED = "solved", _("It no longer does")
    CONNECTION = "connection", _("A connection or a webhook endpoint is down, or well again")
    DAILY = "daily", _("Daily summary of what is open")


class Recipient(DueRow):
    """A person of the winery, or an address. As a due row: when the next daily summary is to be made."""

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="recipients", verbose_name=_("winery"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="notification_recipients",
        verbose_name=_("person"),
        help_text=_("Written to at the address of their login."),
    )
    address = models.EmailField(_("or an address"), blank=True)
    kinds = models.JSONField(_("gets"), default=list)
    quiet_from = models.TimeField(
        _("quiet from"), null=True, blank=True, help_text=_("In the winery's time zone. Kept until it ends.")
    )
    quiet_to = models.TimeField(_("quiet to"), null=True, blank=True)
    daily_at = models.TimeField(_("daily summary at"), default=time(7, 0))
    is_active = models.BooleanField(_("active"), default=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, editable=False)
    bounced_at = models.DateTimeField(_("bounced"), null=True, editable=False)

    is_of_winery: bool  # no column: read by mails.recipients.standing()

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("mail recipient")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) ^ ~models.Q(address=""),
                name="notifications_recipient_is_one",
            ),
            models.UniqueConstraint(fields=["winery", "user"], name="notifications_recipient_person"),
            models.UniqueConstraint(
                fields=["winery", "address"],
                condition=~models.Q(address=""),
                name="notifications_recipient_address",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user else self.address

    @property
    def email(self) -> str:
        """Where to write; "" if the person's login has no address."""
        return self.user.email if self.user else self.address

    def clean(self) -> None:
        if (self.user is None) == (not self.address):
            # Said of a field: else the constraint is looked at as well, and says its name.
            raise ValidationError({"address": _("Choose a person, or enter an address: one of the two.")})
        others = Recipient.objects.filter(winery=self.winery_id).exclude(pk=self.pk)
        if self.address and others.filter(address=self.address).exists():
            raise ValidationError({"address": _("This address is on the list already.")})
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValidationError({"quiet_to": _("Quiet hours have a beginning and an end.")})


class MailKind(models.TextChoices):
    PROBLEM = "problem", _("Order issue")
    DIGEST = "digest", _("Several order issues")
    DAILY = "daily", _("Daily summary")
    SOLVED = "solved", _("Solved")
    DOWN = "down", _("Connection down")
    RESTORED = "restored", _("Connection restored")
    TEST = "test", _("Test")


class MailState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    SKIPPED = "skipped", _("Not needed any more")
    FAILED = "failed", _("Failed")
    # A call was made and its end never seen. It is not sent again by itself: never twice.
    UNKNOWN = "unknown", _("Unknown outcome")
    BOUNCED = "bounced", _("Bounced")


class Mail(DueRow):
    """One mail to one recipient. Its words are made when it is sent."""

    parked_by: ClassVar[Mapping[str, str]] = {}

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="mails")
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="mails")
    kind = models.CharField(_("kind"), max_length=10, choices=MailKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=MailState.choices, default=MailState.WAITING)
    sentence = models.TextField(_("what came of it"), blank=True)
    is_call_open = models.BooleanField(default=False)  # True from before sending until its end is written
    provider_id = models.CharField(max_length=200, blank=True, db_index=True)  # the mail service's own
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("mail")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} → {self.recipient}"


class MailItem(models.Model):
    """A problem, or its end, in a mail: once per recipient."""

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="items")
    problem = models.ForeignKey(Problem, models.CASCADE, related_name="mail_items")
    is_end = models.BooleanField(default=False)
    mail = models.ForeignKey(Mail, models.CASCADE, related_name="items")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "problem", "is_end"], name="notifications_mail_item_once"
            )
        ]
        indexes = [models.Index(fields=["recipient", "-at"], name="notifications_item_recent")]

    def __str__(self) -> str:
        return f"{self.problem_id} in {self.mail_id}"
