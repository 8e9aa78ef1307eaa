"""What the shop charged beside what Vinoshipper computed: the difference of each order, and of a month.

Vinoshipper settles it with the winery: too little is taken from the payout, too much belongs to the customer.
https://developer.vinoshipper.com/reference/createorder
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from crushsync.accounts.models import Winery
from fulfillment.models import FulfillmentOrder, SyncStatus

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


@dataclass
class AccountMonth:
    """One Vinoshipper account's orders of a month; differences are charged minus computed, in dollars."""

    account: str
    orders: int = 0
    taxes_charged: Decimal = NOTHING
    taxes_difference: Decimal = NOTHING
    fees_difference: Decimal = NOTHING
    differing: list[str] = field(default_factory=list)  # the orders' names in the shop

    def add(self, order: str, tax: Decimal, taxes: Decimal | None, fees: Decimal | None) -> None:
        self.orders += 1
        self.taxes_charged += tax
        self.taxes_difference += taxes or NOTHING
        self.fees_difference += fees or NOTHING
        if taxes or fees:
            self.differing.append(order)


def of_month(winery: Winery, month: date) -> list[AccountMonth]:
    """The winery's sums by account: orders sent in that month by its own clock, and not voided since."""
    zone = ZoneInfo(winery.time_zone)
    start = datetime(month.year, month.month, 1, tzinfo=zone)
    end = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=zone)
    sent = FulfillmentOrder.objects.filter(
        order__winery=winery, status=SyncStatus.SENT, sent_at__gte=start, sent_at__lt=end
    )
    sums: dict[str, AccountMonth] = {}
    columns = ("account__name", "order__name", "order__tax", "taxes_adjusted", "fees_adjusted")
    for account, *told_of_order in sent.order_by("account__name", "pk").values_list(*columns).iterator():
        sums.setdefault(account, AccountMonth(account)).add(*told_of_order)
    return list(sums.values())


def cents(amount: Decimal | None) -> Decimal | None:
    """An amount of Vinoshipper's as it is kept."""
    return None if amount is None else amount.quantize(CENT)


def told(work: FulfillmentOrder) -> list[str]:
    """The order's differences in sentences; [] while Vinoshipper has computed nothing."""
    named = [(_("tax"), work.taxes_adjusted), (_("state fees"), work.fees_adjusted)]
    return [in_words(name, amount) for name, amount in named if amount is not None]


def in_words(name: str, amount: Decimal) -> str:
    """A difference, charged minus computed, and who it concerns."""
    if not amount:
        return _("Vinoshipper computed the same %(name)s.") % {"name": name}
    if amount < 0:
        return _("%(amount)s less %(name)s charged than Vinoshipper computed: it comes off the payout.") % {
            "amount": -amount,
            "name": name,
        }
    return _("%(amount)s more %(name)s charged than Vinoshipper computed: it is the customer's.") % {
        "amount": amount,
        "name": name,
    }
