"""What own places have promised to open orders: in line, from where they would be shipped, and no more."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from crushsync.accounts.models import Role, Winery
from crushsync.lib.queue import CRASH_LIMIT, claim
from crushsync.schedules import tidy
from fulfillment.actions import Asked, run
from fulfillment.listings import map_sku
from fulfillment.models import Problem, PromiseCount, StockLevel, StockLocation
from fulfillment.proposing import Proposal
from fulfillment.routing import decide
from fulfillment.shipping import cancel_fulfillment, create_fulfillment
from fulfillment.shipping.choices import proposals
from fulfillment.stock import count_soon, map_location, receive, warn_at
from fulfillment.stock.reserving import PromiseLane
from fulfillment.stock.sharing import numbers_for
from orders.models import Order, Store
from tests.factories import (
    PLACED_AT,
    MembershipFactory,
    OrderFactory,
    OrderLineFactory,
    StockLocationFactory,
    StoreFactory,
    WineryFactory,
)
from tests.stock.conftest import count_promises

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
def committed(django_capture_on_commit_callbacks: Committed) -> Callable[[], AbstractContextManager[None]]:
    """What is done within is committed, and a moment later a worker has counted what that asked for."""

    @contextmanager
    def commit() -> Iterator[None]:
        with django_capture_on_commit_callbacks(execute=True):
            yield
        count_promises()

    return commit


def test_orders_in_line_are_promised_what_is_there(
    committed: Committed, cellar: StockLocation, barn: StockLocation, store: Store
) -> None:
    with committed():
        second, first = bought(store, 5, day=2), bought(store, 4, day=1)
    assert reserved(cellar, barn) == [6, 3]  # the ninth bottle is nowhere: the barn is short of it
    assert StockLevel.objects.get(location=barn).available == -1
    assert proposals(first)["location"] == [Proposal(cellar.pk, {line_of(first): 4})]
    line = line_of(second)
    assert proposals(second)["location"] == [
        Proposal(cellar.pk, {line: 2}),
        Proposal(barn.pk, {line: 2}),
        Proposal(None, {line: 1}),
    ]
    assert proposals(second)["availability"] == [Proposal(cellar.pk, {line: 2}), Proposal(None, {line: 3})]
    other = bought(store, 1, day=0, state="CA")  # goes to Vinoshipper: of these bottles none is its
    assert proposals(other)["location"] == [Proposal(None, {line_of(other): 1})]

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
    count_promises()
    assert reserved(cellar) == [0]  # nothing ran after the commit
    tidy()
    count_promises()
    assert reserved(cellar) == [4]


def test_what_is_not_sent_at_all_is_promised_nothing(
    committed: Committed, cellar: StockLocation, store: Store
) -> None:
    with committed():
        order = bought(store, 4, day=1)
    assert reserved(cellar) == [4]
    with committed():
        run("dont-send", order.fulfillment_orders.get().pk, Asked("ana"))
    assert reserved(cellar) == [0]


def test_another_name_of_the_product_is_promised_elsewhere(
    committed: Committed, cellar: StockLocation, store: Store
) -> None:
    receive(cellar, "ESTATE-PINOT", 6, "delivery:9")
    with committed():
        bought(store, 4, day=1)
    with committed():
        map_sku(store, "PINOT", "ESTATE-PINOT")
    assert reserved(cellar) == [0]
    assert StockLevel.objects.get(sku="ESTATE-PINOT").reserved == 4


def test_of_two_placed_at_once_the_first_told_comes_first(
    committed: Committed, cellar: StockLocation, store: Store
) -> None:
    first, second = bought(store, 4, day=1), bought(store, 4, day=1)
    assert proposals(first)["location"] == [Proposal(cellar.pk, {line_of(first): 4})]
    line = line_of(second)
    assert proposals(second)["location"] == [Proposal(cellar.pk, {line: 2}), Proposal(None, {line: 2})]


def test_changes_of_a_moment_are_one_count(winery: Winery, cellar: StockLocation, store: Store) -> None:
    count_soon({winery.pk})
    due = PromiseCount.objects.get().due_at
    bought(store, 4, day=1)
    count_soon({winery.pk})
    assert PromiseCount.objects.get().due_at == due

    # a change while it is claimed is in that count, or due after it
    PromiseCount.objects.update(due_at=PLACED_AT)
    claimed = claim(PromiseCount, 9, 600.0)
    count_soon({winery.pk})
    PromiseLane().prepare(claimed)
    assert (reserved(cellar), PromiseCount.objects.get().due_at) == ([4], None)
    count_soon({winery.pk})
    assert PromiseCount.objects.get().due_at is not None


def test_a_count_that_kills_its_worker_waits_for_the_next_change(
    winery: Winery, cellar: StockLocation, store: Store
) -> None:
    bought(store, 4, day=1)
    PromiseCount.objects.create(winery=winery, due_at=PLACED_AT, open_claims=CRASH_LIMIT)
    PromiseLane().prepare(claim(PromiseCount, 9, 60.0))
    row = PromiseCount.objects.get()
    assert (reserved(cellar), row.due_at, row.open_claims) == ([0], None, 0)


def test_the_cellar_offers_first_what_is_in_stock(
    client: Client, cellar: StockLocation, store: Store
) -> None:
    """Not only to those in line before it: eight want more than there is, and one can go."""
    receive(cellar, "ROSE", 2, "delivery:8")
    for _ in range(8):
        bought(store, 7, day=1)
    last = bought(store, 1, day=2)
    last.lines.update(sku="ROSE")
    client.force_login(MembershipFactory.create(winery=store.winery, role=Role.MANAGER).user)
    offers = client.get(reverse("admin:fulfillment_cellar_changelist")).context["offers"]
    assert [offer["pieces"] for offer in offers] == [6, 1, 0, 0, 0, 0, 0, 0, 0]
    assert offers[1]["order"] == last


def test_the_pages_ask_as_much_for_many_orders_as_for_few(
    client: Client, cellar: StockLocation, store: Store, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    orders = [bought(store, 1, day=day) for day in range(12)]
    client.force_login(MembershipFactory.create(winery=store.winery, role=Role.MANAGER).user)
    with django_assert_max_num_queries(30):
        client.get(reverse("admin:fulfillment_cellar_changelist"))
    with django_assert_max_num_queries(30):
        client.get(reverse("admin:fulfillment_fulfillment_fulfill", args=[orders[-1].pk]))
