"""map_sku, order_action, orders and explain"""

import getpass
import json

import pytest
from django.core.management import CommandError

from compliance.catalog import keep_feed
from crushsync.lib.queue import clock
from crushsync.vinoshipper.types import FeedProduct, ProductFeed
from fulfillment.actions import ACTIONS
from fulfillment.listings import try_skus_again
from fulfillment.models import FulfillmentOrder, Listing, SyncStatus
from orders.models import Order, OrderEvent
from tests.commands.conftest import Run
from tests.factories import (
    ADDRESS,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    ListingFactory,
    OrderFactory,
    StoreFactory,
    WineryFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> FulfillmentOrder:
    """#1042 of the winery oak, which failed because Vinoshipper does not know PINOT."""
    store = StoreFactory.create(winery__slug="oak", winery__name="Oak", name="Shop")
    order = OrderFactory.create(store=store, name="#1042", lines=1, lines__sku="PINOT")
    return FulfillmentOrderFactory.create(order=order, status=SyncStatus.FAILED, reason_code="unknown_sku")


def again(work: FulfillmentOrder) -> tuple[str, bool]:
    work.refresh_from_db()
    return work.status, work.due_at is not None


def test_a_mapped_sku_sends_what_waited_for_it(run: Run, work: FulfillmentOrder) -> None:
    other = FulfillmentOrderFactory.create(
        order__store=work.order.store, status=SyncStatus.FAILED, reason_code="unknown_sku"
    )
    told = run("map_sku", "--winery", "oak", "--store", "Shop", "PINOT", "PN-22")
    assert told == "PINOT of Shop is PN-22 at Vinoshipper. Orders that go again: 1."
    assert Listing.objects.values_list("sku", "destination_sku").get() == ("PINOT", "PN-22")
    assert again(work) == (SyncStatus.WAITING, True)
    assert again(other) == (SyncStatus.FAILED, False)
    assert run("map_sku", "--winery", "oak", "--store", "Shop", "PINOT", "PN-23").endswith("again: 0.")
    assert Listing.objects.get().destination_sku == "PN-23"


def test_a_blank_sku_is_refused(run: Run, work: FulfillmentOrder) -> None:
    with pytest.raises(CommandError, match="needs the SKU in the store and the SKU at Vinoshipper"):
        run("map_sku", "--winery", "oak", "--store", "Shop", "PINOT", " ")
    assert (Listing.objects.count(), again(work)) == (0, (SyncStatus.FAILED, False))


@pytest.mark.parametrize(("listed", "new"), [("", "PINOT"), ("PN-22", "PN-22")])
def test_a_product_new_in_the_feed_sends_what_waited_for_it(
    work: FulfillmentOrder, listed: str, new: str
) -> None:
    if listed:
        ListingFactory.create(store=work.order.store, sku="PINOT", destination_sku=listed)
    account = work.partner
    assert try_skus_again(account, []) == 0
    assert try_skus_again(account, ["ROSE"]) == 0
    assert again(work) == (SyncStatus.FAILED, False)
    assert try_skus_again(account, ["ROSE", new]) == 1
    assert again(work) == (SyncStatus.WAITING, True)


def test_only_what_was_not_in_the_feed_before_is_new(work: FulfillmentOrder) -> None:
    def feed(*skus: str) -> ProductFeed:
        return ProductFeed("Oak", tuple(FeedProduct(sku, sku, sku, "", 1, None, ()) for sku in skus), ())

    assert keep_feed(work.partner, feed("A", "B"), clock()) == {"A", "B"}
    assert keep_feed(work.partner, feed("B", "C"), clock()) == {"C"}


def test_an_action_is_done_by_who_is_at_the_prompt(run: Run, work: FulfillmentOrder) -> None:
    assert run("order_action", "dont-send", "1042", "--winery", "oak") == "#1042: Will not be sent."
    assert again(work) == (SyncStatus.DONT_SEND, False)
    assert OrderEvent.objects.get().actor == f"{getpass.getuser()} (command)"


def test_what_can_be_done_is_listed(run: Run, work: FulfillmentOrder) -> None:
    told = dict(
        line.split(maxsplit=1) for line in run("order_action", "#1042", "--winery", "oak").splitlines()
    )
    assert told["void-sync"] == "not now: It was never sent. Use Don't Send to keep it from going."
    assert told["retry"].startswith("The order is checked and sent again now.")
    assert set(told) == set(ACTIONS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["release", "1042"], "#1042: It is not on hold."),
        (["hold", "77"], "Oak has no order 77."),
        (["hold", "1042", "--store", "Attic"], "Oak has no store 'Attic'."),
    ],
)
def test_an_action_that_is_refused(
    run: Run, work: FulfillmentOrder, arguments: list[str], sentence: str
) -> None:
    with pytest.raises(CommandError) as refused:
        run("order_action", *arguments, "--winery", "oak")
    assert str(refused.value) == sentence
    assert (again(work), OrderEvent.objects.count()) == ((SyncStatus.FAILED, False), 0)


