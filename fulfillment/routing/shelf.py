"""What the accounts' feeds hold of the goods in some orders: read for a batch, asked by explain()."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from compliance.checks import BOTTLE_ML, Product
from compliance.models import CatalogProduct, PieceSize
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.queue import wait
from fulfillment.models import Listing
from orders.models import Order, OrderLine

# A feed that could not be read for so long says nothing about today.
STALE = timedelta(hours=6)
# An order that names an unknown SKU has the feed read, but no more often than this.
FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shelf:
    """By account and the account's SKU, the products (None: nobody looked); by store, the SKUs renamed."""

    products: Mapping[tuple[int, str], Sequence[Product]] | None = None
    renamed: Mapping[tuple[int, str], str] = field(default_factory=dict)

    def of(
        self, account: VinoshipperAccount | None, lines: Iterable[OrderLine], order: Order, now: datetime
    ) -> dict[str, Sequence[Product]] | None:
        """The products of each line, by its SKU in the store; None where the feed is not known or too old."""
        products = self.products
        if products is None or account is None or account.feed_read_at is None:
            return None
        if now - account.feed_read_at > STALE:
            return None
        return {line.sku: products.get((account.pk, self._name(order, line)), ()) for line in lines}

    def _name(self, order: Order, line: OrderLine) -> str:
        return self.renamed.get((order.store_id, line.sku), line.sku)


def shelf_for(orders: Sequence[Order]) -> Shelf:
    """Two queries for all of them; none where no feed is known. Needs stores, accounts and lines loaded."""
    known = [order for order in orders if _is_feed_known(order.store.vinoshipper_account)]
    if not known:
        return Shelf()
    skus = {line.sku for order in known for line in order.lines.all()}
    listed = Listing.objects.filter(store__in={order.store_id for order in known}, sku__in=skus)
    renamed = {
        (store, sku): there for store, sku, there in listed.values_list("store", "sku", "destination_sku")
    }
    accounts = {order.store.vinoshipper_account_id for order in known}
    return Shelf(_products(accounts, skus | set(renamed.values())), renamed)


def _products(accounts: Iterable[int | None], skus: Iterable[str]) -> dict[tuple[int, str], list[Product]]:
    found: dict[tuple[int, str], list[Product]] = defaultdict(list)
    own = PieceSize.objects.filter(account=OuterRef("account"), sku=OuterRef("sku")).values("bottles")
    rows = CatalogProduct.objects.filter(account__in=accounts, sku__in=skus).order_by("pk")
    fields = ("account_id", "sku", "inventory", "not_available_in", "ml", "is_alcohol", "own")
    told = rows.annotate(own=Subquery(own)).values_list(*fields)
    for account, sku, inventory, barred, ml, is_alcohol, bottles in told:
        size = ml if bottles is None else int(bottles * BOTTLE_ML)
        found[account, sku].append(Product(sku, inventory, barred, size, is_alcohol))
    return dict(found)


def read_feeds_soon(accounts: Iterable[VinoshipperAccount], now: datetime) -> None:
    """Somebody asked for a SKU that these accounts' feeds did not have: look whether they do now."""
    old = {
        account.pk
        for account in accounts
        if account.feed_read_at and account.feed_read_at < now - wait(FRESH)
    }
    if old:
        VinoshipperAccount.objects.filter(pk__in=old, open_claims=0).update(due_at=now)


def _is_feed_known(account: VinoshipperAccount | None) -> bool:
    return account is not None and account.feed_read_at is not None
