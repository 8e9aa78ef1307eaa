"""Finding rows by a part of what is written on them.

On PostgreSQL each part has an index of its own, and one condition with OR would use none of them: the rows
are found part by part. What thousands hold is met soon by who reads the newest first, without any index.
"""

from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from crushsync.accounts.roles import Person
from fulfillment.models import Fulfillment

FEW = 1_000  # rows that it pays to find before all else


def tracked(user: Person, term: str) -> QuerySet[Fulfillment]:
    """The user's shipments with a tracking number that holds the term, which carriers print in groups."""
    mine: QuerySet[Fulfillment] = Fulfillment.objects.visible_to(user).order_by()
    numbers = Cast("tracking_numbers", TextField())
    return mine.annotate(numbers=numbers).filter(numbers__contains="".join(term.split()).upper())


def holding(rows: QuerySet[Any], found: QuerySet[Any], *others: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the rows that hold a term: in their own columns (`found`), or elsewhere (queries for ids)."""
    few = [list(ids[:FEW]) for ids in (found.order_by().values_list("pk", flat=True), *others)]
    if all(len(ids) < FEW for ids in few):
        return rows.filter(pk__in={pk for ids in few for pk in ids})
    for ids in others:
        found |= rows.filter(pk__in=ids)
    return found
