"""Who is told by webhook, what there was to tell, and how each delivery went."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery
from crushsync.lib.encrypted import EncryptedJSONField
from crushsync.lib.queue import DueRow


class Off(models.TextChoices):
    """Why an endpoint is off although nobody switched it off."""

    GONE = "gone", _("It answered 410: nobody wants these any more.")
    FAILING = "failing", _("No delivery has come through for five days.")
    CRASH = "crash", _("Telling it stopped the worker three times.")


class Endpoint(DueRow):
    """An address of the winery's that is told. As a due row: when its next delivery is due.

    Its claim is the lock of all of its deliveries: one worker at a time tells an endpoint, so that what is
    about one object arrives in order, and a slow endpoint takes up one call, never more.
    """

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="endpoints", verbose_name=_("winery"))
    name = models.CharField(_("name"), max_length=120)
    url = models.CharField(_("address"), max_length=500, help_text=_("https://, on port 443."))
    event_types = models.JSONField(
        _("told of"), default=list, help_text=_("Such as order.moved, or fulfillment.* for all of a kind.")
    )
    # {"current": "whsec_…", "old": "whsec_…"}; the old one signs too until old_secret_until.
    secrets = EncryptedJSONField(default=dict, editable=False)
    old_secret_until = models.DateTimeField(_("old secret until"), null=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    off_code = models.CharField(
        _("why it is off"), max_length=10, choices=Off.choices, blank=True, editable=False
    )
    failing_since = models.DateTimeField(_("failing since"), null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)  # in a row
    last_ok_at = models.DateTimeField(_("last delivery"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("webhook endpoint")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["winery", "name"], name="notifications_endpoint_name")]

    def __str__(self) -> str:
        return self.name

    def wants(self, event_type: str) -> bool:
        kind = event_type.partition(".")[0]
        return not {"*", event_type, f"{kind}.*"}.isdisjoint(self.event_types)

    def signing_secrets(self, now: datetime) -> list[str]:
        """The secrets each delivery is signed with: two while one is being replaced."""
        found = [self.secrets.get("current", "")]
        if self.old_secret_until and now < self.old_secret_until:
            found.append(self.secrets.get("old", ""))
        return [secret for secret in found if secret]


class Message(models.Model):
    """One thing that happened, as every endpoint is told of it. Holds no personal data."""

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="messages")
    message_id = models.CharField(
        max_length=40, unique=True
    )  # webhook-id: the receiver's key against repeats
    type = models.CharField(_("event"), max_length=60)
    about = models.CharField(_("about"), max_length=80)  # what it is told in order of, such as order:17
    source = models.CharField(max_length=60, null=True, unique=True)  # noqa: DJ001 - the row it tells of; a test has none
    body = models.TextField()  # the very bytes that are signed
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.type} {self.message_id}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")
    MISSED = "missed", _("Missed while off")


class Delivery(models.Model):
    """One message on its way to one endpoint."""

    winery_path: ClassVar[str] = "endpoint__winery"

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries")
    message = models.ForeignKey(Message, models.CASCADE, related_name="deliveries")
    about = models.CharField(max_length=80)
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    # When to try; empty while an earlier delivery about the same object is under way.
    next_at = models.DateTimeField(_("next try"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    is_replay = models.BooleanField(_("replay"), default=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    delivered_at = models.DateTimeField(_("delivered"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="notifications_delivery_new"),
            models.Index(
                fields=["state", "-id"], condition=~Q(state="delivered"), name="notifications_delivery_open"
            ),
            models.Index(
                fields=["endpoint", "next_at"],
                condition=Q(state="waiting", next_at__isnull=False),
                name="notifications_delivery_due",
            ),
            models.Index(
                fields=["endpoint", "about", "id"],
                condition=Q(state="waiting"),
                name="notifications_delivery_line",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "message"],
                condition=Q(is_replay=False),
                name="notifications_delivery_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.message} → {self.endpoint}"


class DeliveryTry(models.Model):
    """What was sent once, and what came back. The signature is not kept."""

    winery_path: ClassVar[str] = "delivery__endpoint__winery"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="log")
    at = models.DateTimeField(_("when"), default=timezone.now)
    seconds = models.FloatField(_("took"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)  # empty: no answer
    sentence = models.TextField(_("what came of it"))
    headers = models.JSONField(_("headers sent"), default=dict)
    answer = models.TextField(_("answer"), blank=True)  # its beginning, redacted

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery try")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.status or '–'}"


# What was told stays to be looked at and replayed for so long.
KEPT_FOR = timedelta(days=30)
