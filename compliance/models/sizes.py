"""How much wine a piece holds, as a winery says."""

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, VinoshipperAccount
from crushsync.lib.history import SettingsHistory


class PieceSize(models.Model):
    """The wine in one piece of a SKU, before what the feed says: of packs and cases it does not tell it."""

    winery_path: ClassVar[str] = "account__winery"

    account = models.ForeignKey(
        VinoshipperAccount,
        models.CASCADE,
        related_name="piece_sizes",
        verbose_name=_("Vinoshipper account"),
    )
    sku = models.CharField(_("SKU at Vinoshipper"), max_length=100)
    bottles = models.DecimalField(
        _("bottles of 750 ml"),
        max_digits=6,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("In one piece: a pack of six is 6, a half bottle 0.5."),
    )

    objects = OwnedQuerySet.as_manager()
    history = SettingsHistory()

    class Meta:
        verbose_name = _("pack size")
        ordering = ["sku"]
        constraints = [models.UniqueConstraint(fields=["account", "sku"], name="compliance_piece_size_once")]

    def __str__(self) -> str:
        return self.sku
