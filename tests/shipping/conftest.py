"""A winery with a cellar and a shop, and an order of six bottles in two lines."""

from dataclasses import dataclass

import pytest

from fulfillment import stock
from fulfillment.models import FulfillmentOrder, StockLevel, StockLocation
from orders.models import Order, OrderLine
from tests.factories import FulfillmentOrderFactory, OrderFactory, OrderLineFactory, StockLocationFactory

PINOT, ROSE = "HO-PN23-750", "HO-RS24-750"


@dataclass
class Cellar:
    """The order's lines, the place it may be shipped from, and what of it waits to go to Vinoshipper."""

    order: Order
    pinot: OrderLine
    rose: OrderLine
    place: StockLocation
    work: FulfillmentOrder

    def on_hand(self, sku: str = PINOT, place: StockLocation | None = None) -> int:
        return StockLevel.objects.get(location=place or self.place, sku=sku).on_hand

    def counted(self) -> dict[str, int]:
        """Pieces counted as shipped here, by SKU."""
        return dict(self.order.lines.values_list("sku", "shipped_here"))


@pytest.fixture
def cellar(db: None) -> Cellar:
    order = OrderFactory.create(lines=0)
    pinot = OrderLineFactory.create(order=order, sku=PINOT, title="Pinot Noir", quantity=4)
    rose = OrderLineFactory.create(order=order, sku=ROSE, title="Rosé", quantity=2)
    place = StockLocationFactory.create(winery=order.winery, name="Cellar")
    for sku in (PINOT, ROSE):
        stock.receive(place, sku, 10, f"delivery:{sku}", actor="elena")
    return Cellar(order, pinot, rose, place, FulfillmentOrderFactory.create(order=order))
