"""How many pieces of each line may still be shipped here.

remaining = ordered, after cancellations and refunds - in live fulfillments here - what Vinoshipper has.

The counter on the order line is the guard: it is raised in one statement together with its limit, and the
database itself refuses a counter above its limit. Two people, two workers, or a mistake in the code around it
cannot ship a piece twice.
"""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from fulfillment.models import FulfillmentOrder, FulfillmentStatus
from fulfillment.models.fulfillment_orders import OPEN_HERE
from fulfillment.shipping.parcels import Refused
from orders.models import Order, OrderLine
from orders.storefronts.types import LineKind

Pieces = Mapping[int, int]  # order line id -> how many


def to_ship_here() -> Q:
    """Orders that the winery has to ship itself, and of which something is left."""
    goods = OrderLine.objects.filter(order=OuterRef("pk"), kind=LineKind.GOODS)
    return Q(
        Exists(goods.filter(shipped_here__lt=F("quantity"))),
        cancelled_at=None,
        pk__in=FulfillmentOrder.objects.filter(OPEN_HERE).values("order"),
    )


def is_to_ship_here(order: Order) -> bool:
    """`to_ship_here` of one order. Uses what is prefetched (`lines`, `fulfillment_orders`)."""
    goods = (line for line in order.lines.all() if line.kind == LineKind.GOODS)
    return (
        order.cancelled_at is None
        and any(line.shipped_here < line.quantity for line in goods)
        and any(work.is_open_here for work in order.fulfillment_orders.all())
    )


def remaining(order: Order) -> dict[int, int]:
    """Pieces of each line of goods that may be shipped here, by the line's id. Reads only."""
    held = at_vinoshipper(order)
    return {
        line.pk: max(line.left - held.get(line.pk, 0), 0) if order.cancelled_at is None else 0
        for line in order.lines.all()
        if line.kind == LineKind.GOODS
    }


def at_vinoshipper(order: Order, *, lock: bool = False) -> dict[int, int]:
    """Pieces of each line that Vinoshipper has, or may have, by the line's id.

    `lock`: nothing is sent until the surrounding transaction ends.
    """
    works = FulfillmentOrder.objects.filter(order=order).order_by("pk").prefetch_related("lines")
    held: dict[int, int] = {}
    for work in works.select_for_update() if lock else works:
        if work.was_sent or work.fulfillments.exclude(status=FulfillmentStatus.CANCELED).exists():
            for line in work.lines.all():
                held[line.order_line_id] = held.get(line.order_line_id, 0) + line.quantity
    return held


def take(pieces: Pieces, held: Pieces, *, has_happened: bool = False) -> None:
    """Count the pieces as shipped here; `held` are Vinoshipper's. Call inside a transaction.

    Raises Refused, with nothing counted, for a piece too many. `has_happened`: the store shipped them.
    """
    try:
        with transaction.atomic():
            for pk, count in sorted(pieces.items()):
                most = F("shipped_here") + count if has_happened else F("shipped_here")
                OrderLine.objects.filter(pk=pk).update(
                    shippable_here=Greatest(F("quantity") - held.get(pk, 0), most),
                    shipped_here=F("shipped_here") + count,
                )
    except IntegrityError:
        raise Refused(_("Somebody has just shipped of the same pieces: fewer are left.")) from None


def give_back(pieces: Pieces) -> None:
    """The pieces may be shipped again. Call inside a transaction."""
    for pk, count in sorted(pieces.items()):
        OrderLine.objects.filter(pk=pk).update(shipped_here=F("shipped_here") - count)
