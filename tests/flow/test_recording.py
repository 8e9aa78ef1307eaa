"""What is written down of an order that its shop has not finished telling."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crushsync.lib.queue import clock
from fulfillment.models import FulfillmentOrder
from fulfillment.recording import ROUTING, write_down
from fulfillment.tracking import LATEST
from orders.intake import Told
from orders.models import InboundHint
from orders.storefronts.shopify.payloads import to_order
from tests.factories import StoreFactory
from tests.storefronts.answers import CONNECTION, nodes, recorded_order


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=5), ROUTING),
        (timedelta(hours=2), timedelta(minutes=30)),
        (timedelta(days=8), LATEST),
    ],
    ids=str,
)
def test_a_shop_that_never_decides_is_asked_ever_more_seldom(age: timedelta, expected: timedelta) -> None:
    now = clock()
    order = replace(to_order(recorded_order(fulfillmentOrders=nodes()), CONNECTION), updated_at=now - age)
    assert not order.is_routed
    write_down([Told(StoreFactory.create(), order)], now)
    assert FulfillmentOrder.objects.get().reason_code == "not_routed"
    again = InboundHint.objects.get(topic="routing")
    assert again.due_at is not None
    assert again.due_at - now == expected
