"""Order lines: what kind each is, how it is delivered, and what is left of it in pieces and money."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from crushsync.lib.text import clean_text
from orders.storefronts.shopify.values import CENT, ZERO, Reading, as_dict, as_list, legacy_id, nodes, to_cent
from orders.storefronts.types import DeliveryMethod, LineData, LineKind

# https://shopify.dev/docs/api/admin-graphql/2026-07/enums/DeliveryMethodType
DELIVERY_METHODS = {
    "SHIPPING": DeliveryMethod.SHIPPING,
    "PICK_UP": DeliveryMethod.PICKUP,
    "PICKUP_POINT": DeliveryMethod.PICKUP_POINT,
    "LOCAL": DeliveryMethod.LOCAL_DELIVERY,
    "RETAIL": DeliveryMethod.NONE,  # handed over at the counter
    "NONE": DeliveryMethod.NONE,
}
FEE_TITLES = ("State alcohol fee", "Retail delivery fee", "Container deposit", "CRV")
TIP_TITLES = frozenset({"tip", "tips", "gratuity"})
LONGEST_TITLE = 250  # of a line as it is kept; Shopify's own may be twice as long, with the variant's

# A fulfillment order that was moved, split or canceled stays in the list; the living ones speak first.
# https://shopify.dev/docs/api/admin-graphql/2026-07/enums/FulfillmentOrderStatus
_RANK = {"CANCELLED": 2, "CLOSED": 1}


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a line must know of its order; an order that is settled is not waiting to be routed."""

    taxes_included: bool
    is_settled: bool
    methods: Mapping[str, frozenset[DeliveryMethod]]  # by line id


def methods_by_line(fulfillment_orders: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[DeliveryMethod]]:
    """Return how each line is delivered, by its id; more than one method if the line is divided."""
    best: dict[str, int] = {}
    methods: dict[str, set[DeliveryMethod]] = {}
    for work in sorted(fulfillment_orders, key=_rank):
        method = as_dict(work.get("deliveryMethod")).get("methodType")
        for line in nodes(work.get("lineItems")):
            line_id = legacy_id(as_dict(line.get("lineItem")).get("id"))
            if best.setdefault(line_id, _rank(work)) == _rank(work):
                methods.setdefault(line_id, set()).add(_delivery_method(method))
    return {line_id: frozenset(found) for line_id, found in methods.items()}


def to_line(
    raw: Mapping[str, Any], facts: OrderFacts, fee_titles: Sequence[str], reading: Reading
) -> LineData:
    """Turn a line item into what is left of it; discounts and taxes come for the quantity once ordered."""
    title = clean_text(raw.get("title"), 300)
    line_id = legacy_id(raw.get("id"))
    what = f"the line {title[:80]!r}"
    if not line_id:
        reading.defect(f"Shopify gave no id for {what}.")
    ordered = reading.pieces(raw.get("quantity"), what)
    quantity = reading.pieces(raw.get("currentQuantity"), what)
    if quantity > ordered:
        reading.defect(f"Shopify gave more pieces left than ordered for {what}.")
        quantity = ordered
    price = reading.money(raw.get("originalUnitPriceSet"), f"the price of {what}")
    discount = _part(_sum(raw, "discountAllocations", "allocatedAmountSet", reading, what), quantity, ordered)
    tax = _part(_sum(raw, "taxLines", "priceSet", reading, what), quantity, ordered)
    if facts.taxes_included:
        price, discount = _without_tax(price, quantity, discount, tax)
    return LineData(
        external_id=line_id,
        sku=clean_text(raw.get("sku"), 100).strip(),
        title=_full_title(title, raw),
        kind=line_kind(raw, title, fee_titles),
        delivery_method=_line_method(raw, line_id, quantity, facts, reading, what),
        quantity=quantity,
        unit_price=price,
        discount=discount,
        tax=tax,
    )


def line_kind(raw: Mapping[str, Any], title: str, fee_titles: Sequence[str]) -> LineKind:
    """Tell what a line is; only GOODS go into a box."""
    is_shipped = raw.get("requiresShipping") is not False
    if raw.get("isGiftCard") is True:
        return LineKind.GIFT_CARD
    if not is_shipped and title.strip().lower() in TIP_TITLES:
        return LineKind.TIP
    if any(_is_fee(title, fee, is_shipped) for fee in (*fee_titles, *FEE_TITLES)):
        return LineKind.FEE
    return LineKind.GOODS if is_shipped else LineKind.DIGITAL


def _is_fee(title: str, fee: str, is_shipped: bool) -> bool:
    """A single word ("CRV") may be part of a wine's name: on what is shipped it must be the whole title."""
    words, fee_words = _words(title), _words(fee)
    if is_shipped and len(fee_words) < 2:
        return words == fee_words
    return f" {' '.join(fee_words)} " in f" {' '.join(words)} " if fee_words else False


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _rank(work: Mapping[str, Any]) -> int:
    return _RANK.get(clean_text(work.get("status"), 30), 0)


def _delivery_method(method: Any) -> DeliveryMethod:
    """No method at all is an old or imported order: those were shipped."""
    if method is None:
        return DeliveryMethod.SHIPPING
    return DELIVERY_METHODS.get(clean_text(method, 30), DeliveryMethod.UNKNOWN)


def _line_method(
    raw: Mapping[str, Any], line_id: str, quantity: int, facts: OrderFacts, reading: Reading, what: str
) -> DeliveryMethod:
    if raw.get("requiresShipping") is False:
        return DeliveryMethod.NONE
    methods = facts.methods.get(line_id, frozenset())
    if len(methods) > 1:
        reading.defect(f"{what[0].upper()}{what[1:]} is delivered in more than one way.")
        return DeliveryMethod.UNKNOWN
    if DeliveryMethod.UNKNOWN in methods:
        reading.defect(f"{what[0].upper()}{what[1:]} is delivered in a way that we do not know.")
    if methods:
        return next(iter(methods))
    return DeliveryMethod.SHIPPING if facts.is_settled or not quantity else DeliveryMethod.UNKNOWN


def _full_title(title: str, raw: Mapping[str, Any]) -> str:
    variant = clean_text(raw.get("variantTitle"), 100)
    full = f"{title} - {variant}" if variant and variant != "Default Title" else title
    return full[:LONGEST_TITLE]


def _sum(raw: Mapping[str, Any], field: str, amount: str, reading: Reading, what: str) -> Decimal:
    label = "a discount" if field == "discountAllocations" else "a tax"
    amounts = (as_dict(part).get(amount) for part in as_list(raw.get(field)))
    return sum((reading.money(bag, f"{label} of {what}") for bag in amounts), ZERO)


def _part(amount: Decimal, quantity: int, ordered: int) -> Decimal:
    return to_cent(amount * quantity / ordered) if ordered else ZERO


def _without_tax(price: Decimal, quantity: int, discount: Decimal, tax: Decimal) -> tuple[Decimal, Decimal]:
    """Take the tax out of a price that contains it. Rounding up leaves the odd cents in the discount, so that
    price x quantity - discount + tax is still exactly what was charged."""
    charged = price * quantity - discount
    if charged <= 0 or tax >= charged:
        return price, discount
    net = charged - tax
    net_price = (price * net / charged).quantize(CENT, rounding=ROUND_UP)
    return net_price, net_price * quantity - net
