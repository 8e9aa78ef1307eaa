"""A winery's word on how many bottles a piece holds: what the limit of bottles decided is decided again."""

from django.db import transaction

from compliance.models import PieceSize
from crushsync.accounts import connections


def keep(size: PieceSize) -> None:
    """Save it."""
    with transaction.atomic():
        size.save()
        connections.keep(size.account)


def forget(size: PieceSize) -> None:
    """Go by the feed again."""
    with transaction.atomic():
        size.delete()
        connections.keep(size.account)
