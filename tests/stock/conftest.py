"""Places with bottles, and the one thing that always has to be true of them."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from crushsync.lib.queue import claim, clock
from fulfillment.models import PromiseCount, StockLevel, StockLocation, StockMovement
from fulfillment.stock.reserving import PromiseLane
from tests.factories import StockLocationFactory


@pytest.fixture
def cellar(db: None) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(name="Cellar")
    return place


@pytest.fixture
def tasting_room(cellar: StockLocation) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(name="Tasting room", winery=cellar.winery)
    return place


def count_promises() -> None:
    """What a worker does a moment after somebody asked for it."""
    PromiseCount.objects.filter(due_at__isnull=False).update(due_at=clock() - timedelta(seconds=1))
    PromiseLane().prepare(claim(PromiseCount, 9, 60.0))


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
