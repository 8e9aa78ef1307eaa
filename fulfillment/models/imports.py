"""A file of counts or deliveries: looked at first, then booked line by line."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Winery
from crushsync.lib.queue import DueRow
from fulfillment.models.batches import RowState
from fulfillment.models.stock import StockLocation


class ImportKind(models.TextChoices):
    COUNT = "count", _("Counts: the levels become these numbers")
    RECEIVE = "receive", _("Deliveries: these numbers come in")


class StockImport(models.Model):
    """How far it is follows from its lines. Nothing is booked before `started_at`."""

    winery = models.ForeignKey(Winery, models.CASCADE, related_name="stock_imports")
    kind = models.CharField(_("what"), max_length=8, choices=ImportKind.choices)
    name = models.CharField(_("file"), max_length=200)
    actor = models.CharField(_("by"), max_length=150)
    created_at = models.DateTimeField(_("read"), default=timezone.now)
    started_at = models.DateTimeField(_("started"), null=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock import")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class StockImportLine(DueRow):
    """One line of the file. As a due row: when it is to be booked."""

    winery_path: ClassVar[str] = "stock_import__winery"

    stock_import = models.ForeignKey(StockImport, models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField(_("line"))  # as a spreadsheet counts them
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    location = models.ForeignKey(StockLocation, models.CASCADE, null=True, related_name="+")
    quantity = models.IntegerField(_("quantity"), null=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(_("result"), max_length=10, choices=RowState.choices, default=RowState.WAITING)
    sentence = models.TextField(_("what came of it"), blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta(DueRow.Meta):
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["stock_import", "number"], name="stock_import_line_once"),
            models.CheckConstraint(
                condition=Q(state=RowState.WAITING) | Q(due_at__isnull=True),
                name="stock_import_line_done_is_not_due",
            ),
        ]
        indexes = [
            *DueRow.Meta.indexes,
            models.Index(fields=["stock_import", "state"], name="stock_import_progress"),
        ]

    def __str__(self) -> str:
        return f"{self.stock_import_id}:{self.number}"
