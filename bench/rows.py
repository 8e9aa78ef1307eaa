"""The winery that is measured, its orders, and how far they are."""

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django_q.models import OrmQ

import bench.ready  # noqa: F401
from bench.partners import SHOP_ORDER, SHOP_ORDER_ID
from crushsync.accounts.models import VinoshipperAccount, Winery
from crushsync.lib.queue import clock
from fulfillment.models import FulfillmentOrder, SyncAttempt, SyncStatus
from fulfillment.routing import decide
from orders.intake import record
from orders.models import InboundHint, Order, Store
from orders.storefronts.shopify.payloads import to_order
from orders.stores import storefront

SECRET = "bench-webhook-secret"
FIRST_ID = 7_000_000_000_000


def make_store(partners: str) -> Store:
    """A winery whose shop and Vinoshipper are the partners of the run."""
    winery = Winery.objects.create(name="Bench", slug="bench")
    account = VinoshipperAccount.objects.create(
        winery=winery,
        name="Vinoshipper",
        base_url=f"{partners}/vinoshipper",
        credentials={"api_key": "bench", "api_secret": "bench"},
        ship_to_states=["TX"],
        calls_in_flight=1000,  # the engine is measured, not an account's limits
        calls_per_second=0,
    )
    return Store.objects.create(
        winery=winery,
        name="Shop",
        platform="shopify",
        base_url=f"{partners}/shop",
        credentials={"access_token": "shpat_bench", "webhook_secret": SECRET},
        vinoshipper_account=account,
        shows_marks=False,  # the way to Vinoshipper is measured, and the partners know no other calls
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def new_ids(count: int) -> list[str]:
    """Order ids of the shop that no measurement has used yet."""
    first = FIRST_ID + Order.objects.count()
    return [str(first + number) for number in range(count)]


def take_in(store: Store, ids: Iterable[str]) -> None:
    """Write orders down and decide about them, as after reading them; they are due to be sent then."""
    for number in ids:
        text = SHOP_ORDER.replace(SHOP_ORDER_ID, number).replace("#1042", f"#{number[-7:]}")
        told: dict[str, Any] = json.loads(text)["data"]["order"]
        with transaction.atomic():
            decide(record(store, to_order(told, storefront(store).connection)).order)


def make_due_again() -> int:
    """Forget that the orders were sent, so that the same backlog can be drained once more."""
    SyncAttempt.objects.all().delete()
    count = FulfillmentOrder.objects.update(
        status=SyncStatus.WAITING, due_at=clock(), tries=0, is_call_open=False, sent_at=None, sent_hash=""
    )
    _vacuum()
    return count


def forget_all() -> None:
    """Empty the queues and remove all orders: each round starts alike."""
    OrmQ.objects.all().delete()
    InboundHint.objects.all().delete()
    SyncAttempt.objects.all().delete()
    FulfillmentOrder.objects.all().delete()
    Order.objects.all().delete()
    _vacuum()


def wait_until_sent(count: int, seconds: float) -> float:
    """Wait for `count` orders whose acceptance is committed; the monotonic time at which they were."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if FulfillmentOrder.objects.filter(status=SyncStatus.SENT).count() >= count:
            return time.monotonic()
        time.sleep(0.1)
    done = FulfillmentOrder.objects.filter(status=SyncStatus.SENT).count()
    raise TimeoutError(f"only {done} of {count} orders were sent within {seconds:g} s")


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
