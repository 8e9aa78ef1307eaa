"""A fulfillment order is the work to do: one destination's share of an order."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, VinoshipperAccount, Winery
from crushsync.lib.history import SettingsHistory
from crushsync.lib.queue import DueRow
from orders.models import Order, OrderLine, Store

if TYPE_CHECKING:
    from fulfillment.models.problems import Problem


class Destination(models.TextChoices):
    VINOSHIPPER = "vinoshipper", _("Vinoshipper")


class SyncStatus(models.TextChoices):
    """In the words staff know. *On hold* and *needs attention* are fields: an order keeps its place."""

    WAITING = "waiting", _("Waiting to send")
    SENT = "sent", _("Sent to Vinoshipper")
    FAILED = "failed", _("Failed to Send")
    NOT_REQUIRED = "not_required", _("Not Required to Send")
    VOIDED = "voided", _("Voided in Vinoshipper")
    DONT_SEND = "dont_send", _("Don't Send")
    # A call was made and the answer never came: the next step is to look, never to send again blindly.
    UNKNOWN = "unknown", _("Unknown outcome")


# Every move a status may make; `move` refuses the others.
MOVES: dict[str, frozenset[str]] = {
    SyncStatus.WAITING: frozenset(SyncStatus) - {SyncStatus.VOIDED},
    SyncStatus.FAILED: frozenset(SyncStatus) - {SyncStatus.VOIDED},
    SyncStatus.UNKNOWN: frozenset(
        {SyncStatus.SENT, SyncStatus.FAILED, SyncStatus.WAITING, SyncStatus.VOIDED}
    ),
    SyncStatus.SENT: frozenset({SyncStatus.VOIDED, SyncStatus.FAILED}),
    SyncStatus.NOT_REQUIRED: frozenset({SyncStatus.WAITING, SyncStatus.FAILED, SyncStatus.DONT_SEND}),
    SyncStatus.VOIDED: frozenset({SyncStatus.WAITING, SyncStatus.DONT_SEND, SyncStatus.NOT_REQUIRED}),
    SyncStatus.DONT_SEND: frozenset({SyncStatus.WAITING, SyncStatus.NOT_REQUIRED}),
}


# Vinoshipper's own words for an order that has left.
SHIPPED_THERE = ("SHIPPED", "DELIVERED", "PICKED_UP")
# Not Vinoshipper's, for a reason for which somebody has to ship it from the winery, while anything is left.
REASONS_TO_SHIP_HERE = ("local_delivery", "state_not_selected", "not_us", "own_cellar")
OPEN_HERE = models.Q(status=SyncStatus.NOT_REQUIRED, reason_code__in=REASONS_TO_SHIP_HERE)


class Step(StrEnum):
    """What a due fulfillment order needs next; read off its fields, never stored."""

    SEND = "send"  # bring it there; after an unknown outcome this looks first
    VOID = "void"  # cancel it there
    SHIP = "ship"  # say there that the winery has shipped it itself
    FOLLOW = "follow"  # see what became of it
    AGE = "age"  # see whether the customer has proved their age


class FulfillmentOrder(DueRow):
    winery_path: ClassVar[str] = "winery"
    parked_by: ClassVar[Mapping[str, str]] = {"accounts.VinoshipperAccount": "account"}

    # The order's, which never changes: a small winery's rows are found among those of a large one.
    winery = models.ForeignKey(Winery, models.CASCADE, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="fulfillment_orders")
    destination = models.CharField(max_length=12, choices=Destination.choices)
    account = models.ForeignKey(
        VinoshipperAccount,
        models.PROTECT,
        null=True,
        related_name="fulfillment_orders",
        verbose_name=_("account"),
    )
    # Ours: derived from store and order, unique over all of Vinoshipper; a new version after a void.
    number = models.CharField(_("Vinoshipper number"), max_length=64, unique=True)
    version = models.PositiveSmallIntegerField(default=1)

    status = models.CharField(
        _("sync"), max_length=12, choices=SyncStatus.choices, default=SyncStatus.WAITING
    )
    # Why it stands where it stands: the deciding rule or answer, its sentence, the setting that decided.
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(_("why"), blank=True)
    reason_setting = models.CharField(max_length=120, blank=True)
    attention_code = models.CharField(max_length=40, blank=True)  # not empty: a person has to act
    attention = models.TextField(_("needs attention"), blank=True)
    is_held = models.BooleanField(_("on hold"), default=False)
    hold_reason = models.CharField(max_length=300, blank=True)

    # True from before a sending call until a definite answer to it is committed.
    is_call_open = models.BooleanField(default=False)
    asked_by = models.CharField(
        max_length=150, blank=True
    )  # who wanted the next step; empty: CrushSync itself
    void_reason = models.CharField(max_length=300, blank=True)  # not empty: to be canceled there
    is_ship_asked = models.BooleanField(default=False)  # to be marked as shipped there

    # Since when it waits for its next milestone: to be sent, or, when sent, to be shipped. Empty: for none.
    awaited_since = models.DateTimeField(null=True)
    # The order's content whose difference from what was sent a person has settled.
    settled_hash = models.CharField(max_length=64, blank=True)

    sent_at = models.DateTimeField(_("sent"), null=True)
    sent_hash = models.CharField(max_length=64, blank=True)  # the order's content as it was sent
    partner_status = models.CharField(max_length=40, blank=True)  # their words
    partner_order_status = models.CharField(max_length=40, blank=True)
    id_scan_url = models.URLField(max_length=2000, blank=True)
    # What the shop charged less what Vinoshipper computed; empty: nothing computed yet.
    taxes_adjusted = models.DecimalField(_("tax difference"), max_digits=12, decimal_places=2, null=True)
    fees_adjusted = models.DecimalField(_("fee difference"), max_digits=12, decimal_places=2, null=True)
    followed_at = models.DateTimeField(_("last looked"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("fulfillment order")
        constraints = [
            models.UniqueConstraint(fields=["order", "destination"], name="fulfillment_order_once")
        ]
        indexes = [
            *DueRow.Meta.indexes,
            models.Index(fields=["winery", "-id"], name="fulfillment_order_winery"),
            models.Index(fields=["status", "-id"], name="fulfillment_order_status"),
            models.Index(
                fields=["-id"], condition=~models.Q(attention_code=""), name="fulfillment_order_attention"
            ),
            models.Index(fields=["order"], condition=OPEN_HERE, name="fulfillment_order_open_here"),
            models.Index(fields=["-id"], condition=models.Q(is_held=True), name="fulfillment_order_held"),
            models.Index(
                fields=["awaited_since"],
                condition=models.Q(awaited_since__isnull=False),
                name="fulfillment_order_awaited",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def resting_on(cls, account: models.Model) -> "models.QuerySet[FulfillmentOrder]":
        """What a setting of this store or Vinoshipper account decided, and nobody has sent since."""
        path = {
            "accounts.VinoshipperAccount": "order__store__vinoshipper_account",
            "orders.Store": "order__store",
        }
        undone = cls.objects.filter(
            status__in=(SyncStatus.WAITING, SyncStatus.FAILED, SyncStatus.NOT_REQUIRED),
            open_claims=0,
        ).exclude(reason_setting="")
        return undone.filter(**{path[account._meta.label]: account.pk})

    def move(self, status: SyncStatus) -> None:
        """Change the status along MOVES; raises ValueError for a move that makes no sense. Not saved."""
        if status != self.status and status not in MOVES[self.status]:
            raise ValueError(f"A fulfillment order cannot go from {self.status} to {status}.")
        self.status = status
        if status not in (SyncStatus.WAITING, SyncStatus.UNKNOWN, SyncStatus.SENT):
            self.awaited_since = None

    @property
    def partner(self) -> VinoshipperAccount:
        """The account it goes to; raises ValueError where none was chosen yet."""
        if self.account is None:
            raise ValueError(f"{self.number} has no account to go to.")
        return self.account

    @property
    def needs_attention(self) -> bool:
        return bool(self.attention_code)

    @cached_property
    def open_problems(self) -> list["Problem"]:
        """As of when they are first asked for. Lists load them along, as a prefetch `to_attr`."""
        return list(self.problems.filter(closed_at=None))

    @property
    def was_sent(self) -> bool:
        """Whether Vinoshipper has it, or may have it."""
        return self.status in (SyncStatus.SENT, SyncStatus.UNKNOWN) or self.is_call_open

    @property
    def number_there(self) -> str:
        """Its number for who looks at Vinoshipper; "" before the first call, when they cannot know it."""
        is_known = self.was_sent or self.status == SyncStatus.VOIDED or bool(self.partner_status)
        return self.number if is_known or self.attention_code in ("refused", "conflict") else ""

    @property
    def is_open_here(self) -> bool:
        """Whether the winery has to ship it itself: OPEN_HERE, of this row."""
        return self.status == SyncStatus.NOT_REQUIRED and self.reason_code in REASONS_TO_SHIP_HERE

    @property
    def step(self) -> Step:
        if self.void_reason:
            return Step.VOID
        if self.status == SyncStatus.SENT:
            return Step.SHIP if self.is_ship_asked else Step.FOLLOW
        if self.status == SyncStatus.FAILED and self.reason_code == "age_failed":
            return Step.AGE
        return Step.SEND


class FulfillmentOrderLine(models.Model):
    """How much of an order line this destination ships."""

    winery_path: ClassVar[str] = "fulfillment_order__order__winery"

    fulfillment_order = models.ForeignKey(FulfillmentOrder, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.CASCADE, related_name="fulfillment_order_lines")
    quantity = models.PositiveIntegerField()
    kept = models.PositiveIntegerField(default=0)  # pieces of it that the winery ships itself

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fulfillment_order", "order_line"], name="fulfillment_order_line_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.order_line_id}"


class Listing(models.Model):
    """A store's SKU and the SKU the same product has at Vinoshipper, where the two differ."""

    winery_path: ClassVar[str] = "store__winery"

    store = models.ForeignKey(Store, models.CASCADE, related_name="listings", verbose_name=_("store"))
    sku = models.CharField(_("SKU in the store"), max_length=100)
    destination_sku = models.CharField(_("SKU at Vinoshipper"), max_length=100)

    objects = OwnedQuerySet.as_manager()
    history = SettingsHistory()

    class Meta:
        verbose_name = _("listing")
        constraints = [models.UniqueConstraint(fields=["store", "sku"], name="fulfillment_listing_once")]

    def __str__(self) -> str:
        return f"{self.sku} → {self.destination_sku}"
