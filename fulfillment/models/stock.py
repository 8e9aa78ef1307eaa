"""Where bottles are, how many, and the ledger of why that changed."""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, VinoshipperAccount, Winery
from crushsync.lib.queue import DueRow
from crushsync.lib.signing import new_token
from orders.models import Store


class StockLocation(models.Model):
    """A place with bottles: the winery's own, or one that stands for what Vinoshipper keeps for it."""

    winery = models.ForeignKey(
        Winery, models.CASCADE, related_name="stock_locations", verbose_name=_("winery")
    )
    name = models.CharField(_("name"), max_length=120)
    street1 = models.CharField(_("street"), max_length=120, blank=True)
    street2 = models.CharField(_("second line"), max_length=120, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=10, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2, default="US", blank=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Off: nothing new is shipped from here; its ledger stays.")
    )
    vinoshipper_account = models.OneToOneField(
        VinoshipperAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stock_location",
        verbose_name=_("stands for"),
        help_text=_("The Vinoshipper account whose stock this is; empty for a place of the winery's own."),
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock location")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["winery", "name"], name="stock_location_name")]

    def __str__(self) -> str:
        return self.name


class LocationMapping(models.Model):
    """A store's own location id and the place it means here.

    Several of a store's locations may mean one place; the stock numbers of that place go to one of them.
    """

    winery_path: ClassVar[str] = "store__winery"

    store = models.ForeignKey(
        Store, models.CASCADE, related_name="location_mappings", verbose_name=_("store")
    )
    external_id = models.CharField(_("id in the store"), max_length=64)
    name = models.CharField(_("name in the store"), max_length=120, blank=True)
    location = models.ForeignKey(
        StockLocation, models.CASCADE, related_name="mappings", verbose_name=_("location")
    )
    shares_stock = models.BooleanField(
        _("same numbers"), default=True, help_text=_("The stock numbers of the two are kept the same.")
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("location mapping")
        constraints = [
            models.UniqueConstraint(fields=["store", "external_id"], name="stock_mapping_once"),
            models.UniqueConstraint(
                fields=["store", "location"], condition=Q(shares_stock=True), name="stock_mapping_shared_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.external_id} → {self.location}"


class StockLevel(models.Model):
    """How many of one SKU are in one place. Only `fulfillment.stock` writes it, with the movement behind it.

    The SKU is Vinoshipper's where a store names the product otherwise (see Listing).
    """

    winery_path: ClassVar[str] = "location__winery"

    location = models.ForeignKey(
        StockLocation, models.PROTECT, related_name="levels", verbose_name=_("location")
    )
    sku = models.CharField(_("SKU"), max_length=100)
    on_hand = models.IntegerField(_("on hand"), default=0)  # below zero: more left than was known to be there
    reserved = models.PositiveIntegerField(_("reserved"), default=0)  # sold, not gone yet
    low_at = models.PositiveIntegerField(
        _("low at"), null=True, blank=True, help_text=_("A notice at this many or fewer; empty: none.")
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock level")
        ordering = ["sku", "location"]
        constraints = [models.UniqueConstraint(fields=["location", "sku"], name="stock_level_once")]
        indexes = [
            models.Index(
                fields=["location"],
                condition=Q(low_at__gte=F("on_hand") - F("reserved")),
                name="stock_level_low",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sku} · {self.location}"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved

    @property
    def is_low(self) -> bool:
        return self.low_at is not None and self.available <= self.low_at


class MovementReason(models.TextChoices):
    RECEIVED = "received", _("Received")
    COUNTED = "counted", _("Counted")
    TRANSFER = "transfer", _("Moved between locations")
    SHIPPED = "shipped", _("Shipped")
    RESTORED = "restored", _("Shipment canceled")
    BROKEN = "broken", _("Broken or spoiled")
    POURED = "poured", _("Poured or given away")
    SOLD = "sold", _("Sold over the counter")
    LOST = "lost", _("Lost")
    FOUND = "found", _("Found")
    RETURNED = "returned", _("Returned by a customer")
    VINOSHIPPER = "vinoshipper", _("Vinoshipper's count")
    STORE = "store", _("The store's count")


class StockMovement(models.Model):
    """One line of the ledger: written once, never altered. A level is the sum of its movements."""

    winery_path: ClassVar[str] = "location__winery"

    location = models.ForeignKey(
        StockLocation, models.PROTECT, related_name="movements", verbose_name=_("location")
    )
    sku = models.CharField(_("SKU"), max_length=100)
    delta = models.IntegerField(_("change"))
    reason = models.CharField(_("reason"), max_length=12, choices=MovementReason.choices)
    # What it is about, in a form of which a repeat is the same act: "fulfillment:12", "import:7:31".
    reference = models.CharField(_("reference"), max_length=120)
    actor = models.CharField(_("by"), max_length=150, blank=True)  # empty: CrushSync itself
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    level_after = models.IntegerField(_("on hand after"))

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock movement")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["location", "sku", "reference"], name="stock_movement_once")
        ]
        indexes = [
            models.Index(fields=["-at"], name="stock_movement_newest"),
            models.Index(fields=["reference"], name="stock_movement_reference"),
            models.Index(
                fields=["reason", "-id"],
                condition=~Q(reason=MovementReason.SHIPPED),
                name="stock_movement_by_hand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delta:+d} {self.sku} · {self.get_reason_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for a movement that is written already."""
        if not self._state.adding:
            raise TypeError("A stock movement is never altered; book another one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises TypeError, always."""
        raise TypeError("A stock movement is never deleted; book another one.")


class PromiseCount(DueRow):
    """What a winery's own places have promised. As a due row: when it is to be counted anew."""

    winery_path: ClassVar[str] = "winery"

    winery = models.OneToOneField(Winery, models.CASCADE, related_name="+", verbose_name=_("winery"))

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("count of promises")

    def __str__(self) -> str:
        return str(self.winery)


class StockDirection(models.TextChoices):
    """Who is right about a store's numbers. One of the two, never both: nothing goes round in a circle."""

    OFF = "off", _("Not compared")
    PUSH = "push", _("Ours are set in the store")
    TAKE = "take", _("The store's are taken over")


class StoreStock(DueRow):
    """A store's stock numbers. As a due row: when they are to be compared with ours."""

    winery_path: ClassVar[str] = "store__winery"
    parked_by: ClassVar[Mapping[str, str]] = {"orders.Store": "store"}

    store = models.OneToOneField(Store, models.CASCADE, related_name="stock", verbose_name=_("store"))
    direction = models.CharField(
        _("stock numbers"), max_length=4, choices=StockDirection.choices, default=StockDirection.OFF
    )
    # Of the write under way: a new one once an outcome is definite, the same while it is not.
    key = models.CharField(max_length=64, default=new_token, editable=False)
    compared_at = models.DateTimeField(_("compared"), null=True, editable=False)
    is_failing = models.BooleanField(_("failing"), default=False, editable=False)
    sentence = models.TextField(_("what came of it"), blank=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        verbose_name = _("stock of a store")
        verbose_name_plural = _("stock numbers in stores")

    def __str__(self) -> str:
        return f"{self.store} · {self.get_direction_display()}"

    @classmethod
    def resting_on(cls, account: models.Model) -> "models.QuerySet[StoreStock]":
        """Those the store may let us compare now."""
        if account._meta.label != "orders.Store":
            return cls.objects.none()
        return cls.objects.filter(store=account.pk, is_failing=True, open_claims=0).exclude(
            direction=StockDirection.OFF
        )


class ListedStock(models.Model):
    """One product's number at one of a store's locations, as the store last told it."""

    winery_path: ClassVar[str] = "mapping__store__winery"

    mapping = models.ForeignKey(LocationMapping, models.CASCADE, related_name="listed")
    item_id = models.CharField(max_length=64)
    sku = models.CharField(_("SKU in the store"), max_length=100)
    number = models.IntegerField(_("in the store"))
    refusal = models.CharField(_("why it is not set"), max_length=300, blank=True)
    # A difference to be taken over: it counts once it was seen twice, for an order may be on its way.
    difference = models.IntegerField(null=True)
    seen_at = models.DateTimeField(_("seen"))

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("number in the store")
        constraints = [models.UniqueConstraint(fields=["mapping", "item_id"], name="stock_listed_once")]
        indexes = [models.Index(fields=["mapping", "sku"], name="stock_listed_sku")]

    def __str__(self) -> str:
        return f"{self.sku}: {self.number}"
