"""What programs come in with."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models.wineries import OwnedQuerySet, Winery
from crushsync.lib.encrypted import EncryptedBytesField


class ApiKey(models.Model):
    """A program's way in. Only a hash of the secret is kept: it is shown once, when it is made."""

    winery_path: ClassVar[str] = "winery"

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="api_keys", verbose_name=_("winery"))
    name = models.CharField(_("name"), max_length=80, help_text=_("Which program uses it."))
    prefix = models.CharField(_("begins with"), max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("may"), default=list)  # of crushsync.accounts.keys.SCOPES
    calls_per_minute = models.PositiveIntegerField(
        _("calls a minute"), default=600, validators=[MinValueValidator(1)]
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)  # to the minute
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by = models.CharField(_("by"), max_length=150, editable=False)
    # Id of the first of the keys that took each other's place: they are one caller. Empty: it is the first.
    line = models.BigIntegerField(null=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def first_pk(self) -> int:
        return self.line or self.pk


class CallCount(models.Model):
    """How many calls a caller's web processes took of a minute. One row for each caller, written again."""

    caller = models.CharField(primary_key=True, max_length=40)  # "key 12" or "person 3"
    minute = models.BigIntegerField()  # since 1970
    taken = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.caller}: {self.taken}"


class IdempotentCall(models.Model):
    """A call that must not have its effect twice, and the answer it got the first time."""

    # "key 12" (and those that take its place) or "person 3": each has keys of its own.
    caller = models.CharField(max_length=40)
    idempotency_key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # of method, address and body
    # Until then the call is under way; after it, without an answer, whoever held it died.
    held_until = models.DateTimeField()
    fence = models.PositiveIntegerField(default=1)
    status = models.PositiveSmallIntegerField(null=True)  # empty: no answer yet
    answer = EncryptedBytesField(null=True)
    content_type = models.CharField(max_length=60, blank=True)
    tag = models.CharField(max_length=40, blank=True)  # the answer's ETag, if it had one
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "idempotency_key"], name="accounts_call_once")
        ]

    def __str__(self) -> str:
        return f"{self.caller}: {self.idempotency_key}"
