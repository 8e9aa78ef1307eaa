"""An order as Admin GraphQL tells it -> OrderData. Pure: no network, no models, and nothing here raises.

https://shopify.dev/docs/api/admin-graphql/2026-07/objects/Order
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crushsync.lib.text import clean_text
from orders.storefronts.shopify.attributes import (
    read_access_point,
    read_birth,
    read_gift_note,
    read_ship_date,
)
from orders.storefronts.shopify.fulfillments import is_cut, to_shipments
from orders.storefronts.shopify.lines import OrderFacts, methods_by_line, to_line
from orders.storefronts.shopify.marks import is_ours, may_progress
from orders.storefronts.shopify.values import (
    ZERO,
    Reading,
    as_dict,
    as_list,
    legacy_id,
    moment,
    nodes,
)
from orders.storefronts.types import (
    Address,
    DeliveryMethod,
    LineData,
    LineKind,
    OrderData,
    OrderKind,
    PaymentStatus,
    StoreConnection,
)

# https://shopify.dev/docs/api/admin-graphql/2026-07/enums/OrderDisplayFinancialStatus
PAYMENTS = {
    "PAID": PaymentStatus.PAID,
    "PENDING": PaymentStatus.PENDING,
    "AUTHORIZED": PaymentStatus.AUTHORIZED,
    "EXPIRED": PaymentStatus.VOIDED,  # the authorization lapsed: nothing can be collected any more
    "PARTIALLY_PAID": PaymentStatus.PARTIALLY_PAID,
    "PARTIALLY_REFUNDED": PaymentStatus.PARTIALLY_REFUNDED,
    "REFUNDED": PaymentStatus.REFUNDED,
    "VOIDED": PaymentStatus.VOIDED,
}
# While an upsell page is open Shopify holds the order for minutes: its lines may still change.
UPSELL_HOLD = "ONLINE_STORE_POST_PURCHASE_CROSS_SELL"
PROTECTED_DATA = (
    "Shopify did not show {missing}: either the app is not approved for protected customer data (ask for it "
    "in the app's API access settings), or the order has none."
)
MORE_SHIPPED = "More was shipped of the order in Shopify than Shopify tells: look at its fulfillments there."
_SHIPPED = (DeliveryMethod.SHIPPING, DeliveryMethod.PICKUP_POINT)


def order_url(base_url: str, order_id: str) -> str:
    """Return the order's page in the shop's admin."""
    return f"{base_url.rstrip('/')}/admin/orders/{order_id}"


def to_order(raw: Mapping[str, Any], connection: StoreConnection) -> OrderData:
    """Turn the `order` of the operation OrderForSync, with all pages of its lists, into OrderData."""
    reading = Reading(raw.get("currencyCode"))
    order_id = _identity(raw, reading)
    work = nodes(raw.get("fulfillmentOrders"))
    methods = methods_by_line(work)
    lines = _lines(raw, methods, connection, reading)
    ship_to = _address(raw.get("shippingAddress"), read_access_point(raw, connection, reading))
    bill_to = _address(raw.get("billingAddress"))
    first_name, last_name = _buyer(raw, bill_to, ship_to)
    _expect_recipient(ship_to, lines, reading)
    shipments = to_shipments(raw)
    if is_cut(raw) or not all(made.is_whole for made in shipments if made.is_live):
        reading.defect(MORE_SHIPPED)
    return OrderData(
        external_id=order_id,
        name=clean_text(raw.get("name"), 60),
        kind=OrderKind.SALE,
        placed_at=reading.moment(raw.get("processedAt"), "date of the order"),
        updated_at=reading.moment(raw.get("updatedAt"), "date of the last change"),
        cancelled_at=moment(raw.get("cancelledAt")),
        is_test=raw.get("test") is True,
        is_routed=_is_routed(lines, methods, work),
        payment=_payment(raw, reading),
        currency=reading.currency,
        email=_contact(raw, "email", "defaultEmailAddress", "emailAddress", 254),
        phone=_contact(raw, "phone", "defaultPhoneNumber", "phoneNumber", 40),
        first_name=first_name,
        last_name=last_name,
        birth_date=read_birth(raw, connection),
        ship_to=ship_to,
        bill_to=bill_to,
        shipping_method=_shipping_title(raw),
        shipping_price=_shipping_price(raw, reading),
        tax=reading.money(raw.get("currentTotalTaxSet"), "the tax"),
        tip=_tip(raw, lines, reading),
        total=reading.money(raw.get("currentTotalPriceSet"), "the total"),
        note=clean_text(raw.get("note"), 5_000),
        gift_note=read_gift_note(raw, connection),
        requested_ship_date=read_ship_date(raw, connection, reading),
        source_url=order_url(connection.base_url, order_id),
        lines=lines,
        defects=tuple(reading.defects),
        shop_holds=_holds(work),
        work_ids=tuple(clean_text(entry.get("id"), 100) for entry in work if may_progress(entry)),
        shipments=shipments,
    )


def _lines(
    raw: Mapping[str, Any],
    methods: Mapping[str, frozenset[DeliveryMethod]],
    connection: StoreConnection,
    reading: Reading,
) -> tuple[LineData, ...]:
    is_settled = bool(
        raw.get("cancelledAt") or raw.get("closed") or raw.get("displayFulfillmentStatus") == "FULFILLED"
    )
    facts = OrderFacts(raw.get("taxesIncluded") is True, is_settled, methods)
    return tuple(to_line(line, facts, connection.fee_titles, reading) for line in nodes(raw.get("lineItems")))


def _identity(raw: Mapping[str, Any], reading: Reading) -> str:
    order_id = legacy_id(raw.get("id"))
    if not order_id:
        reading.defect("Shopify gave no id for the order.")
    if not reading.currency:
        reading.defect("Shopify gave no readable currency for the order.")
    if not nodes(raw.get("lineItems")):
        reading.defect("Shopify gave no lines for the order.")
    return order_id


def _is_routed(
    lines: Sequence[LineData],
    methods: Mapping[str, frozenset[DeliveryMethod]],
    work: Sequence[Mapping[str, Any]],
) -> bool:
    is_open_upsell = any(as_dict(hold).get("reason") == UPSELL_HOLD for hold in _raw_holds(work))
    return not is_open_upsell and not any(
        line.delivery_method is DeliveryMethod.UNKNOWN and line.quantity and line.external_id not in methods
        for line in lines
    )


def _raw_holds(work: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The shop's holds. Ours says only what we know already, and must not keep us from sending."""
    held = (entry for entry in work if entry.get("status") == "ON_HOLD")
    holds = [hold for entry in held for hold in as_list(entry.get("fulfillmentHolds"))]
    return [hold for hold in holds if not is_ours(hold)]


