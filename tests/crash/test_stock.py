"""Workers killed with -9 over stock: numbers are set once, lines are booked once, and the ledger adds up."""

import pytest

from crushsync.lib.queue import clock
from fulfillment.invariants import check
from fulfillment.models import (
    ImportKind,
    RowState,
    StockDirection,
    StockImportLine,
    StockLevel,
    StockMovement,
    StoreStock,
)
from fulfillment.stock import map_location, receive, share
from fulfillment.stock.importing import ImportLane, read_file, start
from fulfillment.stock.lane import StockLane
from sandbox.shopify.samples import PINOT
from tests.crash.conftest import KILLED, Workers, heal, slots_are_free
from tests.factories import StockLocationFactory
from tests.flow.conftest import World

CELLAR = "81000000001"
LINES = 60

pytestmark = pytest.mark.crash


@pytest.mark.parametrize("place", ["call", "answer", "commit"])
def test_a_number_is_set_once_wherever_the_worker_dies(world: World, workers: Workers, place: str) -> None:
    cellar = StockLocationFactory.create(winery=world.store.winery)
    map_location(world.store, CELLAR, cellar)
    receive(cellar, PINOT.sku, 24, "start")
    world.shop.set_stock(PINOT.sku, 20)
    share(world.store, StockDirection.PUSH)
    assert workers.run("stock", fault=place) == [KILLED]
    StoreStock.objects.update(due_at=clock())
    slots_are_free()
    heal([StockLane()], lambda: StoreStock.objects.filter(compared_at__isnull=False).exists())
    assert world.shop.stock()[PINOT.sku][CELLAR]["on_hand"] == 24
    assert len(world.calls("shopify", "StockSet")) == 1
    assert not any(check().values())


def test_two_workers_and_a_kill_book_every_line_once(world: World, workers: Workers) -> None:
    """Sixty deliveries of three products; two workers at once are killed over them, and two more go on."""
    cellar = StockLocationFactory.create(winery=world.store.winery)
    text = "sku,quantity\n" + "".join(f"WINE-{number % 3},1\n" for number in range(LINES))
    made = read_file(cellar.winery, ImportKind.RECEIVE, "a.csv", text.encode(), location=cellar, actor="ana")
    start(made)
    for kill_after in (0.15, 0.3):
        workers.run("import", count=2, kill_after=kill_after)
        StockImportLine.objects.filter(open_claims__gt=0).update(due_at=clock(), open_claims=1)
        slots_are_free()
    heal([ImportLane()], lambda: not made.lines.filter(state=RowState.WAITING).exists())
    assert set(made.lines.values_list("state", flat=True)) == {RowState.DONE}
    assert StockMovement.objects.count() == LINES
    assert set(StockLevel.objects.values_list("sku", "on_hand")) == {
        (f"WINE-{number}", LINES // 3) for number in range(3)
    }
    assert not any(check().values())
