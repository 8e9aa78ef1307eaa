"""Late is late by the winery's own promises, holidays and requested ship dates."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from crushsync.lib.queue import drain
from fulfillment.models import Closing, Problem, ReportStatus, SyncStatus
from fulfillment.pipeline import lanes
from fulfillment.problems.clock import first_day_in_time, holidays_of, look
from orders.models import Order
from tests.factories import FulfillmentFactory, FulfillmentOrderFactory, OrderFactory, WineryFactory

NOON = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)  # a Wednesday, noon in California
THANKSGIVING = date(2026, 11, 26)


def late() -> list[tuple[str, str | None]]:
    rows = Problem.objects.filter(closed_at__isnull=True).order_by("code", "order__name")
    return [(row.code, row.order.name if row.order else None) for row in rows]


@pytest.mark.parametrize(
    ("today", "within", "first"),
    [
        (date(2026, 11, 18), 0, date(2026, 11, 18)),  # due the same day
        (date(2026, 11, 18), 1, date(2026, 11, 17)),  # sent on the 17th: the 18th is in time still
        (date(2026, 11, 16), 1, date(2026, 11, 13)),  # a Monday: Friday's order has today
        (date(2026, 11, 30), 3, date(2026, 11, 24)),  # Thanksgiving is no business day, the weekend is none
        (date(2026, 11, 30), 2, date(2026, 11, 25)),
    ],
)
def test_business_days(today: date, within: int, first: date) -> None:
    winery = WineryFactory.build()
    assert first_day_in_time(today, within, holidays_of(winery)) == first


def test_holidays_of_the_state() -> None:
    chavez = date(2026, 3, 31)
    assert THANKSGIVING in holidays_of(WineryFactory.build())
    assert chavez not in holidays_of(WineryFactory.build())
    assert chavez in holidays_of(WineryFactory.build(holiday_state="CA"))
    assert THANKSGIVING in holidays_of(WineryFactory.build(holiday_state="XX"))


@pytest.mark.django_db
def test_sent_late_and_mended() -> None:
    work = FulfillmentOrderFactory.create(order__name="#1", awaited_since=NOON - timedelta(minutes=6))
    winery = work.order.winery
    fresh = OrderFactory.create(store=work.order.store, name="#2")
    FulfillmentOrderFactory.create(order=fresh, awaited_since=NOON - timedelta(minutes=4))
    FulfillmentOrderFactory.create(order__name="#3")  # waits for a payment, say
    look(winery, NOON)
    look(winery, NOON + timedelta(seconds=30))
    assert late() == [("late_sending", "#1")]
    work.move(SyncStatus.SENT)
    work.awaited_since = NOON
    work.save()
    look(winery, NOON + timedelta(seconds=59))
    assert late() == []
    assert [row.closed_how for row in Problem.objects.all()] == [Closing.MENDED]


@pytest.mark.django_db
def test_shipped_late_unless_a_later_day_was_asked_for() -> None:
    first = FulfillmentOrderFactory.create(
        order__name="#1", status=SyncStatus.SENT, awaited_since=NOON - timedelta(days=10)
    )
    store, winery = first.order.store, first.order.winery
    for name, ship_date, sent in [
        ("#2", date(2026, 11, 17), timedelta(days=10)),  # asked for a later day
        ("#3", date(2026, 11, 1), timedelta(days=1)),  # an early day asked for, and sent yesterday
        ("#4", date(2026, 11, 10), timedelta(days=10)),  # the day asked for is long over as well
    ]:
        order = OrderFactory.create(store=store, name=name, requested_ship_date=ship_date)
        FulfillmentOrderFactory.create(order=order, status=SyncStatus.SENT, awaited_since=NOON - sent)
    look(winery, NOON)
    assert late() == [("late_shipping", "#1"), ("late_shipping", "#4")]
    Order.objects.filter(name="#4").update(chosen_ship_date=date(2026, 11, 17))  # by staff
    look(winery, NOON)
    assert late() == [("late_shipping", "#1")]
    winery.ship_within = 20
    look(winery, NOON)
    assert late() == []


@pytest.mark.django_db
def test_told_late() -> None:
    made = FulfillmentFactory.create(
        report_status=ReportStatus.WAITING, news_since=NOON - timedelta(minutes=61)
    )
    look(made.order.winery, NOON)
    assert late() == [("late_reporting", made.order.name)]
    made.news_since = None
    made.save()
    look(made.order.winery, NOON)
    assert late() == []


@pytest.mark.django_db
def test_another_winery_is_not_looked_at() -> None:
    FulfillmentOrderFactory.create(awaited_since=NOON - timedelta(hours=1))
    look(WineryFactory.create(), NOON)
    assert late() == []


@pytest.mark.django_db
def test_a_look_costs_the_same_however_many_wait(django_assert_max_num_queries: object) -> None:
    work = FulfillmentOrderFactory.create(awaited_since=NOON)
    for _ in range(5):
        order = OrderFactory.create(store=work.order.store)
        FulfillmentOrderFactory.create(order=order, awaited_since=NOON - timedelta(hours=1))
    with django_assert_max_num_queries(13):  # type: ignore[operator]
        look(work.order.winery, NOON)
    assert len(late()) == 5


@pytest.mark.django_db(transaction=True)
def test_the_queue_looks_and_looks_again() -> None:
    work = FulfillmentOrderFactory.create(awaited_since=timezone.now() - timedelta(minutes=6))
    winery = work.order.winery
    assert drain(lanes(), seconds=5, until_idle=True) is not None
    assert late() == [("late_sending", work.order.name)]
    winery.refresh_from_db()
    assert winery.open_claims == 0
    assert winery.due_at is not None
    assert timezone.now() < winery.due_at <= timezone.now() + timedelta(minutes=1)


@pytest.mark.django_db
def test_when_waiting_begins() -> None:
    with time_machine.travel(NOON, tick=False):
        work = FulfillmentOrderFactory.create(status=SyncStatus.WAITING, awaited_since=NOON)
        work.move(SyncStatus.UNKNOWN)
        assert work.awaited_since == NOON
        work.move(SyncStatus.FAILED)
        assert work.awaited_since is None
