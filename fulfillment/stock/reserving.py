"""`reserved` of the winery's own places: what they have promised, counted anew soon after anything changed.

A count takes longer the longer the line of open orders is. So it is a due row of the winery's, and one count
does for all that changes in a moment.
"""

from collections import Counter, defaultdict
from collections.abc import Collection

from django.db.models import Q

from crushsync.lib.queue import CRASH_LIMIT, RowByRow, clock, ring, save_many, wait
from fulfillment.models import PromiseCount, StockLevel, StockLocation
from fulfillment.stock.low import note_low
from fulfillment.stock.promises import Key, promised
from fulfillment.stock.sharing import CALM


def count_soon(winery_ids: Collection[int]) -> None:
    """Have the wineries' promises counted. Call it after the commit of what changed them: it locks rows."""
    due, known = clock() + wait(CALM), PromiseCount.objects.filter(winery__in=winery_ids)
    new = sorted(set(winery_ids) - set(known.values_list("winery", flat=True)))
    PromiseCount.objects.bulk_create([PromiseCount(winery_id=pk) for pk in new], ignore_conflicts=True)
    known.filter(Q(due_at__isnull=True) | Q(due_at__gt=due)).update(due_at=due)
    ring()


class PromiseLane(RowByRow):
    """What changes while a winery's row is locked makes it due again after this."""

    model = PromiseCount

    def do(self, row: PromiseCount) -> None:
        if row.open_claims <= CRASH_LIMIT:  # otherwise it waits for the next change
            _count(row.winery_id)
        row.settle(None)


def _count(winery_id: int) -> None:
    """Write what differs, and say what is running out: of these places only a count knows."""
    reserved: Counter[Key] = Counter()
    for promise in promised(winery_id):
        reserved[promise.key] += promise.quantity
    mine = StockLevel.objects.filter(location__winery=winery_id, location__vinoshipper_account=None)
    rows = mine.values_list("pk", "location", "sku", "reserved")
    stale = {pk for pk, place, sku, before in rows if before != reserved[place, sku]}
    concerned = mine.filter(Q(pk__in=stale) | Q(low_at__isnull=False)).order_by("location_id", "sku")
    levels = list(concerned.select_for_update(of=("self",)).select_related("location"))
    places: dict[StockLocation, list[StockLevel]] = defaultdict(list)
    for level in levels:
        level.reserved = reserved[level.location_id, level.sku]
        places[level.location].append(level)
    save_many([level for level in levels if level.pk in stale], ["reserved"])
    for place, watched in places.items():
        note_low(place, watched)
