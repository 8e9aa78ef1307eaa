"""What is sent, and how it is known again."""

from decimal import Decimal
from typing import Any

import pytest

from fulfillment.models import FulfillmentOrder
from fulfillment.outgoing import fingerprint, number_of
from sandbox.shopify.samples import GIFT_CARD, PINOT, order_body
from tests.factories import OrderFactory
from tests.flow.conftest import World


def test_a_sum_is_the_same_before_and_after_it_is_stored() -> None:
    """Who pushes an order says 0; the database says 0.00. That is no change after sending."""
    told, stored = {"tipAmount": Decimal(0)}, {"tipAmount": Decimal("0.00")}
    assert fingerprint(told) == fingerprint(stored)
    assert fingerprint(told) != fingerprint({"tipAmount": Decimal("0.01")})


@pytest.mark.django_db
def test_the_longest_id_that_can_be_pushed_makes_a_number_that_can_be_kept() -> None:
    first, second = (OrderFactory.create(external_id=f"{'A' * 63}{n}") for n in "12")
    second.store = first.store
    numbers = [number_of(order, version) for order in (first, second) for version in (1, 99)]
    assert len(set(numbers)) == 4
    assert max(map(len, numbers)) <= (FulfillmentOrder._meta.get_field("number").max_length or 0)
    assert number_of(first, 1).startswith(f"{first.store.number_prefix}-AAAA")
    first.external_id = "B" * 48
    assert number_of(first, 1) == f"{first.store.number_prefix}-{'B' * 48}"


@pytest.mark.django_db
def test_an_id_that_looks_like_a_second_sending_is_another_order() -> None:
    order, part = OrderFactory.create(external_id="1042"), OrderFactory.create(external_id="1042-2")
    part.store = order.store
    assert number_of(order, 2) == f"{order.store.number_prefix}-1042-2"
    assert number_of(part, 1).startswith(f"{order.store.number_prefix}-1042-2-")


@pytest.mark.parametrize(
    "ours",
    [{"orderNumber": "A-1-2"}, {"metaFields": {"shop": "New"}}, {"disableCustomerNotifications": False}],
)
def test_what_is_ours_is_no_content(ours: dict[str, Any]) -> None:
    body = {"taxes": Decimal("1.25"), "orderNumber": "A-1", "metaFields": {"shop": "Old"}}
    assert fingerprint({**body, **ours}) == fingerprint(body)


def test_a_store_that_is_renamed_has_not_changed_its_orders(world: World) -> None:
    """A refund of what stays in the shop is no change for Vinoshipper, whatever the settings are by now."""
    body = order_body(number=1001, lines=(PINOT, GIFT_CARD))
    placed = world.shop.place(body)
    world.run(world.is_sent)
    world.store.name = "Another name"
    world.store.save(update_fields=["name"])
    world.account.customer_mails = True
    world.account.save(update_fields=["customer_mails"])
    world.shop.refund(placed["id"], body["line_items"][1]["id"], 1)
    world.run(lambda: world.order().lines.get(kind="gift_card").quantity == 0)
    assert not world.work().needs_attention
