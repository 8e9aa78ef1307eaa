"""Workers killed with -9 while they tell the shop of a shipment: the shop shows it once and mails once."""

import json
from collections import Counter
from collections.abc import Sequence

import pytest

from fulfillment.models import Fulfillment, Outcome, ReportStatus, SyncAttempt
from fulfillment.reporting import ReportLane
from tests.crash.conftest import (
    KILLED,
    Workers,
    batches,
    heal,
    leases_end,
    make_due,
    shipped,
    slots_are_free,
)
from tests.flow.conftest import World

KILLS = 12  # at each of the three places
ORDERS = 18  # each of them meets two of the three deaths

pytestmark = pytest.mark.crash


def kill_each(workers: Workers, shipments: Sequence[Fulfillment], fault: str) -> None:
    for rows in batches(shipments, 1):
        slots_are_free()
        make_due(rows)
        assert workers.run("report", fault=fault) == [KILLED]


def mails(world: World) -> Counter[str]:
    """How often each order's customer was written to, as the shop's log tells."""
    told: Counter[str] = Counter()
    for call in world.calls("shopify"):
        variables = json.loads(call["request"])["variables"]
        if call["operation"] == "FulfillmentCreate" and variables["fulfillment"]["notifyCustomer"]:
            told[variables["message"]] += 1
        if call["operation"] == "FulfillmentTrackingUpdate" and variables["notifyCustomer"]:
            told["tracking changed"] += 1
    return told


def test_each_shipment_is_shown_once_and_its_customer_told_once(world: World, workers: Workers) -> None:
    shipments = shipped(world, ORDERS)
    kill_each(workers, shipments[:12], "call")
    kill_each(workers, shipments[6:], "answer")
    kill_each(workers, shipments[:6] + shipments[12:], "commit")
    leases_end()
    heal([ReportLane()], lambda: not Fulfillment.objects.exclude(report_status="reported").exists())

    for order in world.shop.orders():
        [shown] = order["fulfillments"]
        assert (shown["status"], shown["notify_customer"], len(shown["numbers"])) == ("SUCCESS", True, 1)
        assert shown["events"] == []  # UPS: Shopify follows the parcel itself
    assert mails(world) == {
        f"Shipped as order {made.fulfillment_order.number}": 1
        for made in Fulfillment.objects.select_related("fulfillment_order")
    }
    rows = Fulfillment.objects.values_list("report_status", "open_claims", "due_at")
    assert Counter(rows) == {(ReportStatus.REPORTED, 0, None): ORDERS}
    attempts = SyncAttempt.objects.filter(kind="report").values_list("outcome", "code")
    assert Counter(attempts) == {(Outcome.OK, ""): ORDERS, (Outcome.UNKNOWN, "cut_off"): 3 * KILLS}
