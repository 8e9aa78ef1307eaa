"""Pictures of the main pages for people to look at: light, dark and on a phone.

Those of the README are kept where PICTURES says, as `make pictures` does; the rest is the test's own.
"""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from crushsync.accounts.models import VinoshipperAccount, Winery
from crushsync.lib.models import DrainSlot
from fulfillment.models import FulfillmentOrder, FulfillmentStatus, Problem, SyncStatus
from orders.models import Store
from tests.browser.conftest import SitDown, person
from tests.factories import (
    ADDRESS,
    ComplianceEventFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    OrderEventFactory,
    OrderFactory,
    StoreFactory,
    SyncAttemptFactory,
    VinoshipperAccountFactory,
    WineryFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = [
    ("Alan", "Okafor", "Seattle", "WA", "98101"),
    ("Grace", "Lindqvist", "New York", "NY", "10011"),
    ("Priya", "Raman", "Austin", "TX", "78704"),
    ("Mateo", "Rossi", "Portland", "OR", "97205"),
    ("Ivy", "Chen", "Sacramento", "CA", "95814"),
]
IN_THE_README = {"today.png", "today-dark.png", "order-page.png", "order-page-phone.png", "orders-phone.png"}
SKU = "The SKU ESTATE-PN-22 is not among Vinoshipper's products."


@pytest.fixture
def winery() -> Winery:
    """Two weeks at a winery of two shops, one of which needs somebody."""
    now = timezone.now()
    winery = WineryFactory.create(name="Hollow Oak")
    account = VinoshipperAccountFactory.create(winery=winery, name="Vinoshipper", last_ok_at=now)
    shop = StoreFactory.create(
        winery=winery, name="Hollow Oak shop", vinoshipper_account=account, last_ok_at=now
    )
    club = StoreFactory.create(
        winery=winery, name="Wine club", vinoshipper_account=account, last_ok_at=now - timedelta(hours=2),
        paused_since=now, pause_sentence="Shopify refused the access token. Enter a new one.",
    )  # fmt: skip
    DrainSlot.objects.create(name="drain-1", holder="w:1:x", beat_at=now)
    # No address of this machine: the pages would say that it is a rehearsal.
    Store.objects.update(base_url="https://hollow-oak.myshopify.com")
    VinoshipperAccount.objects.update(base_url="https://vinoshipper.com")
    for number in range(70):
        one_order(number, club if number % 3 == 2 else shop)
    return winery


def one_order(number: int, store: Store) -> None:
    placed = timezone.now() - timedelta(hours=4.3 * number + 0.4)
    first, last, city, state, postal_code = PEOPLE[number % len(PEOPLE)]
    order = OrderFactory.create(
        store=store, name=f"#{1270 - number}", placed_at=placed, first_name=first, last_name=last,
        email=f"{first}.{last}@example.com".lower(), total=Decimal(4000 + number * 731 % 19000) / 100,
        ship_to=dict(
            ADDRESS, first_name=first, last_name=last, city=city, state=state, postal_code=postal_code
        ),
    )  # fmt: skip
    OrderEventFactory.create(order=order, at=placed, sentence=f"The order came from {store.name}.")
    work = FulfillmentOrderFactory.create(
        order=order, status=SyncStatus.SENT, sent_at=placed, due_at=timezone.now() + timedelta(hours=2)
    )
    if number % 9 == 0:
        refused(work)
    elif number % 9 == 1:
        FulfillmentOrder.objects.filter(pk=work.pk).update(status=SyncStatus.WAITING)
    else:
        SyncAttemptFactory.create(fulfillment_order=work, started_at=placed)
        ComplianceEventFactory.create(order=order, at=placed)
        if number > 12:
            FulfillmentFactory.create(
                fulfillment_order=work, shipped_at=placed + timedelta(days=1), report_status="reported",
                status=FulfillmentStatus.DELIVERED if number > 40 else FulfillmentStatus.SHIPPED,
            )  # fmt: skip


def refused(work: FulfillmentOrder) -> None:
    FulfillmentOrder.objects.filter(pk=work.pk).update(
        status=SyncStatus.FAILED, attention_code="unknown_sku", attention=SKU, reason=SKU, due_at=None,
        reason_code="unknown_sku",
    )  # fmt: skip
    Problem.objects.create(
        winery=work.order.winery, order=work.order, fulfillment_order=work, code="unknown_sku",
        subject="ESTATE-PN-22", family="never_reached", sentence=SKU, opened_at=work.order.placed_at,
    )  # fmt: skip
    said = {"description": "No product with SKU ESTATE-PN-22 found"}
    ComplianceEventFactory.create(order=work.order, is_compliant=False, problems=[said])
    SyncAttemptFactory.create(
        fulfillment_order=work, outcome="refused", sentence=SKU, answer={"errors": [said]},
        started_at=work.order.placed_at, request={"orderNumber": work.number},
    )  # fmt: skip


def test_pictures(winery: Winery, sit_down: SitDown, tmp_path: Path) -> None:
    folder = Path(os.environ.get("PICTURES") or tmp_path)
    maria = person("maria", winery)
    work = FulfillmentOrder.objects.filter(attention_code="unknown_sku").order_by("-order__placed_at")[0]
    pages = {
        "today": "/admin/",
        "orders": "/admin/orders/order/",
        "order-page": reverse("admin:orders_order_change", args=[work.order_id]),
    }
    for look in ("", "dark", "phone"):
        desk = sit_down(maria, dark=look == "dark", phone=look == "phone")
        for name, path in pages.items():
            page = desk.open(path)
            page.wait_for_load_state("networkidle")
            file = f"{name}{'-' if look else ''}{look}.png"
            picture = (folder if file in IN_THE_README else tmp_path) / file
            page.screenshot(path=picture)
            assert picture.stat().st_size > 10_000
        assert desk.errors == []
