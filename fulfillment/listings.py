"""Which SKU a store's product has at Vinoshipper, and the orders that waited to know."""

from collections.abc import Collection
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from compliance.checks import SKU_CODES
from crushsync.accounts.models import VinoshipperAccount
from fulfillment.models import FulfillmentOrder, Listing, SyncStatus
from fulfillment.routing import decide
from fulfillment.stock import count_soon
from orders.models import Store


def map_sku(store: Store, sku: str, destination_sku: str) -> int:
    """Say that the store's SKU is `destination_sku` at Vinoshipper; returns how many orders go again now.

    Raises ValueError where either is blank.
    """
    if not sku.strip() or not destination_sku.strip():
        raise ValueError("A listing needs the SKU in the store and the SKU at Vinoshipper.")
    with transaction.atomic():
        Listing.objects.update_or_create(
            store=store, sku=sku, defaults={"destination_sku": destination_sku.strip()}
        )
        return try_again(store, [sku])


def try_again(store: Store, skus: Collection[str]) -> int:
    """Decide again about the store's orders that failed for one of these SKUs; returns how many.

    What its own places have promised of them is counted by the new name. Call inside a transaction.
    """
    transaction.on_commit(partial(count_soon, {store.winery_id}))
    return _decide_again(_waiting().filter(order__store=store, order__lines__sku__in=skus))


def try_skus_again(account: VinoshipperAccount, skus: Collection[str]) -> int:
    """The same for SKUs as the account names them: its product feed has news of them."""
    if not skus:
        return 0
    renamed = Listing.objects.filter(store__vinoshipper_account=account, destination_sku__in=skus)
    concerned = Q(order__lines__sku__in=skus) | Q(order__lines__sku__in=renamed.values("sku"))
    return _decide_again(_waiting().filter(concerned, account=account))


def _waiting() -> QuerySet[FulfillmentOrder]:
    return FulfillmentOrder.objects.filter(status=SyncStatus.FAILED, reason_code__in=SKU_CODES)


def _decide_again(waiting: QuerySet[FulfillmentOrder]) -> int:
    found = waiting.select_related("order__store__vinoshipper_account", "order__winery").order_by("pk")
    works = {work.pk: work for work in found}
    for work in works.values():
        decide(work.order)
    return len(works)
