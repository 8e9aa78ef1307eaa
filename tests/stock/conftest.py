"""Places with bottles, and the one thing that always has to be true of them."""

import pytest
from django.db.models import Sum

from fulfillment.models import StockLevel, StockLocation, StockMovement
from tests.factories import StockLocationFactory


@pytest.fixture
def cellar(db: None) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(name="Cellar")
    return place


@pytest.fixture
def tasting_room(cellar: StockLocation) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(name="Tasting room", winery=cellar.winery)
    return place


def on_hand(location: StockLocation, sku: str) -> int | None:
    """The level, after making sure that it is the sum of its movements, each of which says what was left."""
    level = StockLevel.objects.filter(location=location, sku=sku).first()
    movements = StockMovement.objects.filter(location=location, sku=sku).order_by("pk")
    total = movements.aggregate(total=Sum("delta", default=0))["total"]
    assert total == (level.on_hand if level else 0)
    running = 0
    for movement in movements:
        running += movement.delta
        assert movement.level_after == running
    return level.on_hand if level else None
