"""What keeps a store's connection alive."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet
from crushsync.lib.queue import DueRow, wait
from orders.models.stores import Store

# A token this young is not at fault when the shop refuses us.
YOUNG = timedelta(minutes=5)


class TokenKind(models.TextChoices):
    CLIENT = "client", _("Client credentials")  # a new token can be had at any time
    REFRESH = "refresh", _("Refresh token")  # each new token brings the key to the next one


class StoreToken(DueRow):
    """A store whose access token ends; the tokens themselves are in `Store.issued`.

    As a due row: when the next one is to be fetched. Its claim is the lock: one worker refreshes.
    """

    winery_path: ClassVar[str] = "store__winery"

    store = models.OneToOneField(Store, models.CASCADE, related_name="token")
    kind = models.CharField(_("kind of access"), max_length=10, choices=TokenKind.choices)
    expires_at = models.DateTimeField(_("access token ends"), null=True)
    refreshed_at = models.DateTimeField(null=True)
    sentence = models.TextField(blank=True)  # why no new one came, and what to do

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.store} · {self.get_kind_display()}"

    @classmethod
    def resting_on(cls, account: models.Model) -> "models.QuerySet[Self]":
        """New credentials are tried at once; a refresh token that does its work is left alone."""
        if not isinstance(account, Store):
            return cls._default_manager.none()
        works = Q(kind=TokenKind.REFRESH, sentence="", expires_at__isnull=False)
        return cls._default_manager.filter(~works, store=account, open_claims=0)

    @classmethod
    def mending(cls, account: models.Model, code: str, now: datetime) -> "models.QuerySet[Self]":
        """The shop refused the token it has: perhaps it ended sooner than it said."""
        if not isinstance(account, Store) or code != "credentials":
            return cls._default_manager.none()
        is_old = Q(refreshed_at__isnull=True) | Q(refreshed_at__lt=now - wait(YOUNG))
        return cls._default_manager.filter(is_old, store=account, open_claims=0, sentence="")


class ExportState(models.TextChoices):
    LISTING = "listing", _("Being listed")  # by the shop
    READING = "reading", _("Being taken in")
    DONE = "done", _("Taken in")
    FAILED = "failed", _("Failed")


class StoreExport(DueRow):
    """A store's past being taken in. As a due row: when the shop's list is asked for, or looked at."""

    winery_path: ClassVar[str] = "store__winery"
    parked_by: ClassVar[Mapping[str, str]] = {"orders.Store": "store"}

    store = models.OneToOneField(Store, models.CASCADE, related_name="export")
    since = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)  # who wanted it; "": somebody at the command line
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.LISTING)
    export_id = models.CharField(max_length=100, blank=True)  # the shop's; "": not asked for yet
    count = models.PositiveIntegerField(default=0)  # orders found
    size = models.PositiveBigIntegerField(default=0)  # of the list, in bytes
    read = models.PositiveBigIntegerField(default=0)  # bytes of it that are taken in
    sentence = models.TextField(blank=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.store} · {self.get_state_display()}"

    @property
    def is_over(self) -> bool:
        return self.state in (ExportState.DONE, ExportState.FAILED)


class StoreWatch(DueRow):
    """What the last look at a store's connection found. As a due row: when it is looked at again."""

    winery_path: ClassVar[str] = "store__winery"
    parked_by: ClassVar[Mapping[str, str]] = {"orders.Store": "store"}

    store = models.OneToOneField(Store, models.CASCADE, related_name="watch")
    told = models.CharField(max_length=20, blank=True)  # storefronts.types.AppNews, not looked into yet
    checked_at = models.DateTimeField(_("looked at"), null=True)
    missing = models.JSONField(default=list)  # permissions, in the platform's words
    other_version = models.CharField(max_length=20, blank=True)  # of the API, if not the one we speak
    made_again = models.JSONField(default=list)  # topics whose webhooks were missing at the last mending
    made_again_at = models.DateTimeField(null=True)
    notice = models.TextField(blank=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.store)

    @classmethod
    def resting_on(cls, account: models.Model) -> "models.QuerySet[Self]":
        """Other settings may lead to another shop, or to another address of ours."""
        if not isinstance(account, Store):
            return cls._default_manager.none()
        return cls._default_manager.filter(store=account, open_claims=0)
