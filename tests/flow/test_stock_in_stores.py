"""Stock over both wires: our numbers in the shop, the shop's here, and Vinoshipper's place."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.errors import PermanentError
from crushsync.lib.queue import clock
from fulfillment.models import (
    ListedStock,
    MovementReason,
    StockDirection,
    StockLocation,
    StockMovement,
    StoreStock,
)
from fulfillment.stock import count, map_location, move, receive, share
from fulfillment.stock.comparing import DUPLICATE, Place, differences, push
from fulfillment.stock.sharing import numbers_for
from orders.storefronts.inventory import Inventory, LevelChange, SetAnswer, ShopLevel, ShopLocation
from orders.stores import storefront
from sandbox.client import ShopControl
from sandbox.shopify.samples import CHARDONNAY, PINOT, order_body
from tests.factories import ListingFactory, StockLocationFactory
from tests.flow.conftest import World
from tests.stock.conftest import on_hand

CELLAR, TASTING_ROOM = "81000000001", "81000000003"


@pytest.fixture
def cellar(world: World) -> StockLocation:
    """Mapped to the shop's cellar; 24 Pinot here, 20 Pinot and 20 Chardonnay in the shop."""
    place: StockLocation = StockLocationFactory.create(winery=world.store.winery, name="Cellar")
    map_location(world.store, CELLAR, place, "Hollow Oak Cellar")
    receive(place, PINOT.sku, 24, "start")
    for sku in (PINOT.sku, CHARDONNAY.sku):
        world.shop.set_stock(sku, 20)
    return place


def in_shop(world: World, sku: str = PINOT.sku, location: str = CELLAR) -> int:
    return int(world.shop.stock()[sku][location]["on_hand"])


def row(world: World) -> StoreStock:
    return StoreStock.objects.get(store=world.store)


def writes(world: World) -> list[dict[str, Any]]:
    return [json.loads(call["request"])["variables"] for call in world.calls("shopify", "StockSet")]


def compare(world: World, **changes: Any) -> None:
    """Due now, and run until it has been compared."""
    StoreStock.objects.update(due_at=clock(), compared_at=None, **changes)
    world.run(lambda: row(world).compared_at is not None)


def test_our_numbers_are_set_where_they_differ_and_nowhere_else(world: World, cellar: StockLocation) -> None:
    share(world.store, StockDirection.PUSH)
    world.run(lambda: row(world).compared_at)
    assert (in_shop(world), in_shop(world, CHARDONNAY.sku)) == (24, 20)
    [write] = writes(world)
    [quantity] = write["input"]["quantities"]
    assert (quantity["quantity"], quantity["changeFromQuantity"]) == (24, 20)
    assert len(write["key"]) == 40
    assert row(world).sentence == "1 numbers were set."
    compare(world)
    assert len(writes(world)) == 1
    assert row(world).sentence == "Nothing had to be set."
    shown = dict(ListedStock.objects.values_list("sku", "number"))
    assert shown == {PINOT.sku: 24, CHARDONNAY.sku: 20}


def test_a_movement_reaches_the_shop_by_itself(world: World, cellar: StockLocation) -> None:
    share(world.store, StockDirection.PUSH)
    world.run(lambda: in_shop(world) == 24)
    move(cellar, PINOT.sku, -6, MovementReason.SHIPPED, "fulfillment:1")
    world.run(lambda: in_shop(world) == 18)
    count(cellar, CHARDONNAY.sku, 7, "count:1")
    world.run(lambda: in_shop(world, CHARDONNAY.sku) == 7)
    assert [len(write["input"]["quantities"]) for write in writes(world)] == [1, 1, 1]


def test_below_zero_is_shown_as_none(world: World, cellar: StockLocation) -> None:
    move(cellar, PINOT.sku, -30, MovementReason.SHIPPED, "fulfillment:1", may_go_negative=True)
    share(world.store, StockDirection.PUSH)
    world.run(lambda: row(world).compared_at)
    assert (in_shop(world), on_hand(cellar, PINOT.sku)) == (0, -6)


