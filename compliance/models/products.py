"""The products that Vinoshipper has of an account."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, VinoshipperAccount


class CatalogProduct(models.Model):
    """A product of the account's Vinoshipper feed, as it was when the feed was last read."""

    winery_path: ClassVar[str] = "account__winery"

    account = models.ForeignKey(VinoshipperAccount, models.CASCADE, related_name="products")
    product_id = models.CharField(max_length=40)
    sku = models.CharField(_("SKU"), max_length=100)
    name = models.CharField(_("name"), max_length=250)
    category = models.CharField(_("category"), max_length=60, blank=True)
    inventory = models.IntegerField(_("in stock"))
    not_available_in = models.JSONField(_("not available in"), default=list)
    ml = models.PositiveIntegerField(_("size in ml"), null=True)  # of one piece; null: the feed names none
    is_alcohol = models.BooleanField(_("alcohol"), default=True)
    read_at = models.DateTimeField(_("read"), default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("Vinoshipper product")
        ordering = ["sku"]
        constraints = [
            models.UniqueConstraint(fields=["account", "product_id"], name="compliance_product_once")
        ]
        indexes = [models.Index(fields=["account", "sku"], name="compliance_product_sku")]

    def __str__(self) -> str:
        return self.sku
