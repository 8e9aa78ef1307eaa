"""What the shop's staff see of us on an order: true to how it stands, and never in its way."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from crushsync.accounts import connections
from crushsync.lib.queue import drain
from fulfillment import marking
from fulfillment.actions import ACTIONS, Asked, run, why_not
from fulfillment.models import (
    AttemptKind,
    Fulfillment,
    FulfillmentStatus,
    MarkStatus,
    Outcome,
    ReportStatus,
    StoreMark,
    SyncAttempt,
    SyncStatus,
)
from fulfillment.reporting import ReportLane
from fulfillment.shipping import create_fulfillment, remaining
from orders.models import Store
from orders.storefronts.registry import connect
from sandbox.shopify.samples import Address, Line, order_body
from tests.flow.conftest import World

UTAH = Address(city="Salt Lake City", state="UT", zip="84101")
OKLAHOMA = Address(city="Tulsa", state="OK", zip="74103")
TYPO = Line("HO-TYPO")
NUMBER = "$app:vinoshipper.order_number"


def mark(world: World) -> StoreMark:
    return StoreMark.objects.get()


def is_shown(world: World) -> bool:
    return StoreMark.objects.filter(status=MarkStatus.SHOWN).exists()


def shown(world: World) -> dict[str, Any]:
    """What the shop's staff see: tags, number, and of the one fulfillment order its status and holds."""
    [order] = world.shop.orders()
    [work] = order["fulfillment_orders"]
    holds = [(hold["handle"], hold["reason"], hold["notes"]) for hold in work["holds"]]
    return {
        "tags": order["tags"],
        "number": order["metafields"].get(NUMBER),
        "work": work["status"],
        "holds": holds,
    }


def sell_where_refused(world: World) -> dict[str, Any]:
    world.account.ship_to_states = ["UT", "TX"]
    world.account.save()
    return world.shop.place(order_body(number=1001, address=UTAH))


def writes(world: World) -> int:
    return len(world.calls("shopify", "OrderMark"))


HELD = {
    "tags": ["vinoshipper-failed"],
    "number": None,
    "work": "ON_HOLD",
    "holds": [
        (
            "vinoshipper-compliance",
            "OTHER",
            "Vinoshipper: Vinoshipper may not ship this order to this address.",
        )
    ],
}


def test_an_accepted_order_shows_tag_number_and_progress(world: World) -> None:
    world.shop.place(order_body(number=1001, tags="club, gift"))
    world.run(lambda: is_shown(world))
    number = world.work().number
    assert shown(world) == {
        "tags": ["club", "gift", "vinoshipper-sent"],
        "number": number,
        "work": "IN_PROGRESS",
        "holds": [],
    }
    [attempt] = SyncAttempt.objects.filter(kind=AttemptKind.MARK)
    assert (attempt.outcome, attempt.answer) == (Outcome.OK, {"written": ["tag", "number", "progress"]})
    assert mark(world).sentence == "Shopify shows it now: tag, number, progress."
    [write] = world.calls("shopify", "OrderMark")
    assert json.loads(write["request"])["variables"]["progress"] == f"Accepted by Vinoshipper as {number}."


def test_the_number_is_pinned_once_for_each_shop(world: World) -> None:
    connect.cache_clear()  # a connector remembers what it has asked for
    for number in (1001, 1002):
        world.shop.place(order_body(number=number))
        world.run(lambda: is_shown(world) and not StoreMark.objects.exclude(status=MarkStatus.SHOWN))
    assert writes(world) == 2
    [definition] = world.calls("shopify", "MetafieldDefinitionCreate")
    asked = json.loads(definition["request"])["variables"]["definition"]
    assert (asked["namespace"], asked["key"], asked["pin"]) == ("$app:vinoshipper", "order_number", True)


def test_a_mark_is_written_once_and_its_echo_changes_nothing(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(lambda: is_shown(world))
    world.run()
    assert writes(world) == 1
    assert world.order().snapshots.count() == 1
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]