def test_the_shops_own_sku_gets_the_number_of_ours(world: World, cellar: StockLocation) -> None:
    ListingFactory.create(store=world.store, sku=CHARDONNAY.sku, destination_sku="CHARD")
    receive(cellar, "CHARD", 5, "start")
    share(world.store, StockDirection.PUSH)
    world.run(lambda: row(world).compared_at)
    assert in_shop(world, CHARDONNAY.sku) == 5


class SoldMeanwhile(Inventory):
    """The real shop, in which one bottle is counted away between our look and our write."""

    def __init__(self, real: Inventory, shop: ShopControl) -> None:
        self._real, self._shop = real, shop

    def locations(self) -> tuple[ShopLocation, ...]:
        return self._real.locations()

    def levels(self, location_id: str) -> tuple[ShopLevel, ...]:
        return self._real.levels(location_id)

    def set_levels(self, changes: Sequence[LevelChange], key: str) -> SetAnswer:
        self._shop.set_stock(PINOT.sku, 19)
        return self._real.set_levels(changes, key)


def test_a_number_that_moved_meanwhile_is_left_alone(world: World, cellar: StockLocation) -> None:
    real = storefront(world.store).inventory
    assert real
    places = numbers_for(world.store)
    result = push(SoldMeanwhile(real, world.shop), places, "key")
    assert (result.is_stale, result.written, in_shop(world)) == (True, 0, 19)
    # The key is spent; with it nothing is written, with the next one the number of now is compared.
    assert push(real, places, "another").written == 1
    assert in_shop(world) == 24


def test_the_shops_places_are_read(world: World) -> None:
    shop = storefront(world.store).inventory
    assert shop
    assert {
        ShopLocation(CELLAR, "Hollow Oak Cellar", is_service=False),
        ShopLocation("81000000002", "Other fulfillment service", is_service=True),
        ShopLocation(TASTING_ROOM, "Hollow Oak Tasting Room", is_service=False),
    } <= set(shop.locations())
    with pytest.raises(PermanentError, match="no longer has this location"):
        shop.levels("1")


def test_two_products_with_one_sku_are_never_guessed_at() -> None:
    levels = [ShopLevel(CELLAR, item, "PINOT", 20) for item in ("1", "2")]
    refused: dict[str, str] = {}
    assert differences(Place(CELLAR, {"PINOT": 24}), levels, refused) == []
    assert refused == {"1": str(DUPLICATE), "2": str(DUPLICATE)}


def test_an_answer_that_got_lost_is_not_written_twice(world: World, cellar: StockLocation) -> None:
    share(world.store, StockDirection.PUSH)
    world.sandbox.add_fault("accept_then_reset", system="shopify", match="StockSet")
    world.run(lambda: in_shop(world) == 24)
    world.run(lambda: row(world).compared_at)
    assert len(writes(world)) == 1
    assert in_shop(world) == 24


def test_a_refused_product_does_not_stop_the_others(world: World, cellar: StockLocation) -> None:
    receive(cellar, CHARDONNAY.sku, 3, "start")
    world.shop.set_stock(PINOT.sku, 20, is_bundle=True)
    share(world.store, StockDirection.PUSH)
    world.run(lambda: row(world).compared_at)
    assert (in_shop(world), in_shop(world, CHARDONNAY.sku)) == (20, 3)
    refusal = ListedStock.objects.get(sku=PINOT.sku).refusal
    assert refusal == "The specified inventory item is not allowed to be adjusted via API."


def test_without_the_permission_only_the_comparing_waits(world: World, cellar: StockLocation) -> None:
    world.shop.configure(scopes=["read_orders", "write_orders", "read_inventory", "read_locations"])
    share(world.store, StockDirection.PUSH)
    world.run(lambda: row(world).is_failing)
    world.store.refresh_from_db()
    assert not world.store.is_paused
    assert "permit" in row(world).sentence
    assert in_shop(world) == 20


def test_switched_off_nothing_is_compared(world: World, cellar: StockLocation) -> None:
    share(world.store, StockDirection.OFF)
    move(cellar, PINOT.sku, -6, MovementReason.SHIPPED, "fulfillment:1")
    world.run()
    assert world.calls("shopify", "StockLevels") == []
    assert row(world).due_at is None


