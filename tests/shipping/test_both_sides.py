"""Fulfillments made, corrected and canceled here and in the shop, over HTTP: the same on both sides."""

from typing import Any

import pytest

from crushsync.lib.queue import drain
from fulfillment.models import Fulfillment, Problem, StoreFulfillment
from fulfillment.rereading import HintLane
from fulfillment.shipping import Parcel, cancel_fulfillment, correct_tracking, map_place
from orders.models import OrderEvent
from tests.flow.conftest import World, sandbox_server, world
from tests.shipping.scene import CELLAR, PINOT, ROSE, SHOPFRONT, UNKNOWN, Scene, begin

__all__ = ["sandbox_server", "world"]

UPS, OTHER_UPS = "1Z999AA10123456784", "1Z12345E6605272234"


@pytest.fixture
def scene(world: World) -> Scene:
    return begin(world)


def shown(scene: Scene) -> list[tuple[Any, ...]]:
    """What the shop shows: place, pieces, status and numbers of each fulfillment."""
    skus = {str(row["id"]): row["sku"] for row in scene.in_shop["rest"]["line_items"]}
    return [
        (
            made["location"],
            {skus[key]: n for key, n in made["lines"].items()},
            made["status"],
            made["numbers"],
        )
        for made in scene.in_shop["fulfillments"]
    ]


def test_six_bottles_in_three_fulfillments_from_two_places(scene: Scene) -> None:
    first = scene.ship(scene.cellar, Parcel("", (UPS,)), pinot=2)
    scene.conserved()
    scene.quiet()
    scene.same()
    assert shown(scene) == [(CELLAR, {PINOT: 2}, "SUCCESS", [UPS])]

    second = scene.ship(scene.shopfront, pinot=1, rose=1)
    scene.conserved()
    scene.quiet()
    scene.same()
    assert shown(scene)[1] == (SHOPFRONT, {PINOT: 1, ROSE: 1}, "SUCCESS", [])

    correct_tracking(first.pk, Parcel("UPS", (OTHER_UPS,)), actor="elena")
    scene.quiet()
    scene.same()
    assert shown(scene)[0] == (CELLAR, {PINOT: 2}, "SUCCESS", [OTHER_UPS])

    cancel_fulfillment(second.pk, actor="elena")
    scene.conserved()
    scene.quiet()
    scene.same()
    assert [made[2] for made in shown(scene)] == ["SUCCESS", "CANCELLED"]

    scene.world.shop.fulfill(
        scene.order.external_id, {PINOT: 2, ROSE: 2}, location=SHOPFRONT, company="UPS", numbers=[UPS]
    )
    scene.quiet()
    scene.same()
    third = Fulfillment.objects.latest("pk")
    assert (third.location, third.carrier, third.tracking_numbers) == (scene.shopfront, "UPS", [UPS])
    assert scene.here() == scene.ordered
    assert Fulfillment.objects.count() == len(shown(scene)) == 3
    assert StoreFulfillment.objects.count() == 3


def test_work_assigned_elsewhere_is_moved_to_where_it_ships_from(scene: Scene) -> None:
    scene.ship(scene.shopfront, pinot=3)
    scene.quiet()
    scene.same()
    assert shown(scene) == [(SHOPFRONT, {PINOT: 3}, "SUCCESS", [])]
    work = [
        (fo["location"], sum(n["remaining"] for n in fo["lines"]))
        for fo in scene.in_shop["fulfillment_orders"]
    ]
    assert sorted(work) == [(CELLAR, 3), (SHOPFRONT, 0)]


def test_canceled_in_the_shop_is_canceled_here_and_stock_restored_once(scene: Scene) -> None:
    made = scene.ship(scene.cellar, pinot=4, rose=2)
    scene.quiet()
    made.refresh_from_db()
    scene.world.shop.cancel_fulfillment(made.store_fulfillment_id)
    scene.quiet()
    for _ in range(2):
        scene.world.shop.tell(scene.order.external_id, "orders/updated")
        scene.quiet()
    made.refresh_from_db()
    assert made.status == "canceled"
    scene.same()
    assert OrderEvent.objects.filter(code="canceled").count() == 1
    scene.ship(scene.cellar, pinot=4, rose=2)
    scene.quiet()
    scene.same()


