"""A fulfillment is the shipment made."""

import hashlib
from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery
from crushsync.lib.queue import DueRow
from fulfillment.models.fulfillment_orders import FulfillmentOrder
from fulfillment.models.stock import StockLocation
from orders.models import Order, OrderLine, Store


class FulfillmentStatus(models.TextChoices):
    PENDING = "pending", _("Pending")  # made, or label printed: nothing moves yet
    SHIPPED = "shipped", _("Shipped")  # the carrier has it
    DELIVERED = "delivered", _("Delivered")
    CANCELED = "canceled", _("Canceled")


# A status only moves forward; Canceled is reached by an explicit cancel, void or return.
RANK = {FulfillmentStatus.PENDING: 0, FulfillmentStatus.SHIPPED: 1, FulfillmentStatus.DELIVERED: 2}


class ReportStatus(models.TextChoices):
    NOT_YET = "not_yet", _("Not reported")
    WAITING = "waiting", _("Waiting to report")
    REPORTED = "reported", _("Reported to the store")
    FAILED = "failed", _("Failed to report")


class Fulfillment(DueRow):
    """As a due row: when the store is to hear of it."""

    winery_path: ClassVar[str] = "winery"
    parked_by: ClassVar[Mapping[str, str]] = {"orders.Store": "order__store"}

    # The order's, which never changes: a small winery's rows are found among those of a large one.
    winery = models.ForeignKey(Winery, models.CASCADE, related_name="+", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="fulfillments")
    # Empty: the winery ships it itself.
    fulfillment_order = models.ForeignKey(
        FulfillmentOrder, models.CASCADE, null=True, related_name="fulfillments"
    )
    location = models.ForeignKey(
        StockLocation,
        models.PROTECT,
        null=True,
        related_name="fulfillments",
        verbose_name=_("from"),
    )
    # Of the act that made it: the same act again makes no second one. "" for what Vinoshipper made.
    key = models.CharField(max_length=100, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=FulfillmentStatus.choices, default=FulfillmentStatus.PENDING
    )
    carrier = models.CharField(_("carrier"), max_length=60, blank=True)
    tracking_numbers = models.JSONField(_("tracking numbers"), default=list)
    replaced_numbers = models.JSONField(default=list)  # of labels that others took the place of
    # Where to follow it, for a carrier whose page we do not know.
    tracking_url = models.CharField(_("tracking page"), max_length=500, blank=True)
    package_count = models.PositiveSmallIntegerField(_("packages"), default=1)
    ship_date = models.DateField(_("ship date"), null=True, blank=True)
    notify_customer = models.BooleanField(_("mail the customer"), null=True)  # None: as the store is set
    actor = models.CharField(_("by"), max_length=150, blank=True)  # empty: CrushSync itself
    canceled_at = models.DateTimeField(_("canceled"), null=True)
    shipped_at = models.DateTimeField(_("shipped"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    created_at = models.DateTimeField(default=timezone.now)

    report_status = models.CharField(
        _("in the store"), max_length=10, choices=ReportStatus.choices, default=ReportStatus.NOT_YET
    )
    report_sentence = models.TextField(_("what the store said"), blank=True)
    reported_hash = models.CharField(
        max_length=64, blank=True
    )  # carrier, numbers and status as last reported
    reported_at = models.DateTimeField(null=True)
    news_since = models.DateTimeField(null=True)  # since when the store lacks some news; empty: it lacks none
    store_fulfillment_id = models.CharField(max_length=64, blank=True)
    asked_by = models.CharField(max_length=150, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("fulfillment")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "key"], condition=~Q(key=""), name="fulfillment_once_an_act"
            )
        ]
        indexes = [
            *DueRow.Meta.indexes,
            models.Index(fields=["winery", "-id"], name="fulfillment_winery"),
            models.Index(
                fields=["news_since"],
                condition=models.Q(news_since__isnull=False),
                name="fulfillment_news_since",
            ),
            models.Index(
                fields=["status", "-id"],
                condition=~Q(status=FulfillmentStatus.DELIVERED),
                name="fulfillment_under_way",
            ),
            models.Index(
                fields=["report_status", "-id"],
                condition=~Q(report_status=ReportStatus.REPORTED),
                name="fulfillment_not_reported",
            ),
            models.Index(fields=["-created_at"], name="fulfillment_made_at"),
            models.Index(fields=["-shipped_at"], name="fulfillment_shipped_at"),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_status_display()}"

    @property
    def is_own(self) -> bool:
        """Whether the winery ships it itself, from a location of its own."""
        return self.fulfillment_order_id is None

    @property
    def is_live(self) -> bool:
        return self.status != FulfillmentStatus.CANCELED

    @property
    def news_hash(self) -> str:
        """Of what a store is told: equal to `reported_hash` when it knows everything."""
        page = [self.tracking_url] if self.tracking_url else []
        news = "|".join([self.carrier, *self.tracking_numbers, *page, self.status])
        return hashlib.sha256(news.encode()).hexdigest()


class FulfillmentLine(models.Model):
    winery_path: ClassVar[str] = "fulfillment__order__winery"

    fulfillment = models.ForeignKey(Fulfillment, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(OrderLine, models.CASCADE, related_name="fulfillment_lines")
    quantity = models.PositiveIntegerField()

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fulfillment", "order_line"], name="fulfillment_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.order_line_id}"


class StoreState(models.TextChoices):
    """What a fulfillment that the store has is here."""

    KNOWN = "known", _("A fulfillment here")
    AWAITED = "awaited", _("Vinoshipper's to ship")  # the store says so before Vinoshipper does
    TOO_MUCH = "too_much", _("More than is left")  # fulfilled on both sides: a person chooses
    CANCELED = "canceled", _("Canceled in the store")


class StoreFulfillment(models.Model):
    """A fulfillment as the store has it: one row for each of the store's ids.

    Whatever comes from both sides, late, twice or as an echo, finds its row: one act is one fulfillment.
    """

    winery_path: ClassVar[str] = "order__winery"

    store = models.ForeignKey(Store, models.CASCADE, related_name="store_fulfillments")
    order = models.ForeignKey(Order, models.CASCADE, related_name="store_fulfillments")
    external_id = models.CharField(max_length=64)
    fulfillment = models.ForeignKey(Fulfillment, models.CASCADE, null=True, related_name="in_store")
    state = models.CharField(max_length=10, choices=StoreState.choices, default=StoreState.KNOWN)
    place = models.CharField(max_length=64, blank=True)  # the store's own id of the location
    place_name = models.CharField(max_length=120, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("fulfillment in the store")
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="fulfillment_store_key_once")
        ]

    def __str__(self) -> str:
        return f"{self.external_id} · {self.get_state_display()}"
