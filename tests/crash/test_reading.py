"""Workers killed with -9 while they read orders from the shop: each order is written down once."""

from collections import Counter

import pytest

from crushsync.lib.queue import clock
from fulfillment.models import FulfillmentOrder, SyncAttempt
from fulfillment.rereading import HintLane
from orders.models import HintState, InboundHint, Order, OrderEvent
from orders.polling import note_changes
from orders.storefronts.types import ChangedOrder
from sandbox.shopify.samples import order_body
from tests.crash.conftest import KILLED, Workers, heal, leases_end, make_due, slots_are_free
from tests.flow.conftest import World

pytestmark = pytest.mark.crash


def all_read() -> bool:
    return not InboundHint.objects.filter(state=HintState.WAITING).exists()


@pytest.mark.parametrize("fault", ["call", "answer", "commit"])
def test_each_order_is_written_down_once(world: World, workers: Workers, fault: str) -> None:
    placed = [world.shop.place(order_body(number=1001 + place)) for place in range(8)]
    note_changes(world.store, [ChangedOrder(row["id"], clock()) for row in placed])
    InboundHint.objects.update(due_at=None)
    for hint in InboundHint.objects.all():
        slots_are_free()
        make_due([hint])
        assert workers.run("hints", fault=fault) == [KILLED]
    assert Order.objects.count() == 0
    leases_end()
    heal([HintLane()], all_read)
    assert Counter(InboundHint.objects.values_list("state", "tries", "open_claims")) == {("done", 0, 0): 8}
    assert Counter(Order.objects.values_list("external_id", flat=True)) == {row["id"]: 1 for row in placed}
    assert FulfillmentOrder.objects.filter(lines__quantity=1).count() == 8
    assert Counter(OrderEvent.objects.values_list("kind", flat=True)) == {"received": 8, "decided": 8}
    assert SyncAttempt.objects.filter(kind="read").count() == 8
