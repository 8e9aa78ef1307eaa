"""Keeping a store's numbers and ours the same: a due row for each store, with retries of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.utils.translation import gettext as _

from crushsync.accounts.lanes import AccountLane, next_wait
from crushsync.lib.errors import ConnectionProblem, OutcomeUnknown, PermanentError, SyncError
from crushsync.lib.queue import CRASH_LIMIT, Done, Job, retry_wait, wait
from crushsync.lib.signing import new_token
from fulfillment.models import ListedStock, LocationMapping, StockDirection, StoreStock
from fulfillment.stock.comparing import Comparison, Place, push, read
from fulfillment.stock.sharing import CALM, mappings_of, numbers_for
from fulfillment.stock.taking import take_over
from orders.models import Store
from orders.storefronts.inventory import ShopLevel
from orders.stores import storefront

EVERY: dict[str, timedelta] = {
    StockDirection.PUSH: timedelta(hours=1),
    StockDirection.TAKE: timedelta(minutes=10),
}
DAILY = timedelta(days=1)
AGAIN = timedelta(minutes=1)  # after a number moved under our hands: its order is on its way to us


class StockLane(AccountLane[StoreStock]):
    """Compares each store's stock numbers when it is due."""

    model = StoreStock
    calls = 12  # two looks at some places and pages, and the writes between them
    needs = ("store__winery",)
    keeps = ("key", "compared_at", "is_failing", "sentence")
    every = DAILY  # what a person has to mend may be mended in the store, where nobody tells us

    def account_of(self, row: StoreStock) -> Store:
        return row.store

    def sort_out(self, rows: Sequence[StoreStock], now: datetime) -> None:
        for row in rows:
            if row.open_claims > CRASH_LIMIT:
                row.settle(None)
                row.is_failing, row.sentence = True, _("Comparing the stock stopped the worker three times.")
            elif row.direction == StockDirection.OFF:
                row.settle(None)
            elif not row.store.is_active:
                row.settle(now + wait(self.every))

    def begin(self, rows: Sequence[StoreStock], now: datetime) -> list[Job]:
        jobs = []
        for row in rows:
            places = numbers_for(row.store)
            jobs.append(Job((row,), partial(_compare, row.store, row.direction, places, row.key), places))
        return jobs

    def take(self, row: StoreStock, item: Done, now: datetime) -> None:
        """A change of direction meanwhile makes the row due again, by what it is now."""
        direction = StoreStock.objects.values_list("direction", flat=True).get(pk=row.pk)
        if direction == row.direction:
            _compared(row, item.job.context, item.result, now)
        else:
            row.key = new_token()
            row.settle(None if direction == StockDirection.OFF else now)

    def turn_away(self, row: StoreStock, item: Done, error: ConnectionProblem, now: datetime) -> None:
        """Without the permission for stock the shop may still sell: only the comparing waits."""
        if error.code == "permission":
            self.fail(row, item, error, now)
        else:
            row.sentence = error.sentence
            super().turn_away(row, item, error, now)

    def fail(self, row: StoreStock, item: Done, error: SyncError, now: datetime) -> None:
        """Only where nobody knows whether a write counted, its key is kept."""
        row.sentence, row.is_failing = error.sentence, next_wait(row, error) is None
        if not isinstance(error, OutcomeUnknown):
            row.key = new_token()
        super().fail(row, item, error, now)


def _compare(store: Store, direction: str, places: Sequence[Place], key: str) -> Comparison:
    inventory = storefront(store).inventory
    if inventory is None:
        raise PermanentError(_("CrushSync cannot read this platform's stock numbers."), code="platform")
    if direction == StockDirection.PUSH:
        return push(inventory, places, key)
    return read(inventory, places)


def _compared(row: StoreStock, wanted: Sequence[Place], result: Comparison, now: datetime) -> None:
    """Keep what the store shows, take over what is to be taken, and see whether that was all."""
    mappings = {mapping.external_id: mapping for mapping in mappings_of(row.store)}
    is_open = False
    for location_id, levels in result.shown.items():
        mapping = mappings.get(location_id)
        if mapping is None:
            continue  # the mapping changed meanwhile
        open_differences: dict[str, int] = {}
        if row.direction == StockDirection.TAKE:
            open_differences = take_over(mapping, levels, f"store:{row.pk}:{row.fence}")
        _keep(mapping, levels, result.refused, open_differences, now)
        is_open = is_open or bool(open_differences)
    row.compared_at, row.key = now, new_token()
    is_rest = row.direction == StockDirection.PUSH and (result.is_stale or _differs(wanted, result))
    row.is_failing = is_rest and retry_wait(row.tries) is None
    row.sentence = _sentence(row, result)
    if is_rest or is_open:
        length = max(retry_wait(row.tries) or wait(EVERY[StockDirection.PUSH]), wait(AGAIN))
        row.settle(now + length, tries=row.tries)
    elif row.direction == StockDirection.PUSH and numbers_for(row.store) != tuple(wanted):
        row.settle(now + wait(CALM))
    else:
        row.settle(now + wait(EVERY[row.direction]))


def _differs(wanted: Sequence[Place], result: Comparison) -> bool:
    """Whether the store shows another number than the one we set, and did not say why."""
    numbers = {place.location_id: place.numbers for place in wanted}
    return any(
        numbers[location_id].get(level.sku, level.on_hand) != level.on_hand
        for location_id, levels in result.shown.items()
        for level in levels
        if level.item_id not in result.refused
    )


def _keep(
    mapping: LocationMapping,
    levels: Sequence[ShopLevel],
    refused: Mapping[str, str],
    open_differences: Mapping[str, int],
    now: datetime,
) -> None:
    """Replace what we knew of the store's numbers at this location."""
    ListedStock.objects.bulk_create(
        [
            ListedStock(
                mapping=mapping,
                item_id=level.item_id,
                sku=level.sku,
                number=level.on_hand,
                refusal=refused.get(level.item_id, "")[:300],
                difference=open_differences.get(level.item_id),
                seen_at=now,
            )
            for level in {level.item_id: level for level in levels}.values()
        ],
        update_conflicts=True,
        unique_fields=["mapping", "item_id"],
        update_fields=["sku", "number", "refusal", "difference", "seen_at"],
    )
    ListedStock.objects.filter(mapping=mapping, seen_at__lt=now).delete()


def _sentence(row: StoreStock, result: Comparison) -> str:
    if row.direction == StockDirection.TAKE:
        return _("The store's numbers were taken over.")
    parts = [_("%(count)d numbers were set.") % {"count": result.written}]
    if not result.written and not result.is_stale:
        parts = [_("Nothing had to be set.")]
    if result.is_stale:
        parts.append(_("A number moved in the store meanwhile: it is compared again."))
    if result.refused:
        parts.append(_("%(count)d numbers cannot be set.") % {"count": len(result.refused)})
    return " ".join(parts)
