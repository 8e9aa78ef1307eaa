"""Lists: what they show, what they find, and that their cost does not grow with their length."""

import csv
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance.problems import Family
from crushsync.accounts.models import Winery
from fulfillment.admin import views
from fulfillment.models import FulfillmentStatus, Problem, SyncStatus
from orders.models import HintState
from tests.factories import (
    CatalogProductFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    InboundHintFactory,
    ListingFactory,
    OrderFactory,
    StoreFactory,
)

pytestmark = pytest.mark.django_db
ORDERS = "/admin/orders/order/"


def names(client: Client, query: str = "") -> list[str]:
    return [order.name for order in client.get(f"{ORDERS}?{query}").context["cl"].result_list]


def pills(client: Client) -> dict[str, str]:
    spec = client.get(ORDERS).context["cl"].filter_specs[0]
    return spec.counts  # type: ignore[no-any-return]


def test_saved_views_count_and_filter(manager: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    works = {}
    for name, status, attention, due in [
        ("#1", SyncStatus.FAILED, "unknown_sku", None),
        ("#2", SyncStatus.FAILED, "", None),
        ("#3", SyncStatus.WAITING, "", None),
        ("#4", SyncStatus.UNKNOWN, "no_answer", None),
        ("#5", SyncStatus.SENT, "", timezone.now()),
        ("#6", SyncStatus.SENT, "", timezone.now()),
        ("#7", SyncStatus.SENT, "", timezone.now()),
        ("#8", SyncStatus.SENT, "", None),
        ("#9", SyncStatus.NOT_REQUIRED, "", None),
    ]:
        works[name] = FulfillmentOrderFactory.create(
            order__store=store, order__name=name, status=status, attention_code=attention, due_at=due
        )
    FulfillmentFactory.create(fulfillment_order=works["#5"], status=FulfillmentStatus.PENDING)
    partly = FulfillmentFactory.create(fulfillment_order=works["#6"])
    partly.lines.update(quantity=1)
    FulfillmentFactory.create(fulfillment_order=works["#7"])
    Problem.objects.create(winery=winery, order=works["#3"].order, code="late", family=Family.LATE)
    FulfillmentOrderFactory.create(status=SyncStatus.FAILED, attention_code="unknown_sku")
    expected = {
        "attention": ["#1", "#4"],
        "waiting": ["#3", "#4"],
        "to-ship": ["#5"],
        "partly": ["#6"],
        "late": ["#3"],
    }
    assert pills(manager) == {view: str(len(found)) for view, found in expected.items()} | {"": "9"}
    assert {view: sorted(names(manager, f"view={view}")) for view in expected} == expected
    assert len(names(manager)) == 9


def test_counting_stops_somewhere(manager: Client, winery: Winery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 3)
    store = StoreFactory.create(winery=winery)
    for _ in range(4):
        OrderFactory.create(store=store)
    assert pills(manager)[""] == "2+"


@pytest.mark.parametrize(
    "query",
    [
        "%231042",
        "1042",
        "marquez",
        "Elena+Marquez",
        "elena.marquez%40",
        "{number}",
        "1z999aa10123456784",
        "1Z+999+AA1+01+2345+6784",
    ],
)
def test_search_finds_the_order(manager: Client, winery: Winery, query: str) -> None:
    store = StoreFactory.create(winery=winery)
    shipment = FulfillmentFactory.create(
        fulfillment_order__order__store=store, fulfillment_order__order__name="#1042"
    )
    FulfillmentFactory.create(
        fulfillment_order__order=OrderFactory.create(
            store=store, name="#7", first_name="Ivy", last_name="Chen", email="ivy@example.com"
        ),
        tracking_numbers=["1Z999AA10123456785"],
    )
    assert shipment.fulfillment_order is not None
    assert names(manager, f"q={query.format(number=shipment.fulfillment_order.number)}") == ["#1042"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("1042", ["#1042"]),
        ("104", ["#1042", "#10421"]),  # no order is called so: whatever holds it
        ("ELENA@example.com", ["#1042"]),
        ("lena@example.com", []),  # a whole address is meant as it is
        ("lena@example", ["#1042"]),
    ],
)
def test_what_is_written_out_is_meant(manager: Client, winery: Winery, query: str, found: list[str]) -> None:
    store = StoreFactory.create(winery=winery)
    OrderFactory.create(store=store, name="#1042", email="Elena@example.com")
    OrderFactory.create(store=store, name="#10421", email="ivy@example.com")
    assert sorted(names(manager, f"q={query}")) == found


def test_an_order_found_twice_is_shown_once(manager: Client, winery: Winery) -> None:
    shipment = FulfillmentFactory.create(fulfillment_order__order__store__winery=winery)
    FulfillmentFactory.create(fulfillment_order=shipment.fulfillment_order)
    assert len(names(manager, "q=1Z999AA10123456784")) == 1
    assert len(names(manager, f"fulfillment={FulfillmentStatus.SHIPPED}")) == 1


@pytest.mark.parametrize(
    ("statuses", "word"),
    [
        ([], "Not shipped"),
        (["pending"], "Pending"),
        (["pending", "shipped"], "Partly shipped"),
        (["shipped", "canceled"], "Shipped"),
        (["delivered", "canceled"], "Delivered"),
        (["canceled"], "Not shipped"),
    ],
)
def test_shipments_together(manager: Client, winery: Winery, statuses: list[str], word: str) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    for status in statuses:
        FulfillmentFactory.create(fulfillment_order=work, status=status)
    text = manager.get(ORDERS).content.decode()
    row = text[text.index('class="field-shipping') :]
    assert f"</svg>{word}</span>" in row


