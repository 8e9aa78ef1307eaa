"""Stock movements of a fulfillment, whoever ships it: its bottles leave, and are back if it is canceled."""

from collections import Counter
from collections.abc import Sequence

from fulfillment.models import Fulfillment, FulfillmentLine, MovementReason, StockLocation
from fulfillment.stock.ledger import Move
from fulfillment.stock.mapping import stock_skus


def reference_of(made: Fulfillment) -> str:
    """What its movements refer to, in the ledger."""
    return f"fulfillment:{made.pk}"


def moves_of(
    made: Fulfillment,
    place: StockLocation,
    lines: Sequence[FulfillmentLine],
    *,
    is_back: bool,
    may_go_negative: bool,
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
    reference = reference_of(made)
    return [
        Move(
            place,
            sku,
            count if is_back else -count,
            MovementReason.RESTORED if is_back else MovementReason.SHIPPED,
            f"{reference}:canceled" if is_back else reference,
            actor=made.actor,
            note=str(made.order),
            may_go_negative=may_go_negative,
        )
        for sku, count in sorted(moved.items())
    ]
