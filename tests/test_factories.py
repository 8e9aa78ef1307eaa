"""The factories make trees that belong to one winery and cover each other."""

import pytest

from crushsync.accounts.models import VinoshipperAccount
from fulfillment.models import Fulfillment, SyncStatus
from tests.factories import (
    CatalogProductFactory,
    ComplianceEventFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    InboundHintFactory,
    ListingFactory,
    MembershipFactory,
    OrderEventFactory,
    OrderFactory,
    RateRuleFactory,
    StockLocationFactory,
    SyncAttemptFactory,
)

pytestmark = pytest.mark.django_db


def test_a_fulfillment_brings_its_whole_order() -> None:
    shipment: Fulfillment = FulfillmentFactory.create()
    order = shipment.order
    assert shipment.fulfillment_order is not None
    assert shipment.fulfillment_order.order == order
    assert shipment.fulfillment_order.status == SyncStatus.SENT
    assert shipment.fulfillment_order.account == order.store.vinoshipper_account
    assert order.winery == order.store.winery
    assert VinoshipperAccount.objects.get().winery == order.winery
    assert [(line.order_line, line.quantity) for line in shipment.lines.all()] == [(order.lines.get(), 2)]


def test_the_number_of_lines_can_be_told() -> None:
    assert OrderFactory.create(lines=3, lines__sku="X").lines.filter(sku="X").count() == 3
    assert FulfillmentOrderFactory.create(order=OrderFactory.create(lines=0)).lines.count() == 0


@pytest.mark.parametrize(
    "factory",
    [
        CatalogProductFactory,
        ComplianceEventFactory,
        InboundHintFactory,
        ListingFactory,
        MembershipFactory,
        OrderEventFactory,
        RateRuleFactory,
        StockLocationFactory,
        SyncAttemptFactory,
    ],
)
def test_every_factory_makes_two_rows(factory: type) -> None:
    first, second = factory.create_batch(2)  # type: ignore[attr-defined]
    assert first.pk != second.pk
