"""A file of stock: looked at first, each line's fault said, each line booked once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from crushsync.lib.queue import CRASH_LIMIT, clock, drain
from fulfillment.models import (
    ImportKind,
    RowState,
    StockImport,
    StockImportLine,
    StockLocation,
    StockMovement,
)
from fulfillment.stock import receive
from fulfillment.stock.importing import ImportLane, read_file, start, stop
from tests.stock.conftest import on_hand

# Several commits in a row: the lane's transactions are its own.
pytestmark = pytest.mark.django_db(transaction=True)


def read(place: StockLocation, text: str | bytes, kind: ImportKind = ImportKind.COUNT) -> StockImport:
    content = text.encode() if isinstance(text, str) else text
    return read_file(place.winery, kind, "stock.csv", content, location=place, actor="ana")


def results(made: StockImport) -> list[tuple[int, str, str]]:
    return [(line.number, line.state, line.sentence) for line in made.lines.all()]


def book(made: StockImport) -> None:
    start(made)
    drain([ImportLane()], seconds=5, until_idle=True)


def test_nothing_is_booked_before_it_is_started(cellar: StockLocation) -> None:
    made = read(cellar, "sku,quantity\nPINOT,12\n")
    drain([ImportLane()], seconds=5, until_idle=True)
    assert results(made) == [(2, "waiting", "")]
    assert not StockMovement.objects.exists()


def test_counts_become_levels(cellar: StockLocation, tasting_room: StockLocation) -> None:
    receive(cellar, "PINOT", 10, "start")
    made = read(cellar, "SKU;Qty;Location;Note\nPINOT;1,200;;shelf 3\nROSE;0;tasting ROOM;\n\nZIN;7.0;;\n")
    book(made)
    assert results(made) == [
        (2, "done", "+1190, now 1200."),
        (3, "done", "+0, now 0."),
        (5, "done", "+7, now 7."),
    ]
    assert (on_hand(cellar, "PINOT"), on_hand(tasting_room, "ROSE"), on_hand(cellar, "ZIN")) == (1200, 0, 7)
    movement = StockMovement.objects.get(reference=f"import:{made.pk}:2")
    assert (movement.reason, movement.actor, movement.note) == ("counted", "ana", "shelf 3")


def test_deliveries_are_added(cellar: StockLocation) -> None:
    receive(cellar, "PINOT", 10, "start")
    book(read(cellar, "item,count\nPINOT,5\nPINOT,2\n", ImportKind.RECEIVE))
    assert on_hand(cellar, "PINOT") == 17


def test_a_bad_line_is_named_and_the_others_are_booked(cellar: StockLocation) -> None:
    text = "sku,quantity,location\n,5,\nPINOT,five,\nPINOT,-1,\nPINOT,5,Attic\nROSE,5,\nROSE,6,\nZIN,1.5,\n"
    made = read(cellar, text)
    book(made)
    number = "The quantity has to be a whole number, 0 or more."
    assert results(made) == [
        (2, "refused", "The SKU is missing or too long."),
        (3, "refused", number),
        (4, "refused", number),
        (5, "refused", "There is no location “Attic”."),
        (6, "done", "+5, now 5."),
        (7, "refused", "Line 6 counts the same SKU there."),
        (8, "refused", number),
    ]
    assert StockMovement.objects.count() == 1


def test_without_a_place_a_line_waits_for_nobody(cellar: StockLocation) -> None:
    made = read_file(cellar.winery, ImportKind.COUNT, "a.csv", b"sku,qty\nA,1\n", location=None, actor="ana")
    assert results(made) == [(2, "refused", "No location is named.")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "has to name the columns sku and quantity"),
        (b"sku,quantity\n", "no lines below"),
        (b"wine,bottles\nPINOT,3\n", "has to name the columns sku and quantity"),
        (b"sku,quantity\n" + b"A,1\n" * 20_001, "more than 20000 lines"),
        (b"x" * 5_000_001, "larger than 5 MB"),
        (b'sku,quantity\n"' + b"a" * 200_000 + b'",1\n', "cannot be read as CSV"),
    ],
    ids=["nothing", "header only", "other columns", "too many", "too large", "too wide"],
)
def test_what_is_no_such_file_is_refused_whole(cellar: StockLocation, content: bytes, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        read(cellar, content)
    assert not StockImport.objects.exists()


def test_a_file_of_windows_is_read(cellar: StockLocation) -> None:
    made = read(cellar, "sku\tquantity\tnote\r\nROSÉ\t3\tcôté cave\r\n".encode("cp1252"))
    [line] = made.lines.all()
    assert (line.sku, line.quantity, line.note) == ("ROSÉ", 3, "côté cave")


def test_a_line_is_booked_once_whatever_happens(cellar: StockLocation) -> None:
    made = read(cellar, "sku,quantity\nPINOT,5\n", ImportKind.RECEIVE)
    book(made)
    assert start(made) == 0
    # Booking and result are one transaction; even if the result were lost, booked is booked.
    StockImportLine.objects.update(state=RowState.WAITING, due_at=clock() - timedelta(seconds=1))
    drain([ImportLane()], seconds=5, until_idle=True)
    assert results(made) == [(2, "done", "It was booked already.")]
    assert on_hand(cellar, "PINOT") == 5


def test_what_is_stopped_is_left_alone(cellar: StockLocation) -> None:
    made = read(cellar, "sku,quantity\nPINOT,5\n")
    assert stop(made) == 1
    made.refresh_from_db()
    book(made)
    assert results(made) == [(2, "cancelled", "Stopped before it was booked.")]
    assert on_hand(cellar, "PINOT") is None


def test_a_line_that_kills_its_worker_is_given_up(cellar: StockLocation) -> None:
    made = read(cellar, "sku,quantity\nPINOT,5\n")
    StockImportLine.objects.update(open_claims=CRASH_LIMIT)
    book(made)
    assert results(made) == [(2, "failed", "Booking this stopped the worker three times.")]
    assert on_hand(cellar, "PINOT") is None
