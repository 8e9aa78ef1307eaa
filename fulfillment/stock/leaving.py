"""Stock movements of a fulfillment, whoever ships it: its bottles leave, and are back if it is canceled."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence

from fulfillment.models import Fulfillment, FulfillmentLine, MovementReason, StockLocation, StockMovement
from fulfillment.stock.ledger import Move
from fulfillment.stock.mapping import stock_skus


def leaving(
    made: Fulfillment, place: StockLocation, lines: Sequence[FulfillmentLine], *, may_go_negative: bool
) -> list[Move]:
    """One movement for each SKU of the lines; what has no SKU has no stock either."""
    counts = Counter[str]()
    for line in lines:
        counts[line.order_line.sku] += line.quantity
    del counts[""]
    names = stock_skus(made.order.store, list(counts))
    moved = Counter[str]()
    for sku, count in counts.items():
        moved[names[sku]] += count
    return [
        Move(
            place,
            sku,
            -count,
            MovementReason.SHIPPED,
            _reference(made),
            actor=made.actor,
            note=str(made.order),
            may_go_negative=may_go_negative,
        )
        for sku, count in sorted(moved.items())
    ]


def coming_back(made: Fulfillment, gone: Iterable[StockMovement]) -> list[Move]:
    """What has left with it is where it was, under the SKU it had then."""
    return [
        Move(
            movement.location,
            movement.sku,
            -movement.delta,
            MovementReason.RESTORED,
            f"{_reference(made)}:canceled",
            actor=made.actor,
            note=str(made.order),
            may_go_negative=True,
        )
        for movement in gone
    ]


def gone_with(shipments: Collection[Fulfillment]) -> dict[int, list[StockMovement]]:
    """What the ledger says has left with each, by its id."""
    owners = {_reference(made): made.pk for made in shipments}
    found: dict[int, list[StockMovement]] = defaultdict(list)
    for movement in StockMovement.objects.filter(reference__in=owners).select_related("location"):
        found[owners[movement.reference]].append(movement)
    return found


def _reference(made: Fulfillment) -> str:
    return f"fulfillment:{made.pk}"
