"""Many at the same moment: no piece is shipped twice, whatever they have read before."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction

from fulfillment.models import Fulfillment, FulfillmentLine, StockMovement
from fulfillment.shipping import Refused, cancel_fulfillment, create_fulfillment
from fulfillment.shipping.counting import take
from tests.shipping.conftest import PINOT, ROSE, Cellar

PEOPLE = 8

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_once() -> Iterator[Callable[[Callable[[int], object]], int]]:
    """Lets all people do it at the same moment; answers how many were not refused."""
    gate = Barrier(PEOPLE)

    def one(work: Callable[[int], object], person: int) -> bool:
        try:
            gate.wait()
            work(person)
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(PEOPLE) as pool:
        yield lambda work: sum(pool.map(partial(one, work), range(PEOPLE)))


def test_the_guard_alone_lets_no_piece_too_many_through(
    cellar: Cellar, at_once: Callable[[Callable[[int], object]], int]
) -> None:
    """Without the order's lock and without a look at what is left: only the counter stands between them."""

    def count_one(person: int) -> None:
        with transaction.atomic():
            take({cellar.pinot.pk: 1, cellar.rose.pk: 1}, held={cellar.pinot.pk: 1})

    assert at_once(count_one) == 2
    assert cellar.counted() == {PINOT: 2, ROSE: 2}


def test_of_eight_who_ship_the_same_two_do(
    cellar: Cellar, at_once: Callable[[Callable[[int], object]], int]
) -> None:
    def ship(person: int) -> None:
        items = {cellar.pinot.pk: 2, cellar.rose.pk: 1}
        create_fulfillment(cellar.order.pk, items, location=cellar.place, actor=f"person {person}")

    assert at_once(ship) == 2
    assert cellar.counted() == {PINOT: 4, ROSE: 2}
    assert Counter(FulfillmentLine.objects.values_list("order_line__sku", "quantity")) == {
        (PINOT, 2): 2,
        (ROSE, 1): 2,
    }
    assert (cellar.on_hand(PINOT), cellar.on_hand(ROSE)) == (6, 8)


def test_one_act_done_eight_times_and_canceled_eight_times_is_done_once(
    cellar: Cellar, at_once: Callable[[Callable[[int], object]], int]
) -> None:
    def ship(person: int) -> None:
        items = {cellar.pinot.pk: 1}
        create_fulfillment(cellar.order.pk, items, location=cellar.place, actor="elena", key="a1")

    assert at_once(ship) == PEOPLE
    made = Fulfillment.objects.get()
    assert (cellar.counted()[PINOT], cellar.on_hand()) == (1, 9)

    assert at_once(lambda person: cancel_fulfillment(made.pk, actor="elena")) == PEOPLE
    assert (cellar.counted()[PINOT], cellar.on_hand()) == (0, 10)
    assert list(
        StockMovement.objects.exclude(reason="received").order_by("pk").values_list("reason", "delta")
    ) == [("shipped", -1), ("restored", 1)]
