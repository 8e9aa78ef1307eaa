"""The watch over each store's permissions, webhooks and API version: daily, and when it tells of a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from crushsync.accounts import connections
from crushsync.accounts.lanes import AccountLane
from crushsync.lib.errors import ConnectionProblem, PermanentError
from crushsync.lib.queue import SETTLED_FIELDS, Done, Job, clock, wait
from orders.models import Store, StoreWatch
from orders.storefronts.registry import STOREFRONTS
from orders.storefronts.types import AppNews, ConnectionReport
from orders.stores import storefront, webhook_url

REMOVED = (
    "CrushSync's app was removed from the shop. Install it again, or switch the store off here. "
    "Its orders wait meanwhile."
)
FIELDS = [
    "told",
    "checked_at",
    "missing",
    "other_version",
    "made_again",
    "made_again_at",
    "notice",
]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found; `made` are the topics that had no subscription at our address, and have one now."""

    report: ConnectionReport
    made: tuple[str, ...]
    refusal: str = ""  # why webhooks could not be subscribed to


class WatchLane(AccountLane[StoreWatch]):
    """Looks after each store's connection when it is due."""

    model = StoreWatch
    calls = 25  # the check, the list of subscriptions, and two for each topic at the most
    needs = ("store",)
    keeps = FIELDS
    every = timedelta(days=1)

    def account_of(self, row: StoreWatch) -> Store:
        return row.store

    def sort_out(self, rows: Sequence[StoreWatch], now: datetime) -> None:
        for row in rows:
            if not row.store.is_active:
                row.settle(None)

    def admit(self, rows: Sequence[StoreWatch], now: datetime) -> list[StoreWatch]:
        """Paused stores wait, unless the shop itself has told of a change."""
        admitted = super().admit([row for row in rows if not row.told], now)
        return [row for row in rows if row.told or row in admitted]

    def begin(self, rows: Sequence[StoreWatch], now: datetime) -> list[Job]:
        return [Job((row,), partial(look, row.store), row.told) for row in rows]

    def take(self, row: StoreWatch, item: Done, now: datetime) -> None:
        _see(row, item.result, now, is_first=row.checked_at is None)

    def turn_away(self, row: StoreWatch, item: Done, error: ConnectionProblem, now: datetime) -> None:
        """What the shop has told of says why better than the refusal does."""
        if item.job.context == AppNews.REMOVED:
            error = ConnectionProblem(REMOVED, code=connections.UNINSTALLED, trace_id=error.trace_id)
        row.told, row.notice = "", error.sentence
        super().turn_away(row, item, error, now)


def look(store: Store) -> Seen:
    """Ask what the shop permits, and subscribe to what is missing. Raises what the connector raises."""
    shop = storefront(store)
    report = shop.check()
    try:
        return Seen(report, shop.subscribe(webhook_url(store)))
    except ConnectionProblem:
        raise
    except PermanentError as refusal:
        return Seen(report, (), refusal.sentence)


def look_soon(store: Store, news: str = "") -> None:
    """Have the store looked at now; `news` is what the shop told of."""
    StoreWatch.objects.update_or_create(store=store, defaults={"told": news, "due_at": clock()})


def keep(store: Store, seen: Seen) -> None:
    """Remember what was just seen when the store was connected; it is looked at again in a day."""
    row, _ = StoreWatch.objects.get_or_create(store=store)
    _see(row, seen, clock(), is_first=True)
    row.save(update_fields=[*SETTLED_FIELDS, *FIELDS])


def notes(store: Store) -> list[str]:
    """What staff have to know of the store's connection, a sentence each; what was mended is `made_again`."""
    row = StoreWatch.objects.filter(store=store).first()
    if row is None:
        return []
    found = [row.notice] if row.notice else []
    permissions = STOREFRONTS[store.platform].permissions if store.platform in STOREFRONTS else {}
    found += [
        f"The permission {name} is missing: {permissions.get(name, 'it is needed')}." for name in row.missing
    ]
    if row.other_version:
        found.append(
            f"The shop answers with version {row.other_version} of its API, which CrushSync was not made "
            "for: fields may be missing. Update CrushSync."
        )
    return found


def _see(row: StoreWatch, seen: Seen, now: datetime, *, is_first: bool) -> None:
    row.told, row.checked_at = "", now
    row.missing, row.other_version = list(seen.report.missing), seen.report.other_version
    row.notice = f"Not all webhooks could be subscribed to. {seen.refusal}" if seen.refusal else ""
    if seen.made and not is_first:
        row.made_again, row.made_again_at = list(seen.made), now
    row.settle(now + wait(WatchLane.every))
