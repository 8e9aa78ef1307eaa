"""Carriers that only one winery knows: a courier, its own van."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery


class OwnCarrier(models.Model):
    """A name to choose when fulfilling, and where its packages can be followed."""

    winery_path: ClassVar[str] = "winery"

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="own_carriers", verbose_name=_("winery"))
    name = models.CharField(_("name"), max_length=60)
    page = models.CharField(
        _("tracking page"),
        max_length=300,
        blank=True,
        validators=[RegexValidator(r"^https?://[^\s]+$")],
        help_text=_("With {number} where the tracking number goes. Empty: there is none."),
    )

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("own carrier")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["winery", "name"], name="fulfillment_carrier_name")]

    def __str__(self) -> str:
        return self.name
