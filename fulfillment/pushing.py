"""Orders that are pushed to us: taken in and decided about like any storefront's, only nobody was asked."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.models import VinoshipperAccount, Winery
from fulfillment.models import AttemptKind, Outcome, SyncAttempt
from fulfillment.routing import decide
from orders import connecting
from orders.intake import Change, Recorded, record
from orders.models import Store
from orders.storefronts.pushed.connector import Pushed
from orders.storefronts.types import OrderData

SENTENCES = {Change.NEW: lazy("{} is new."), Change.CHANGED: lazy("{} changed.")}


def add_store(
    winery: Winery, name: str, account: VinoshipperAccount | None, starts_at: datetime | None = None
) -> Store:
    """A store of the winery that pushes its orders. Raises ValidationError, for a name that is taken, too."""
    store = Store(
        winery=winery,
        name=name,
        platform=Pushed.platform,
        base_url=f"{settings.BASE_URL}/api/v1/orders",
        vinoshipper_account=account,
        notify_customer=False,  # there is no shop of theirs that we could ask to
        shows_marks=False,
    )
    if starts_at:
        store.starts_at = starts_at
    store.full_clean()
    connecting.keep(store)
    return store


def push(store: Store, data: OrderData, actor: str) -> Recorded:
    """Take the order in and decide about it, at once. The same again changes nothing; an older one is stale.

    The store's row is locked meanwhile: two who push one order at the same moment do it one after the other.
    """
    with transaction.atomic():
        Store.objects.select_for_update().get(pk=store.pk)
        recorded = record(store, data)
        if recorded.matters:
            SyncAttempt.objects.create(
                order=recorded.order,
                kind=AttemptKind.READ,
                actor=actor,
                seconds=0.0,
                outcome=Outcome.OK,
                sentence=SENTENCES[recorded.change].format(recorded.order.name),
            )
            decide(recorded.order)
    return recorded
