"""A store's past, taken in at once: the shop lists its orders aside, and the list is read piece by piece.

What was placed before the store's start is taken in as the list tells it: it is known afterwards, and never
sent. What may be sent is read from the shop like any other order, as it stands then.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.accounts.lanes import AccountLane
from crushsync.lib.errors import PermanentError, SyncError
from crushsync.lib.queue import Done, Job, clock, ring, wait
from orders.intake import Told
from orders.models import ExportState, HintState, InboundHint, Store, StoreExport
from orders.polling import note_changes
from orders.storefronts.exports import Export
from orders.storefronts.registry import STOREFRONTS
from orders.storefronts.types import ChangedOrder
from orders.stores import storefront

LOOK = timedelta(seconds=10)


class ExportLane(AccountLane[StoreExport]):
    """Asks for each list and takes it in when it is there; `write_down` records orders and decides."""

    model = StoreExport
    calls = 7  # start; or look and fetch a piece, where an order is large one twice as long each time
    needs = ("store__winery", "store__vinoshipper_account")
    keeps = ("state", "export_id", "count", "size", "read", "sentence")

    def __init__(self, write_down: Callable[[Sequence[Told], datetime], object]) -> None:
        self._write_down = write_down

    def account_of(self, row: StoreExport) -> Store:
        return row.store

    def begin(self, rows: Sequence[StoreExport], now: datetime) -> list[Job]:
        return [Job((row,), partial(_step, row.store, row.export_id, row.since, row.read)) for row in rows]

    def take(self, row: StoreExport, item: Done, now: datetime) -> None:
        export: Export = item.result
        row.export_id, row.sentence = export.export_id, ""
        row.count = max(row.count, export.count)
        if export.size is None:
            row.settle(now + wait(LOOK))
            return
        told = [Told(row.store, data) for data in export.orders if data.placed_at < row.store.starts_at]
        self._write_down(told, now)
        past = {order.key[1] for order in told}
        fresh = [data for data in export.orders if data.external_id not in past]
        unread = [*export.untold, *(ChangedOrder(data.external_id, data.updated_at) for data in fresh)]
        note_changes(row.store, unread)
        row.size, row.read = export.size, export.read
        row.state = ExportState.DONE if export.is_read else ExportState.READING
        row.settle(None if export.is_read else now)

    def fail(self, row: StoreExport, item: Done, error: SyncError, now: datetime) -> None:
        """A list costs nothing and changes nothing: where its start is unclear, another one is asked for."""
        row.sentence = error.sentence
        if isinstance(error, PermanentError):
            row.state = ExportState.FAILED
            row.settle(None)
        else:
            super().fail(row, item, error, now)


def begin(store: Store, since: datetime, actor: str = "") -> StoreExport:
    """Take in the store's orders since then; begins anew if it was done before.

    The same asked for again while it is under way begins nothing. Raises ValidationError for a store whose
    platform makes no list.
    """
    platform = STOREFRONTS[store.platform]
    if not platform.lists_orders:
        refusal = _("%(platform)s makes no list of all orders.") % {"platform": platform.label}
        raise ValidationError(refusal, code="export")
    with transaction.atomic():
        StoreExport.objects.get_or_create(store=store, defaults={"since": since, "state": ExportState.FAILED})
        row: StoreExport = StoreExport.objects.select_for_update().get(store=store)
        if row.is_over or row.since != since:
            row.since, row.actor, row.state = since, actor, ExportState.LISTING
            row.export_id = row.sentence = ""
            row.count = row.size = row.read = 0
            row.fence += 1  # whoever holds it now looks at a list that no longer matters
            row.settle(clock())
            row.save()
            ring()
    row.store = store
    return row


def waiting_to_be_read(store: Store) -> int:
    """Orders of the store that a list or a poll found, and that are still to be read."""
    return InboundHint.objects.filter(store=store, topic="poll", state=HintState.WAITING).count()


def progress(row: StoreExport) -> str:
    """How far it is, in a sentence."""
    since = row.since.astimezone(ZoneInfo(row.store.winery.time_zone))
    words = {"store": row.store.name, "day": f"{since:%Y-%m-%d}", "count": row.count}
    if row.state == ExportState.FAILED:
        told = _("%(store)s could not be listed.")
    elif row.state == ExportState.LISTING:
        told = _("%(store)s lists its orders since %(day)s: %(count)d so far.")
    elif row.state == ExportState.READING:
        words["percent"] = row.read * 100 // row.size
        told = _("%(store)s has %(count)d orders since %(day)s; %(percent)d %% of the list are taken in.")
    else:
        words["waiting"] = waiting_to_be_read(row.store)
        told = _("%(store)s has %(count)d orders since %(day)s; %(waiting)d are still to be read.")
    return " ".join(filter(None, [told % words, row.sentence]))


def _step(store: Store, export_id: str, since: datetime, read: int) -> Export:
    shop = storefront(store)
    return shop.look_at_export(export_id, read) if export_id else shop.start_export(since)
