"""What is always true of our rows. A breach is a mistake of ours, or of a hand in the database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import F, IntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from fulfillment.models import (
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    FulfillmentStatus,
    ListedStock,
    LocationMapping,
    StockLevel,
    StockMovement,
    SyncStatus,
)
from orders.models import OrderLine

MOST = 100  # breaches told of one invariant


@dataclass(frozen=True, slots=True)
class Invariant:
    """`breaches` says of each row what is wrong with it; nothing, where all is well."""

    code: str
    sentence: str
    breaches: Callable[[], Iterator[str]]


def levels_are_sums() -> Iterator[str]:
    mine = StockMovement.objects.filter(location=OuterRef("location"), sku=OuterRef("sku")).order_by()
    total = mine.values("sku").annotate(total=Sum("delta")).values("total")
    booked = Coalesce(Subquery(total, output_field=IntegerField()), 0)
    for level in StockLevel.objects.annotate(booked=booked).exclude(on_hand=F("booked"))[:MOST]:
        yield f"{level}: {level.on_hand} on hand, {level.booked} booked"


def every_movement_has_a_level() -> Iterator[str]:
    levels = StockLevel.objects.filter(location=OuterRef("location"), sku=OuterRef("sku"))
    lost = StockMovement.objects.annotate(level=Subquery(levels.values("pk")[:1])).filter(level=None)
    for movement in lost[:MOST]:
        yield f"{movement}: no level at location {movement.location_id}"


def the_latest_movement_tells_the_level() -> Iterator[str]:
    latest = StockMovement.objects.filter(location=OuterRef("location"), sku=OuterRef("sku")).order_by("-pk")
    told = Subquery(latest.values("level_after")[:1])
    for level in StockLevel.objects.annotate(told=told).exclude(told=None).exclude(on_hand=F("told"))[:MOST]:
        yield f"{level}: {level.on_hand} on hand, {level.told} after its latest movement"


def mappings_stay_in_one_winery() -> Iterator[str]:
    crossed = LocationMapping.objects.exclude(store__winery=F("location__winery"))
    for mapping in crossed.select_related("location")[:MOST]:
        yield f"{mapping}: store and place belong to two wineries"


def places_stay_in_one_winery() -> Iterator[str]:
    own = Q(location__vinoshipper_account=None) | Q(
        location__winery=F("location__vinoshipper_account__winery")
    )
    for level in StockLevel.objects.exclude(own).select_related("location")[:MOST]:
        yield f"{level}: the place stands for another winery's account"


def orders_go_to_their_winerys_account() -> Iterator[str]:
    sent = FulfillmentOrder.objects.exclude(account=None)
    for work in sent.exclude(account__winery=F("order__winery"))[:MOST]:
        yield f"{work}: goes to another winery's account"


def work_and_shipments_are_their_orders_winerys() -> Iterator[str]:
    for model in (FulfillmentOrder, Fulfillment):
        for row in model.objects.exclude(winery=F("order__winery"))[:MOST]:
            yield f"{model._meta.verbose_name} {row.pk}: of another winery than its order"


def what_was_sent_has_its_moment() -> Iterator[str]:
    for work in FulfillmentOrder.objects.filter(status=SyncStatus.SENT, sent_at=None)[:MOST]:
        yield f"{work}: sent, and nobody knows when"


def shipments_are_of_their_order() -> Iterator[str]:
    made = Fulfillment.objects.exclude(fulfillment_order=None)
    for shipment in made.exclude(order=F("fulfillment_order__order")).select_related("order")[:MOST]:
        yield f"{shipment}: its fulfillment order is another order's"


def what_was_delivered_had_left() -> Iterator[str]:
    undated = Fulfillment.objects.filter(
        Q(status=FulfillmentStatus.SHIPPED, shipped_at=None)
        | Q(status=FulfillmentStatus.DELIVERED, delivered_at=None)
    )
    for shipment in undated.select_related("order")[:MOST]:
        yield f"{shipment}: without its date"


def pieces_counted_are_in_shipments() -> Iterator[str]:
    own = FulfillmentLine.objects.filter(order_line=OuterRef("pk"), fulfillment__fulfillment_order=None)
    live = own.exclude(fulfillment__status=FulfillmentStatus.CANCELED).order_by()
    total = live.values("order_line").annotate(total=Sum("quantity")).values("total")
    packed = Coalesce(Subquery(total, output_field=IntegerField()), 0)
    for line in OrderLine.objects.annotate(packed=packed).exclude(shipped_here=F("packed"))[:MOST]:
        yield f"line {line.pk}: {line.shipped_here} counted as shipped here, {line.packed} in shipments"


def numbers_in_stores_are_shared() -> Iterator[str]:
    for listed in ListedStock.objects.filter(mapping__shares_stock=False)[:MOST]:
        yield f"{listed}: of a location that shares no numbers"


INVARIANTS = (
    Invariant("stock_sum", "A level is the sum of its movements", levels_are_sums),
    Invariant("stock_level", "Every movement has its level", every_movement_has_a_level),
    Invariant("stock_latest", "The latest movement tells the level", the_latest_movement_tells_the_level),
    Invariant("mapping_winery", "A mapping stays in one winery", mappings_stay_in_one_winery),
    Invariant("place_winery", "A place stands for its own winery's account", places_stay_in_one_winery),
    Invariant("pieces_counted", "What is shipped here is counted", pieces_counted_are_in_shipments),
    Invariant("listed_shared", "Numbers are kept of shared locations only", numbers_in_stores_are_shared),
    Invariant("account_winery", "An order goes to its winery's account", orders_go_to_their_winerys_account),
    Invariant("work_winery", "Work is its order's winery's", work_and_shipments_are_their_orders_winerys),
    Invariant("sent_at", "What was sent has its moment", what_was_sent_has_its_moment),
    Invariant("shipment_order", "A shipment is of its order", shipments_are_of_their_order),
    Invariant("shipment_dates", "What left or arrived has its date", what_was_delivered_had_left),
)


def check() -> dict[str, list[str]]:
    """Code of each invariant -> its breaches, at most MOST."""
    return {invariant.code: list(invariant.breaches()) for invariant in INVARIANTS}