def test_two_orders_of_one_name_are_told_apart(run: Run, work: FulfillmentOrder) -> None:
    twin = FulfillmentOrderFactory.create(
        order__name="#1042", order__store__winery=work.order.winery, order__store__name="Club"
    )
    with pytest.raises(CommandError) as refused:
        run("order_action", "hold", "1042", "--winery", "oak")
    assert str(refused.value) == "There are 2 orders 1042, in Club, Shop. Name one with --store."
    run("order_action", "dont-send", "1042", "--winery", "oak", "--store", "Club")
    assert again(twin)[0] == SyncStatus.DONT_SEND
    assert again(work)[0] == SyncStatus.FAILED


def test_another_winerys_order_is_not_found(run: Run, work: FulfillmentOrder) -> None:
    WineryFactory.create(slug="elm", name="Elm")
    with pytest.raises(CommandError, match="Elm has no order 1042"):
        run("order_action", "dont-send", "1042", "--winery", "elm")
    assert run("orders", "--winery", "elm") == "There are no orders yet."


def test_the_list_says_how_orders_stand_and_names_nobody(run: Run, work: FulfillmentOrder) -> None:
    FulfillmentFactory.create(fulfillment_order=work)
    text = run("orders", "--winery", "oak", "--json")
    assert json.loads(text) == [
        {
            "order": "#1042",
            "id": work.order.external_id,
            "store": "Shop",
            "sync": [
                {
                    "status": "Failed to Send",
                    "code": "unknown_sku",
                    "reason": "",
                    "needs_attention": "",
                    "is_held": False,
                    "number": work.number,
                }
            ],
            "fulfillments": [
                {
                    "status": "Shipped",
                    "carrier": "UPS",
                    "tracking_numbers": ["1Z999AA10123456784"],
                    "report": "Not reported",
                }
            ],
        }
    ]
    people = [work.order.email, work.order.last_name, ADDRESS["street1"], "1980"]
    assert [secret for secret in people if secret in text] == []


def test_a_decision_is_explained_rule_by_rule(run: Run, work: FulfillmentOrder) -> None:
    told = json.loads(run("explain", "1042", "--winery", "oak", "--json"))
    assert (told["order"], told["status"], told["verdict"]) == ("#1042", "Failed to Send", "send")
    assert {"code", "sentence", "setting", "verdict"} == set(told["rules"][0])
    lines = run("explain", "1042", "--winery", "oak").splitlines()
    assert lines[0] == "#1042: Goes to Vinoshipper. It stands at: Failed to Send."
    assert len(lines) == 1 + len(told["rules"])
    assert again(work) == (SyncStatus.FAILED, False)


@pytest.mark.parametrize("command", ["explain", "dry_run"])
def test_a_setting_that_decided_is_named_to_scripts(run: Run, work: FulfillmentOrder, command: str) -> None:
    Order.objects.update(is_test=True)
    told = json.loads(run(command, "1042", "--winery", "oak", "--json"))
    assert (told["code"], told["setting"]) == ("test_order", "Store: send test orders")
