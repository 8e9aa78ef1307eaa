"""What people do with stock. Each act has a reference of its own, so that a repeated click books nothing."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from fulfillment.models import MovementReason, StockLocation, StockMovement
from fulfillment.stock.ledger import Move, lock_levels, move, move_many

# Why a person may correct a level by hand -> which way that goes.
ADJUSTMENTS: dict[MovementReason, int] = {
    MovementReason.BROKEN: -1,
    MovementReason.POURED: -1,
    MovementReason.SOLD: -1,
    MovementReason.LOST: -1,
    MovementReason.FOUND: 1,
    MovementReason.RETURNED: 1,
}


def receive(
    location: StockLocation, sku: str, quantity: int, reference: str, *, actor: str = "", note: str = ""
) -> StockMovement | None:
    """Bottles came in. Raises ValidationError for a quantity below one."""
    _refuse_below_one(quantity)
    return move(location, sku, quantity, MovementReason.RECEIVED, reference, actor=actor, note=note)


def count(
    location: StockLocation,
    sku: str,
    counted: int,
    reference: str,
    *,
    actor: str = "",
    note: str = "",
    reason: MovementReason = MovementReason.COUNTED,
) -> StockMovement | None:
    """Somebody counted: the level becomes `counted`, by a movement of the difference.

    A count that agrees is written too, as a movement of 0: it is worth knowing. Raises ValidationError for
    a count below zero.
    """
    if counted < 0:
        raise ValidationError(_("A count cannot be below zero."), code="below_zero")
    with transaction.atomic():
        level = lock_levels({(location.pk, sku)})[location.pk, sku]
        difference = counted - level.on_hand
        return move(
            location, sku, difference, reason, reference, actor=actor, note=note, may_go_negative=True
        )


def transfer(
    source: StockLocation,
    target: StockLocation,
    sku: str,
    quantity: int,
    reference: str,
    *,
    actor: str = "",
    note: str = "",
) -> tuple[StockMovement, StockMovement] | None:
    """Bottles went from one place to another: two movements under one reference, or None for a repeat.

    Raises NotEnoughStock where the source has fewer, ValidationError for a quantity below one, for one and
    the same place, and for places of two wineries.
    """
    _refuse_below_one(quantity)
    if source.pk == target.pk or source.winery_id != target.winery_id:
        raise ValidationError(_("Choose two places of one winery."), code="places")
    out, into = move_many(
        Move(place, sku, delta, MovementReason.TRANSFER, reference, actor, note)
        for place, delta in ((source, -quantity), (target, quantity))
    )
    return (out, into) if out and into else None


def adjust(
    location: StockLocation,
    sku: str,
    quantity: int,
    reason: MovementReason,
    reference: str,
    *,
    actor: str = "",
    note: str = "",
) -> StockMovement | None:
    """Correct a level for one of ADJUSTMENTS; `quantity` is how many, the reason says which way.

    Raises NotEnoughStock where fewer are there, ValidationError for another reason or a quantity below one.
    """
    _refuse_below_one(quantity)
    if reason not in ADJUSTMENTS:
        raise ValidationError(_("This is no reason for a correction by hand."), code="reason")
    return move(location, sku, ADJUSTMENTS[reason] * quantity, reason, reference, actor=actor, note=note)


def _refuse_below_one(quantity: int) -> None:
    if quantity < 1:
        raise ValidationError(_("The quantity has to be at least one."), code="below_one")
