"""What is sold and has not left yet, at the places that stand for Vinoshipper."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from fulfillment.models import (
    Fulfillment,
    FulfillmentOrder,
    FulfillmentOrderLine,
    FulfillmentStatus,
    StockLocation,
    SyncStatus,
)
from fulfillment.stock.mapping import winery_skus

GONE = (FulfillmentStatus.SHIPPED, FulfillmentStatus.DELIVERED)
UNDECIDED = (SyncStatus.WAITING, SyncStatus.FAILED, SyncStatus.UNKNOWN)
# An order is followed, and so due, until it is delivered.
OPEN = Q(status__in=UNDECIDED) | Q(status=SyncStatus.SENT, due_at__isnull=False)


@dataclass(frozen=True, slots=True)
class Demand:
    """`is_taken`: Vinoshipper accepted it, and so took it off what its feed says is for sale."""

    store_id: int
    quantity: int
    is_taken: bool
    is_unclear: bool  # whether they have it is not known at this moment
    sent_at: datetime | None


def open_at_vinoshipper(locations: Collection[StockLocation]) -> dict[tuple[int, str], list[Demand]]:
    """(location id, SKU) -> what is to be shipped from there. Places of the winery's own have no entry."""
    places = {place.vinoshipper_account_id: place.pk for place in locations if place.vinoshipper_account_id}
    if not places:
        return {}
    shipped = Fulfillment.objects.filter(fulfillment_order=OuterRef("pk"), status__in=GONE)
    works = FulfillmentOrder.objects.filter(OPEN, ~Exists(shipped), account__in=places)
    lines = FulfillmentOrderLine.objects.filter(fulfillment_order__in=works).select_related(
        "fulfillment_order__order", "order_line"
    )
    names = winery_skus({place.winery_id for place in locations})
    found: dict[tuple[int, str], list[Demand]] = defaultdict(list)
    for line in lines:
        work, store = line.fulfillment_order, line.fulfillment_order.order.store_id
        sku = names.get((store, line.order_line.sku), line.order_line.sku)
        is_unclear = work.is_call_open or work.is_in_flight or work.status == SyncStatus.UNKNOWN
        demand = Demand(store, line.quantity, work.status == SyncStatus.SENT, is_unclear, work.sent_at)
        found[places[work.account_id], sku].append(demand)
    return dict(found)