def _holds(work: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the shop's reasons to wait. Staff's notes are left out: they may name people."""
    reasons = [clean_text(as_dict(hold).get("displayReason"), 200) or "On hold" for hold in _raw_holds(work)]
    for entry in work:
        if entry.get("status") == "SCHEDULED":
            when = moment(entry.get("fulfillAt"))
            reasons.append(f"Scheduled for {when:%Y-%m-%d}" if when else "Scheduled for later")
    return tuple(dict.fromkeys(reasons))


def _payment(raw: Mapping[str, Any], reading: Reading) -> PaymentStatus:
    status = raw.get("displayFinancialStatus")
    if status is None:  # an order of 0.00 has no status
        return PaymentStatus.PAID if raw.get("fullyPaid") is True else PaymentStatus.PENDING
    known = PAYMENTS.get(clean_text(status, 40))
    if known is None:
        reading.defect("Shopify gave a payment status we do not know.")
    return known or PaymentStatus.PENDING


def _address(raw: Any, access_point_id: str = "") -> Address | None:
    if not isinstance(raw, dict):
        return None
    first, last = clean_text(raw.get("firstName"), 100).strip(), clean_text(raw.get("lastName"), 100).strip()
    if not first and not last:
        first, _, last = clean_text(raw.get("name"), 200).strip().rpartition(" ")
    return Address(
        first_name=first[:100],
        last_name=last[:100],
        company=clean_text(raw.get("company"), 200).strip(),
        street1=clean_text(raw.get("address1"), 200).strip(),
        street2=clean_text(raw.get("address2"), 200).strip(),
        city=clean_text(raw.get("city"), 100).strip(),
        state=clean_text(raw.get("provinceCode"), 10).strip().upper(),
        postal_code=clean_text(raw.get("zip"), 20).strip(),
        country=clean_text(raw.get("countryCodeV2"), 2).upper(),
        phone=clean_text(raw.get("phone"), 40).strip(),
        access_point_id=access_point_id,
    )


def _buyer(raw: Mapping[str, Any], bill_to: Address | None, ship_to: Address | None) -> tuple[str, str]:
    """Return the name of who ordered: who is to be of age. A guest has only addresses."""
    customer = as_dict(raw.get("customer"))
    first, last = (clean_text(customer.get(field), 100).strip() for field in ("firstName", "lastName"))
    named = [address for address in (bill_to, ship_to) if address and address.last_name]
    if not last and named:
        return named[0].first_name, named[0].last_name
    return first, last


def _contact(raw: Mapping[str, Any], field: str, fallback: str, inner: str, limit: int) -> str:
    own = clean_text(raw.get(field), limit).strip()
    customers = as_dict(as_dict(raw.get("customer")).get(fallback)).get(inner)
    return own or clean_text(customers, limit).strip()


def _expect_recipient(ship_to: Address | None, lines: Sequence[LineData], reading: Reading) -> None:
    """Without permission for personal data Shopify answers with nulls: no address to be shipped to."""
    is_shipped = any(
        line.quantity and line.kind is LineKind.GOODS and line.delivery_method in _SHIPPED for line in lines
    )
    if not is_shipped:
        return
    if ship_to is None:
        reading.defect(PROTECTED_DATA.format(missing="the recipient's name and address"))
    elif not ship_to.first_name and not ship_to.last_name:
        reading.defect(PROTECTED_DATA.format(missing="the recipient's name"))
    elif not ship_to.street1:
        reading.defect(PROTECTED_DATA.format(missing="the recipient's street"))


def _shipping_lines(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [line for line in nodes(raw.get("shippingLines")) if line.get("isRemoved") is not True]


def _shipping_title(raw: Mapping[str, Any]) -> str:
    titles = (clean_text(line.get("title"), 200) for line in _shipping_lines(raw))
    return next((title for title in titles if title), "")


def _shipping_price(raw: Mapping[str, Any], reading: Reading) -> Decimal:
    price = reading.money(raw.get("currentShippingPriceSet"), "the shipping price")
    if raw.get("taxesIncluded") is not True:
        return price
    taxes = [tax for line in _shipping_lines(raw) for tax in as_list(line.get("taxLines"))]
    tax = sum((reading.money(as_dict(tax).get("priceSet"), "a tax on shipping") for tax in taxes), ZERO)
    return max(price - tax, ZERO)


def _tip(raw: Mapping[str, Any], lines: Sequence[LineData], reading: Reading) -> Decimal:
    """A tip at the checkout is a line too, which Shopify's sum counts; ours is for shops that sell one."""
    received = reading.money(raw.get("totalTipReceivedSet"), "the tip")
    tips = (line for line in lines if line.kind is LineKind.TIP)
    return received or sum((line.unit_price * line.quantity - line.discount for line in tips), ZERO)
