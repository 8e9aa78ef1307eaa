"""What Vinoshipper would compute for an order, beside what the shop charged. Asked for; nothing is made."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _

from crushsync.lib.errors import SyncError
from crushsync.vinoshipper.client import Vinoshipper
from crushsync.vinoshipper.types import AccessPoint, OrderInput
from fulfillment import money

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Estimate:
    """In dollars. What is None, Vinoshipper did not tell; `refusals` say why, in its words.

    `points` are the UPS Access Points near the address, where the order has to name one and does not.
    """

    taxes_charged: Decimal
    taxes: Decimal | None
    fees_charged: Decimal
    fees: Decimal | None
    shipping_charged: Decimal
    shipping: Decimal | None  # by the very carrier and rate code that would be sent
    not_offered: str  # that carrier and rate code, where Vinoshipper offers others for the address
    is_known_customer: bool | None
    points: tuple[AccessPoint, ...]
    refusals: tuple[str, ...]

    @property
    def sentences(self) -> list[str]:
        """All of it in words."""
        told = []
        if self.taxes is not None:
            told.append(money.in_words(_("tax"), self.taxes_charged - self.taxes))
        if self.fees is not None:
            told.append(money.in_words(_("state fees"), self.fees_charged - self.fees))
        if self.shipping is not None:
            sums = {"computed": self.shipping, "charged": self.shipping_charged}
            told.append(_("Shipping: %(computed)s at Vinoshipper, %(charged)s charged.") % sums)
        if self.not_offered:
            told.append(
                _("Vinoshipper does not offer %(rate)s for this address.") % {"rate": self.not_offered}
            )
        if self.is_known_customer is not None:
            known, new = _("Vinoshipper knows this customer."), _("This customer is new to Vinoshipper.")
            told.append(known if self.is_known_customer else new)
        place = _("UPS Access Point %(id)s: %(name)s, %(street1)s, %(city)s %(state)s %(postal_code)s")
        told += [place % {name: getattr(point, name) for name in point.__slots__} for point in self.points]
        return [*told, *self.refusals]


def estimate(vinoshipper: Vinoshipper, order: OrderInput, *, needs_point: bool) -> Estimate:
    """Ask what the order would come to. Calls out; nothing is made there.

    What cannot be had is left out: none of it decides whether the order may go.
    """
    refusals: dict[str, None] = {}

    def tell(ask: Callable[[], Told]) -> Told | None:
        try:
            return ask()
        except SyncError as error:
            refusals[error.sentence] = None
            return None

    taxes = tell(lambda: vinoshipper.estimate_taxes(order))
    rates = tell(lambda: vinoshipper.estimate_shipping(order)) or ()
    ours = (order.rate.carrier, order.rate.code)
    offered = {(rate.carrier, rate.code): rate.price for rate in rates}
    known = tell(lambda: vinoshipper.customers_with(order.customer.email)) if order.customer.email else None
    points = tell(lambda: vinoshipper.access_points(order.ship_to)) if needs_point else None
    return Estimate(
        taxes_charged=order.taxes,
        taxes=money.cents(taxes.taxes if taxes else None),
        fees_charged=order.fees,
        fees=money.cents(taxes.fees if taxes else None),
        shipping_charged=order.rate.price,
        shipping=money.cents(offered.get(ours)),
        not_offered=" ".join(ours) if offered and ours not in offered else "",
        is_known_customer=None if known is None else bool(known),
        points=points or (),
        refusals=tuple(refusals),
    )
