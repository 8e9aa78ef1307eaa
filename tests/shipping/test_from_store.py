"""What the store's staff did is taken in as they left it, and what they correct is corrected here."""

from dataclasses import replace
from typing import Any

import pytest

from crushsync.lib.queue import clock
from fulfillment import stock
from fulfillment.invariants import check
from fulfillment.models import Fulfillment
from fulfillment.shipping import take_in
from fulfillment.shipping.making import fresh
from orders.models import OrderEvent
from orders.storefronts.shipments import ShipmentStatus, StoreShipment, TrackingNumber
from tests.shipping.conftest import PINOT, ROSE, Cellar

UPS = "1Z999AA10123456784"


def read(cellar: Cellar, **changes: Any) -> Fulfillment:
    """The store's one fulfillment of the order is read, and this is what it is here."""
    stock.map_location(cellar.order.store, "71", cellar.place)
    told = StoreShipment(
        "9001", True, ((cellar.pinot.external_id, 2),), "UPS", (TrackingNumber(UPS, ""),), "71", "Cellar"
    )
    assert take_in(fresh(cellar.order), [replace(told, **changes)], clock())
    made: Fulfillment = Fulfillment.objects.get()
    assert (made.reported_hash, made.due_at) == (made.news_hash, None)  # the store has nothing to hear
    assert (cellar.counted(), cellar.on_hand()) == ({PINOT: 2, ROSE: 0}, 8)
    return made


@pytest.mark.parametrize(
    ("status", "has_left", "has_arrived"),
    [
        (ShipmentStatus.PENDING, False, False),
        (ShipmentStatus.SHIPPED, True, False),
        (ShipmentStatus.DELIVERED, True, True),
    ],
)
def test_what_left_or_arrived_before_it_was_read_has_its_dates(
    cellar: Cellar, status: ShipmentStatus, has_left: bool, has_arrived: bool
) -> None:
    made = read(cellar, status=status)
    assert (made.status, bool(made.shipped_at), bool(made.delivered_at)) == (status, has_left, has_arrived)
    assert not any(check().values())


def test_another_carrier_of_the_same_number_is_a_correction(cellar: Cellar) -> None:
    read(cellar)
    made = read(cellar, carrier="FedEx")
    assert (made.carrier, made.tracking_numbers, made.replaced_numbers) == ("FEDEX", [UPS], [])
    [event] = OrderEvent.objects.filter(code="tracking")
    assert event.sentence == f"Tracking changed in the store: UPS {UPS} → FedEx {UPS}."
    read(cellar, carrier="FedEx")
    assert OrderEvent.objects.filter(code="tracking").count() == 1


@pytest.mark.parametrize("shown", ["Other", "", "UPS "])
def test_the_stores_word_for_a_carrier_is_no_correction(cellar: Cellar, shown: str) -> None:
    read(cellar)
    assert read(cellar, carrier=shown).carrier == "UPS"
    assert not OrderEvent.objects.filter(code="tracking").exists()
