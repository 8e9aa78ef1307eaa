"""Checks of what is in the box: known, in stock, allowed there, not too much, and paid for."""

from collections.abc import Iterator
from decimal import ROUND_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.checks.base import Check, Fault, Level, Shipment
from orders.storefronts.types import LineKind

# https://vinoshipper.freshdesk.com/support/solutions/articles/9000216241-processing-shipment-orders-paid-for-in-a-different-pos
LARGEST_DISCOUNT = Decimal("0.6")


def bottles(shipment: Shipment) -> Decimal:
    """The shipment in bottles of 750 ml; a piece that the feed does not know counts as one."""
    total = Decimal(0)
    for line in shipment.lines:
        known = (shipment.products or {}).get(line.sku)
        total += known[0].bottles(line.quantity) if known else line.quantity
    return total


def _odd(shipment: Shipment) -> Iterator[Fault]:
    if shipment.order.defects:
        yield Fault(" ".join(shipment.order.defects))


def _unknown(shipment: Shipment) -> Iterator[Fault]:
    if shipment.products is None:
        return
    for line in shipment.lines:
        if not shipment.products.get(line.sku):
            yield Fault(
                _("Vinoshipper has no approved product with the SKU %(sku)s.")
                % {"sku": line.sku or "(none)"},
                line.sku,
            )


def _ambiguous(shipment: Shipment) -> Iterator[Fault]:
    for line in shipment.lines:
        found = (shipment.products or {}).get(line.sku, ())
        if len(found) > 1:
            yield Fault(
                _("Vinoshipper has %(count)s products with the SKU %(sku)s.")
                % {"count": len(found), "sku": line.sku},
                line.sku,
            )


def _not_available(shipment: Shipment) -> Iterator[Fault]:
    state = shipment.order.ship_to_state
    for line in shipment.lines:
        found = (shipment.products or {}).get(line.sku, ())
        if found and all(state in product.not_available_in for product in found):
            yield Fault(
                _("Vinoshipper does not offer %(sku)s in %(state)s.") % {"sku": line.sku, "state": state},
                line.sku,
            )


def _sold_out(shipment: Shipment) -> Iterator[Fault]:
    for line in shipment.lines:
        found = (shipment.products or {}).get(line.sku, ())
        if found and max(product.inventory for product in found) < line.quantity:
            left = max(product.inventory for product in found)
            yield Fault(
                _("%(quantity)s of %(sku)s are ordered; Vinoshipper has %(left)s.")
                % {"quantity": line.quantity, "sku": line.sku, "left": left},
                line.sku,
            )


def _too_many(shipment: Shipment) -> Iterator[Fault]:
    most = shipment.most_bottles
    if most is not None and (count := bottles(shipment)) > most:
        yield Fault(
            _("It holds %(count)s bottles of 750 ml; your limit for a shipment is %(most)s.")
            % {"count": f"{count.normalize():f}", "most": most}
        )


def _charged(shipment: Shipment) -> tuple[Decimal, Decimal]:
    """Value and discount of all goods still ordered, whoever ships them."""
    goods = [line for line in shipment.order.lines.all() if line.kind == LineKind.GOODS and line.quantity > 0]
    value = sum((line.unit_price * line.quantity for line in goods), Decimal(0))
    return value, sum((line.discount for line in goods), Decimal(0))


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
