"""Vinoshipper's product feed, kept beside us: read hourly, and when somebody needs it fresher."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import partial

from django.conf import settings

from compliance.models import CatalogProduct
from crushsync.accounts import limits
from crushsync.accounts.lanes import AccountLane
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.errors import SyncError, TemporaryError
from crushsync.lib.queue import Done, Job, wait
from crushsync.vinoshipper.client import Vinoshipper, connect
from crushsync.vinoshipper.types import ProductFeed, VinoshipperConnection


def client(account: VinoshipperAccount) -> Vinoshipper:
    """The account's client: the same one, with its open connections, until a setting changes."""
    return connect(
        VinoshipperConnection(
            base_url=account.base_url,
            api_key=str(account.credentials.get("api_key", "")),
            api_secret=str(account.credentials.get("api_secret", "")),
            producer_id=account.producer_id,
            deadline=settings.CALL_DEADLINE,
        )
    )


# What to do about an account's SKUs whose orders may go now; called inside the transaction.
AfterNews = Callable[[VinoshipperAccount, Collection[str]], object]
# What to do with a feed besides keeping it; called inside the same transaction.
AfterFeed = Callable[[VinoshipperAccount, ProductFeed, datetime], object]


class FeedLane(AccountLane[VinoshipperAccount]):
    """Reads each account's product feed when it is due."""

    model = VinoshipperAccount
    calls = 2
    every = timedelta(hours=1)

    def __init__(self, after_news: AfterNews, after_feed: AfterFeed) -> None:
        self._after_news, self._after_feed = after_news, after_feed

    def account_of(self, row: VinoshipperAccount) -> VinoshipperAccount:
        return row

    def sort_out(self, rows: Sequence[VinoshipperAccount], now: datetime) -> None:
        for account in rows:
            if not account.is_active:
                account.settle(None)

    def admit(self, rows: Sequence[VinoshipperAccount], now: datetime) -> list[VinoshipperAccount]:
        return limits.admit(super().admit(rows, now), self.account_of, now)

    def begin(self, rows: Sequence[VinoshipperAccount], now: datetime) -> list[Job]:
        return [
            Job((account,), partial(limits.guarded, account, account, partial(_read_feed, account)))
            for account in rows
        ]

    def take(self, row: VinoshipperAccount, item: Done, now: datetime) -> None:
        self._after_news(row, keep_feed(row, item.result, now))
        self._after_feed(row, item.result, now)
        row.settle(now + wait(self.every))

    def fail(self, row: VinoshipperAccount, item: Done, error: SyncError, now: datetime) -> None:
        match error:
            case TemporaryError(code=limits.SLOW_DOWN):
                limits.put_off(row, limits.slow_down(row, error, now))
            case TemporaryError(code=limits.RESTING):
                limits.put_off(row, now + limits.rest_asked(error))
            case _:
                super().fail(row, item, error, now)


def _read_feed(account: VinoshipperAccount) -> ProductFeed:
    return client(account).product_feed()


def keep_feed(account: VinoshipperAccount, feed: ProductFeed, now: datetime) -> set[str]:
    """Replace what we knew of the account's products by what the feed says.

    Returns the SKUs with news that may let an order go: new, restocked, or available elsewhere than before.
    Call inside a transaction.
    """
    before = _shelf(account)
    stock = {row.product_id: row.inventory for row in before}
    # One row an id, should they repeat one; PostgreSQL refuses to write the same row twice in a statement.
    products = {product.product_id: product for product in feed.products}.values()
    rows = [
        CatalogProduct(
            account=account,
            product_id=product.product_id,
            sku=product.sku,
            name=product.name,
            category=product.category,
            inventory=product.inventory if product.is_stock_told else stock.get(product.product_id, 0),
            not_available_in=list(product.not_available_in),
            ml=product.ml,
            is_alcohol=product.is_alcohol,
            read_at=now,
        )
        for product in products
    ]
    CatalogProduct.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["account", "product_id"], update_fields=FROM_FEED
    )
    CatalogProduct.objects.filter(account=account, read_at__lt=now).delete()
    VinoshipperAccount.objects.filter(pk=account.pk).update(feed_read_at=now)
    account.feed_read_at = now
    return _news(before, rows)


FROM_FEED = ["sku", "name", "category", "inventory", "not_available_in", "ml", "is_alcohol", "read_at"]


def _shelf(account: VinoshipperAccount) -> list[CatalogProduct]:
    known = CatalogProduct.objects.filter(account=account)
    return list(known.only("product_id", "sku", "inventory", "not_available_in"))


def _news(before: Sequence[CatalogProduct], after: Sequence[CatalogProduct]) -> set[str]:
    offered, stock = _offers(before), {row.product_id: row.inventory for row in before}
    restocked = {row.sku for row in after if row.inventory > stock.get(row.product_id, 0)}
    return restocked | {sku for sku, offer in _offers(after).items() if offer != offered.get(sku)}


def _offers(rows: Sequence[CatalogProduct]) -> dict[str, set[tuple[str, ...]]]:
    """By SKU: which products it names, and where each may not go."""
    offers: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for row in rows:
        offers[row.sku].add((row.product_id, *sorted(row.not_available_in)))
    return offers


def nearest(account: VinoshipperAccount, sku: str) -> list[str]:
    """The account's SKUs that look most like this one, best first; at most three."""
    known = CatalogProduct.objects.filter(account=account).values_list("sku", flat=True)
    by_folded = {candidate.casefold().strip(): candidate for candidate in known}
    return [
        by_folded[match] for match in get_close_matches(sku.casefold().strip(), by_folded, n=3, cutoff=0.6)
    ]
