"""The main job, end to end: a shop's order reaches Vinoshipper once, and its tracking comes back."""

from decimal import Decimal
from pathlib import Path

from fulfillment.models import AttemptKind, FulfillmentStatus, Outcome, ReportStatus, SyncAttempt
from orders.models import HintState, InboundHint, Order
from sandbox.shopify.samples import CHARDONNAY, CORKSCREW, GIFT_CARD, PINOT, order_body
from tests.flow.conftest import World

RECORDED = Path(__file__).parents[1] / "fixtures/shopify/webhooks/orders_create.json"


def test_a_recorded_order_byte_for_byte(world: World) -> None:
    world.shop.place(RECORDED.read_text())
    world.run(world.is_sent)
    order = world.order()
    assert (order.name, order.external_id) == ("#1042", "6411122233344")
    assert (order.total, order.tax, order.shipping_price) == (
        Decimal("227.71"),
        Decimal("17.36"),
        Decimal("24.95"),
    )
    [there] = world.at_vinoshipper()
    assert there["number"] == f"{world.store.number_prefix}-6411122233344"
    sent = there["request"]
    assert sent["customer"]["dateOfBirth"] == {"day": 21, "month": 6, "year": 1984}
    assert [(line["productId"], line["quantity"], line["price"]) for line in sent["products"]] == [
        ("HO-PN23-750", 3, 38.0),
        ("HO-CH22-1500", 1, 72.0),
        ("HO-GEAR-CORK", 1, 18.0),
    ]
    assert sent["discount"]["productDiscount"] == {"type": "DOLLAR", "value": 18.6}
    assert (sent["taxes"], sent["paid"]) == (17.36, True)
    assert sent["shippingRate"] == {"carrier": "UPS", "rateCode": "03", "price": 24.95}


def test_tracking_comes_back_once(world: World) -> None:
    world.shop.place(order_body(number=1001, lines=(PINOT, CORKSCREW, GIFT_CARD)))
    world.run(world.is_sent)
    number = world.work().number
    world.sandbox.vinoshipper.move(number, "LABELS_GENERATED")
    world.run(lambda: world.shipment().status == FulfillmentStatus.PENDING)
    assert world.shipment().report_status == ReportStatus.NOT_YET
    world.sandbox.vinoshipper.move(number, "SHIPPED")
    world.run(world.is_reported)
    world.sandbox.vinoshipper.move(number, "DELIVERED")
    world.run(lambda: world.shipment().status == FulfillmentStatus.DELIVERED)
    world.run(lambda: world.shipment().reported_hash == world.shipment().news_hash)
    [shown] = world.shop.orders()[0]["fulfillments"]
    assert (shown["company"], shown["numbers"]) == ("UPS", world.at_vinoshipper()[0]["packages"])
    assert all(url.startswith("https://www.ups.com/") for url in shown["urls"])
    assert [event["status"] for event in shown["events"]][-1] == "DELIVERED"
    assert len(world.calls("shopify", "FulfillmentCreate")) == 1
    assert sum(line.quantity for line in world.shipment().lines.all()) == 2  # the gift card does not travel


def test_two_packages_merge(world: World) -> None:
    world.shop.place(order_body(number=1001, lines=(PINOT, CHARDONNAY)))
    world.run(world.is_sent)
    number = world.work().number
    world.sandbox.vinoshipper.move(number, "SHIPPED")
    world.run(world.is_reported)
    world.sandbox.vinoshipper.add_packages(number)
    world.run(lambda: len(world.shipment().tracking_numbers) == 2)
    world.run(lambda: world.shipment().reported_hash == world.shipment().news_hash)
    [shown] = world.shop.orders()[0]["fulfillments"]
    assert shown["numbers"] == world.shipment().tracking_numbers


def test_one_webhook_three_times_is_one_order(world: World) -> None:
    placed = world.shop.place(order_body(number=1001), deliver=[])
    [webhook_id] = world.shop.tell(placed["id"], "orders/create")
    world.shop.redeliver(webhook_id, copies=2)
    world.run(world.is_sent)
    world.run()
    assert InboundHint.objects.filter(topic="orders/create").count() == 1
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]


def test_an_update_before_its_create(world: World) -> None:
    placed = world.shop.place(order_body(number=1001), deliver=[])
    world.shop.tell(placed["id"], "orders/updated")
    world.run(world.is_sent)
    world.shop.tell(placed["id"], "orders/create")
    world.run()
    assert Order.objects.count() == 1
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]
    assert set(InboundHint.objects.values_list("state", flat=True)) == {HintState.DONE}


def test_a_timeout_after_acceptance_is_adopted(world: World) -> None:
    world.sandbox.add_fault("timeout_after_accept", system="vinoshipper", match="PUT *", seconds=4)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    assert there["puts"] == 1
    attempts = SyncAttempt.objects.filter(kind=AttemptKind.SEND).order_by("pk")
    assert [attempt.outcome for attempt in attempts] == [Outcome.UNKNOWN, Outcome.OK]
    assert attempts[0].sentence == "Vinoshipper did not answer within 2 seconds."
    assert "had it already" in attempts[1].sentence


def test_the_poll_finds_what_webhooks_missed(world: World) -> None:
    world.shop.place(order_body(number=1001), deliver=[])
    world.store.due_at = world.store.created_at
    world.store.save()
    world.run(world.is_sent)
    first = InboundHint.objects.filter(store=world.store).earliest("pk")
    assert first.source == "poll"  # the shop's own webhook comes later, as the echo of our mark


def test_following_finds_what_vinoshippers_webhooks_missed(world: World) -> None:
    world.sandbox.vinoshipper.switch(lose_webhooks=True)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    world.run(world.is_reported)
    assert world.shipment().status == FulfillmentStatus.SHIPPED


def test_the_echo_of_our_own_report_changes_nothing(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    world.run(world.is_reported)
    world.shop.tell(world.order().external_id, "orders/updated")
    world.run(lambda: not InboundHint.objects.filter(state=HintState.WAITING).exists())
    assert not world.work().needs_attention
    assert world.order().snapshots.count() == 1
