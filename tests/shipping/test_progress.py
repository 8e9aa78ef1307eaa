"""How far an order is, by what has left of each line."""

from django.utils import timezone

from fulfillment.models import Fulfillment, FulfillmentStatus
from fulfillment.progress import OrderProgress, line_progress, order_progress
from fulfillment.shipping import cancel_fulfillment, create_fulfillment, move_on
from orders.models import Order
from tests.factories import OrderLineFactory
from tests.shipping.conftest import Cellar


def test_an_order_is_as_far_as_its_pieces(cellar: Cellar) -> None:
    OrderLineFactory.create(order=cellar.order, kind="gift_card", sku="")  # nothing that is shipped

    def ship(pinot: int, rose: int) -> Fulfillment:
        items = {cellar.pinot.pk: pinot, cellar.rose.pk: rose}
        return create_fulfillment(cellar.order.pk, items, location=cellar.place, actor="elena")

    def progress() -> OrderProgress:
        return order_progress(Order.objects.get())

    assert progress() == OrderProgress.NOT_SHIPPED
    first = ship(3, 2)
    assert progress() == OrderProgress.PENDING
    move_on(first.pk, FulfillmentStatus.DELIVERED, actor="elena")
    assert progress() == OrderProgress.PARTLY_SHIPPED  # one bottle is nowhere yet
    assert [line.remaining for line in line_progress(Order.objects.get())][:2] == [1, 0]

    second = ship(1, 0)
    assert progress() == OrderProgress.PARTLY_SHIPPED  # it is packed, and stands there
    move_on(second.pk, FulfillmentStatus.SHIPPED, actor="elena")
    assert progress() == OrderProgress.SHIPPED
    move_on(second.pk, FulfillmentStatus.DELIVERED, actor="elena")
    assert progress() == OrderProgress.DELIVERED


def test_what_is_off_was_not_shipped(cellar: Cellar) -> None:
    items = {cellar.pinot.pk: 4}
    made = create_fulfillment(cellar.order.pk, items, location=cellar.place, actor="elena")
    cancel_fulfillment(made.pk, actor="elena")
    assert order_progress(Order.objects.get()) == OrderProgress.NOT_SHIPPED
    Order.objects.update(cancelled_at=timezone.now())
    assert order_progress(Order.objects.get()) == OrderProgress.CANCELED
