"""A product that runs out is one open problem of the winery's, as long as it is so."""

import pytest
from django.core.exceptions import ValidationError

from fulfillment.models import Closing, MovementReason, Problem, StockLevel, StockLocation
from fulfillment.stock import count, count_soon, move, receive, warn_at
from tests.factories import StockLocationFactory, VinoshipperAccountFactory
from tests.stock.conftest import count_promises

SKU = "PINOT-22"


def low() -> list[str]:
    """What runs out, once the promises of those places were counted."""
    count_soon(set(StockLocation.objects.values_list("winery", flat=True)))
    count_promises()
    return list(Problem.objects.filter(code="low_stock", closed_at=None).values_list("subject", flat=True))


@pytest.fixture
def watched(cellar: StockLocation) -> StockLocation:
    receive(cellar, SKU, 24, "start")
    warn_at(cellar, SKU, 6)
    return cellar


def test_a_notice_opens_at_the_threshold_and_closes_above_it(watched: StockLocation) -> None:
    move(watched, SKU, -17, MovementReason.SHIPPED, "fulfillment:1")
    assert low() == []
    move(watched, SKU, -1, MovementReason.SHIPPED, "fulfillment:2")
    assert low() == ["PINOT-22@Cellar"]
    [problem] = Problem.objects.all()
    assert (problem.subject, problem.order, problem.winery) == ("PINOT-22@Cellar", None, watched.winery)
    assert problem.sentence == "PINOT-22@Cellar is running out."
    move(watched, SKU, -1, MovementReason.SHIPPED, "fulfillment:3")
    assert len(low()) == 1
    receive(watched, SKU, 2, "delivery:1")
    assert low() == []
    problem.refresh_from_db()
    assert problem.closed_how == Closing.MENDED


def test_each_place_and_product_has_its_own(watched: StockLocation, tasting_room: StockLocation) -> None:
    receive(tasting_room, SKU, 2, "start")
    warn_at(tasting_room, SKU, 2)
    count(watched, SKU, 0, "count:1")
    assert sorted(low()) == ["PINOT-22@Cellar", "PINOT-22@Tasting room"]
    receive(tasting_room, SKU, 9, "delivery:1")
    assert low() == ["PINOT-22@Cellar"]


def test_what_is_reserved_is_not_available(cellar: StockLocation) -> None:
    """At Vinoshipper's place, whose feed says what is reserved: the movement itself tells."""
    account = VinoshipperAccountFactory.create(winery=cellar.winery)
    theirs = StockLocationFactory.create(winery=cellar.winery, name="Theirs", vinoshipper_account=account)
    receive(theirs, SKU, 24, "start")
    warn_at(theirs, SKU, 6)
    StockLevel.objects.update(reserved=18)
    assert not Problem.objects.exists()
    count(theirs, SKU, 24, "count:1")
    assert Problem.objects.get(closed_at=None).subject == "PINOT-22@Theirs"


def test_the_threshold_counts_at_once_and_can_go(watched: StockLocation) -> None:
    warn_at(watched, SKU, 24)
    assert low() == ["PINOT-22@Cellar"]
    warn_at(watched, SKU, None)
    assert low() == []
    count(watched, SKU, 0, "count:1")
    assert low() == []
    with pytest.raises(ValidationError, match="below zero"):
        warn_at(watched, SKU, -1)