def test_a_shipped_order_keeps_its_mark_and_is_reported(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(lambda: is_shown(world))
    world.sandbox.vinoshipper.move(world.work().number, "DELIVERED")
    world.run(lambda: world.shipment().status == FulfillmentStatus.DELIVERED)
    world.run(world.is_reported)
    assert shown(world)["tags"] == ["vinoshipper-sent"]
    assert writes(world) == 1


@pytest.mark.parametrize("way", ["200", "400"])
def test_a_refused_order_is_held_with_our_words(world: World, way: str) -> None:
    world.sandbox.vinoshipper.switch(rejection=way)
    sell_where_refused(world)
    world.run(lambda: is_shown(world))
    assert shown(world) == HELD
    assert mark(world).is_held


def test_our_own_hold_is_no_reason_to_wait(world: World) -> None:
    placed = sell_where_refused(world)
    world.run(lambda: is_shown(world))
    world.shop.tell(placed["id"], "orders/updated")
    world.run()
    assert world.order().shop_holds == []
    assert (world.work().status, world.work().reason_code) == (SyncStatus.FAILED, "not_compliant")
    assert SyncAttempt.objects.filter(kind=AttemptKind.SEND).count() == 1


def test_a_corrected_order_goes_and_its_hold_is_released(world: World) -> None:
    placed = sell_where_refused(world)
    world.run(lambda: is_shown(world))
    world.shop.edit(placed["id"], {"shipping_address": Address().rest()})
    world.run(world.is_sent)
    world.run(lambda: mark(world).status == MarkStatus.SHOWN and not mark(world).is_held)
    assert shown(world) == {
        "tags": ["vinoshipper-sent"],
        "number": world.work().number,
        "work": "IN_PROGRESS",
        "holds": [],
    }
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    world.run(world.is_reported)


def test_a_shipment_waits_until_our_hold_is_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be refused for good for what we are about to take away ourselves."""
    placed = sell_where_refused(world)
    world.run(lambda: is_shown(world))
    monkeypatch.setattr(marking, "CALM", timedelta(days=10))  # a hundredth of it here
    world.shop.edit(placed["id"], {"shipping_address": Address().rest()})
    world.run(world.is_sent)
    world.sandbox.vinoshipper.move(world.work().number, "SHIPPED")
    world.run(lambda: Fulfillment.objects.filter(status=FulfillmentStatus.SHIPPED).exists())
    drain([ReportLane()], seconds=0.5)
    assert mark(world).is_held
    assert not SyncAttempt.objects.filter(kind=AttemptKind.REPORT).exists()
    StoreMark.objects.update(due_at=timezone.now())
    world.run(world.is_reported)
    assert SyncAttempt.objects.filter(kind=AttemptKind.REPORT).values_list("outcome", flat=True).get() == "ok"


def test_what_the_winery_ships_itself_waits_for_that_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell_where_refused(world)
    world.run(lambda: is_shown(world))
    monkeypatch.setattr(marking, "CALM", timedelta(days=10))
    order = world.order()
    create_fulfillment(order.pk, remaining(order), location=None, actor="ana")
    drain([ReportLane()], seconds=0.5)
    assert mark(world).is_held
    assert not SyncAttempt.objects.filter(kind=AttemptKind.REPORT).exists()
    StoreMark.objects.update(due_at=timezone.now())
    world.run(lambda: Fulfillment.objects.filter(report_status=ReportStatus.REPORTED).exists())
    assert SyncAttempt.objects.filter(kind=AttemptKind.REPORT).values_list("outcome", flat=True).get() == "ok"


def test_only_our_hold_is_released(world: World) -> None:
    placed = sell_where_refused(world)
    world.run(lambda: is_shown(world))
    world.hold_in_shop(placed["fulfillment_orders"][0]["id"])
    run("dont-send", world.work().pk, Asked("ana"))
    world.run(lambda: not mark(world).is_held)
    assert shown(world) == {
        "tags": [],
        "number": None,
        "work": "ON_HOLD",
        "holds": [("", "HIGH_RISK_OF_FRAUD", None)],
    }


def test_a_hold_that_is_there_already_is_left_as_it_is(world: World) -> None:
    """The answer to our hold was lost: the handle tells that it is ours."""
    world.sandbox.add_fault("accept_then_reset", system="shopify", match="OrderMark")
    sell_where_refused(world)
    world.run(lambda: is_shown(world))
    assert shown(world) == HELD
    outcomes = [
        attempt.outcome for attempt in SyncAttempt.objects.filter(kind=AttemptKind.MARK).order_by("pk")
    ]
    assert outcomes == [Outcome.UNKNOWN, Outcome.OK]
    assert writes(world) == 1


def test_another_reason_replaces_the_note_of_the_hold(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, lines=(TYPO,)))
    world.run(lambda: is_shown(world))
    assert shown(world)["holds"][0][2] == "Vinoshipper: Vinoshipper does not know one of the SKUs."
    world.account.ship_to_states = ["UT", "TX"]
    world.account.save()
    line = world.shop.orders()[0]["rest"]["line_items"][0]["id"]
    world.shop.edit(
        placed["id"], {"shipping_address": UTAH.rest()}, lines=[{"id": line, "sku": "HO-PN23-750"}]
    )
    world.run(lambda: world.work().reason_code == "not_compliant")
    world.run(lambda: is_shown(world))
    assert shown(world) == HELD


def test_what_we_ourselves_keep_back_is_tagged_but_not_held(world: World) -> None:
    world.shop.place(order_body(number=1001, birth_date="04/05/1980"))
    world.run(lambda: is_shown(world))
    assert world.work().reason_code == "birth_date_unclear"
    assert shown(world) == {"tags": ["vinoshipper-failed"], "number": None, "work": "OPEN", "holds": []}


def test_an_order_that_is_not_ours_to_send_is_left_alone(world: World) -> None:
    world.shop.place(order_body(number=1001, address=OKLAHOMA))
    world.run()
    assert StoreMark.objects.count() == 0
    assert world.calls("shopify", "OrderMarks") == []


def test_a_voided_order_says_so(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(lambda: is_shown(world))
    number = world.work().number
    run("void-sync", world.work().pk, Asked("ana", "wrong address"))
    world.run(lambda: world.work().status == SyncStatus.VOIDED and is_shown(world))
    assert shown(world)["tags"] == ["vinoshipper-voided"]
    assert shown(world)["number"] == f"{number} (voided)"
    run("retry", world.work().pk, Asked("ana"))
    world.run(lambda: world.is_sent() and is_shown(world))
    assert (shown(world)["tags"], shown(world)["number"]) == (["vinoshipper-sent"], f"{number}-2")


def test_a_shop_that_forbids_marks_gets_its_orders_sent(world: World) -> None:
    world.shop.configure(scopes=["read_orders"])
    world.shop.place(order_body(number=1001))
    world.run(lambda: StoreMark.objects.filter(status=MarkStatus.FAILED).exists())
    world.store.refresh_from_db()
    assert world.work().status == SyncStatus.SENT
    assert not world.store.is_paused
    assert "write_orders" in mark(world).sentence
    assert mark(world).due_at is None
    world.shop.configure(scopes=["write_orders", "write_merchant_managed_fulfillment_orders"])
    assert why_not(ACTIONS["show-again"], world.work()) == ""
    run("show-again", world.work().pk, Asked("ana"))
    world.run(lambda: is_shown(world))
    assert shown(world)["tags"] == ["vinoshipper-sent"]
    assert why_not(ACTIONS["show-again"], world.work()) == "The store shows how it stands, or is about to."


def test_wrong_credentials_park_the_mark_and_it_goes_on(world: World) -> None:
    world.sandbox.add_fault("status", system="shopify", match="OrderMark*", status=401, times=1)
    world.shop.place(order_body(number=1001))
    world.run(lambda: SyncAttempt.objects.filter(kind=AttemptKind.MARK).exists())
    world.run(lambda: is_shown(world))
    assert [
        attempt.outcome for attempt in SyncAttempt.objects.filter(kind=AttemptKind.MARK).order_by("pk")
    ] == [
        Outcome.CONNECTION,
        Outcome.OK,
    ]


def test_a_slow_shop_is_told_again(world: World) -> None:
    world.sandbox.add_fault("throttled", system="shopify", match="OrderMark*", times=2)
    world.shop.place(order_body(number=1001))
    world.run(lambda: is_shown(world))
    assert [
        attempt.outcome for attempt in SyncAttempt.objects.filter(kind=AttemptKind.MARK).order_by("pk")
    ] == [
        Outcome.TEMPORARY,
        Outcome.TEMPORARY,
        Outcome.OK,
    ]


def test_a_store_without_marks_shows_none(world: World) -> None:
    Store.objects.update(shows_marks=False)
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    world.run()
    assert StoreMark.objects.count() == 0
    assert world.shop.orders()[0]["tags"] == []


def test_turning_marks_off_takes_our_holds_away(world: World) -> None:
    sell_where_refused(world)
    world.run(lambda: is_shown(world))
    world.store.refresh_from_db()
    world.store.shows_marks = False
    connections.keep(world.store)
    world.run(lambda: not mark(world).is_held)
    assert shown(world) == {"tags": [], "number": None, "work": "OPEN", "holds": []}


def test_a_mark_names_nobody(world: World) -> None:
    world.sandbox.vinoshipper.account(age_fails=["Marquez"])
    world.shop.place(order_body(number=1001))
    world.run(lambda: is_shown(world))
    told = str([call["request"] for call in world.calls("shopify", "OrderMark")])
    assert "could not be verified" in told
    for personal in ("Marquez", "Elena", "Barton Springs", "1984", "example.com"):
        assert personal not in told
