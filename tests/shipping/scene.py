"""One order, a winery with two places and a shop with both of them; and what must hold at every step."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from fulfillment import stock
from fulfillment.models import Fulfillment, StockLevel, StockLocation, StockMovement
from fulfillment.shipping import Parcel, create_fulfillment
from orders.models import InboundHint, Order, OrderLine
from sandbox.shopify.samples import Line, order_body
from tests.factories import StockLocationFactory
from tests.flow.conftest import World

CELLAR, SHOPFRONT, UNKNOWN = "81000000001", "81000000003", "81000000004"
PINOT, ROSE = "HO-PN23-750", "HO-RS24-750"
START = 50


@dataclass
class Scene:
    world: World
    order: Order
    cellar: StockLocation
    shopfront: StockLocation
    ordered: Counter[str]  # the most that ever was
    start: int = START  # bottles of each that were at each place

    @property
    def in_shop(self) -> dict[str, Any]:
        found = self.world.shop.order(self.order.external_id)
        assert found is not None
        return found

    def line(self, sku: str) -> OrderLine:
        found: OrderLine = self.order.lines.get(sku=sku)
        return found

    def ship(self, place: StockLocation, parcel: Parcel | None = None, **pieces: int) -> Fulfillment:
        """Make a fulfillment here: `pinot=2, rose=1`."""
        items = {self.line({"pinot": PINOT, "rose": ROSE}[name]).pk: n for name, n in pieces.items()}
        return create_fulfillment(self.order.pk, items, parcel, location=place, actor="elena")

    def quiet(self) -> None:
        """Let all news arrive on both sides."""
        self.world.run(until=self.is_quiet)

    def is_quiet(self) -> bool:
        busy = Fulfillment.objects.filter(due_at__isnull=False)
        hints = InboundHint.objects.filter(due_at__isnull=False)
        return not busy.exists() and not hints.exists()

    def live(self) -> QuerySet[Fulfillment]:
        return Fulfillment.objects.filter(order=self.order).exclude(status="canceled").order_by("pk")

    def here(self) -> Counter[str]:
        """Pieces in live fulfillments here, by SKU."""
        found: Counter[str] = Counter()
        for sku, count in self.live().values_list("lines__order_line__sku", "lines__quantity"):
            found[sku] += count
        return found

    def there(self) -> Counter[str]:
        """Pieces in the shop's live fulfillments, by SKU."""
        skus = {str(row["id"]): row["sku"] for row in self.in_shop["rest"]["line_items"]}
        found: Counter[str] = Counter()
        for made in self.in_shop["fulfillments"]:
            if made["status"] == "SUCCESS":
                for key, count in made["lines"].items():
                    found[skus[key]] += count
        return found

    def gone_from(self, place: StockLocation) -> Counter[str]:
        """Bottles that live fulfillments of any order took from the place, by SKU."""
        live = Fulfillment.objects.filter(location=place).exclude(status="canceled")
        found: Counter[str] = Counter()
        for sku, count in live.values_list("lines__order_line__sku", "lines__quantity"):
            found[sku] += count
        return found

    def conserved(self) -> None:
        """Never more than ordered; the counters count; every bottle is in a place or in a box."""
        here = self.here()
        assert all(here[sku] <= self.ordered[sku] for sku in here), (here, self.ordered)
        assert Counter(dict(self.order.lines.values_list("sku", "shipped_here"))) == Counter(
            {sku: here[sku] for sku in self.ordered}
        )
        for level in StockLevel.objects.all():
            moved = StockMovement.objects.filter(location=level.location, sku=level.sku)
            assert moved.aggregate(all=Sum("delta"))["all"] == level.on_hand
        for place in (self.cellar, self.shopfront):
            gone = self.gone_from(place)
            levels = dict(StockLevel.objects.filter(location=place).values_list("sku", "on_hand"))
            counted = _counted(place)
            assert levels == {sku: self.start + counted[sku] - gone[sku] for sku in (PINOT, ROSE)}

    def same(self) -> None:
        """Both sides show the same, once all is quiet."""
        self.conserved()
        assert self.here() == self.there()
        shop = self.world.shop.stock()
        for key, place in ((CELLAR, self.cellar), (SHOPFRONT, self.shopfront)):
            levels = dict(StockLevel.objects.filter(location=place).values_list("sku", "on_hand"))
            counted = _counted(place)
            assert levels == {sku: shop[sku][key]["on_hand"] + counted[sku] for sku in (PINOT, ROSE)}


def _counted(place: StockLocation) -> Counter[str]:
    """What people corrected by counting."""
    found: Counter[str] = Counter()
    for sku, delta in StockMovement.objects.filter(location=place, reason="counted").values_list(
        "sku", "delta"
    ):
        found[sku] += delta
    return found


def begin(world: World, pinot: int = 4, rose: int = 2, start: int = START) -> Scene:
    """The winery ships this order itself: nobody has told it of Vinoshipper's states."""
    world.account.ship_to_states = []
    world.account.save()
    winery = world.store.winery
    cellar = StockLocationFactory.create(winery=winery, name="Cellar")
    shopfront = StockLocationFactory.create(winery=winery, name="Shopfront")
    stock.map_location(world.store, CELLAR, cellar)
    stock.map_location(world.store, SHOPFRONT, shopfront)
    for key, place in ((CELLAR, cellar), (SHOPFRONT, shopfront)):
        for sku in (PINOT, ROSE):
            stock.receive(place, sku, start, f"delivery:{place.pk}:{sku}")
            world.shop.set_stock(sku, start, location=key)
    world.shop.place(
        order_body(lines=[Line(PINOT, quantity=pinot), Line(ROSE, "2024 Dry Rosé", quantity=rose)])
    )
    world.run(until=world.orders_known)
    return Scene(world, world.order(), cellar, shopfront, Counter({PINOT: pinot, ROSE: rose}), start)
