"""Verdicts are written once, when they are news, and never altered."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.catalog import keep_feed
from compliance.models import ComplianceEvent, NeverChanged
from compliance.verdicts import told
from crushsync.accounts import connections
from crushsync.lib.queue import clock
from crushsync.vinoshipper.types import FeedProduct, OrderProblem, ProductFeed
from fulfillment.listings import try_skus_again
from fulfillment.models import FulfillmentOrder, Listing, SyncStatus
from fulfillment.routing import explain
from fulfillment.routing.decide import decide, decide_all
from fulfillment.routing.shelf import Shelf
from orders.models import Order
from tests.factories import ADDRESS, ComplianceEventFactory, OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db


def own(order: Order) -> list[tuple[bool, list[str]]]:
    events = ComplianceEvent.objects.filter(order=order, asked="ourselves").order_by("pk")
    return [(event.is_compliant, [item["code"] for item in event.problems]) for event in events]


def feed(*skus: str, barred: tuple[str, ...] = (), stock: int = 9) -> ProductFeed:
    rows = (FeedProduct(sku, sku, sku, "Wine", stock, None, barred, ml=750) for sku in skus)
    return ProductFeed("Hollow Oak", tuple(rows), ("CA",))


def test_a_clean_order_leaves_no_own_verdict_and_a_finding_leaves_one() -> None:
    order = OrderFactory.create()
    assert decide(order).status == SyncStatus.WAITING
    assert own(order) == []
    order.ship_to = {**ADDRESS, "street1": "PO Box 7"}
    order.save()
    assert decide(order).reason_code == "po_box"
    decide(order)
    assert own(order) == [(False, ["po_box"])]
    order.ship_to = ADDRESS
    order.save()
    assert decide(order).status == SyncStatus.WAITING
    assert own(order) == [(False, ["po_box"]), (True, [])]


def test_a_warning_is_written_and_stops_nothing() -> None:
    order = OrderFactory.create(ship_to={**ADDRESS, "phone": "?"}, phone="")
    work = decide(order)
    assert (work.status, work.attention_code) == (SyncStatus.WAITING, "")
    assert own(order) == [(True, ["phone_odd"])]


def test_another_level_decides_again() -> None:
    order = OrderFactory.create(ship_to={**ADDRESS, "street1": "PO Box 7"})
    work, account = decide(order), order.store.vinoshipper_account
    assert account is not None
    assert (work.status, work.reason_setting) == (SyncStatus.FAILED, "Ship-to settings: PO box")
    account.check_levels = {"po_box": "warns"}
    connections.keep(account)
    work.refresh_from_db()
    assert work.due_at is not None
    assert decide(Order.objects.get()).status == SyncStatus.WAITING


def test_a_refusal_of_vinoshippers_is_not_sent_again_because_a_setting_changed() -> None:
    order = OrderFactory.create()
    work, account = decide(order), order.store.vinoshipper_account
    FulfillmentOrder.objects.update(status=SyncStatus.FAILED, reason_code="unknown_sku", due_at=None)
    assert account is not None
    connections.keep(account)
    work.refresh_from_db()
    assert work.due_at is None


def test_the_feed_blocks_and_its_news_let_go() -> None:
    order = OrderFactory.create(lines__sku="SHOP-1")
    account = order.store.vinoshipper_account
    assert account is not None
    assert decide(order).status == SyncStatus.WAITING  # nobody has read the feed yet
    for told_feed, reason in (
        (feed("OTHER"), "unknown_sku"),
        (feed("SHOP-1", barred=("CA",)), "not_available"),
        (feed("SHOP-1", stock=0), "send"),  # sold out is a warning: their stock is theirs to judge
    ):
        news = keep_feed(account, told_feed, clock())
        order = Order.objects.get()
        if reason == "unknown_sku":
            decide(order)
        else:
            assert try_skus_again(account, news) == 1
        assert FulfillmentOrder.objects.get().reason_code == reason
    assert own(order) == [(False, ["unknown_sku"]), (False, ["not_available"]), (True, ["sold_out"])]


def test_a_listing_gives_the_sku_its_other_name() -> None:
    order = OrderFactory.create(lines__sku="SHOP-1")
    account = order.store.vinoshipper_account
    assert account is not None
    keep_feed(account, feed("WINE-1"), clock())
    Listing.objects.create(store=order.store, sku="SHOP-1", destination_sku="WINE-1")
    assert decide(Order.objects.get()).reason_code == "send"


def test_an_unknown_sku_has_the_feed_read_but_not_all_the_time() -> None:
    order = OrderFactory.create()
    account = order.store.vinoshipper_account
    assert account is not None
    keep_feed(account, feed("OTHER"), clock())
    decide(Order.objects.get())
    account.refresh_from_db()
    assert account.due_at is None
    keep_feed(account, feed("OTHER"), clock() - timedelta(minutes=6))
    decide(Order.objects.get())
    account.refresh_from_db()
    assert account.due_at is not None


def test_the_last_look_before_sending_does_not_ask_about_skus() -> None:
    order = OrderFactory.create()
    account = order.store.vinoshipper_account
    assert account is not None
    keep_feed(account, feed("OTHER"), clock())
    told_late = explain(Order.objects.get(), now=clock(), shelf=Shelf())
    assert (told_late.verdict, told_late.findings) == ("send", ())


def test_an_old_feed_says_nothing() -> None:
    order = OrderFactory.create()
    account = order.store.vinoshipper_account
    assert account is not None
    keep_feed(account, feed("OTHER"), clock() - timedelta(hours=7))
    assert decide(Order.objects.get()).reason_code == "send"


def test_what_is_news_in_a_feed() -> None:
    account = OrderFactory.create().store.vinoshipper_account
    assert account is not None
    now = timezone.now()
    assert keep_feed(account, feed("A", "B"), now) == {"A", "B"}
    assert keep_feed(account, feed("A", "B", stock=8), now + timedelta(seconds=1)) == set()
    assert keep_feed(account, feed("A", "B", stock=20), now + timedelta(seconds=2)) == {"A", "B"}
    assert keep_feed(account, feed("A", "B", stock=20, barred=("TX",)), now + timedelta(seconds=3)) == {
        "A",
        "B",
    }


def test_own_checks_cost_a_batch_the_same_whatever_its_size() -> None:
    store = StoreFactory.create()
    assert store.vinoshipper_account is not None
    keep_feed(store.vinoshipper_account, feed("ESTATE-PN-22"), clock())

    def questions(count: int) -> int:
        OrderFactory.create_batch(count, store=store)
        orders = list(Order.objects.order_by("-pk")[:count])
        with CaptureQueriesContext(connection) as asked:
            assert {work.reason_code for work in decide_all(orders)} == {"send"}
        return len(asked)

    assert questions(2) == questions(8)


def test_events_are_only_ever_added() -> None:
    event = ComplianceEventFactory.create(is_compliant=False)
    event.is_compliant = True
    for alter in (
        event.save,
        event.delete,
        ComplianceEvent.objects.all().delete,
        lambda: ComplianceEvent.objects.update(is_compliant=True),
        lambda: ComplianceEvent.objects.bulk_update([event], ["is_compliant"]),
        lambda: ComplianceEvent.objects.update_or_create(pk=event.pk, defaults={"is_compliant": True}),
    ):
        with pytest.raises(NeverChanged):
            alter()
    assert not ComplianceEvent.objects.get().is_compliant


def test_vinoshippers_problems_name_the_line_and_nobody() -> None:
    problems = (
        OrderProblem("UNKNOWN_PRODUCT", "Unknown product", "VALIDATION", "products[1].productId"),
        OrderProblem("PRODUCT_NOT_AVAILABLE", "ROSE-24 is not available in MN.", "COMPLIANCE"),
        OrderProblem("CUSTOMER", "elena@example.com is not known"),
        OrderProblem("", "", field="customer.email"),
    )
    kept = told(problems, ["ROSE", "ROSE-24"])
    assert [item.get("line") for item in kept] == ["ROSE-24", "ROSE-24", None, None]
    assert kept[2] == {"code": "CUSTOMER", "description": "••• is not known"}
    assert kept[3] == {"description": "Vinoshipper named a problem about customer.email without words."}
