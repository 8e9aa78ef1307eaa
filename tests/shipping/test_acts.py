"""A fulfillment is made, corrected, moved on and canceled: pieces, bottles and news each time."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from fulfillment import stock
from fulfillment.models import (
    Fulfillment,
    FulfillmentOrder,
    FulfillmentStatus,
    ReportStatus,
    StockLevel,
    StockMovement,
    SyncStatus,
)
from fulfillment.shipping import (
    Parcel,
    Refused,
    cancel_fulfillment,
    correct_tracking,
    create_fulfillment,
    move_on,
    remaining,
)
from fulfillment.stock.vinoshipper import book_shipments
from orders.models import OrderEvent, OrderLine
from tests.factories import (
    FulfillmentFactory,
    ListingFactory,
    OrderLineFactory,
    StockLocationFactory,
    SyncAttemptFactory,
    VinoshipperAccountFactory,
)
from tests.shipping.conftest import PINOT, ROSE, Cellar

UPS = "1Z999AA10123456784"


def ship(cellar: Cellar, pinot: int = 0, rose: int = 0, **more: object) -> Fulfillment:
    items = {cellar.pinot.pk: pinot, cellar.rose.pk: rose}
    given = {"location": cellar.place, "actor": "elena", **more}
    return create_fulfillment(cellar.order.pk, items, **given)  # type: ignore[arg-type]


def untouched(cellar: Cellar) -> bool:
    """Whether no fulfillment, no movement and no count came of it."""
    return (
        not Fulfillment.objects.exists()
        and set(StockMovement.objects.values_list("reason", flat=True)) == {"received"}
        and cellar.counted() == {PINOT: 0, ROSE: 0}
        and not OrderEvent.objects.filter(code="fulfilled").exists()
    )


def test_making_one_counts_books_and_makes_the_report_due(cellar: Cellar) -> None:
    parcel = Parcel("", (f" {UPS[:8]} {UPS[8:]} ", UPS), package_count=2, ship_date=date(2026, 11, 23))
    made = ship(cellar, pinot=3, rose=1, parcel=parcel)

    made.refresh_from_db()
    assert (made.status, made.carrier, made.package_count) == ("pending", "UPS", 2)
    assert made.tracking_numbers == [f"{UPS[:8]} {UPS[8:]}", UPS]
    assert {line.order_line_id: line.quantity for line in made.lines.all()} == {
        cellar.pinot.pk: 3,
        cellar.rose.pk: 1,
    }
    assert (made.report_status, made.due_at is not None) == (ReportStatus.WAITING, True)
    assert (cellar.on_hand(PINOT), cellar.on_hand(ROSE)) == (7, 9)
    assert remaining(cellar.order) == {cellar.pinot.pk: 1, cellar.rose.pk: 1}
    [event] = OrderEvent.objects.filter(code="fulfilled")
    assert (event.actor, event.sentence) == ("elena", "To be shipped from Cellar: 3 × Pinot Noir, 1 × Rosé.")


def test_what_is_shipped_here_does_not_go_to_vinoshipper(cellar: Cellar) -> None:
    ship(cellar, pinot=3)
    assert dict(cellar.work.lines.values_list("order_line__sku", "quantity")) == {PINOT: 1, ROSE: 2}
    ship(cellar, pinot=1, rose=2)
    cellar.work.refresh_from_db()
    assert (cellar.work.status, cellar.work.reason_code) == (SyncStatus.NOT_REQUIRED, "shipped_here")
    assert not cellar.work.lines.exists()


def test_the_same_act_again_is_the_same_fulfillment(cellar: Cellar) -> None:
    first = ship(cellar, pinot=2, key="form-1")
    assert ship(cellar, pinot=2, key="form-1") == first
    assert (Fulfillment.objects.count(), cellar.on_hand()) == (1, 8)
    assert ship(cellar, pinot=2, key="form-2") != first
    assert cellar.on_hand() == 6


@pytest.mark.parametrize(
    ("pinot", "rose", "sentence"),
    [
        (5, 0, "4 of Pinot Noir are left to ship here, not 5."),
        (-1, 0, "4 of Pinot Noir are left to ship here, not -1."),
        (4, 3, "2 of Rosé are left to ship here, not 3."),
        (0, 0, "Choose at least one piece."),
    ],
)
def test_a_number_that_cannot_be_does_nothing(cellar: Cellar, pinot: int, rose: int, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        ship(cellar, pinot, rose)
    assert untouched(cellar)


def test_nothing_is_left_of_an_order_that_is_shipped(cellar: Cellar) -> None:
    ship(cellar, 4, 2)
    for nothing in ({}, remaining(cellar.order), {cellar.pinot.pk: 1}):
        with pytest.raises(Refused, match=f"Nothing of {cellar.order} is left to ship here."):
            create_fulfillment(cellar.order.pk, nothing, location=cellar.place, actor="ana")
    assert Fulfillment.objects.count() == 1


def test_what_vinoshipper_has_cannot_be_shipped_here(cellar: Cellar) -> None:
    cellar.work.lines.filter(order_line=cellar.pinot).update(quantity=3)
    cellar.work.status = SyncStatus.SENT
    cellar.work.save()
    assert remaining(cellar.order) == {cellar.pinot.pk: 1, cellar.rose.pk: 0}
    with pytest.raises(Refused, match="1 of Pinot Noir are left"):
        ship(cellar, pinot=2)
    assert untouched(cellar)
    ship(cellar, pinot=1)
    assert remaining(cellar.order) == {cellar.pinot.pk: 0, cellar.rose.pk: 0}


def test_the_database_itself_refuses_the_piece_too_many(cellar: Cellar) -> None:
    ship(cellar, pinot=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(pk=cellar.pinot.pk).update(shipped_here=F("shipped_here") + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.filter(pk=cellar.rose.pk).update(shipped_here=F("shipped_here") - 1)


def test_bottles_that_are_not_there_are_not_shipped_unless_somebody_says_so(cellar: Cellar) -> None:
    stock.count(cellar.place, PINOT, 1, "count:1", actor="elena")
    with pytest.raises(stock.NotEnoughStock):
        ship(cellar, pinot=3)
    assert not Fulfillment.objects.exists()
    made = ship(cellar, pinot=3, may_go_negative=True)
    assert cellar.on_hand() == -2
    cancel_fulfillment(made.pk, actor="elena")
    assert cellar.on_hand() == 1


def test_places_it_cannot_come_from(cellar: Cellar) -> None:
    winery = cellar.order.winery
    theirs = StockLocationFactory.create(
        winery=winery, vinoshipper_account=VinoshipperAccountFactory.create(winery=winery)
    )
    closed = StockLocationFactory.create(winery=winery, is_active=False)
    for place in (None, theirs, closed, StockLocationFactory.create()):
        with pytest.raises(Refused):
            ship(cellar, pinot=1, location=place)
    assert untouched(cellar)


@pytest.mark.parametrize(
    "parcel",
    [
        Parcel(tracking_url="javascript:alert(1)"),
        Parcel(tracking_numbers=["x" * 101]),
        Parcel(tracking_numbers=[str(n) for n in range(26)]),
        Parcel(carrier="x" * 61),
        Parcel(package_count=0),
    ],
)
def test_a_parcel_that_no_store_could_show_is_refused(cellar: Cellar, parcel: Parcel) -> None:
    with pytest.raises(Refused):
        ship(cellar, pinot=1, parcel=parcel)
    assert untouched(cellar)


def test_only_goods_of_an_order_that_stands_are_shipped(cellar: Cellar) -> None:
    fee = OrderLineFactory.create(order=cellar.order, kind="fee", sku=ROSE)
    with pytest.raises(Refused):
        create_fulfillment(cellar.order.pk, {fee.pk: 1}, location=cellar.place, actor="elena")
    with pytest.raises(Refused):
        create_fulfillment(
            cellar.order.pk, {OrderLineFactory.create().pk: 1}, location=cellar.place, actor="elena"
        )
    cellar.order.cancelled_at = cellar.order.placed_at
    cellar.order.save()
    with pytest.raises(Refused, match="canceled"):
        ship(cellar, pinot=1)
    assert untouched(cellar)


def test_canceling_gives_back_once_and_waits_for_a_person(cellar: Cellar) -> None:
    made = ship(cellar, pinot=4, rose=2)
    cancel_fulfillment(made.pk, actor="elena")
    cancel_fulfillment(made.pk, actor="elena")

    made.refresh_from_db()
    assert (made.status, made.due_at, made.canceled_at is not None) == ("canceled", None, True)
    assert (made.report_status, made.news_since) == (ReportStatus.NOT_YET, None)  # nothing waits to be told
    assert (cellar.on_hand(PINOT), cellar.on_hand(ROSE)) == (10, 10)
    assert cellar.counted() == {PINOT: 0, ROSE: 0}
    assert remaining(cellar.order) == {cellar.pinot.pk: 4, cellar.rose.pk: 2}
    cellar.work.refresh_from_db()
    assert (cellar.work.is_held, cellar.work.status) == (True, SyncStatus.WAITING)
    assert OrderEvent.objects.filter(code="canceled").count() == 1


def test_a_canceled_one_that_the_store_may_show_is_told(cellar: Cellar) -> None:
    made = ship(cellar, pinot=1)
    Fulfillment.objects.filter(pk=made.pk).update(due_at=None, report_status=ReportStatus.REPORTED)
    SyncAttemptFactory.create(
        order=cellar.order, fulfillment_order=None, fulfillment=made, kind="report", outcome="unknown"
    )
    cancel_fulfillment(made.pk, actor="elena")
    made.refresh_from_db()
    assert (made.report_status, made.due_at is not None) == (ReportStatus.WAITING, True)


def test_a_correction_replaces_the_number_and_history_keeps_the_old_one(cellar: Cellar) -> None:
    made = ship(cellar, pinot=1, parcel=Parcel("UPS", ("1Z1",)))
    Fulfillment.objects.filter(pk=made.pk).update(due_at=None)
    for _ in range(2):
        correct_tracking(made.pk, Parcel("FedEx", ("123456789012",)), actor="elena")
    made.refresh_from_db()
    assert (made.carrier, made.tracking_numbers, made.replaced_numbers) == (
        "FEDEX",
        ["123456789012"],
        ["1Z1"],
    )
    assert made.due_at is not None
    [event] = OrderEvent.objects.filter(code="tracking_corrected")
    assert event.sentence == "Tracking corrected: UPS 1Z1 → FedEx 123456789012."


def test_another_number_of_packages_is_kept_and_no_news_for_the_store(cellar: Cellar) -> None:
    made = ship(cellar, pinot=1, parcel=Parcel("UPS", ("1Z1",)))
    Fulfillment.objects.filter(pk=made.pk).update(due_at=None)
    correct_tracking(made.pk, Parcel("UPS", ("1Z1",), package_count=3), actor="elena")
    made.refresh_from_db()
    assert (made.package_count, made.due_at) == (3, None)
    assert not OrderEvent.objects.filter(code="tracking_corrected").exists()


def test_bottles_are_back_under_the_name_they_left_by(cellar: Cellar) -> None:
    """Between the two somebody said that Vinoshipper calls the product otherwise."""
    made = ship(cellar, pinot=3)
    ListingFactory.create(store=cellar.order.store, sku=PINOT, destination_sku="ESTATE-PN")
    cancel_fulfillment(made.pk, actor="elena")
    assert cellar.on_hand() == 10
    assert not StockLevel.objects.filter(sku="ESTATE-PN").exists()


def test_what_vinoshipper_ships_is_booked_once_whatever_it_is_called_meanwhile(cellar: Cellar) -> None:
    account = VinoshipperAccountFactory.create(winery=cellar.order.winery)
    theirs = StockLocationFactory.create(winery=account.winery, name="Theirs", vinoshipper_account=account)
    FulfillmentOrder.objects.filter(pk=cellar.work.pk).update(account=account)
    made = FulfillmentFactory.create(fulfillment_order=FulfillmentOrder.objects.get(pk=cellar.work.pk))

    assert [(moved.sku, moved.delta) for moved in book_shipments([cellar.order.pk])] == [
        (PINOT, -4),
        (ROSE, -2),
    ]
    ListingFactory.create(store=cellar.order.store, sku=PINOT, destination_sku="ESTATE-PN")
    assert book_shipments([cellar.order.pk]) == []
    assert cellar.on_hand(place=theirs) == -4

    Fulfillment.objects.filter(pk=made.pk).update(status=FulfillmentStatus.CANCELED)
    for _ in range(2):
        book_shipments([cellar.order.pk])
    assert set(StockLevel.objects.filter(location=theirs).values_list("sku", "on_hand")) == {
        (PINOT, 0),
        (ROSE, 0),
    }


def test_a_status_only_moves_forward(cellar: Cellar) -> None:
    made = ship(cellar, pinot=1)
    move_on(made.pk, FulfillmentStatus.DELIVERED, actor="elena")
    made.refresh_from_db()
    assert (made.status, made.shipped_at is not None, made.delivered_at is not None) == (
        "delivered",
        True,
        True,
    )
    for status in (FulfillmentStatus.SHIPPED, FulfillmentStatus.CANCELED):
        with pytest.raises(Refused):
            move_on(made.pk, status, actor="elena")
    with pytest.raises(Refused, match="delivered"):
        cancel_fulfillment(made.pk, actor="elena")
    assert cellar.on_hand() == 9


def test_vinoshippers_own_shipment_is_not_ours_to_change(cellar: Cellar) -> None:
    made = FulfillmentFactory.create(fulfillment_order=cellar.work)
    with pytest.raises(Refused, match="Vinoshipper"):
        cancel_fulfillment(made.pk, actor="elena")
    with pytest.raises(Refused, match="Vinoshipper"):
        correct_tracking(made.pk, Parcel("UPS", ("1",)), actor="elena")
    with pytest.raises(Refused, match="Vinoshipper"):
        move_on(made.pk, FulfillmentStatus.DELIVERED, actor="elena")
    made.refresh_from_db()
    assert (made.status, made.tracking_numbers) == ("shipped", [UPS])
