"""What happens to an order, and why, through the shop. tests/problems reaches every reason there is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crushsync.accounts import connections
from crushsync.accounts.models import VinoshipperAccount
from fulfillment.models import AttemptKind, SyncStatus
from fulfillment.routing import decide, explain
from fulfillment.routing.shelf import Shelf
from sandbox.shopify.samples import CORKSCREW, PINOT, Address, order_body
from tests.factories import OrderFactory
from tests.flow.conftest import World

OKLAHOMA = Address(city="Tulsa", state="OK", zip="74103")


def test_unpaid_waits_and_goes_when_paid(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    assert (world.work().status, world.work().reason_code) == (SyncStatus.WAITING, "unpaid")
    assert world.calls() == []
    world.shop.mark_paid(placed["id"])
    world.run(world.is_sent)


def test_a_later_ship_date_waits_until_near(world: World) -> None:
    wanted = (datetime.now(UTC) + timedelta(days=60)).date()
    world.shop.place(order_body(number=1001, attributes={"Requested Ship Date": wanted.isoformat()}))
    world.run()
    work = world.work()
    assert (work.status, work.reason_code) == (SyncStatus.WAITING, "ship_date")
    assert work.due_at is not None
    assert 44 <= (work.due_at - datetime.now(UTC)).days <= 46
    assert world.accepted() == []


def test_a_near_ship_date_is_passed_on(world: World) -> None:
    wanted = (datetime.now(UTC) + timedelta(days=5)).date()
    world.shop.place(order_body(number=1001, attributes={"Requested Ship Date": wanted.isoformat()}))
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    assert there["request"]["specialInstructions"]["shipDate"] == wanted.isoformat()


def test_the_last_look_before_sending_counts_bottles_as_the_decision_did(world: World) -> None:
    """Where the two differed, an order was decided about again and again, and never sent."""
    VinoshipperAccount.objects.update(most_bottles=3, due_at=timezone.now())
    world.run(world.account.products.exists)
    world.shop.place(order_body(number=1001, lines=(PINOT, replace(CORKSCREW, quantity=10))))
    world.run(world.is_sent, seconds=5)
    assert [attempt.outcome for attempt in world.work().attempts.filter(kind=AttemptKind.SEND)] == ["ok"]


def test_an_access_point_goes_along(world: World) -> None:
    """Chosen but not named, it is asked about; named, it is sent, and known again after a lost answer."""
    placed = world.shop.place(order_body(number=1001), delivery_method="PICKUP_POINT")
    world.run()
    assert (world.work().status, world.work().attention_code) == (SyncStatus.FAILED, "access_point_unknown")
    assert world.calls() == []
    world.sandbox.add_fault("accept_then_reset", system="vinoshipper", match="PUT *")
    attributes = [{"name": "UPS_Access_Point_ID", "value": "U12345678"}]
    world.shop.edit(placed["id"], {"note_attributes": attributes})
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    assert there["request"]["shipToAddress"]["upsAccessPointId"] == "U12345678"
    assert (there["puts"], there["acceptances"]) == (1, 1)
    assert world.work().attention_code == ""


def test_a_new_order_may_wait_for_its_address(world: World) -> None:
    world.store.send_after = 3600
    world.store.save(update_fields=["send_after"])
    placed = world.shop.place(order_body(number=1001))
    world.run()
    work, order = world.work(), world.order()
    until = order.placed_at + timedelta(hours=1)
    assert (work.status, work.reason_code, work.due_at) == (SyncStatus.WAITING, "fresh", until)
    assert "so that the shop's apps can correct its address" in work.reason
    assert explain(order, now=until, shelf=Shelf(), work=work).verdict == "send"
    world.shop.edit(placed["id"], {"shipping_address": Address(address1="7 Corner St").rest()})
    world.run()
    assert (world.work().reason_code, world.calls()) == ("fresh", [])
    world.store.refresh_from_db()
    world.store.send_after = 0
    connections.keep(world.store)
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    assert there["request"]["shipToAddress"]["street1"] == "7 Corner St"
    assert (there["puts"], world.work().attention_code) == (1, "")


def test_explain_tells_every_rule_up_to_the_deciding_one(world: World) -> None:
    world.shop.place(order_body(number=1001, address=OKLAHOMA))
    world.run()
    told = explain(world.order(), now=datetime.now(UTC), shelf=Shelf(), work=world.work())
    assert told.setting == "Ship-to settings: states"
    assert [rule.verdict for rule in told.rules[:-1]] == [None] * (len(told.rules) - 1)
    # what if: another selection of states, nothing saved
    world.account.ship_to_states = ["OK"]
    told = explain(world.order(), now=datetime.now(UTC), shelf=Shelf(), account=world.account)
    assert told.verdict == "send"


@pytest.mark.parametrize(
    ("title", "rate"),
    [
        ("UPS Ground (Adult Signature)", ("UPS", "03")),
        ("UPS Next Day Air", ("UPS", "01")),
        ("UPS 2nd Day Air", ("UPS", "02")),
        ("UPS 3 Day Select", ("UPS", "12")),
        ("FedEx Home", ("FEDEX", "HOME")),
    ],
)
def test_the_shipping_method_becomes_a_rate_code(world: World, title: str, rate: tuple[str, str]) -> None:
    world.account.rate_rules.create(contains="fedex", carrier="FEDEX", rate_code="HOME")
    world.shop.place(order_body(number=1001, shipping_title=title))
    world.run(world.is_sent)
    sent = world.at_vinoshipper()[0]["request"]["shippingRate"]
    assert (sent["carrier"], sent["rateCode"]) == rate


def test_a_hold_in_the_shop_holds_here(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    world.hold_in_shop(placed["fulfillment_orders"][0]["id"])
    world.shop.mark_paid(placed["id"])
    world.run()
    assert (world.work().status, world.work().reason_code) == (SyncStatus.WAITING, "shop_hold")
    assert world.work().reason.startswith("The store holds it: ")
    assert world.accepted() == []


def test_another_selection_of_states_decides_again(world: World) -> None:
    world.shop.place(order_body(number=1001, address=OKLAHOMA))
    world.run()
    assert world.work().status == SyncStatus.NOT_REQUIRED
    world.account.ship_to_states = ["OK"]
    connections.keep(world.account)
    world.run(lambda: world.work().status != SyncStatus.NOT_REQUIRED)
    world.run()
    assert world.calls() != []


def test_a_setting_that_changes_nothing_sends_nothing(world: World) -> None:
    world.shop.place(order_body(number=1001, address=OKLAHOMA))
    world.run()
    world.account.send_days_ahead = 3
    connections.keep(world.account)
    world.run()
    assert (world.work().status, world.work().reason_code) == (SyncStatus.NOT_REQUIRED, "state_not_selected")
    assert world.work().reason == "Oklahoma is not in your states."
    assert world.calls() == []


@pytest.mark.django_db
def test_a_setting_is_told_also_where_the_store_has_the_longest_name() -> None:
    order = OrderFactory.create(store__name="N" * 120, store__ship_to_states=["AK"])
    work = decide(order)
    work.refresh_from_db()
    assert work.reason_code == "state_not_selected"
    assert work.reason_setting == f"Ship-to settings: states of {'N' * 92}"
