"""The place that stands for Vinoshipper: what it ships is taken from there, and its own count is right.

Vinoshipper's feed tells what is for sale: an order it accepted is off that number and still in its house.
https://developer.vinoshipper.com/reference (the order's `restoreInventory` on canceling says the same)
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.queue import save_many
from crushsync.vinoshipper.types import ProductFeed
from fulfillment.models import (
    Fulfillment,
    FulfillmentStatus,
    MovementReason,
    StockLevel,
    StockLocation,
    StockMovement,
)
from fulfillment.stock.demand import GONE, Demand, open_at_vinoshipper
from fulfillment.stock.leaving import coming_back, gone_with, leaving
from fulfillment.stock.ledger import Move, lock_levels, move_many
from fulfillment.stock.low import note_low

# Codes of order events after which a shipment may have left, or be off.
MOVES_STOCK = frozenset({*GONE, "voided"})
# An order accepted this shortly before a reading may be missing in it.
FRESH = timedelta(minutes=2)


def book_shipments(order_ids: Collection[int]) -> list[StockMovement]:
    """Take from their places what Vinoshipper shipped of these orders, and put back what it canceled since.

    A repeat books nothing. Call inside the transaction in which the shipments moved.
    """
    made = (
        Fulfillment.objects.filter(
            order__in=order_ids,
            fulfillment_order__account__stock_location__isnull=False,
            status__in=(*GONE, FulfillmentStatus.CANCELED),
        )
        .select_related("order__store", "fulfillment_order__account__stock_location")
        .prefetch_related("lines__order_line")
        .order_by("pk")
    )
    shipments = list(made) if order_ids else []
    gone = gone_with(shipments)
    moves = [move for shipment in shipments for move in _moves(shipment, gone[shipment.pk])]
    return [movement for movement in move_many(moves) if movement]


def take_feed(account: VinoshipperAccount, feed: ProductFeed, now: datetime) -> list[StockMovement]:
    """Make the levels of the account's place what the feed says; a difference is a correcting movement.

    What is not told, told twice, or unclear because an order is on its way this moment, waits for the next
    reading. Call inside a transaction.
    """
    place = StockLocation.objects.filter(vinoshipper_account=account).first()
    if place is None:
        return []
    told = Counter(product.sku for product in feed.products)
    counts = {
        product.sku: product.inventory
        for product in feed.products
        if product.sku and product.is_stock_told and told[product.sku] == 1
    }
    demands = open_at_vinoshipper([place])
    moves, levels = [], lock_levels({(place.pk, sku) for sku in counts})
    for key, level in sorted(levels.items()):
        sold = demands.get(key, [])
        level.reserved = sum(demand.quantity for demand in sold)
        difference = counts[level.sku] + sum(d.quantity for d in sold if d.is_taken) - level.on_hand
        if difference and not any(_is_fresh(demand, now) for demand in sold):
            note = _("%(count)d for sale at Vinoshipper") % {"count": counts[level.sku]}
            reference = f"feed:{account.pk}:{account.fence}"
            moves.append(
                Move(
                    place,
                    level.sku,
                    difference,
                    MovementReason.VINOSHIPPER,
                    reference,
                    note=note,
                    may_go_negative=True,
                )
            )
    save_many(list(levels.values()), ["reserved"])
    booked = move_many(moves)
    note_low(place, StockLevel.objects.filter(location=place, low_at__isnull=False))
    return [movement for movement in booked if movement]


def _is_fresh(demand: Demand, now: datetime) -> bool:
    return demand.is_unclear or (demand.sent_at is not None and now - demand.sent_at < FRESH)


def _moves(shipment: Fulfillment, gone: Sequence[StockMovement]) -> list[Move]:
    """What is not in the ledger yet. What its SKUs are called may have changed since it left."""
    if not shipment.is_live:
        return coming_back(shipment, gone)
    if gone or shipment.fulfillment_order is None:
        return []
    place = shipment.fulfillment_order.partner.stock_location
    return leaving(shipment, place, list(shipment.lines.all()), may_go_negative=True)
