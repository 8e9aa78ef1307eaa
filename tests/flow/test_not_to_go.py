"""An order that must not go any more, while nobody knows whether Vinoshipper has it."""

from datetime import timedelta

from django.utils import timezone

from compliance.catalog import client
from crushsync.vinoshipper.types import OrderInput
from fulfillment.models import FulfillmentOrder, SyncStatus
from fulfillment.outgoing import order_input
from sandbox.shopify.samples import Address, order_body
from tests.flow.conftest import World


def cancelled_meanwhile(world: World) -> OrderInput:
    """Nobody knows whether it arrived, and the customer has called it off; what was sent."""
    world.sandbox.add_fault("reset", system="vinoshipper", match="PUT *")
    placed = world.shop.place(order_body(number=1001))
    world.run(lambda: world.works() != [] and world.work().status == SyncStatus.UNKNOWN)
    work = FulfillmentOrder.objects.select_related("account", "order__store").get()
    sent = order_input(work, {})
    world.shop.cancel(placed["id"])
    return sent


def looks(world: World) -> list[int]:
    return [call["status"] for call in world.calls() if call["method"] == "GET"]


def test_what_never_arrived_is_looked_for_more_than_once(world: World) -> None:
    cancelled_meanwhile(world)
    world.run(lambda: world.work().status == SyncStatus.NOT_REQUIRED)
    assert (set(looks(world)), world.at_vinoshipper()) == ({404}, [])
    assert len(looks(world)) > 1
    assert (world.work().reason_code, world.work().needs_attention) == ("cancelled", False)


def test_what_arrives_after_the_first_look_is_found(world: World) -> None:
    """The call that was given up may be under way still: else the cancelled order would be shipped unseen."""
    sent = cancelled_meanwhile(world)
    world.run(lambda: 404 in looks(world))
    assert world.work().status == SyncStatus.UNKNOWN
    client(world.account).put_order(sent)
    world.run(world.is_sent)
    assert world.work().attention_code == "cancelled_after_sending"


def test_what_they_have_not_decided_about_is_not_gone(world: World) -> None:
    world.sandbox.vinoshipper.account(statuses={"Slow": "PENDING"})
    placed = world.shop.place(order_body(number=1001, address=Address(last_name="Slow")))
    world.run(lambda: world.works() != [] and world.work().reason_code == "partner_undecided")
    world.shop.cancel(placed["id"])
    world.run(lambda: world.order().cancelled_at is not None)
    before = len(looks(world))
    FulfillmentOrder.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    world.run(lambda: len(looks(world)) > before)
    assert world.work().status == SyncStatus.UNKNOWN
    world.sandbox.vinoshipper.say(world.work().number, status="SUCCESS")
    world.run(world.is_sent)
    assert world.work().attention_code == "cancelled_after_sending"
