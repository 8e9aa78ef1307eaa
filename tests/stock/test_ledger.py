"""The ledger: each movement once, levels always the sum of them, nothing taken that is not there."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisCase

from fulfillment.models import MovementReason as Reason
from fulfillment.models import StockLevel, StockLocation, StockMovement
from fulfillment.stock import Move, NotEnoughStock, adjust, count, move, move_many, receive, transfer
from tests.factories import StockLocationFactory
from tests.stock.conftest import on_hand

SKU = "PINOT-22"


def test_a_movement_changes_the_level_and_says_why(cellar: StockLocation) -> None:
    receive(cellar, SKU, 24, "delivery:1", actor="ana", note="From the bottler")
    taken = move(cellar, SKU, -3, Reason.SHIPPED, "fulfillment:1")
    assert taken is not None
    assert (taken.delta, taken.reason, taken.level_after, taken.actor) == (-3, "shipped", 21, "")
    assert on_hand(cellar, SKU) == 21
    first = StockMovement.objects.get(reference="delivery:1")
    assert (first.delta, first.actor, first.note) == (24, "ana", "From the bottler")


def test_the_same_reference_is_booked_once(cellar: StockLocation, tasting_room: StockLocation) -> None:
    assert receive(cellar, SKU, 24, "delivery:1") is not None
    assert receive(cellar, SKU, 99, "delivery:1") is None
    assert on_hand(cellar, SKU) == 24
    assert receive(cellar, "OTHER", 5, "delivery:1") is not None
    assert receive(tasting_room, SKU, 6, "delivery:1") is not None
    assert StockMovement.objects.count() == 3


def test_what_is_not_there_is_not_taken(cellar: StockLocation) -> None:
    receive(cellar, SKU, 2, "delivery:1")
    with pytest.raises(NotEnoughStock, match=r"^\['Cellar has 2 of PINOT-22; 3 cannot be taken\.'\]$"):
        move(cellar, SKU, -3, Reason.SHIPPED, "fulfillment:1")
    assert on_hand(cellar, SKU) == 2
    assert StockMovement.objects.count() == 1
    assert move(cellar, SKU, -3, Reason.SHIPPED, "fulfillment:1", may_go_negative=True) is not None
    assert on_hand(cellar, SKU) == -1


def test_restoring_never_fails_below_zero(cellar: StockLocation) -> None:
    move(cellar, SKU, -9, Reason.SHIPPED, "fulfillment:1", may_go_negative=True)
    assert move(cellar, SKU, 3, Reason.RESTORED, "fulfillment:1:cancel") is not None
    assert on_hand(cellar, SKU) == -6


def test_many_are_booked_together_or_not_at_all(cellar: StockLocation, tasting_room: StockLocation) -> None:
    receive(cellar, SKU, 2, "delivery:1")
    wanted = [
        Move(tasting_room, SKU, 5, Reason.RECEIVED, "delivery:2"),
        Move(cellar, SKU, -3, Reason.SHIPPED, "fulfillment:1"),
    ]
    with pytest.raises(NotEnoughStock):
        move_many(wanted)
    assert on_hand(tasting_room, SKU) is None
    assert on_hand(cellar, SKU) == 2


def test_a_batch_may_repeat_itself(cellar: StockLocation) -> None:
    twice = Move(cellar, SKU, 5, Reason.RECEIVED, "delivery:1")
    more = Move(cellar, SKU, 1, Reason.RECEIVED, "delivery:2")
    first, again, third = move_many([twice, twice, more])
    assert again is None
    assert first
    assert third
    assert (first.level_after, third.level_after) == (5, 6)
    assert first.pk
    assert on_hand(cellar, SKU) == 6


def test_an_outer_transaction_that_fails_takes_the_movement_with_it(cellar: StockLocation) -> None:
    with transaction.atomic():
        receive(cellar, SKU, 5, "delivery:1")
        transaction.set_rollback(True)
    assert on_hand(cellar, SKU) is None
    assert receive(cellar, SKU, 5, "delivery:1") is not None


def test_a_count_is_a_movement_of_the_difference(cellar: StockLocation) -> None:
    receive(cellar, SKU, 24, "delivery:1")
    made = count(cellar, SKU, 22, "count:1", actor="ana")
    assert made is not None
    assert (made.delta, made.reason, made.level_after) == (-2, "counted", 22)
    agreed = count(cellar, SKU, 22, "count:2")
    assert agreed is not None
    assert agreed.delta == 0
    assert count(cellar, SKU, 7, "count:1") is None
    assert on_hand(cellar, SKU) == 22


def test_a_transfer_is_two_movements_of_one_reference(
    cellar: StockLocation, tasting_room: StockLocation
) -> None:
    receive(cellar, SKU, 24, "delivery:1")
    assert transfer(cellar, tasting_room, SKU, 6, "transfer:1") is not None
    assert transfer(cellar, tasting_room, SKU, 6, "transfer:1") is None
    assert (on_hand(cellar, SKU), on_hand(tasting_room, SKU)) == (18, 6)
    with pytest.raises(NotEnoughStock):
        transfer(tasting_room, cellar, SKU, 7, "transfer:2")
    elsewhere = StockLocationFactory.create()
    for target in (cellar, elsewhere):
        with pytest.raises(ValidationError, match="two places of one winery"):
            transfer(cellar, target, SKU, 1, "transfer:3")
    assert (on_hand(cellar, SKU), on_hand(tasting_room, SKU)) == (18, 6)


def test_a_correction_needs_a_reason_that_says_which_way(cellar: StockLocation) -> None:
    receive(cellar, SKU, 24, "delivery:1")
    adjust(cellar, SKU, 1, Reason.BROKEN, "adjust:1")
    adjust(cellar, SKU, 3, Reason.FOUND, "adjust:2")
    with pytest.raises(ValidationError, match="no reason for a correction"):
        adjust(cellar, SKU, 1, Reason.SHIPPED, "adjust:3")
    assert on_hand(cellar, SKU) == 26


@pytest.mark.parametrize("quantity", [0, -1])
def test_quantities_are_at_least_one(cellar: StockLocation, quantity: int) -> None:
    for act in (
        lambda: receive(cellar, SKU, quantity, "a"),
        lambda: adjust(cellar, SKU, quantity, Reason.BROKEN, "b"),
        lambda: transfer(cellar, cellar, SKU, quantity, "c"),
        lambda: count(cellar, SKU, quantity - 1, "d"),
        lambda: receive(cellar, " ", 1, "e"),
        lambda: receive(cellar, SKU, 1, ""),
    ):
        with pytest.raises(ValidationError):
            act()
    assert not StockMovement.objects.exists()


def test_the_ledger_is_never_altered(cellar: StockLocation) -> None:
    made = receive(cellar, SKU, 24, "delivery:1")
    assert made
    made.delta = 25
    with pytest.raises(TypeError, match="never altered"):
        made.save()
    with pytest.raises(TypeError, match="never deleted"):
        made.delete()
    assert on_hand(cellar, SKU) == 24


@pytest.mark.django_db(transaction=True)
def test_many_at_once_lose_nothing_and_take_nothing_twice() -> None:
    """Eight threads: each its own deliveries, one shipment that all of them try, transfers both ways."""
    one, two = StockLocationFactory.create_batch(2, winery=StockLocationFactory.create().winery)
    receive(one, SKU, 50, "start")
    receive(two, SKU, 50, "start")
    gate = Barrier(8)

    def work(number: int) -> int:
        try:
            gate.wait()
            first, second = (one, two) if number % 2 else (two, one)
            shipped = 0
            for turn in range(4):
                receive(first, SKU, 1, f"delivery:{number}:{turn}")
                transfer(first, second, SKU, 1, f"transfer:{number}:{turn}")
                shipped += move(one, SKU, -2, Reason.SHIPPED, f"fulfillment:{turn}") is not None
                receive(two, f"NEW-{turn}", 1, f"new:{number}")
            return shipped
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        shipped = sum(pool.map(work, range(8)))
    assert shipped == 4
    # Each of the four threads moves one bottle a turn in either direction, and receives one a turn.
    assert (on_hand(one, SKU), on_hand(two, SKU)) == (50 + 16 - 8, 50 + 16)
    assert [on_hand(two, f"NEW-{turn}") for turn in range(4)] == [8, 8, 8, 8]


@pytest.mark.django_db(transaction=True)
def test_the_last_bottle_is_taken_by_one() -> None:
    place = StockLocationFactory.create()
    receive(place, SKU, 1, "start")
    gate = Barrier(6)

    def take(number: int) -> bool:
        try:
            gate.wait()
            return move(place, SKU, -1, Reason.SHIPPED, f"fulfillment:{number}") is not None
        except NotEnoughStock:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, range(6))) == [False] * 5 + [True]
    assert on_hand(place, SKU) == 0


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "ship", "ship anyway", "restore", "count", "transfer", "broken"]),
        st.integers(0, 1),  # where
        st.integers(1, 9),  # how many
        st.integers(0, 5),  # reference: small, so that repeats are many
    ),
    max_size=25,
)


class TestAnyHistory(HypothesisCase):
    @settings(max_examples=40)
    @given(ACTS)
    def test_stock_is_what_a_plain_reckoning_says(self, acts: list[tuple[str, int, int, int]]) -> None:
        winery = StockLocationFactory.create().winery
        places = StockLocationFactory.create_batch(2, winery=winery)
        expected, booked = [0, 0], set()
        for act, where, many, number in acts:
            reference, there, other = f"{act}:{number}", places[where], places[1 - where]
            is_new = all((at, reference) not in booked for at in ({0, 1} if act == "transfer" else {where}))
            change = _reckon(act, many, expected[where]) if is_new else None
            if is_new and change is None:
                with pytest.raises(NotEnoughStock):
                    _do(act, there, other, many, reference)
                continue
            assert (_do(act, there, other, many, reference) is not None) == is_new
            if change is not None:
                expected[where] += change
                expected[1 - where] -= change if act == "transfer" else 0
                booked |= {(at, reference) for at in ({0, 1} if act == "transfer" else {where})}
        assert [on_hand(place, SKU) or 0 for place in places] == expected
        assert StockLevel.objects.filter(sku=SKU).count() <= 2


def _reckon(act: str, many: int, there: int) -> int | None:
    """The change at the place; None: there are not as many."""
    match act:
        case "receive" | "restore":
            return many
        case "count":
            return many - there
        case "ship anyway":
            return -many
        case _:
            return -many if there >= many else None


def _do(act: str, there: StockLocation, other: StockLocation, many: int, reference: str) -> object:
    match act:
        case "receive":
            return receive(there, SKU, many, reference)
        case "restore":
            return move(there, SKU, many, Reason.RESTORED, reference)
        case "count":
            return count(there, SKU, many, reference)
        case "ship anyway":
            return move(there, SKU, -many, Reason.SHIPPED, reference, may_go_negative=True)
        case "ship":
            return move(there, SKU, -many, Reason.SHIPPED, reference)
        case "transfer":
            return transfer(there, other, SKU, many, reference)
        case _:
            return adjust(there, SKU, many, Reason.BROKEN, reference)