@time_machine.travel(datetime(2026, 11, 18, 18, 42, tzinfo=UTC), tick=False)
def test_times_are_the_winerys(manager: Client, winery: Winery) -> None:
    OrderFactory.create(store__winery=winery, placed_at=datetime(2026, 11, 18, 16, 42, tzinfo=UTC))
    text = manager.get(ORDERS).content.decode().replace("\xa0", " ")
    assert '<time datetime="2026-11-18T16:42:00+00:00">Nov 18, 8:42 AM</time>' in text
    assert '<span class="ago">2 hours ago</span>' in text


@pytest.mark.parametrize(
    ("address", "make"),
    [
        (
            "orders_order",
            lambda store: FulfillmentFactory.create(
                fulfillment_order=FulfillmentOrderFactory.create(order=OrderFactory.create(store=store))
            ),
        ),
        (
            "fulfillment_fulfillment",
            lambda store: FulfillmentFactory.create(
                fulfillment_order=FulfillmentOrderFactory.create(order=OrderFactory.create(store=store))
            ),
        ),
        ("fulfillment_listing", lambda store: ListingFactory.create(store=store)),
        ("orders_inboundhint", lambda store: InboundHintFactory.create(store=store)),
        ("compliance_catalogproduct", lambda s: CatalogProductFactory.create(account=s.vinoshipper_account)),
        ("orders_store", lambda store: StoreFactory.create(winery=store.winery)),
    ],
)
def test_questions_to_the_database_do_not_grow(
    manager: Client, winery: Winery, address: str, make: object
) -> None:
    store = StoreFactory.create(winery=winery)
    url = reverse(f"admin:{address}_changelist")

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert manager.get(url).status_code == 200
        return len(asked)

    for _ in range(2):
        make(store)  # type: ignore[operator]
    few = questions()
    for _ in range(12):
        make(store)  # type: ignore[operator]
    assert questions() == few
    assert few <= 20


def test_hints_tell_what_came_of_them(manager: Client, winery: Winery) -> None:
    InboundHintFactory.create(
        store__winery=winery,
        state=HintState.MALFORMED,
        sentence="Not JSON at character 1.",
        body=b"\xffsecret",
    )
    text = manager.get("/admin/orders/inboundhint/").content.decode()
    assert "Not JSON at character 1." in text
    assert "</svg>Not readable</span>" in text
    assert "secret" not in text


def test_a_shipment_leads_to_its_order(manager: Client, winery: Winery) -> None:
    shipment = FulfillmentFactory.create(fulfillment_order__order__store__winery=winery)
    answer = manager.get(f"/admin/fulfillment/fulfillment/{shipment.pk}/change/")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/admin/orders/order/{shipment.order_id}/change/",
    )


def test_a_list_is_called_as_in_the_navigation(manager: Client, winery: Winery) -> None:
    text = manager.get("/admin/orders/inboundhint/").content.decode()
    assert "<h1>What came in</h1>" in text
    assert "<title>What came in | CrushSync</title>" in text
    assert 'class="paginator"' not in text
    InboundHintFactory.create(store__winery=winery, topic="orders/create")
    cell = '<td data-label="Topic" class="field-topic">orders/create</td>'
    assert cell in manager.get("/admin/orders/inboundhint/").content.decode()
    for _ in range(50):
        InboundHintFactory.create(store__winery=winery)
    text = manager.get("/admin/orders/inboundhint/").content.decode()
    assert "51 in all" in text
    assert 'href="?p=2"' in text


def test_a_list_without_rows_says_so(manager: Client) -> None:
    assert "No order has come yet." in manager.get(ORDERS).content.decode()
    assert "Nothing here fits." in manager.get(f"{ORDERS}?q=nobody").content.decode()


def test_no_list_counts_further_than_it_must(manager: Client, winery: Winery) -> None:
    OrderFactory.create(store__winery=winery)
    with CaptureQueriesContext(connection) as asked:
        manager.get(ORDERS)
    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"].upper()]
    assert counts
    assert [sql for sql in counts if "LIMIT" not in sql] == []


def saved(client: Client, query: str = "") -> list[list[str]]:
    answer = client.get(f"{ORDERS}orders.csv?{query}")
    assert answer["Content-Disposition"] == 'attachment; filename="orders.csv"'
    return list(csv.reader(b"".join(answer).decode("utf-8-sig").splitlines()))


def test_the_list_as_a_file(viewer: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery, name="Cellar shop")
    work = FulfillmentOrderFactory.create(
        order__store=store,
        order__name="#1",
        status=SyncStatus.FAILED,
        attention_code="refused",
        attention="Why.",
    )
    OrderFactory.create(store=store, name="#2", first_name="=cmd|' /C calc'!A0", last_name="")
    OrderFactory.create()
    header, *rows = saved(viewer, "view=attention")
    assert header[:4] == ["Order", "Store", "Placed", "Customer"]
    assert rows == [
        [
            "#1", "Cellar shop", "2026-11-18 08:42", "Elena Marquez", "elena.marquez@example.com", "CA",
            "84.80", "USD", "Failed to Send", work.number, "Why.", "Not shipped", "",
        ]
    ]  # fmt: skip
    assert [row[3] for row in saved(viewer)[1:]] == ["'=cmd|' /C calc'!A0", "Elena Marquez"]
