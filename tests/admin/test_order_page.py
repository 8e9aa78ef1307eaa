"""The order's page: what is wrong, what can be done, and all that is known, in reading order."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crushsync.accounts.models import Winery
from fulfillment.models import FulfillmentOrder, MarkStatus, Problem, StoreMark, SyncStatus
from orders.models import Order
from orders.storefronts.types import BirthDateState
from tests.factories import (
    ADDRESS,
    ComplianceEventFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    OrderEventFactory,
    OrderFactory,
    SyncAttemptFactory,
)

pytestmark = pytest.mark.django_db


def page(client: Client, order: Order) -> str:
    answer = client.get(reverse("admin:orders_order_change", args=[order.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def failed(winery: Winery) -> FulfillmentOrder:
    return FulfillmentOrderFactory.create(
        order__store__winery=winery,
        status=SyncStatus.FAILED,
        attention_code="unknown_sku",
        attention="Vinoshipper does not know the SKU X-1.",
    )


def test_it_reads_from_the_problem_to_the_past(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    ComplianceEventFactory.create(order=work.order, is_compliant=False, problems=[{"description": "No X-1."}])
    SyncAttemptFactory.create(fulfillment_order=work, request={"orderNumber": work.number})
    text = page(manager, work.order)
    order = [
        "Vinoshipper does not know the SKU X-1.",
        "Compare the SKU on the order",
        "No X-1.",
        "Failed to Send",
        "Retry</button>",
        "<h2>Why?</h2>",
        "<h2>Items</h2>",
        "<h2>Fulfillments</h2>",
        "<h2>Compliance</h2>",
        "<h2>Activity</h2>",
        "What was asked",
    ]
    places = [text.index(piece) for piece in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("stands", "is_shown"),
    [
        ({"status": SyncStatus.NOT_REQUIRED}, False),
        ({"status": SyncStatus.FAILED, "attention_code": "unknown_sku"}, False),  # as our own check found
        ({"status": SyncStatus.FAILED, "attention_code": "unknown_sku", "partner_status": "DECLINED"}, True),
        ({"status": SyncStatus.FAILED, "attention_code": "refused"}, True),
        ({"status": SyncStatus.WAITING, "is_call_open": True}, True),
        ({"status": SyncStatus.UNKNOWN}, True),
        ({"status": SyncStatus.VOIDED}, True),
    ],
)
def test_a_number_that_vinoshipper_may_know(
    manager: Client, winery: Winery, stands: dict[str, Any], is_shown: bool
) -> None:
    """Before the first call nobody finds it there; the search here knows it all along."""
    work = FulfillmentOrderFactory.create(order__store__winery=winery, **stands)
    assert (f"<code>{work.number}</code>" in page(manager, work.order)) is is_shown
    assert f'href="/admin/orders/order/{work.order_id}/change/"' in (
        manager.get("/admin/orders/order/", {"q": work.number}).content.decode()
    )


def test_who_takes_care_of_it(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    assert "Assign, snooze or note" not in page(manager, work.order)
    row = Problem.objects.create(
        winery=winery, order=work.order, fulfillment_order=work, code="unknown_sku", note="Asked the cellar.",
        assigned_to=winery.memberships.get().user,
    )  # fmt: skip
    text = page(manager, work.order)
    assert f'href="/admin/fulfillment/problem/{row.pk}/change/"' in text
    assert "Assigned to manager. Note: Asked the cellar." in text


def test_the_problem_leads_to_its_fix(manager: Client, viewer: Client, winery: Winery) -> None:
    work = failed(winery)
    Problem.objects.create(
        winery=winery, order=work.order, fulfillment_order=work, code="unknown_sku", subject="X 1"
    )
    fix = (
        f'href="/admin/fulfillment/problem/cause/{winery.pk}/unknown_sku/?about=X+1">Say which SKU it is</a>'
    )
    assert fix in page(manager, work.order)
    assert "Say which SKU it is</a>" not in page(viewer, work.order)


def test_fulfill_is_grey_where_nothing_is_left(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    way = reverse("admin:fulfillment_fulfillment_fulfill", args=[work.order_id])
    assert way in page(manager, work.order)
    FulfillmentOrder.objects.update(status=SyncStatus.SENT)
    text = page(manager, work.order)
    assert way not in text
    assert "Nothing of this order is left to ship here." in text


def test_looks_that_found_the_same_are_one_line(manager: Client, winery: Winery) -> None:
    """Only those in a row: what lies between two of them stays between them."""
    work = failed(winery)
    for minute, sentence in enumerate(["OPEN", "SHIPPED", "OPEN", "OPEN", "OPEN"]):
        SyncAttemptFactory.create(
            fulfillment_order=work, kind="look", sentence=sentence, seconds=0.2,
            started_at=timezone.now() - timedelta(minutes=minute),
        )  # fmt: skip
    shown = manager.get(reverse("admin:orders_order_change", args=[work.order_id]))
    assert [(entry.sentence, len(entry.alike)) for entry in shown.context["activity"]] == [
        ("OPEN", 0), ("SHIPPED", 0), ("OPEN", 2),
    ]  # fmt: skip
    text = shown.content.decode()
    assert "2 before it found the same" in text
    assert text.count("· 0.2 s") == 5


def test_items_tell_what_remains(manager: Client, winery: Winery) -> None:
    shipment = FulfillmentFactory.create(fulfillment_order__order__store__winery=winery)
    shipment.lines.update(quantity=1)
    text = page(manager, shipment.order)
    cells = re.findall(r'<td class="num" data-label="(\w+)">([\d.]+)</td>', text)
    assert cells == [("Ordered", "2"), ("Shipped", "1"), ("Remaining", "1"), ("Price", "32.00")]
    assert 'href="https://www.ups.com/track?tracknum=1Z999AA10123456784"' in text


def test_activity_is_newest_first(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    now = timezone.now()
    OrderEventFactory.create(order=work.order, sentence="It came.", at=now - timedelta(hours=2))
    SyncAttemptFactory.create(
        fulfillment_order=work, sentence="It was tried.", started_at=now - timedelta(hours=1)
    )
    OrderEventFactory.create(order=work.order, sentence="It was mended.", at=now, actor="sam")
    told = [
        entry.sentence
        for entry in manager.get(reverse("admin:orders_order_change", args=[work.order_id])).context[
            "activity"
        ]
    ]
    assert told == ["It was mended.", "It was tried.", "It came."]


def test_the_birth_date_is_for_who_acts(viewer: Client, manager: Client, winery: Winery) -> None:
    order = OrderFactory.create(store__winery=winery, birth_date=date(1980, 4, 5))
    assert "Apr 5, 1980" in page(manager, order)
    seen = page(viewer, order)
    assert "1980" not in seen
    assert "Known · 21 or over: yes" in re.sub(r"\s+", " ", seen)


@pytest.mark.parametrize(
    ("state", "born", "words"),
    [
        (BirthDateState.MISSING, None, "<dd>Missing</dd>"),
        (BirthDateState.AMBIGUOUS, None, "<dd>Ambiguous</dd>"),
        (BirthDateState.KNOWN, date(2015, 1, 1), "<dd>Jan 1, 2015 · 21 or over: no</dd>"),
    ],
)
def test_what_is_known_of_the_age(
    manager: Client, winery: Winery, state: BirthDateState, born: date | None, words: str
) -> None:
    order = OrderFactory.create(store__winery=winery, birth_date=born, birth_date_state=state)
    assert words in page(manager, order)


EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def test_markup_from_customers_and_partners_stays_text(manager: Client, winery: Winery) -> None:
    order = OrderFactory.create(
        store__winery=winery,
        name=EVIL[:60],
        first_name=EVIL,
        last_name=EVIL,
        email=EVIL,
        note=EVIL,
        gift_note=EVIL,
        shipping_method=EVIL,
        defects=[EVIL],
        source_url="javascript:alert(3)",
        ship_to=dict(ADDRESS, first_name=EVIL, street1=EVIL, city=EVIL, country=EVIL),
        lines__title=EVIL,
        lines__sku=EVIL,
    )
    work = FulfillmentOrderFactory.create(
        order=order, status=SyncStatus.FAILED, attention_code="refused", attention=EVIL, reason=EVIL
    )
    FulfillmentFactory.create(fulfillment_order=work, carrier=EVIL[:20], tracking_numbers=[EVIL])
    ComplianceEventFactory.create(order=order, is_compliant=False, problems=[{"description": EVIL}])
    SyncAttemptFactory.create(fulfillment_order=work, sentence=EVIL, answer={"said": EVIL})
    OrderEventFactory.create(order=order, sentence=EVIL, actor=EVIL)
    Problem.objects.create(
        winery=winery, order=order, code="unknown_sku", family="never_reached", subject=EVIL, sentence=EVIL
    )
    pages = [
        page(manager, order),
        *(
            manager.get(url).content.decode()
            for url in ("/admin/", "/admin/orders/order/", "/admin/fulfillment/fulfillment/")
        ),
    ]
    for text in pages:
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert 'href="javascript:' not in text


def test_it_looks_again_while_something_goes_on(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    assert "http-equiv" not in page(manager, work.order)
    FulfillmentOrder.objects.update(due_at=timezone.now())
    assert '<meta http-equiv="refresh" content="3">' in page(manager, work.order)
    FulfillmentOrder.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert '<meta http-equiv="refresh" content="30">' in page(manager, work.order)
    FulfillmentOrder.objects.update(due_at=timezone.now() + timedelta(hours=1))
    text = page(manager, work.order)
    assert "http-equiv" not in text
    assert "A try in" in text


def test_the_part_that_changes_comes_alone(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    FulfillmentOrder.objects.update(due_at=timezone.now())
    part = manager.get(reverse("admin:orders_order_change", args=[work.order_id]), {"part": "live"})
    assert part.headers["X-Look-Again"] == "3"
    assert "Working on it" in part.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize(
    ("kind", "told"),
    [("", ["acted", "tried", "came"]), ("tries", ["tried"]), ("people", ["acted"]), ("steps", ["came"])],
)
def test_activity_by_kind(manager: Client, winery: Winery, kind: str, told: list[str]) -> None:
    work = failed(winery)
    now = timezone.now()
    OrderEventFactory.create(order=work.order, sentence="came", at=now - timedelta(hours=3))
    SyncAttemptFactory.create(fulfillment_order=work, sentence="tried", started_at=now - timedelta(hours=2))
    OrderEventFactory.create(order=work.order, sentence="acted", kind="acted", at=now)
    page = manager.get(reverse("admin:orders_order_change", args=[work.order_id]), {"show": kind})
    assert [entry.sentence for entry in page.context["activity"]] == told


def test_nothing_on_it_can_be_edited(operator: Client, winery: Winery) -> None:
    order = OrderFactory.create(store__winery=winery)
    url = reverse("admin:orders_order_change", args=[order.pk])
    assert operator.post(url, {"name": "#9999", "total": "0"}).status_code == 405
    order.refresh_from_db()
    assert (order.name != "#9999", str(order.total)) == (True, "84.80")


def questions(client: Client, order: Order) -> int:
    with CaptureQueriesContext(connection) as asked:
        page(client, order)
    return len(asked)


def test_questions_to_the_database_do_not_grow(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    first = questions(manager, work.order)
    for _ in range(5):
        FulfillmentFactory.create(fulfillment_order=work)
        SyncAttemptFactory.create(fulfillment_order=work)
        OrderEventFactory.create(order=work.order)
        ComplianceEventFactory.create(order=work.order)
    assert questions(manager, work.order) <= first + 2  # once for all shipments' lines


def test_the_mark_in_the_store_is_offered_again_only_if_it_failed(manager: Client, winery: Winery) -> None:
    work = failed(winery)
    mark = StoreMark.objects.create(fulfillment_order=work, status=MarkStatus.SHOWN)
    text = page(manager, work.order)
    assert "Shown in the store" in text
    assert "Show in the store again" not in text
    mark.status, mark.sentence = MarkStatus.FAILED, "Shopify does not permit this."
    mark.save()
    text = page(manager, work.order)
    assert "Shopify does not permit this." in text
    assert "Show in the store again</button>" in text
