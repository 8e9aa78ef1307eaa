"""Checks of what is in the box: known, in stock, allowed there, not too much, and paid for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.checks.base import Check, Fault, Level, Product, Shipment
from crushsync.lib.states import state_name

# https://vinoshipper.freshdesk.com/support/solutions/articles/9000216241-processing-shipment-orders-paid-for-in-a-different-pos
LARGEST_DISCOUNT = Decimal("0.6")


def bottles(pieces: Mapping[str, int], products: Mapping[str, Sequence[Product]] | None) -> Decimal:
    """So many pieces of each SKU in bottles of 750 ml; one that the feed does not know counts as one."""
    known = {sku: found[0] for sku, found in (products or {}).items() if found}
    counted = (known[sku].bottles(count) if sku in known else Decimal(count) for sku, count in pieces.items())
    return sum(counted, Decimal(0))


def _pieces(shipment: Shipment) -> Counter[str]:
    """How many pieces of each SKU travel, in all lines together."""
    pieces: Counter[str] = Counter()
    for line in shipment.lines:
        pieces[line.sku] += line.left
    return pieces


def _goods(shipment: Shipment) -> Iterator[tuple[str, int, Sequence[Product]]]:
    """Each SKU that travels, with how many pieces, and the feed's products of it."""
    for sku, count in _pieces(shipment).items():
        yield sku, count, (shipment.products or {}).get(sku, ())


def _odd(shipment: Shipment) -> Iterator[Fault]:
    if shipment.order.defects:
        yield Fault(" ".join(shipment.order.defects))


def _unknown(shipment: Shipment) -> Iterator[Fault]:
    if shipment.products is None:
        return
    for sku, _pieces, known in _goods(shipment):
        if not known:
            yield Fault(
                _("Vinoshipper has no approved product with the SKU %(sku)s.") % {"sku": sku or "(none)"}, sku
            )


def _ambiguous(shipment: Shipment) -> Iterator[Fault]:
    for sku, _pieces, known in _goods(shipment):
        if len(known) > 1:
            yield Fault(
                _("Vinoshipper has %(count)s products with the SKU %(sku)s.")
                % {"count": len(known), "sku": sku},
                sku,
            )


def _not_available(shipment: Shipment) -> Iterator[Fault]:
    state = shipment.order.ship_to_state
    for sku, _pieces, known in _goods(shipment):
        if known and all(state in product.not_available_in for product in known):
            told = _("Vinoshipper does not offer %(sku)s in %(state)s.")
            yield Fault(told % {"sku": sku, "state": state_name(state)}, sku)


def _sold_out(shipment: Shipment) -> Iterator[Fault]:
    for sku, pieces, known in _goods(shipment):
        left = max((product.inventory for product in known), default=pieces)
        if left < pieces:
            yield Fault(
                _("%(quantity)s of %(sku)s are ordered; Vinoshipper has %(left)s.")
                % {"quantity": pieces, "sku": sku, "left": left},
                sku,
            )


def _too_many(shipment: Shipment) -> Iterator[Fault]:
    most = shipment.most_bottles
    if most is not None and (count := bottles(_pieces(shipment), shipment.products)) > most:
        yield Fault(
            _("It holds %(count)s bottles of 750 ml; your limit for a shipment is %(most)s.")
            % {"count": f"{count.normalize():f}", "most": most}
        )


def _charged(shipment: Shipment) -> tuple[Decimal, Decimal]:
    """Value and discount of the goods in the shipment: Vinoshipper judges what it is sent."""
    value = sum((line.unit_price * line.left for line in shipment.lines), Decimal(0))
    return value, sum((line.discount * line.left / line.quantity for line in shipment.lines), Decimal(0))


def _nothing_charged(shipment: Shipment) -> Iterator[Fault]:
    value, discount = _charged(shipment)
    if shipment.lines and value <= discount:
        yield Fault(_("Nothing is charged for the goods of this order."))


def _discount(shipment: Shipment) -> Iterator[Fault]:
    value, discount = _charged(shipment)
    if value > discount > value * LARGEST_DISCOUNT:
        percent = (100 * discount / value).quantize(Decimal("0.1"), ROUND_UP)
        yield Fault(
            _("The discount is %(percent)s %% of the goods; Vinoshipper takes 60 %% at most.")
            % {"percent": percent}
        )


CHECKS = (
    Check("odd_order", lazy("order that makes no sense"), Level.BLOCKS, _odd, is_fixed=True),
    Check("nothing_charged", lazy("nothing charged"), Level.BLOCKS, _nothing_charged, is_fixed=True),
    Check("discount_too_large", lazy("discount over 60 %"), Level.BLOCKS, _discount, is_fixed=True),
    Check("unknown_sku", lazy("SKU that Vinoshipper does not know"), Level.BLOCKS, _unknown),
    Check("ambiguous_sku", lazy("SKU of several products"), Level.BLOCKS, _ambiguous),
    Check("not_available", lazy("product not available in the state"), Level.BLOCKS, _not_available),
    Check("sold_out", lazy("more ordered than in stock"), Level.WARNS, _sold_out),
    Check("too_many_bottles", lazy("more bottles than your limit"), Level.BLOCKS, _too_many),
)
