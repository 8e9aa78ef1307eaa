"""What a store calls a place and a product."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from fulfillment.models import LocationMapping, StockLocation
from fulfillment.stock import location_of, map_location, stock_skus
from orders.models import Store
from tests.factories import ListingFactory, StockLocationFactory, StoreFactory


@pytest.fixture
def store(cellar: StockLocation) -> Store:
    found: Store = StoreFactory.create(winery=cellar.winery)
    return found


def test_a_stores_location_means_one_place(
    store: Store, cellar: StockLocation, tasting_room: StockLocation
) -> None:
    assert location_of(store, "71") is None
    map_location(store, "71", cellar, "Warehouse")
    assert location_of(store, "71") == cellar
    assert location_of(StoreFactory.create(), "71") is None
    map_location(store, "71", tasting_room)
    mapping = LocationMapping.objects.get()
    assert (mapping.location, mapping.name, mapping.shares_stock) == (tasting_room, "Warehouse", True)


def test_two_of_a_stores_locations_may_mean_one_place_and_one_shares_its_numbers(
    store: Store, cellar: StockLocation
) -> None:
    first, second = map_location(store, "71", cellar), map_location(store, "72", cellar)
    assert (first.shares_stock, second.shares_stock) == (True, False)
    assert map_location(store, "71", cellar).shares_stock
    second.shares_stock = True
    with pytest.raises(IntegrityError):
        second.save()


def test_another_winerys_place_is_refused(store: Store) -> None:
    with pytest.raises(ValidationError, match="same winery"):
        map_location(store, "71", StockLocationFactory.create())
    assert not LocationMapping.objects.exists()


def test_a_listing_says_which_sku_the_level_has(store: Store) -> None:
    ListingFactory.create(store=store, sku="SHOP-PN", destination_sku="PINOT-22")
    ListingFactory.create(sku="ROSE", destination_sku="of another store")
    assert stock_skus(store, ["SHOP-PN", "ROSE"]) == {"SHOP-PN": "PINOT-22", "ROSE": "ROSE"}
