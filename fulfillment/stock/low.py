"""A notice where a product runs out: a problem of the winery's, open as long as it is so."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from compliance.problems import entry
from crushsync.lib.queue import clock
from fulfillment.models import StockLevel, StockLocation
from fulfillment.problems.noting import SUBJECT_LENGTH, Cause, note_of_winery

CODE = "low_stock"


def note_low(location: StockLocation, levels: Iterable[StockLevel]) -> None:
    """Open the problems of the levels that are low, and close those of the others. All are the location's.

    Call inside the transaction that has them locked.
    """
    watched = [level for level in levels if level.low_at is not None]
    if watched:
        _make_so(location, watched)


def warn_at(location: StockLocation, sku: str, low_at: int | None) -> None:
    """Tell when `low_at` or fewer are available; None: do not tell. Raises ValidationError below zero."""
    if low_at is not None and low_at < 0:
        raise ValidationError(_("The threshold cannot be below zero."), code="below_zero")
    with transaction.atomic():
        level = StockLevel.objects.select_for_update().get(location=location, sku=sku)
        level.low_at = low_at
        level.save(update_fields=["low_at"])
        _make_so(location, [level])


def _make_so(location: StockLocation, levels: list[StockLevel]) -> None:
    causes = [
        Cause(location.winery_id, CODE, _subject(location, level), entry(CODE).say(_subject(location, level)))
        for level in levels
        if level.is_low
    ]
    subjects = [_subject(location, level) for level in levels]
    note_of_winery(location.winery_id, [CODE], causes, clock(), subjects=subjects)


def _subject(location: StockLocation, level: StockLevel) -> str:
    return f"{level.sku}@{location.name}"[:SUBJECT_LENGTH]
