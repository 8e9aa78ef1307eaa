"""What settings that nobody has saved would do to the open orders, by the same explain() that decides."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Q, QuerySet, prefetch_related_objects

from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.states import state_name
from fulfillment.models import FulfillmentOrder, SyncStatus
from fulfillment.routing import Explanation, Verdict, explain
from fulfillment.routing.shelf import shelf_for
from orders.models import Store

MOST = 5_000  # orders looked at, the newest first
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One order that would be decided about otherwise. `before` and `after` say why."""

    order_id: int
    order: str
    store: str
    state: str
    placed_at: datetime
    before: Explanation
    after: Explanation

    @property
    def state_name(self) -> str:
        return state_name(self.state)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """All that would change. `is_all` is False where there are more open orders than were looked at."""

    looked_at: int
    is_all: bool
    changes: tuple[Change, ...]

    def becoming(self, verdict: Verdict) -> list[Change]:
        """The orders that would be decided so, and are not now; the oldest first."""
        found = [change for change in self.changes if change.after.verdict == verdict]
        return sorted(found, key=lambda change: (change.placed_at, change.order_id))


def what_if(
    account: VinoshipperAccount, stores: Iterable[Store], now: datetime, *, most: int = MOST
) -> WhatIf:
    """How the open orders would fare if `account` and `stores` were saved as they are in memory.

    Open are those that wait, and those that a setting decided about. Writes nothing, here or there.
    """
    proposed = {store.pk: store for store in stores}
    changes: list[Change] = []
    looked_at = 0
    found = _open(account).iterator(chunk_size=CHUNK)
    for works in _chunks(islice(found, most)):
        prefetch_related_objects(works, "order__lines")
        shelf = shelf_for([work.order for work in works])
        looked_at += len(works)
        for work in works:
            order = work.order
            before = explain(order, now=now, work=work, shelf=shelf)
            store = proposed.get(order.store_id, order.store)
            after = explain(order, now=now, work=work, store=store, account=account, shelf=shelf)
            if before.verdict != after.verdict:
                changes.append(
                    Change(
                        order.pk,
                        order.name,
                        order.store.name,
                        order.ship_to_state,
                        order.placed_at,
                        before,
                        after,
                    )
                )
    return WhatIf(looked_at, next(found, None) is None, tuple(changes))


def _open(account: VinoshipperAccount) -> QuerySet[FulfillmentOrder]:
    """What saving makes due (FulfillmentOrder.resting_on), and what waits anyway."""
    rests = Q(status__in=(SyncStatus.FAILED, SyncStatus.NOT_REQUIRED)) & ~Q(reason_setting="")
    mine = FulfillmentOrder.objects.filter(order__store__vinoshipper_account=account.pk, is_call_open=False)
    return (
        mine.filter(rests | Q(status=SyncStatus.WAITING))
        .select_related("order__store__vinoshipper_account", "order__winery")
        .order_by("-pk")
    )


def _chunks(works: Iterator[FulfillmentOrder]) -> Iterator[list[FulfillmentOrder]]:
    while chunk := list(islice(works, CHUNK)):
        yield chunk
