"""How far an order and its lines are, derived from its shipments: never stored as a second truth."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from fulfillment.models import Fulfillment, FulfillmentStatus
from orders.models import Order, OrderLine
from orders.storefronts.types import DeliveryMethod, LineKind


class OrderProgress(models.TextChoices):
    NOT_SHIPPED = "not_shipped", _("Not shipped")
    PENDING = "pending", _("Pending")  # packed, or a label printed: nothing moves yet
    PARTLY_SHIPPED = "partly_shipped", _("Partly shipped")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    CANCELED = "canceled", _("Canceled")  # in the store, and nothing of it was shipped


@dataclass(frozen=True, slots=True)
class LineProgress:
    """remaining = ordered (after cancellations and refunds) - in live fulfillments, never below 0."""

    line: OrderLine
    ordered: int
    shipped: int
    remaining: int


def order_progress(order: Order) -> OrderProgress:
    """All of the order together. Uses what is prefetched (`lines`, `fulfillments__lines`)."""
    live = _live(order)
    moving = [made for made in live if made.status != FulfillmentStatus.PENDING]
    if not live:
        return OrderProgress.CANCELED if order.cancelled_at else OrderProgress.NOT_SHIPPED
    if not moving:
        return OrderProgress.PENDING
    gone = _pieces(moving)
    if len(moving) < len(live) or any(line.quantity > gone[line.pk] for line in _to_hand_over(order)):
        return OrderProgress.PARTLY_SHIPPED
    is_there = all(made.status == FulfillmentStatus.DELIVERED for made in live)
    return OrderProgress.DELIVERED if is_there else OrderProgress.SHIPPED


def line_progress(order: Order) -> list[LineProgress]:
    """Every line of the order. Uses what is prefetched (`lines`, `fulfillments__lines`)."""
    shipped = _pieces(_live(order))
    return [
        LineProgress(line, line.quantity, shipped[line.pk], max(line.quantity - shipped[line.pk], 0))
        for line in order.lines.all()
    ]


def _live(order: Order) -> list[Fulfillment]:
    return [made for made in order.fulfillments.all() if made.is_live]


def _pieces(shipments: Iterable[Fulfillment]) -> Counter[int]:
    """Pieces in these shipments, by the order line's id."""
    found: Counter[int] = Counter()
    for made in shipments:
        for line in made.lines.all():
            found[line.order_line_id] += line.quantity
    return found


def _to_hand_over(order: Order) -> list[OrderLine]:
    """Goods that some shipment is to show: all but what was handed over in the shop."""
    return [
        line
        for line in order.lines.all()
        if line.kind == LineKind.GOODS and line.delivery_method != DeliveryMethod.NONE
    ]
