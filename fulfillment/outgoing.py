"""From our rows to the order Vinoshipper gets."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crushsync.accounts.models import RateRule, VinoshipperAccount
from crushsync.vinoshipper.types import Destination, OrderInput, Person, ProductLine, ShippingRate
from fulfillment.goods import is_boxed, shippable
from fulfillment.models import FulfillmentOrder, Listing
from orders.models import Order, OrderLine
from orders.storefronts.types import LineKind

# What shops call it -> UPS service. Codes: https://developer.vinoshipper.com/docs/creating-orders
# The first word found wins; ground is what is left.
DEFAULT_RATES = [
    ("next day", ("UPS", "01")),
    ("overnight", ("UPS", "01")),
    ("2nd day", ("UPS", "02")),
    ("2 day", ("UPS", "02")),
    ("2-day", ("UPS", "02")),
    ("two day", ("UPS", "02")),
    ("3 day", ("UPS", "12")),
    ("3-day", ("UPS", "12")),
    ("three day", ("UPS", "12")),
]
GROUND = ("UPS", "03")
CENT = Decimal("0.01")
# A store's own id inside our number. What is longer, or ends like another order's second sending, is told
# apart by its digest: whoever pushes orders gives them ids of any kind.
LONGEST_ID = 48
LIKE_A_VERSION = re.compile(r"-[0-9]{1,2}$")
# Of an order's body what comes from us and from settings: no change of it is one of the order.
OURS = frozenset({"orderNumber", "metaFields", "disableCustomerNotifications"})


def base_number(order: Order) -> str:
    """Our number for an order at Vinoshipper: from store and order alone, so a repeat is the same number."""
    own = order.external_id
    if len(own) > LONGEST_ID or LIKE_A_VERSION.search(own):
        digest = hashlib.sha256(own.encode()).hexdigest()
        own = f"{own[: LONGEST_ID - 17]}-{digest[:16]}"
    return f"{order.store.number_prefix}-{own}"


def number_of(order: Order, version: int) -> str:
    """The number of an order's nth sending; each void uses one up."""
    return base_number(order) if version == 1 else f"{base_number(order)}-{version}"


def order_input(work: FulfillmentOrder, listings: dict[tuple[int, str], str]) -> OrderInput:
    """The order to send. `listings` holds the SKUs that have another name there, by store and SKU.

    Needs order, store, lines and account loaded; asks the database nothing.
    """
    order = work.order
    account = work.partner
    shares = _shares(work)
    lines = [share.line for share in shares]
    ship_to = order.ship_to or {}
    return OrderInput(
        number=work.number,
        source_url=order.source_url,
        customer=_customer(order),
        ship_to=Destination(
            **{name: str(ship_to.get(name, "")) for name in _DESTINATION},
            phone=str(ship_to.get("phone") or order.phone),
        ),
        lines=tuple(_product_line(share, listings) for share in shares),
        rate=ShippingRate(*rate_for(account, order.shipping_method), price=order.shipping_price),
        taxes=_taxes(order, lines) - sum((share.kept_of(share.line.tax) for share in shares), Decimal(0)),
        fees=sum((_charged(line) for line in _fee_lines(order)), Decimal(0)),
        tip=order.tip,
        discount=sum(
            (share.line.discount - share.kept_of(share.line.discount) for share in shares), Decimal(0)
        ),
        producer_note=order.note,
        gift_note=order.gift_note,
        ship_date=order.ship_date,
        paid=True,
        silent=not account.customer_mails,
        meta=(("shop_order", order.name), ("shop", order.store.name)),
    )


_PLACE = ("street1", "street2", "city", "state", "postal_code", "country")
_DESTINATION = ("first_name", "last_name", "company", *_PLACE, "access_point_id")


def _customer(order: Order) -> Person:
    """Who bought: with the billing address, as age is verified against where somebody lives."""
    home: dict[str, Any] = order.bill_to or order.ship_to or {}
    return Person(
        first_name=order.first_name or str(home.get("first_name", "")),
        last_name=order.last_name or str(home.get("last_name", "")),
        email=order.email,
        phone=order.phone or str(home.get("phone", "")),
        date_of_birth=order.birth_date,
        **{name: str(home.get(name, "")) for name in _PLACE},
    )


@dataclass(frozen=True, slots=True)
class Share:
    """What of a line Vinoshipper ships: all but the `kept` pieces, which the winery ships itself."""

    line: OrderLine
    kept: int

    @property
    def quantity(self) -> int:
        return self.line.quantity - self.kept

    def kept_of(self, amount: Decimal) -> Decimal:
        """The part of the line's amount that is for the kept pieces."""
        return (amount * self.kept / self.line.quantity).quantize(CENT) if self.kept else Decimal(0)


def _shares(work: FulfillmentOrder) -> list[Share]:
    """Once it is sent, what was kept then stays kept: pieces that are free again are no change there."""
    lines = list(work.order.lines.all())
    if not work.was_sent:
        return [Share(line, line.quantity - line.left) for line in shippable(lines)]
    kept = {line.order_line_id: line.kept for line in work.lines.all()}
    shares = [Share(line, max(kept.get(line.pk, 0), line.shipped_here)) for line in lines if is_boxed(line)]
    return [share for share in shares if share.quantity > 0]


def _product_line(share: Share, listings: dict[tuple[int, str], str]) -> ProductLine:
    line = share.line
    sku = listings.get((line.order.store_id, line.sku), line.sku)
    return ProductLine(sku=sku, quantity=share.quantity, price=line.unit_price)


def _taxes(order: Order, shipped: list[OrderLine]) -> Decimal:
    """What was charged, but for the tax on goods that stay in the shop: picked up, digital, gift cards."""
    own = {line.pk for line in shipped}
    passed_on = (LineKind.FEE, LineKind.TIP)
    staying = [line for line in order.lines.all() if line.pk not in own and line.kind not in passed_on]
    return max(order.tax - sum((line.tax for line in staying), Decimal(0)), Decimal(0))


def _charged(line: OrderLine) -> Decimal:
    """What was paid for a line. A code for the whole order takes its part of fee lines, too."""
    return line.unit_price * line.quantity - line.discount


def _fee_lines(order: Order) -> list[OrderLine]:
    return [line for line in order.lines.all() if line.kind == LineKind.FEE and line.quantity > 0]


def rate_for(account: VinoshipperAccount, shipping_method: str) -> tuple[str, str]:
    """Carrier and rate code for a shop's shipping method: the winery's rules first, then the defaults."""
    name = shipping_method.casefold()
    rules: list[RateRule] = list(account.rate_rules.all())
    for rule in rules:
        if rule.contains.casefold() in name:
            return rule.carrier, rule.rate_code
    return next((rate for word, rate in DEFAULT_RATES if word in name), GROUND)


def listings_for(works: list[FulfillmentOrder]) -> dict[tuple[int, str], str]:
    """The listings of all these orders' stores, in one query."""
    stores = {work.order.store_id for work in works}
    rows = Listing.objects.filter(store__in=stores).values_list("store_id", "sku", "destination_sku")
    return {(store, sku): destination for store, sku, destination in rows}


def fingerprint(body: Mapping[str, Any]) -> str:
    """Of what the shop says in an order's body: tells whether Vinoshipper holds what it says now."""
    content = {key: value for key, value in body.items() if key not in OURS}
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_cents).encode()).hexdigest()


def _cents(amount: Decimal) -> str:
    """The same sum always looks the same: 0, as it was told, is the 0.00 that it is once it is stored."""
    return f"{amount:.2f}"
