"""check_invariants finds what a hand in the database does, and nothing else."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fulfillment.invariants import INVARIANTS, check
from fulfillment.models import (
    Fulfillment,
    FulfillmentOrder,
    ListedStock,
    LocationMapping,
    StockLevel,
    StockLocation,
    StockMovement,
    SyncStatus,
)
from fulfillment.stock import map_location, receive
from orders.models import OrderLine
from tests.factories import (
    PLACED_AT,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    StockLocationFactory,
    StoreFactory,
    VinoshipperAccountFactory,
    WineryFactory,
)


@pytest.fixture
def house(cellar: StockLocation) -> StockLocation:
    """One of everything, all in order."""
    receive(cellar, "PINOT", 24, "delivery:1")
    mapping = map_location(StoreFactory.create(winery=cellar.winery), "71", cellar)
    ListedStock.objects.create(mapping=mapping, item_id="1", sku="PINOT", number=24, seen_at=PLACED_AT)
    shipment = FulfillmentFactory.create()
    FulfillmentOrder.objects.filter(fulfillments=shipment).update(sent_at=PLACED_AT)
    return cellar


def run(**options: Any) -> str:
    out = StringIO()
    call_command("check_invariants", stdout=out, **options)
    return out.getvalue()


@pytest.mark.usefixtures("house")
def test_all_is_well() -> None:
    assert run() == "".join(f"ok     {invariant.sentence}\n" for invariant in INVARIANTS)
    assert json.loads(run(json=True)) == {invariant.code: [] for invariant in INVARIANTS}


def stock_sum() -> None:
    StockLevel.objects.update(on_hand=23)


def stock_level() -> None:
    StockLevel.objects.all().delete()


def stock_latest() -> None:
    StockMovement.objects.update(level_after=7)


def mapping_winery() -> None:
    LocationMapping.objects.update(location=StockLocationFactory.create())


def place_winery() -> None:
    StockLocation.objects.update(vinoshipper_account=VinoshipperAccountFactory.create())


def listed_shared() -> None:
    LocationMapping.objects.update(shares_stock=False)


def account_winery() -> None:
    FulfillmentOrder.objects.update(account=VinoshipperAccountFactory.create())


def work_winery() -> None:
    Fulfillment.objects.update(winery=WineryFactory.create())


def sent_at() -> None:
    FulfillmentOrder.objects.update(sent_at=None)


def shipment_order() -> None:
    other = FulfillmentOrderFactory.create(status=SyncStatus.SENT, sent_at=PLACED_AT)
    Fulfillment.objects.update(fulfillment_order=other)


def pieces_counted() -> None:
    OrderLine.objects.update(shippable_here=1, shipped_here=1)


def shipment_dates() -> None:
    Fulfillment.objects.update(shipped_at=None)


BREACHES = (
    stock_sum, stock_level, stock_latest, mapping_winery, place_winery, listed_shared, account_winery,
    work_winery, sent_at, shipment_order, pieces_counted, shipment_dates,
)  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.__name__)
def test_each_breach_is_found(house: StockLocation, breach: Any) -> None:
    breach()
    assert len(check()[breach.__name__]) == 1
    with pytest.raises(CommandError, match="breaches") as caught:
        run()
    assert caught.value.returncode == 1


def test_no_invariant_is_untried() -> None:
    assert {breach.__name__ for breach in BREACHES} == {invariant.code for invariant in INVARIANTS}
