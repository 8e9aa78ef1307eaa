"""Two workers at once, killed with -9 over what the winery ships itself: each act is one fulfillment in the
shop, and every bottle is in its place or in a box."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from crushsync.lib.queue import clock
from fulfillment.invariants import check
from fulfillment.models import Fulfillment, ReportStatus, StoreFulfillment
from fulfillment.reporting import ReportLane
from fulfillment.rereading import HintLane
from fulfillment.shipping import cancel_fulfillment
from orders.models import Order
from orders.polling import note_changes
from orders.storefronts.types import ChangedOrder
from sandbox.shopify.samples import Line, order_body
from tests.crash.conftest import KILLED, Workers, heal, leases_end, make_due, slots_are_free
from tests.flow.conftest import World
from tests.shipping.scene import PINOT, ROSE, Scene, begin

ORDERS, ACTS = 2, 3
# No row meets more than two deaths: with the third it would wait for a person.
DEATHS = ["call", "answer", "commit", "answer"]

pytestmark = pytest.mark.crash


@pytest.fixture
def scenes(world: World) -> list[Scene]:
    """Orders alike of one winery."""
    first = begin(world)
    lines = [Line(PINOT, quantity=4), Line(ROSE, "2024 Dry Rosé", quantity=2)]
    for number in range(2001, 2000 + ORDERS):
        world.shop.place(order_body(number=number, lines=lines))
    world.run(until=lambda: Order.objects.count() == ORDERS)
    return [replace(first, order=order) for order in Order.objects.order_by("pk")]


def kill_over(workers: Workers, scenes: list[Scene]) -> None:
    """What each order's shop is to be told meets two deaths, while the order is read again and again."""
    for place, death in enumerate(DEATHS):
        some = scenes[:1] if place < 2 else scenes[1:]
        note_changes(some[0].world.store, [ChangedOrder(scene.order.external_id, clock()) for scene in some])
        slots_are_free()
        make_due([made for scene in some for made in news(scene)])
        assert KILLED in workers.run("report", "hints", fault=death, count=2)
    leases_end()
    make_due([made for scene in scenes for made in news(scene)])
    heal([ReportLane(), HintLane()], lambda: all(scene.is_quiet() for scene in scenes))


def news(scene: Scene) -> list[Fulfillment]:
    return list(Fulfillment.objects.filter(order=scene.order, report_status=ReportStatus.WAITING))


def test_each_act_is_one_fulfillment_in_the_shop(
    scenes: list[Scene], workers: Workers, settings: Settings
) -> None:
    """Of each order two alike from one place and one from another; then the middle one is canceled."""
    settings.WAIT_FACTOR = 0.001
    for scene in scenes:
        scene.ship(scene.cellar, pinot=1)
        scene.ship(scene.cellar, pinot=1)
        scene.ship(scene.shopfront, pinot=1, rose=1)
    Fulfillment.objects.update(due_at=None)
    kill_over(workers, scenes)
    for scene in scenes:
        scene.same()
        assert [made["status"] for made in scene.in_shop["fulfillments"]] == ["SUCCESS"] * ACTS

    for scene in scenes:
        cancel_fulfillment(scene.live()[1].pk, actor="elena")
    Fulfillment.objects.update(due_at=None)
    kill_over(workers, scenes)
    for scene in scenes:
        scene.same()
        states = sorted(made["status"] for made in scene.in_shop["fulfillments"])
        assert states == ["CANCELLED", *["SUCCESS"] * (ACTS - 1)]
        assert scene.here() == {PINOT: 2, ROSE: 1}
    assert Fulfillment.objects.count() == StoreFulfillment.objects.count() == ORDERS * ACTS
    assert not any(check().values())
