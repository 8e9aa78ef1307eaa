"""Orders as the stores told us, and their history."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery
from crushsync.lib.encrypted import EncryptedDateField, EncryptedJSONField
from orders.models.stores import Store
from orders.storefronts.types import BirthDateState, DeliveryMethod, LineKind, OrderKind, PaymentStatus


def _choices(enum: type) -> list[tuple[str, str]]:
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in enum]  # type: ignore[attr-defined]


class Order(models.Model):
    """An order as the store last told us. Nobody edits it here; the store is asked again instead.

    `chosen_ship_date` alone is the winery's own.
    """

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="orders")
    store = models.ForeignKey(Store, models.PROTECT, related_name="orders")
    external_id = models.CharField(max_length=64)
    name = models.CharField(_("order"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=_choices(OrderKind), default=OrderKind.SALE)
    placed_at = models.DateTimeField(_("placed"))
    store_updated_at = models.DateTimeField(_("changed in the store"))
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    is_test = models.BooleanField(_("test order"), default=False)
    is_routed = models.BooleanField(default=True)
    payment = models.CharField(_("payment"), max_length=20, choices=_choices(PaymentStatus))
    currency = models.CharField(max_length=3)

    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    birth_date = EncryptedDateField(_("birth date"), null=True)
    birth_date_state = models.CharField(max_length=12, choices=_choices(BirthDateState))
    ship_to = models.JSONField(_("ship to"), null=True)  # storefronts.types.Address as a dict
    bill_to = models.JSONField(_("bill to"), null=True)
    ship_to_state = models.CharField(_("state"), max_length=10, blank=True)

    shipping_method = models.CharField(_("shipping method"), max_length=200, blank=True)
    shipping_price = models.DecimalField(_("shipping"), max_digits=12, decimal_places=2)
    tax = models.DecimalField(_("tax"), max_digits=12, decimal_places=2)
    tip = models.DecimalField(_("tip"), max_digits=12, decimal_places=2)
    total = models.DecimalField(_("total"), max_digits=12, decimal_places=2)
    note = models.TextField(_("note"), blank=True)
    gift_note = models.TextField(_("gift note"), blank=True)
    requested_ship_date = models.DateField(_("requested ship date"), null=True)
    chosen_ship_date = models.DateField(_("ship date"), null=True)  # by the winery's staff
    source_url = models.URLField(_("in the store"), max_length=500, blank=True)
    shop_holds = models.JSONField(default=list)  # why the shop itself holds it back, in its words
    defects = models.JSONField(default=list)  # what was wrong with the store's answer, in plain words

    # Of everything above that matters for sending: tells a real change from our own echo.
    content_hash = models.CharField(max_length=64)
    # What a webhook said of this very version, if one did: tells our own echo without reading.
    webhook_hash = models.CharField(max_length=64, blank=True)
    work_ids = models.JSONField(default=list)  # the shop's ids of what is to be shipped and not begun
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        ordering = ["-placed_at", "-pk"]
        indexes = [
            models.Index(fields=["winery", "-placed_at", "-id"], name="orders_order_newest"),
            # For the operator, who sees all wineries at once.
            models.Index(fields=["-placed_at", "-id"], name="orders_order_all_newest"),
            # Finds what a name begins with, too, in whatever language the database sorts.
            models.Index(fields=["name"], name="orders_order_name", opclasses=["varchar_pattern_ops"]),
            models.Index(Upper("email"), name="orders_order_email"),
            models.Index(fields=["winery", "-store_updated_at"], name="orders_order_changed"),
            models.Index(fields=["winery", "ship_to_state", "-placed_at"], name="orders_order_state"),
            models.Index(
                fields=["winery", "payment", "-placed_at"],
                condition=~Q(payment=PaymentStatus.PAID.value),
                name="orders_order_unpaid",
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["store", "external_id"], name="orders_order_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def customer_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def ship_date(self) -> date | None:
        """Not to be shipped before: as the winery's staff chose, else as the store says."""
        return self.chosen_ship_date or self.requested_ship_date


class OrderLine(models.Model):
    winery_path: ClassVar[str] = "order__winery"

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    external_id = models.CharField(max_length=64)
    position = models.PositiveSmallIntegerField()
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    title = models.CharField(_("product"), max_length=250)
    kind = models.CharField(_("kind"), max_length=10, choices=_choices(LineKind))
    delivery_method = models.CharField(_("delivery"), max_length=20, choices=_choices(DeliveryMethod))
    quantity = models.PositiveIntegerField(_("quantity"))  # after edits and refunds
    unit_price = models.DecimalField(_("price"), max_digits=12, decimal_places=2)
    discount = models.DecimalField(_("discount"), max_digits=12, decimal_places=2)
    tax = models.DecimalField(_("tax"), max_digits=12, decimal_places=2)

    # Not the store's: pieces in live fulfillments of the winery's own, and the most that may be. Written
    # by fulfillment.shipping alone; the database refuses the piece too many, whoever asks at the same time.
    shipped_here = models.PositiveIntegerField(default=0, editable=False)
    shippable_here = models.PositiveIntegerField(default=0, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("line")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "external_id"], name="orders_line_once"),
            models.CheckConstraint(
                condition=Q(shipped_here__lte=F("shippable_here")), name="orders_line_never_over"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def left(self) -> int:
        """Pieces that the winery does not ship itself."""
        return max(self.quantity - self.shipped_here, 0)


class OrderSnapshot(models.Model):
    """The order as it was read, whole: to compare, and to show what changed. Encrypted: it names people."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="snapshots")
    read_at = models.DateTimeField(default=timezone.now)
    content_hash = models.CharField(max_length=64)
    data = EncryptedJSONField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.content_hash[:8]}"


class EventKind(models.TextChoices):
    RECEIVED = "received", _("Received")
    CHANGED = "changed", _("Changed in the store")
    DECIDED = "decided", _("Decided")
    MOVED = "moved", _("Moved on")  # sync or fulfillment status
    ACTED = "acted", _("Done by a person")


class OrderEvent(models.Model):
    """The order's history: what, when, by whom, in a sentence. Written with the change, never altered."""

    winery_path: ClassVar[str] = "order__winery"

    order = models.ForeignKey(Order, models.CASCADE, related_name="events")
    kind = models.CharField(_("kind"), max_length=10, choices=EventKind.choices)
    code = models.CharField(max_length=40, blank=True)
    actor = models.CharField(_("by"), max_length=150, blank=True)  # empty: CrushSync itself
    sentence = models.TextField(_("what"))
    # Of which shipment, if of one: an id only, for shipments are of a room above.
    fulfillment_id = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        ordering = ["-pk"]
        indexes = [
            # What people did, among all that happened: for the audit page.
            models.Index(fields=["-id"], condition=Q(kind=EventKind.ACTED), name="orders_event_acts")
        ]

    def __str__(self) -> str:
        return self.sentence
