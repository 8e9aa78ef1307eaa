"""How much a customer and an address received, beside what is published about the state."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.catalog import keep_feed
from compliance.limits import PUBLISHED, limit_for, published
from compliance.models import PieceSize, StateLimit
from crushsync.accounts.models import Winery
from crushsync.lib.states import STATES
from crushsync.vinoshipper.types import FeedProduct, ProductFeed
from fulfillment.models import FulfillmentLine, FulfillmentStatus, SyncStatus
from fulfillment.routing import decide
from fulfillment.volume import volume
from orders.models import Order, OrderLine, Store
from tests.factories import ADDRESS, FulfillmentFactory, FulfillmentOrderFactory, OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OREGON = {**ADDRESS, "city": "Portland", "state": "OR", "postal_code": "97201"}
ELSEWHERE = {**OREGON, "street1": "9 Hill Street"}


@pytest.fixture
def store(winery: Winery) -> Store:
    store = StoreFactory.create(winery=winery)
    assert store.vinoshipper_account is not None
    magnum = FeedProduct("1", "MAGNUM", "Magnum", "Wine", 9, None, (), ml=1500)
    cork = FeedProduct("2", "CORK", "Corkscrew", "Merchandise", 9, None, (), is_alcohol=False)
    keep_feed(store.vinoshipper_account, ProductFeed("Hollow Oak", (magnum, cork), ("OR",)), NOW)
    return store


def sent(store: Store, day: str, quantity: int, **fields: Any) -> None:
    status = fields.pop("status", SyncStatus.SENT)
    fields = {"ship_to": OREGON, **fields, "lines__quantity": quantity}
    order = OrderFactory.create(store=store, **fields)
    at = datetime.fromisoformat(f"{day}T20:00:00+00:00")
    FulfillmentOrderFactory.create(order=order, status=status, sent_at=at)


def test_by_customer_and_by_address_in_bottles_of_750_ml(store: Store) -> None:
    sent(store, "2026-11-03", 2)
    sent(store, "2026-11-03", 3, lines__sku="MAGNUM", email="ELENA.marquez@example.com", ship_to=ELSEWHERE)
    sent(store, "2026-10-10", 4, email="brother@example.com")
    sent(
        store, "2026-10-10", 5, email="brother@example.com", ship_to={**OREGON, "street1": "12 harbor  Road."}
    )
    sent(store, "2026-02-01", 7)
    sent(store, "2025-12-31", 100)
    sent(store, "2026-11-03", 100, status=SyncStatus.VOIDED)
    sent(store, "2026-11-03", 100, email="stranger@example.com", ship_to=ELSEWHERE)
    sent(store, "2026-11-03", 50, lines__sku="CORK")
    sent(StoreFactory.create(), "2026-11-03", 100)  # another winery's
    order = OrderFactory.create(store=store, ship_to=OREGON, lines__quantity=12)
    found = volume(Order.objects.get(pk=order.pk), NOW)
    customer = (found.customer.month, found.customer.two_months, found.customer.year)
    address = (found.address.month, found.address.two_months, found.address.year)
    assert customer == (Decimal(8), Decimal(8), Decimal(15))
    assert address == (Decimal(2), Decimal(11), Decimal(18))
    assert found.this_order == 12
    assert found.limit is not None
    assert (found.limit.bottles, found.limit.window, int(found.reached), found.is_over) == (
        24,
        "month",
        20,
        False,
    )


def test_what_the_winery_shipped_itself_counts_once(store: Store) -> None:
    """Of six bottles the winery shipped four, Vinoshipper two; a shipment that was canceled went nowhere."""
    order = OrderFactory.create(store=store, lines__quantity=6)
    line = order.lines.get()
    FulfillmentOrderFactory.create(order=order, status=SyncStatus.SENT, sent_at=NOW)
    for pieces, status in ((4, FulfillmentStatus.SHIPPED), (1, FulfillmentStatus.CANCELED)):
        made = FulfillmentFactory.create(
            order=order, fulfillment_order=None, status=status, shipped_at=NOW - timedelta(days=90)
        )
        FulfillmentLine.objects.create(fulfillment=made, order_line=line, quantity=pieces)
    OrderLine.objects.update(shipped_here=4, shippable_here=6)
    found = volume(OrderFactory.create(store=store), NOW)
    assert (int(found.customer.month), int(found.customer.year)) == (2, 6)
    assert int(volume(Order.objects.get(pk=order.pk), NOW).this_order) == 6


def test_a_pack_counts_as_many_bottles_as_the_winery_says(store: Store, manager: Client) -> None:
    account = store.vinoshipper_account
    assert account is not None
    account.most_bottles, account.feed_read_at = 6, timezone.now()
    account.save()
    order = OrderFactory.create(store=store, lines__quantity=2, lines__sku="MAGNUM")
    assert int(volume(order, NOW).this_order) == 4
    form = {"account": account.pk, "sku": "MAGNUM", "bottles": "6"}
    assert manager.post(reverse("admin:compliance_piecesize_add"), form).status_code == 302
    order = Order.objects.get(pk=order.pk)
    assert int(volume(order, timezone.now()).this_order) == 12
    work = decide(order)
    assert (work.reason_code, work.due_at) == ("too_many_bottles", None)
    size = PieceSize.objects.get()
    manager.post(reverse("admin:compliance_piecesize_delete", args=[size.pk]), {"post": "yes"})
    work.refresh_from_db()
    assert work.due_at is not None, "it is decided again"
    assert decide(Order.objects.get(pk=order.pk)).reason_code == "send"
    assert [row.history_type for row in PieceSize.history.order_by("history_id")] == ["+", "-"]


def test_the_month_begins_where_the_winery_is(store: Store) -> None:
    order = OrderFactory.create(store=store)
    FulfillmentOrderFactory.create(
        order=OrderFactory.create(store=store),
        status=SyncStatus.SENT,
        sent_at=datetime(2026, 11, 1, 6, 59, tzinfo=UTC),  # still October in California
    )
    found = volume(order, NOW)
    assert (int(found.customer.month), int(found.customer.year)) == (0, 2)


def test_a_winerys_own_figure_goes_before_the_published_one(winery: Winery) -> None:
    told = limit_for(winery, "OR")
    assert told is not None
    assert (told.bottles, told.is_own) == (24, False)
    StateLimit.objects.create(
        winery=winery, state="OR", bottles=60, window="year", source="State of Oregon, 2026"
    )
    told = limit_for(winery, "OR")
    assert told is not None
    assert (told.bottles, told.window, told.source, told.is_own) == (
        60,
        "year",
        "State of Oregon, 2026",
        True,
    )
    assert limit_for(winery, "PR") is None


def test_a_manager_corrects_a_figure_and_it_is_known_who(
    manager: Client, viewer: Client, winery: Winery
) -> None:
    listed = reverse("admin:compliance_statelimit_changelist")
    text = unescape(manager.get(listed).content.decode())
    assert "Information, not advice" in text
    form = reverse("admin:compliance_statelimit_add") + "?state=OR&bottles=24&window=month"
    assert f'href="{form}"' in text
    assert "?state=OR" not in viewer.get(listed).content.decode()
    page = manager.get(form)
    assert "Information, not advice" in page.content.decode()
    assert page.context["adminform"].form.initial["bottles"] == "24"
    correction = {
        "winery": winery.pk,
        "state": "OR",
        "bottles": 60,
        "window": "month",
        "source": "Our lawyer",
    }
    assert viewer.post(form, correction).status_code == 403
    assert not StateLimit.objects.exists()
    assert manager.post(form, correction).status_code == 302
    [limit] = StateLimit.objects.all()
    assert (limit.state, limit.bottles) == ("OR", 60)
    [change] = limit.history.all()
    assert (change.history_user.get_username(), change.bottles, change.history_type) == ("manager", 60, "+")


def test_every_published_figure_has_its_source_and_date() -> None:
    assert set(published()) == set(STATES)
    assert all(
        limit.source.endswith("(read 2026-11)") and "://" in limit.source for limit in published().values()
    )
    assert "not advice" in json.loads(PUBLISHED.read_text())["about"]
    assert (published()["CT"].bottles, published()["CT"].window) == (24, "two_months")
    assert (published()["TX"].bottles, published()["TX"].window) == (45, "month")
    assert published()["WA"].bottles is None  # a state without a limit has no figure


def test_the_page_says_what_it_is(viewer: Client, store: Store) -> None:
    sent(store, "2026-11-03", 2)
    StateLimit.objects.create(winery=store.winery, state="OR", bottles=10, source="Our lawyer")
    order = OrderFactory.create(store=store, ship_to=OREGON, lines__quantity=12)
    text = viewer.get(reverse("admin:orders_order_compliance", args=[order.pk])).content.decode()
    assert "Information, not advice." in text
    assert "Oregon allows 10 in a year" in text
    assert "That is more than the figure." in text
    assert "Our lawyer" in text
    theirs = OrderFactory.create()
    assert viewer.get(reverse("admin:orders_order_compliance", args=[theirs.pk])).status_code == 404