def test_the_shops_numbers_are_taken_over(world: World, cellar: StockLocation) -> None:
    share(world.store, StockDirection.TAKE)
    world.run(lambda: row(world).compared_at)
    assert (on_hand(cellar, PINOT.sku), on_hand(cellar, CHARDONNAY.sku)) == (20, 20)
    taken = StockMovement.objects.get(sku=PINOT.sku, reason=MovementReason.STORE)
    assert (taken.delta, taken.note) == (-4, f"{world.store}: 20")
    assert writes(world) == []


def test_a_later_difference_counts_once_it_was_seen_twice(
    world: World, cellar: StockLocation, settings: Settings
) -> None:
    share(world.store, StockDirection.TAKE)
    world.run(lambda: row(world).compared_at)
    settings.WAIT_FACTOR = 1.0  # nothing is compared but what the test asks for
    world.shop.set_stock(PINOT.sku, 15)
    compare(world)
    assert on_hand(cellar, PINOT.sku) == 20
    compare(world)
    assert on_hand(cellar, PINOT.sku) == 15
    assert StockMovement.objects.filter(sku=PINOT.sku, reason=MovementReason.STORE).count() == 2


def test_a_number_that_moved_in_the_shop_is_left_once(
    world: World, cellar: StockLocation, settings: Settings
) -> None:
    """The shop has shipped three and we have not heard of it: setting 24 again would sell them twice."""
    share(world.store, StockDirection.PUSH)
    world.run(lambda: row(world).compared_at)
    settings.WAIT_FACTOR = 1.0
    world.shop.set_stock(PINOT.sku, 21)
    compare(world)
    assert in_shop(world) == 21
    assert "A number moved in the store meanwhile" in row(world).sentence
    move(cellar, PINOT.sku, -3, MovementReason.SHIPPED, "fulfillment:1", may_go_negative=True)
    compare(world)
    assert (in_shop(world), len(writes(world))) == (21, 1)
    # Nobody tells of the next one: the second look sets it right.
    world.shop.set_stock(PINOT.sku, 22)
    compare(world)
    assert in_shop(world) == 22
    compare(world)
    assert (in_shop(world), len(writes(world))) == (21, 2)


def stands_for_vinoshipper(account: VinoshipperAccount) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(
        winery=account.winery, name="Vinoshipper", vinoshipper_account=account
    )
    return place


def read_feed(world: World) -> None:
    before = VinoshipperAccount.objects.get().fence
    VinoshipperAccount.objects.update(due_at=clock())
    world.run(
        lambda: VinoshipperAccount.objects.filter(fence__gt=before, open_claims=0, is_parked=False).exists()
    )


def test_what_vinoshipper_ships_leaves_its_place(world: World) -> None:
    place = stands_for_vinoshipper(world.account)
    world.sandbox.vinoshipper.product(PINOT.sku, inventory=50)
    read_feed(world)
    assert on_hand(place, PINOT.sku) == 50
    world.shop.place(order_body(number=1001, lines=[PINOT]))
    world.run(world.is_sent)
    work = world.work()
    type(work).objects.update(sent_at=clock() - timedelta(hours=1))
    read_feed(world)
    level = place.levels.get(sku=PINOT.sku)
    assert (level.on_hand, level.reserved, level.available) == (50, 1, 49)
    world.sandbox.vinoshipper.move(work.number, "SHIPPED")
    world.run(lambda: on_hand(place, PINOT.sku) == 49)
    read_feed(world)
    level.refresh_from_db()
    assert (level.on_hand, level.reserved) == (49, 0)
    assert list(
        StockMovement.objects.filter(sku=PINOT.sku).order_by("pk").values_list("delta", "reason")
    ) == [
        (50, "vinoshipper"),
        (-1, "shipped"),
    ]


def test_vinoshippers_own_count_is_right_about_its_place(world: World) -> None:
    place = stands_for_vinoshipper(world.account)
    world.sandbox.vinoshipper.product(PINOT.sku, inventory=50)
    read_feed(world)
    world.sandbox.vinoshipper.product(PINOT.sku, inventory=44)
    read_feed(world)
    latest = StockMovement.objects.filter(sku=PINOT.sku).latest("pk")
    assert (latest.delta, latest.reason, latest.note) == (-6, "vinoshipper", "44 for sale at Vinoshipper")
    assert on_hand(place, PINOT.sku) == 44
