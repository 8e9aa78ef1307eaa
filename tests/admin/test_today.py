"""The first page of the day: four numbers, what to mend first, the days, the lights, the first steps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.problems import Family, entry
from crushsync.accounts.models import Winery
from crushsync.lib.models import DrainSlot
from fulfillment.models import Closing, FulfillmentOrder, FulfillmentStatus, Problem, SyncStatus
from notifications.models import Endpoint, Off
from notifications.webhooks import endpoints
from orders.models import Order
from tests.factories import (
    CatalogProductFactory,
    EndpointFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    StoreFactory,
    VinoshipperAccountFactory,
)

pytestmark = pytest.mark.django_db


def problem(work: FulfillmentOrder, code: str = "unknown_sku", subject: str = "", **fields: Any) -> Problem:
    family = fields.pop("family", Family.NEVER_REACHED)
    return Problem.objects.create(
        winery=work.order.winery, order=work.order, code=code, subject=subject, family=family, **fields
    )


def numbers(client: Client) -> dict[str, str]:
    return {number.label: number.count for number in client.get("/admin/").context["numbers"]}


def test_four_numbers(viewer: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    now = timezone.now()
    FulfillmentOrderFactory.create(order__store=store, status=SyncStatus.FAILED, attention_code="unknown_sku")
    waiting = FulfillmentOrderFactory.create_batch(2, order__store=store)
    FulfillmentOrderFactory.create(order__store=store, status=SyncStatus.SENT, due_at=now)
    moving = FulfillmentOrderFactory.create(order__store=store, status=SyncStatus.SENT, due_at=now)
    FulfillmentFactory.create(fulfillment_order=moving)
    problem(waiting[0], "late_sending", family=Family.LATE)
    FulfillmentOrderFactory.create(attention_code="unknown_sku")
    assert numbers(viewer) == {"need attention": "1", "waiting to send": "2", "to ship": "1", "late": "1"}


def test_every_number_leads_to_its_list(viewer: Client) -> None:
    for number in viewer.get("/admin/").context["numbers"]:
        assert viewer.get(number.url).status_code == 200, number.url


def test_problems_with_one_cause_are_one_line(viewer: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    works = FulfillmentOrderFactory.create_batch(6, order__store=store)
    for work in works[:3]:
        problem(work, subject="PN & 22")
    problem(works[3], subject="ZIN-20")
    problem(works[4], "age_failed", snoozed_until=timezone.now() + timedelta(hours=1))
    problem(works[5], "age_failed", closed_at=timezone.now())
    problem(FulfillmentOrderFactory.create(), "age_failed")
    many, one = viewer.get("/admin/").context["causes"]
    assert (many.count, one.count) == (3, 1)
    assert "PN & 22" in many.sentence
    page = viewer.get(many.url)
    assert sorted(item["row"].order_id for item in page.context["rows"]) == [w.order_id for w in works[:3]]
    assert "problem=unknown_sku~PN & 22" in unquote(page.content.decode())
    assert one.url == f"/admin/fulfillment/problem/cause/{winery.pk}/unknown_sku/?about=ZIN-20"
    assert viewer.get(one.url).status_code == 200


@pytest.mark.parametrize(("count", "is_told"), [(8, False), (9, True)])
def test_more_causes_than_are_shown(viewer: Client, winery: Winery, count: int, is_told: bool) -> None:
    for number, work in enumerate(
        FulfillmentOrderFactory.create_batch(count, order__store=StoreFactory.create(winery=winery))
    ):
        problem(work, subject=f"PN-{number}")
    page = viewer.get("/admin/")
    assert len(page.context["causes"]) == 8
    assert ("There are more: all problems" in page.text) is is_told


def test_an_endpoint_that_nobody_answers_at_is_there_until_it_is_mended(
    owner: Client, winery: Winery
) -> None:
    endpoint = EndpointFactory.create(winery=winery, name="Ware & house", url="https://warehouse.example/")
    EndpointFactory.create(winery=winery, name="Other")
    with transaction.atomic():
        endpoints.turn_off(endpoint, Off.FAILING)
    (cause,) = owner.get("/admin/").context["causes"]
    assert cause.sentence == "The webhook endpoint Ware & house was switched off."
    assert cause.step == str(entry("endpoint_off").steps[0])
    page = owner.get(cause.url)
    assert page.context["rows"][0]["row"].sentence.endswith("No delivery has come through for five days.")
    found = owner.get(page.context["mending"].url).context["cl"].result_list
    assert [row.pk for row in found] == [endpoint.pk]
    endpoints.change(endpoint, name="Cellar", url=endpoint.url, event_types=["*"])
    assert [cause.sentence for cause in owner.get("/admin/").context["causes"]] == [
        "The webhook endpoint Cellar was switched off."
    ]
    owner.post(f"/admin/notifications/endpoint/{endpoint.pk}/act/on/")
    assert owner.get("/admin/").context["causes"] == []


@pytest.mark.parametrize("mend", [endpoints.switch_off, endpoints.delete])
def test_an_endpoint_that_people_want_no_more_is_none(
    owner: Client, winery: Winery, mend: Callable[[Endpoint], None]
) -> None:
    endpoint = EndpointFactory.create(winery=winery)
    with transaction.atomic():
        endpoints.turn_off(endpoint, Off.GONE)
    mend(endpoint)
    assert owner.get("/admin/").context["causes"] == []
    assert Problem.objects.get().closed_how == Closing.MENDED


@time_machine.travel(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), tick=False)
def test_days_are_the_winerys(viewer: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    for placed, status, attention in [
        (datetime(2026, 11, 20, 2, 0, tzinfo=UTC), SyncStatus.FAILED, "unknown_sku"),  # the 19th, there
        (datetime(2026, 11, 19, 9, 0, tzinfo=UTC), SyncStatus.SENT, ""),
        (datetime(2026, 11, 19, 7, 0, tzinfo=UTC), SyncStatus.WAITING, ""),  # the 18th, there
        (datetime(2026, 11, 18, 20, 0, tzinfo=UTC), SyncStatus.NOT_REQUIRED, ""),
        (datetime(2026, 10, 1, 9, 0, tzinfo=UTC), SyncStatus.SENT, ""),
    ]:
        FulfillmentOrderFactory.create(
            order__store=store, order__placed_at=placed, status=status, attention_code=attention
        )
    moved = FulfillmentOrderFactory.create(
        order__store=store, order__placed_at=datetime(2026, 11, 18, 20, tzinfo=UTC), status=SyncStatus.SENT
    )
    FulfillmentFactory.create(fulfillment_order=moved, status=FulfillmentStatus.DELIVERED)
    days = viewer.get("/admin/").context["days"]
    assert len(days) == 14
    assert [(day.date.day, day.counts) for day in days if sum(day.counts)] == [
        (18, [1, 0, 1, 0, 1]),
        (19, [0, 1, 0, 1, 0]),
    ]


@time_machine.travel(datetime(2026, 11, 20, 20, 0, tzinfo=UTC), tick=False)
def test_since_yesterday(viewer: Client, winery: Winery) -> None:
    now = timezone.now()
    work = FulfillmentOrderFactory.create(
        order__store__winery=winery, order__placed_at=now - timedelta(hours=20), sent_at=now, status="sent"
    )
    FulfillmentFactory.create(fulfillment_order=work, shipped_at=now)
    FulfillmentFactory.create(fulfillment_order=work, shipped_at=now - timedelta(days=3), delivered_at=now)
    problem(work, opened_at=now - timedelta(days=9), closed_at=now)
    problem(work, "age_failed")
    FulfillmentOrderFactory.create(order__placed_at=now, sent_at=now)
    told = {str(word): count for word, count in viewer.get("/admin/").context["since_yesterday"]}
    assert told == {
        "orders placed": 1,
        "sent to Vinoshipper": 1,
        "shipped": 1,
        "delivered": 1,
        "problems came": 1,
        "problems were solved": 1,
    }


def test_who_has_no_role_is_told_whom_to_ask(viewer: Client, winery: Winery) -> None:
    told = "Ask one of its owners to add you under Winery, People; your login name is viewer."
    assert told not in viewer.get("/admin/").text
    winery.memberships.all().delete()
    page = viewer.get("/admin/")
    assert told in page.text
    assert page.context["steps"] == []


def test_first_steps_until_an_order_has_gone(owner: Client, winery: Winery) -> None:
    def done() -> list[bool]:
        return [step.is_done for step in owner.get("/admin/").context["steps"]]

    assert done() == [False, False, False, False, False]
    account = VinoshipperAccountFactory.create(winery=winery, last_ok_at=timezone.now())
    store = StoreFactory.create(winery=winery, vinoshipper_account=account, last_ok_at=timezone.now())
    assert done() == [True, True, True, False, False]
    CatalogProductFactory.create(account=account)
    assert done() == [True, True, True, True, False]
    FulfillmentOrderFactory.create(order__store=store, status=SyncStatus.SENT)
    assert done() == []


def test_questions_to_the_database_do_not_grow(viewer: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert viewer.get("/admin/").status_code == 200
        return len(asked)

    problem(FulfillmentOrderFactory.create(order__store=store))
    few = questions()
    for number in range(6):
        problem(FulfillmentOrderFactory.create(order__store=store), subject=str(number))
    assert questions() == few
    assert Order.objects.count() == 7


@pytest.mark.parametrize(
    ("silence", "word"),
    [(None, "Not running"), (timedelta(), "Running"), (timedelta(minutes=5), "Not running")],
)
def test_the_workers_light(viewer: Client, silence: timedelta | None, word: str) -> None:
    if silence is not None:
        DrainSlot.objects.create(name="drain-1", holder="w:1:x", beat_at=timezone.now() - silence)
    assert viewer.get("/admin/").context["worker"][0].word == word


def test_a_paused_connection_says_why(viewer: Client, winery: Winery) -> None:
    StoreFactory.create(
        winery=winery, paused_since=timezone.now(), pause_sentence="Shopify refused the access token."
    )
    text = viewer.get("/admin/").content.decode()
    assert "</svg>Paused</span>" in text
    assert "Shopify refused the access token." in text
