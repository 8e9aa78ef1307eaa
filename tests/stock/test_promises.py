"""What own places have promised to open orders: in line, from where they would be shipped, and no more."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial

import pytest

from crushsync.accounts.models import Winery
from crushsync.schedules import tidy
from fulfillment.models import Problem, StockLevel, StockLocation
from fulfillment.proposing import Proposal
from fulfillment.routing import decide
from fulfillment.shipping import cancel_fulfillment, create_fulfillment
from fulfillment.shipping.choices import proposals
from fulfillment.stock import map_location, receive, warn_at
from fulfillment.stock.sharing import numbers_for
from orders.models import Order, Store
from tests.factories import (
    PLACED_AT,
    OrderFactory,
    OrderLineFactory,
    StockLocationFactory,
    StoreFactory,
    WineryFactory,
)

Committed = Callable[..., AbstractContextManager[object]]


@pytest.fixture
def winery(db: None) -> Winery:
    found: Winery = WineryFactory.create()
    return found


@pytest.fixture
def cellar(winery: Winery) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(winery=winery, name="Cellar")
    receive(place, "PINOT", 6, "delivery:1")
    return place


@pytest.fixture
def barn(winery: Winery) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(winery=winery, name="Barn")
    receive(place, "PINOT", 2, "delivery:2")
    return place


@pytest.fixture
def store(winery: Winery) -> Store:
    found: Store = StoreFactory.create(winery=winery)
    return found


def bought(store: Store, bottles: int, day: int, state: str = "NV") -> Order:
    """An order that the winery ships itself: the state is none of those that go to Vinoshipper."""
    order: Order = OrderFactory.create(
        store=store, lines=0, ship_to_state=state, placed_at=PLACED_AT + timedelta(days=day)
    )
    OrderLineFactory.create(order=order, sku="PINOT", quantity=bottles)
    decide(order)
    return order


def line_of(order: Order) -> int:
    return order.lines.get().pk


def reserved(*places: StockLocation) -> list[int]:
    return [StockLevel.objects.get(location=place, sku="PINOT").reserved for place in places]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> Callable[[], AbstractContextManager[object]]:
    return partial(django_capture_on_commit_callbacks, execute=True)


def test_orders_in_line_are_promised_what_is_there(
    committed: Committed, cellar: StockLocation, barn: StockLocation, store: Store
) -> None:
    with committed():
        second, first = bought(store, 5, day=2), bought(store, 4, day=1)
    assert reserved(cellar, barn) == [6, 3]  # the ninth bottle is nowhere: the barn is short of it
    assert StockLevel.objects.get(location=barn).available == -1
    assert proposals(first) == [Proposal(cellar.pk, {line_of(first): 4})]
    line = line_of(second)
    assert proposals(second) == [
        Proposal(cellar.pk, {line: 2}),
        Proposal(barn.pk, {line: 2}),
        Proposal(None, {line: 1}),
    ]
    other = bought(store, 1, day=0, state="CA")  # goes to Vinoshipper: of these bottles none is its
    assert proposals(other) == [Proposal(None, {line_of(other): 1})]

    with committed():
        made = create_fulfillment(first.pk, {line_of(first): 4}, location=cellar, actor="elena")
    assert reserved(cellar, barn) == [2, 3]
    with committed():
        cancel_fulfillment(made.pk, actor="elena")
    assert reserved(cellar, barn) == [6, 3]
    with committed():
        receive(cellar, "PINOT", 1, "delivery:3")
    assert reserved(cellar, barn) == [7, 2]
    with committed():
        Order.objects.filter(pk=first.pk).update(cancelled_at=PLACED_AT)
        decide(Order.objects.get(pk=first.pk))
    assert reserved(cellar, barn) == [5, 0]


def test_a_promise_makes_a_product_run_out(committed: Committed, cellar: StockLocation, store: Store) -> None:
    warn_at(cellar, "PINOT", 2)
    assert not Problem.objects.exists()
    with committed():
        bought(store, 4, day=1)
    assert Problem.objects.get(closed_at=None).code == "low_stock"


def test_what_one_store_sold_another_does_not_show(
    winery: Winery, cellar: StockLocation, store: Store
) -> None:
    other = StoreFactory.create(winery=winery)
    for shop in (store, other):
        map_location(shop, "71", cellar)
    bought(store, 4, day=1)
    assert [place.numbers for place in numbers_for(store)] == [{"PINOT": 6}]
    assert [place.numbers for place in numbers_for(other)] == [{"PINOT": 2}]


def test_what_a_dead_worker_left_uncounted_is_counted_later(
    winery: Winery, cellar: StockLocation, store: Store
) -> None:
    bought(store, 4, day=1)
    assert reserved(cellar) == [0]  # nothing ran after the commit
    tidy()
    assert reserved(cellar) == [4]
