"""An order as Shopify tells it becomes exactly these values."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from orders.storefronts.shopify.payloads import PAYMENTS, to_order
from orders.storefronts.types import (
    Address,
    BirthDate,
    BirthDateState,
    DeliveryMethod,
    LineData,
    LineKind,
    OrderData,
    OrderKind,
    PaymentStatus,
)
from tests.storefronts.answers import (
    CONNECTION,
    ORDER_ID,
    line,
    money,
    nodes,
    recorded_order,
    work,
)

ELENA = Address(
    first_name="Elena",
    last_name="Marquez",
    street1="1200 Barton Springs Rd",
    street2="Apt 5",
    city="Austin",
    state="TX",
    postal_code="78704",
    country="US",
    phone="+15125550142",
)
SHIPPED = (LineKind.GOODS, DeliveryMethod.SHIPPING)
ORDER_1042 = OrderData(
    external_id=ORDER_ID,
    name="#1042",
    kind=OrderKind.SALE,
    placed_at=datetime(2026, 11, 18, 16, 42, 5, tzinfo=UTC),
    updated_at=datetime(2026, 11, 18, 16, 42, 8, tzinfo=UTC),
    cancelled_at=None,
    is_test=False,
    is_routed=True,
    payment=PaymentStatus.PAID,
    currency="USD",
    email="elena.marquez@example.com",
    phone="",
    first_name="Elena",
    last_name="Marquez",
    birth_date=BirthDate(BirthDateState.KNOWN, date(1984, 6, 21), "order attribute Date of Birth"),
    ship_to=ELENA,
    bill_to=ELENA,
    shipping_method="UPS Ground (Adult Signature)",
    shipping_price=Decimal("24.95"),
    tax=Decimal("17.36"),
    tip=Decimal("0.00"),
    total=Decimal("227.71"),
    note="Please leave with the front desk.",
    gift_note="Happy anniversary!",
    requested_ship_date=None,
    source_url=f"https://hollow-oak.myshopify.com/admin/orders/{ORDER_ID}",
    work_ids=("gid://shopify/FulfillmentOrder/6900000000001",),
    lines=(
        LineData(
            *("15700000000001", "HO-PN23-750", "2023 Estate Pinot Noir - 750ml", *SHIPPED, 3),
            *(Decimal("38.00"), Decimal("11.40"), Decimal("8.46")),
        ),
        LineData(
            *("15700000000002", "HO-CH22-1500", "2022 Reserve Chardonnay - 1.5L", *SHIPPED, 1),
            *(Decimal("72.00"), Decimal("7.20"), Decimal("5.35")),
        ),
        LineData(
            *("15700000000003", "HO-GEAR-CORK", "Waiter's Corkscrew", *SHIPPED, 1),
            *(Decimal("18.00"), Decimal("0.00"), Decimal("1.49")),
        ),
    ),
)


def _defects(**changes: Any) -> tuple[str, ...]:
    return to_order(recorded_order(**changes), CONNECTION).defects


def _of_lines(*lines: dict[str, Any], **changes: Any) -> OrderData:
    """An order of these lines, all shipped unless `fulfillmentOrders` says otherwise."""
    shipped = work(1, {number + 1: 1 for number in range(len(lines))})
    given = {"lineItems": nodes(*lines), "fulfillmentOrders": nodes(shipped), **changes}
    return to_order(recorded_order(**given), CONNECTION)


def test_the_recorded_order_to_the_last_cent() -> None:
    order = to_order(recorded_order(), CONNECTION)
    assert order == ORDER_1042
    goods = sum(entry.unit_price * entry.quantity - entry.discount for entry in order.lines)
    assert goods + order.shipping_price + order.tax == order.total


def test_a_mixed_order_is_told_apart_line_by_line() -> None:
    order = to_order(recorded_order("order__mixed"), CONNECTION)
    assert [(entry.sku, entry.kind, entry.delivery_method, entry.quantity) for entry in order.lines] == [
        ("HO-CS21-750", LineKind.GOODS, DeliveryMethod.SHIPPING, 2),
        ("HO-TASTE", LineKind.GOODS, DeliveryMethod.PICKUP, 1),
        ("", LineKind.GIFT_CARD, DeliveryMethod.NONE, 1),
        ("", LineKind.TIP, DeliveryMethod.NONE, 1),
        ("FEE-ALC", LineKind.FEE, DeliveryMethod.NONE, 2),
        ("CRV", LineKind.FEE, DeliveryMethod.SHIPPING, 2),
        ("VT-1", LineKind.DIGITAL, DeliveryMethod.NONE, 1),
        ("HO-RO24-750", LineKind.GOODS, DeliveryMethod.SHIPPING, 0),
    ]
    assert order.tip == Decimal("10.00")
    assert order.payment is PaymentStatus.PARTIALLY_REFUNDED


def test_discount_and_tax_follow_the_remaining_quantity() -> None:
    lines = to_order(recorded_order("order__mixed"), CONNECTION).lines
    assert (lines[0].discount, lines[0].tax) == (Decimal("6.67"), Decimal("4.69"))  # 2 of 3: 6.666.., 4.686..
    assert (lines[7].discount, lines[7].tax) == (Decimal("0.00"), Decimal("0.00"))  # 0 of 2


def test_a_pickup_is_no_shipment_and_needs_no_address() -> None:
    order = to_order(recorded_order("order__pickup"), CONNECTION)
    assert {entry.delivery_method for entry in order.lines} == {DeliveryMethod.PICKUP}
    assert (order.ship_to, order.is_routed, order.defects) == (None, True, ())


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("SHIPPING", DeliveryMethod.SHIPPING),
        ("PICK_UP", DeliveryMethod.PICKUP),
        ("PICKUP_POINT", DeliveryMethod.PICKUP_POINT),
        ("LOCAL", DeliveryMethod.LOCAL_DELIVERY),
        ("RETAIL", DeliveryMethod.NONE),
        ("NONE", DeliveryMethod.NONE),
        ("DRONE", DeliveryMethod.UNKNOWN),
    ],
)
@pytest.mark.parametrize("status", ["OPEN", "CLOSED", "CANCELLED"])
def test_the_fulfillment_order_tells_the_method(method: str, expected: DeliveryMethod, status: str) -> None:
    shipped = work(1, {1: 1}, deliveryMethod={"methodType": method}, status=status)
    order = _of_lines(line(1), fulfillmentOrders=nodes(shipped))
    assert order.lines[0].delivery_method is expected
    unknown = "The line 'Estate Pinot Noir' is delivered in a way that we do not know."
    assert (order.is_routed, order.defects) == (True, (unknown,) if method == "DRONE" else ())


def test_a_living_fulfillment_order_speaks_before_a_dead_one() -> None:
    dead = work(1, {1: 0}, status="CANCELLED", deliveryMethod={"methodType": "PICK_UP"})
    order = _of_lines(line(1), fulfillmentOrders=nodes(dead, work(2, {1: 1})))
    assert order.lines[0].delivery_method is DeliveryMethod.SHIPPING


def test_a_line_divided_between_two_methods_waits_for_a_person() -> None:
    collected = work(2, {1: 1}, deliveryMethod={"methodType": "PICK_UP"})
    order = _of_lines(
        line(1, quantity=2, currentQuantity=2), fulfillmentOrders=nodes(work(1, {1: 1}), collected)
    )
    assert order.lines[0].delivery_method is DeliveryMethod.UNKNOWN
    assert order.defects == ("The line 'Estate Pinot Noir' is delivered in more than one way.",)


def test_an_open_order_without_fulfillment_orders_is_not_routed() -> None:
    order = _of_lines(line(1), fulfillmentOrders=nodes())
    assert (order.is_routed, order.lines[0].delivery_method) == (False, DeliveryMethod.UNKNOWN)
    assert order.defects == ()


@pytest.mark.parametrize(
    "settled",
    [{"cancelledAt": "2026-11-19T00:00:00Z"}, {"closed": True}, {"displayFulfillmentStatus": "FULFILLED"}],
)
def test_a_settled_order_is_not_waited_for(settled: dict[str, Any]) -> None:
    order = _of_lines(line(1), fulfillmentOrders=nodes(), **settled)
    assert (order.is_routed, order.lines[0].delivery_method) == (True, DeliveryMethod.SHIPPING)


def test_an_upsell_page_keeps_the_order_open() -> None:
    hold = {"reason": "ONLINE_STORE_POST_PURCHASE_CROSS_SELL", "displayReason": "Upsell offer"}
    held = work(1, {1: 1}, status="ON_HOLD", fulfillmentHolds=[hold])
    order = _of_lines(line(1), fulfillmentOrders=nodes(held))
    assert (order.is_routed, order.shop_holds) == (False, ("Upsell offer",))


def test_the_shops_own_holds_are_told() -> None:
    hold = {"reason": "HIGH_RISK_OF_FRAUD", "displayReason": "High risk of fraud"}
    held = work(1, {1: 1}, status="ON_HOLD", fulfillmentHolds=[hold, hold])
    later = work(2, {2: 1}, status="SCHEDULED", fulfillAt="2026-12-01T08:00:00Z")
    order = _of_lines(line(1), line(2), fulfillmentOrders=nodes(held, later))
    assert (order.is_routed, order.shop_holds) == (True, ("High risk of fraud", "Scheduled for 2026-12-01"))


@pytest.mark.parametrize(
    ("title", "is_shipped", "kind"),
    [
        ("State Alcohol Fee", True, LineKind.FEE),
        ("Colorado Retail Delivery Fee (2026)", True, LineKind.FEE),
        ("CA CRV", False, LineKind.FEE),
        ("crv", True, LineKind.FEE),
        ("CRV Reserve Syrah", True, LineKind.GOODS),
        ("Discrvet", False, LineKind.DIGITAL),
        ("Tip", False, LineKind.TIP),
        ("Tip", True, LineKind.GOODS),
        ("Tips & Toes Rosé", False, LineKind.DIGITAL),
        ("Gift wrapping", True, LineKind.GOODS),
    ],
)
def test_what_a_line_is(title: str, is_shipped: bool, kind: LineKind) -> None:
    assert _of_lines(line(1, title=title, requiresShipping=is_shipped)).lines[0].kind is kind


def test_a_shop_may_name_fees_of_its_own() -> None:
    own = type(CONNECTION)(CONNECTION.base_url, (), fee_titles=("Adult signature surcharge",))
    raw = recorded_order(lineItems=nodes(line(1, title="Adult Signature Surcharge")))
    assert to_order(raw, own).lines[0].kind is LineKind.FEE
    assert to_order(raw, CONNECTION).lines[0].kind is LineKind.GOODS


@pytest.mark.parametrize(("status", "payment"), sorted(PAYMENTS.items()))
def test_payment(status: str, payment: PaymentStatus) -> None:
    assert to_order(recorded_order(displayFinancialStatus=status), CONNECTION).payment is payment


def test_payment_without_a_status() -> None:
    assert to_order(recorded_order(displayFinancialStatus=None), CONNECTION).payment is PaymentStatus.PAID
    unpaid = recorded_order(displayFinancialStatus=None, fullyPaid=False)
    assert to_order(unpaid, CONNECTION).payment is PaymentStatus.PENDING
    assert _defects(displayFinancialStatus="BARTERED") == ("Shopify gave a payment status we do not know.",)


def test_cancelled_and_test_orders_are_marked() -> None:
    order = to_order(recorded_order(cancelledAt="2026-11-19T01:00:00-06:00", test=True), CONNECTION)
    assert (order.cancelled_at, order.is_test) == (datetime(2026, 11, 19, 7, tzinfo=UTC), True)


def test_prices_that_contain_tax_are_taken_apart_to_the_cent() -> None:
    sold = line(
        1,
        quantity=3,
        currentQuantity=3,
        originalUnitPriceSet=money("10.00"),
        discountAllocations=[{"allocatedAmountSet": money("1.00")}],
        taxLines=[{"priceSet": money("2.23")}],
    )
    shipping = {"nodes": [{"title": "Ground", "isRemoved": False, "taxLines": [{"priceSet": money("0.80")}]}]}
    order = _of_lines(
        sold, taxesIncluded=True, shippingLines=shipping, currentShippingPriceSet=money("10.80")
    )
    entry = order.lines[0]
    assert (entry.unit_price, entry.discount, entry.tax) == (
        Decimal("9.24"),
        Decimal("0.95"),
        Decimal("2.23"),
    )
    assert entry.unit_price * 3 - entry.discount + entry.tax == Decimal("29.00")
    assert order.shipping_price == Decimal("10.00")


def test_a_removed_shipping_method_does_not_count() -> None:
    shipping = {
        "nodes": [{"title": "Express", "isRemoved": True}, {"title": "UPS Ground", "isRemoved": False}]
    }
    assert to_order(recorded_order(shippingLines=shipping), CONNECTION).shipping_method == "UPS Ground"


def test_the_buyer_of_a_guest_order_is_on_the_bill() -> None:
    billing = {**recorded_order()["billingAddress"], "firstName": "Rosa", "lastName": "Diaz"}
    order = to_order(recorded_order(customer=None, billingAddress=billing, email=None), CONNECTION)
    assert (order.first_name, order.last_name, order.email) == ("Rosa", "Diaz", "")


def test_a_single_name_is_divided() -> None:
    address = {
        **recorded_order()["shippingAddress"],
        "firstName": None,
        "lastName": None,
        "name": "Ana de la Cruz",
    }
    ship_to = to_order(recorded_order(shippingAddress=address), CONNECTION).ship_to
    assert ship_to is not None
    assert (ship_to.first_name, ship_to.last_name) == ("Ana de la", "Cruz")


def test_text_is_cut_and_cleaned() -> None:
    order = to_order(recorded_order(note="a\x00b\ud800" + "c" * 9_000, name="#1\x07"), CONNECTION)
    assert order.note == "ab" + "c" * 4_998
    assert order.name == "#1"


def _without_name(address: dict[str, Any]) -> dict[str, Any]:
    return {**address, "firstName": None, "lastName": None, "name": None}


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (lambda _: None, "the recipient's name and address"),
        (_without_name, "the recipient's name"),
        (lambda address: {**address, "address1": None}, "the recipient's street"),
    ],
)
def test_hidden_personal_data_is_said(change: Callable[[dict[str, Any]], Any], missing: str) -> None:
    hidden = change(recorded_order()["shippingAddress"])
    assert _defects(shippingAddress=hidden) == (
        f"Shopify did not show {missing}: either the app is not approved for protected customer data (ask "
        "for it in the app's API access settings), or the order has none.",
    )
