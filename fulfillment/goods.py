"""Which of an order's lines are goods that travel."""

from collections.abc import Sequence

from orders.models import OrderLine
from orders.storefronts.types import DeliveryMethod, LineKind

SHIPPED_BY_CARRIER = (DeliveryMethod.SHIPPING, DeliveryMethod.PICKUP_POINT)


def shippable(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """What travels in a box: goods still ordered, for a carrier, that the winery does not ship itself."""
    return [line for line in lines if is_boxed(line) and line.left > 0]


def is_boxed(line: OrderLine) -> bool:
    """Whether what is ordered of it goes with a carrier."""
    return line.kind == LineKind.GOODS and line.quantity > 0 and line.delivery_method in SHIPPED_BY_CARRIER
