"""Days as staff read them, alike on every page and in every sentence that is kept."""

from datetime import date

from django.utils.formats import date_format


def long_day(day: date) -> str:
    """Like "December 1, 2026"."""
    return date_format(day, "F j, Y", use_l10n=False)


def short_day(day: date) -> str:
    """Like "December 1", of a year that is plain."""
    return date_format(day, "F j", use_l10n=False)
