"""Store and Vinoshipper side by side: only what differs, each with the act that mends it."""

import pytest

from crushsync.lib.errors import SyncError
from fulfillment.comparing import Comparison, Row, compare
from fulfillment.models import AttemptKind, FulfillmentOrder, Outcome, SyncAttempt, SyncStatus
from orders.models import Order
from sandbox.shopify.samples import order_body
from tests.flow.conftest import World


@pytest.fixture
def sent(world: World) -> World:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    return world


def compared(world: World) -> Comparison:
    return compare(FulfillmentOrder.objects.select_related("order", "account").get(), actor="ana")


def row(world: World) -> Row:
    [only] = compared(world).rows
    return only


def test_the_same_on_both_sides(sent: World) -> None:
    before = FulfillmentOrder.objects.values().get()
    assert (compared(sent).is_there, compared(sent).rows) == (True, ())
    assert FulfillmentOrder.objects.values().get() == before
    looks = SyncAttempt.objects.filter(kind=AttemptKind.COMPARE, actor="ana", outcome=Outcome.OK)
    assert looks.count() == 2
    assert not looks.exclude(request={}, answer={}).exists()


def test_a_changed_address_names_both_and_the_way(sent: World) -> None:
    address = sent.shop.orders()[0]["rest"]["shipping_address"]
    sent.shop.edit(sent.order().external_id, {"shipping_address": {**address, "address1": "1 Other Street"}})
    sent.run(lambda: sent.work().attention_code == "changed_after_sending")
    found = row(sent)
    assert (found.label, found.in_store, found.at_vinoshipper) == (
        "Street",
        "1 Other Street",
        address["address1"],
    )
    assert found.action == "void-sync"
    sent.sandbox.vinoshipper.move(sent.work().number, "SHIPPED")
    moving = [found for found in compared(sent).rows if found.label == "Street"]
    assert [found.action for found in moving] == [""]


def test_cancelled_in_the_store_alone(sent: World) -> None:
    sent.shop.cancel(sent.order().external_id)
    sent.run(lambda: sent.work().attention_code == "cancelled_after_sending")
    assert (row(sent).label, row(sent).in_store, row(sent).action) == ("The order", "Canceled", "void-sync")


def test_cancelled_at_vinoshipper_alone(sent: World) -> None:
    sent.sandbox.vinoshipper.switch(lose_webhooks=True)
    sent.sandbox.vinoshipper.move(sent.work().number, "CANCELLED", reason="out of stock")
    assert (row(sent).at_vinoshipper, row(sent).action) == ("Canceled", "check-fulfillment")
    FulfillmentOrder.objects.update(status=SyncStatus.FAILED)
    assert row(sent).action == "retry"


def test_a_parcel_the_store_has_not_heard_of(sent: World) -> None:
    sent.sandbox.vinoshipper.switch(lose_webhooks=True)
    sent.sandbox.vinoshipper.move(sent.work().number, "SHIPPED")
    assert (row(sent).label, row(sent).in_store, row(sent).action) == ("Tracking", "–", "check-fulfillment")


def test_what_never_went_has_nothing_there(world: World) -> None:
    world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    FulfillmentOrder.objects.update(account=world.account)
    assert (row(world).at_vinoshipper, row(world).action) == ("Not there", "retry")
    Order.objects.update(cancelled_at=world.order().placed_at)
    assert (compared(world).is_there, compared(world).rows) == (False, ())


def test_when_vinoshipper_cannot_be_asked(sent: World) -> None:
    sent.sandbox.vinoshipper.account(key="another", secret="another")
    sent.account.credentials = {"api_key": "wrong", "api_secret": "wrong"}
    sent.account.save()
    with pytest.raises(SyncError):
        compared(sent)
    assert SyncAttempt.objects.filter(kind=AttemptKind.COMPARE, outcome=Outcome.CONNECTION).count() == 1
    assert not sent.work().needs_attention
