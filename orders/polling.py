"""The poll: find what webhooks missed. A changed order becomes a hint like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils.translation import gettext as _

from crushsync.accounts.lanes import AccountLane, next_wait
from crushsync.lib.days import long_day
from crushsync.lib.errors import PermanentError, SyncError
from crushsync.lib.queue import RETRY_WAITS, Done, Job, clock, wait
from orders.models import HintSource, InboundHint, Order, Store
from orders.storefronts.types import ChangedOrder, ConnectionReport
from orders.stores import storefront

# Shops index their orders late: look again at what was changed this long before the last look.
OVERLAP = timedelta(minutes=10)
MOST_PAGES = 20  # a look takes so many; the next one goes on from there
# A crowd of changes of one second is taken to its end, or the next look would see the same beginning again.
SECOND = timedelta(seconds=1)
DEEPEST = 500  # pages; behind them no platform shows more of one list


@dataclass(frozen=True)
class Listing:
    """What a look found, and in a sentence what it could not find."""

    changes: tuple[ChangedOrder, ...]
    note: str
    is_cut: bool  # there were more than one look takes


class PollLane(AccountLane[Store]):
    """Lists each store's changed orders when it is due. It is never given up: the net under all else."""

    model = Store
    calls = MOST_PAGES + 1  # and one about what the app may see
    keeps = ("polled_to", "poll_note")
    every = timedelta(minutes=5)

    def account_of(self, row: Store) -> Store:
        return row

    def sort_out(self, rows: Sequence[Store], now: datetime) -> None:
        for store in rows:
            if not store.is_active:
                store.settle(None)

    def begin(self, rows: Sequence[Store], now: datetime) -> list[Job]:
        """Each store is asked from where the last look ended."""
        return [Job((store,), partial(_list_changes, store, now)) for store in rows]

    def take(self, row: Store, item: Done, now: datetime) -> None:
        listing: Listing = item.result
        note_changes(row, listing.changes)
        if listing.changes:
            row.polled_to = max(change.updated_at for change in listing.changes)
            if listing.is_cut:  # go on from there: looking back first, a crowd of changes were never passed
                row.polled_to += OVERLAP
        if row.poll_note and not listing.note:
            row.polled_to = None  # what was hidden is shown now: begin again
        row.poll_note = listing.note
        row.settle(now + wait(self.every))

    def fail(self, row: Store, item: Done, error: SyncError, now: datetime) -> None:
        """Tried again as often as ever, unless the shop asks for more time: after an outage, what it did not
        tell of meanwhile is found soon."""
        if isinstance(error, PermanentError):
            told = _("The shop refuses to list changed orders: %(why)s")
            row.poll_note = told % {"why": error.sentence}
        asked = timedelta(seconds=getattr(error, "retry_after", None) or 0)
        longest = max(wait(self.every), asked)
        tries = min(row.tries, len(RETRY_WAITS))  # it goes on for as long as the outage
        row.settle(now + min(next_wait(row, error) or longest, longest), tries=tries)


def note_changes(store: Store, changes: Sequence[ChangedOrder]) -> None:
    """One hint for each order and change; what was noted before stays one hint, what was read is none."""
    known = Order.objects.filter(store=store, external_id__in=[change.external_id for change in changes])
    versions = dict(known.values_list("external_id", "store_updated_at"))
    now = clock()
    InboundHint.objects.bulk_create(
        [
            InboundHint(
                winery_id=store.winery_id,
                store=store,
                source=HintSource.POLL,
                topic="poll",
                order_number=change.external_id,
                delivery_id=f"poll:{change.external_id}:{change.updated_at.timestamp()}",
                due_at=now,
            )
            for change in changes
            if change.external_id not in versions or change.updated_at > versions[change.external_id]
        ],
        ignore_conflicts=True,
    )


def _list_changes(store: Store, now: datetime) -> Listing:
    """Orders changed since the last look, oldest first: MOST_PAGES pages, or more until time goes on."""
    shop = storefront(store)
    since = (store.polled_to or store.starts_at) - OVERLAP
    is_reach_unsure = store.polled_to is None or bool(store.poll_note)
    note = _hidden(store, shop.check(), now) if is_reach_unsure else ""
    found: list[ChangedOrder] = []
    cursor = ""
    for pages in range(1, DEEPEST + 1):
        page = shop.changed_orders(since, cursor)
        found.extend(page.orders)
        cursor = page.next_cursor
        goes_on = bool(found) and found[-1].updated_at >= since + SECOND
        if not cursor or (pages >= MOST_PAGES and goes_on):
            break
    return Listing(tuple(found), note, is_cut=bool(cursor))


def _hidden(store: Store, report: ConnectionReport, now: datetime) -> str:
    """Which of the orders we are to send the platform does not show us; "" if it shows all."""
    if report.days_back is None or store.starts_at >= now - timedelta(days=report.days_back):
        return ""
    return (
        f"The shop shows this app the orders of the last {report.days_back} days only: older ones, since "
        f"{long_day(store.starts_at)}, are not found. Ask for permission to read all orders "
        "(read_all_orders)."
    )
