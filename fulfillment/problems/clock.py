"""What is late, and which connections refuse us: each winery is looked at once a minute, and when one pauses.

Late is counted from a moment kept on the row (`awaited_since`, `news_since`; both indexed as far as they are
set), so that a look costs what is late, not what there is, and another promise counts at once.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from holidays import HolidayBase, country_holidays, list_supported_countries

from compliance.problems import CODES_OF_CONNECTIONS, NOT_READ, Family, connection_code, entry
from crushsync.accounts.models import Connection, VinoshipperAccount, Winery
from crushsync.lib.queue import SETTLED_FIELDS, Done, Job, clock, save_many, still_ours, wait
from fulfillment.models import Fulfillment, FulfillmentOrder, FulfillmentStatus, Problem, SyncStatus
from fulfillment.problems.noting import Cause, close_all, note_of_winery
from orders.models import HintState, InboundHint, Store

EVERY = timedelta(minutes=1)
MOST = 500  # opened at a look; after a long standstill the next looks go on


class ClockLane:
    """Looks at each winery when it is due. Calls nobody."""

    model = Winery
    calls = 0

    def prepare(self, rows: Sequence[Winery]) -> list[Job]:
        for winery in rows:
            with transaction.atomic():
                if still_ours([winery]):
                    now = clock()
                    if look(winery, now):
                        winery.park(now + wait(EVERY))
                    else:
                        winery.settle(now + wait(EVERY))
                    save_many([winery], SETTLED_FIELDS)
        return []

    def settle(self, done: Sequence[Done]) -> None:
        """Nothing is called, so nothing comes back."""


def look(winery: Winery, now: datetime) -> bool:
    """Open and close what the clock is for; whether a connection is paused. Call inside a transaction."""
    _note_late(winery, "late_sending", not_sent(winery, now), "pk", now)
    _note_late(winery, "late_shipping", not_shipped(winery, now), "pk", now)
    _note_late(winery, "late_reporting", not_told(winery, now), "fulfillment_order", now)
    _close_read(winery, now)
    paused = [*_paused(Store, winery), *_paused(VinoshipperAccount, winery)]
    note_of_winery(winery.pk, CODES_OF_CONNECTIONS, [_cause(account) for account in paused], now)
    return bool(paused)


def not_sent(winery: Winery, now: datetime) -> QuerySet[FulfillmentOrder]:
    """What may go and has not gone for longer than the winery wants."""
    return FulfillmentOrder.objects.filter(
        order__winery=winery,
        status__in=(SyncStatus.WAITING, SyncStatus.UNKNOWN),
        awaited_since__lt=now - timedelta(minutes=winery.send_within),
    )


def not_shipped(winery: Winery, now: datetime) -> QuerySet[FulfillmentOrder]:
    """What Vinoshipper has, and has not shipped within the winery's business days."""
    zone = ZoneInfo(winery.time_zone)
    in_time = first_day_in_time(now.astimezone(zone).date(), winery.ship_within, holidays_of(winery))
    works = FulfillmentOrder.objects.annotate(
        ship_date=Coalesce("order__chosen_ship_date", "order__requested_ship_date")
    )
    return works.filter(
        Q(ship_date__isnull=True) | Q(ship_date__lt=in_time),
        order__winery=winery,
        status=SyncStatus.SENT,
        awaited_since__lt=datetime.combine(in_time, time(), zone),
    )


def not_told(winery: Winery, now: datetime) -> QuerySet[Fulfillment]:
    """Shipments of which the store has lacked news for longer than the winery wants."""
    return Fulfillment.objects.filter(
        order__winery=winery, news_since__lt=now - timedelta(minutes=winery.report_within)
    ).exclude(status=FulfillmentStatus.CANCELED)


def first_day_in_time(today: date, within: int, off: HolidayBase) -> date:
    """What began before this day is late today, if it has so many business days to be done by.

    The days count from the one after it began, weekends and holidays left out; the last one is in time still.
    """
    day = today
    for _ in range(within):
        day -= timedelta(days=1)
        while day.weekday() >= 5 or day in off:
            day -= timedelta(days=1)
    return day


def holidays_of(winery: Winery) -> HolidayBase:
    """The days on which nothing ships: federal holidays, and those of the winery's state if it names one."""
    known = list_supported_countries()["US"]
    return country_holidays("US", winery.holiday_state if winery.holiday_state in known else None)


def _note_late(winery: Winery, code: str, late: QuerySet[Any], work: str, now: datetime) -> None:
    """`late` are rows of an order; `work` names what leads from such a row to its fulfillment order."""
    known = Problem.objects.filter(winery=winery, code=code, closed_at__isnull=True)
    close_all(known.exclude(Exists(late.filter(order=OuterRef("order")))), now)
    fresh = late.exclude(Exists(known.filter(order=OuterRef("order")))).order_by("pk")
    Problem.objects.bulk_create(
        [
            Problem(
                winery=winery,
                order_id=order_id,
                fulfillment_order_id=work_id,
                code=code,
                family=Family.LATE,
                sentence=entry(code).say(),
                opened_at=now,
            )
            for order_id, work_id in fresh.values_list("order", work)[:MOST]
        ],
        ignore_conflicts=True,
    )


def _close_read(winery: Winery, now: datetime) -> None:
    """An order that could not be read, and was read since, is no problem any more."""
    since = InboundHint.objects.filter(
        winery=winery,
        state=HintState.DONE,
        order_number=OuterRef("subject"),
        received_at__gte=OuterRef("opened_at"),
    )
    close_all(Problem.objects.filter(Exists(since), winery=winery, code=NOT_READ), now)


def _paused(model: type[Connection], winery: Winery) -> list[Connection]:
    found = model._default_manager.filter(winery=winery, is_active=True, paused_since__isnull=False)
    return list(found.only("name", "winery", "pause_code", "pause_sentence").order_by("pk"))


def _cause(account: Connection) -> Cause:
    code = connection_code(account.pause_code)
    return Cause(account.winery_id, code, account.name, entry(code).say(account.name), account.pause_sentence)
