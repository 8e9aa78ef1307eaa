"""Taking a store's numbers over: a difference becomes a correcting movement once it was seen twice."""

from collections import Counter
from collections.abc import Sequence

from fulfillment.models import ListedStock, LocationMapping, MovementReason
from fulfillment.stock.ledger import Move, lock_levels, move_many
from fulfillment.stock.mapping import stock_skus
from orders.storefronts.inventory import ShopLevel


def take_over(mapping: LocationMapping, levels: Sequence[ShopLevel], reference: str) -> dict[str, int]:
    """Book what differs; returns the differences that are to be seen once more first, by item id.

    An order that the store has shipped and we have not read yet looks like a difference too, but not for
    long. What was never counted here is taken at once. A SKU that two products share is left alone. Call
    inside a transaction.
    """
    place = mapping.location
    names = stock_skus(mapping.store, {level.sku for level in levels})
    seen = Counter(names[level.sku] for level in levels if level.sku)
    clear = [level for level in levels if level.sku and seen[names[level.sku]] == 1]
    ours = lock_levels({(place.pk, names[level.sku]) for level in clear})
    before = dict(ListedStock.objects.filter(mapping=mapping).values_list("item_id", "difference"))
    moves, still_open = [], {}
    for level in clear:
        sku = names[level.sku]
        difference = level.on_hand - ours[place.pk, sku].on_hand
        if not difference:
            continue
        if level.item_id in before and before[level.item_id] != difference:
            still_open[level.item_id] = difference
            continue
        note = f"{mapping.store}: {level.on_hand}"
        moves.append(
            Move(place, sku, difference, MovementReason.STORE, reference, note=note, may_go_negative=True)
        )
    move_many(moves)
    return still_open