def test_a_location_nobody_mapped_is_a_problem_until_somebody_says_what_it_is(scene: Scene) -> None:
    scene.world.shop.fulfill(scene.order.external_id, {PINOT: 3}, location=UNKNOWN)
    scene.quiet()
    assert scene.here() == scene.there() == {PINOT: 3}
    scene.conserved()
    [problem] = Problem.objects.filter(closed_at=None, code="unmapped_location")
    assert problem.sentence == "The store ships from Hollow Oak Pop-up, which means no place here."

    assert map_place(scene.world.store, UNKNOWN, scene.shopfront, actor="elena") == 1
    assert map_place(scene.world.store, UNKNOWN, scene.shopfront, actor="elena") == 0
    scene.conserved()
    assert scene.gone_from(scene.shopfront) == {PINOT: 3}
    problem.refresh_from_db()
    assert problem.closed_at is not None


def test_the_same_act_on_both_sides_is_one_fulfillment(scene: Scene) -> None:
    scene.world.shop.fulfill(scene.order.external_id, {PINOT: 4, ROSE: 2}, location=CELLAR)
    scene.ship(scene.cellar, Parcel("UPS", (UPS,)), pinot=4, rose=2)
    scene.quiet()
    scene.same()
    assert shown(scene) == [(CELLAR, {PINOT: 4, ROSE: 2}, "SUCCESS", [UPS])]
    assert Fulfillment.objects.count() == 1


def test_two_alike_made_at_once_are_two(scene: Scene) -> None:
    scene.ship(scene.cellar, pinot=1)
    scene.ship(scene.cellar, pinot=1)
    scene.quiet()
    scene.same()
    assert shown(scene) == [(CELLAR, {PINOT: 1}, "SUCCESS", [])] * 2


def test_pieces_fulfilled_on_both_sides_wait_for_a_person(scene: Scene) -> None:
    scene.world.shop.fulfill(
        scene.order.external_id, {PINOT: 3}, location=CELLAR, company="UPS", numbers=[UPS]
    )
    made = scene.ship(scene.cellar, Parcel("UPS", (OTHER_UPS,)), pinot=4)
    scene.quiet()
    scene.conserved()
    made.refresh_from_db()
    assert (made.report_status, scene.here()) == ("failed", {PINOT: 4})
    [problem] = Problem.objects.filter(closed_at=None, code="fulfilled_twice")

    cancel_fulfillment(made.pk, actor="elena")
    scene.world.shop.tell(scene.order.external_id, "orders/updated")
    scene.quiet()
    scene.same()
    assert scene.here() == {PINOT: 3}
    problem.refresh_from_db()
    assert problem.closed_at is not None


def test_alike_but_from_a_location_nobody_mapped_is_not_the_same_act(scene: Scene) -> None:
    scene.ship(scene.cellar, pinot=2)
    scene.world.shop.fulfill(scene.order.external_id, {PINOT: 2}, location=UNKNOWN)
    scene.world.sandbox.settle()
    drain([HintLane()], seconds=5, until_idle=True)
    assert Fulfillment.objects.count() == 2
    scene.quiet()
    scene.same()
    assert shown(scene) == [(UNKNOWN, {PINOT: 2}, "SUCCESS", []), (CELLAR, {PINOT: 2}, "SUCCESS", [])]


def test_one_of_more_pieces_in_the_shop_is_not_ours(scene: Scene) -> None:
    """It is not adopted, and canceling ours does not cancel it."""
    scene.world.shop.switch(webhooks="lose")
    scene.world.shop.fulfill(scene.order.external_id, {PINOT: 3}, location=CELLAR)
    made = scene.ship(scene.cellar, pinot=2)
    scene.quiet()
    made.refresh_from_db()
    assert made.report_status == "failed"

    scene.world.shop.switch(webhooks="send")
    cancel_fulfillment(made.pk, actor="elena")
    scene.quiet()
    scene.world.shop.tell(scene.order.external_id, "orders/updated")
    scene.quiet()
    scene.same()
    assert shown(scene) == [(CELLAR, {PINOT: 3}, "SUCCESS", [])]
    assert scene.here() == {PINOT: 3}


def test_what_is_refunded_of_work_at_two_places_leaves_the_shop_once(scene: Scene) -> None:
    """The stand-in's own arithmetic: the shop never has more work than the order has pieces left."""
    shop, key = scene.world.shop, scene.order.external_id
    shop.cancel_fulfillment(shop.fulfill(key, {PINOT: 2}, location=SHOPFRONT))
    shop.refund(key, PINOT, 1)
    last = shop.fulfill(key, {PINOT: 1}, location=CELLAR)
    shop.refund(key, PINOT, 3)
    shop.cancel_fulfillment(last)
    left = [line["remaining"] for work in scene.in_shop["fulfillment_orders"] for line in work["lines"]]
    assert sum(left) == 2  # the two of Rosé
