"""An open reason why an order, or a connection, needs a person."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.problems import Family
from crushsync.accounts.models import OwnedQuerySet, Winery
from fulfillment.models.fulfillment_orders import FulfillmentOrder
from orders.models import Order

OPEN = Q(closed_at__isnull=True)


class Closing(models.TextChoices):
    """How a problem ended."""

    MENDED = "mended", _("Mended: its cause is gone")
    REPLACED = "replaced", _("Replaced by a newer one")
    SETTLED = "settled", _("Settled by a person")


class Problem(models.Model):
    """One open row per order, code and subject; closed rows are its history and are never opened again."""

    winery_path: ClassVar[str] = "winery"

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="problems")
    # Empty: it is about a connection, or the winery.
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="problems")
    fulfillment_order = models.ForeignKey(
        FulfillmentOrder, models.CASCADE, null=True, related_name="problems"
    )
    code = models.CharField(_("problem"), max_length=40)  # of compliance.problems.CATALOGUE
    # What the same problem of other orders is about too: a SKU, a state, a connection's name; "" nothing.
    subject = models.CharField(_("about"), max_length=150, blank=True)
    family = models.CharField(_("kind"), max_length=15, choices=Family.choices)
    sentence = models.TextField(_("what is wrong"))  # our own words, without personal data
    said = models.TextField(_("what they said"), blank=True)  # the other side's own words, whole
    opened_at = models.DateTimeField(_("since"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_how = models.CharField(_("how"), max_length=10, choices=Closing.choices, blank=True)
    closed_by = models.CharField(_("by"), max_length=150, blank=True)  # empty: CrushSync itself

    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name=_("assigned to"),
    )
    note = models.TextField(_("note"), blank=True)
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("problem")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "code", "subject"], condition=OPEN, name="fulfillment_problem_once"
            ),
            models.UniqueConstraint(
                fields=["winery", "code", "subject"],
                condition=OPEN & Q(order__isnull=True),
                name="fulfillment_problem_once_a_winery",
            ),
        ]
        indexes = [
            models.Index(
                fields=["winery", "code", "subject"], condition=OPEN, name="fulfillment_problem_open"
            )
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def is_open(self) -> bool:
        return self.closed_at is None
