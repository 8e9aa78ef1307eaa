"""What a shop's order means in bottles and cents: each amount at Vinoshipper is the one that was charged."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from fulfillment.models import SyncStatus
from sandbox.shopify.samples import CHARDONNAY, CORKSCREW, GIFT_CARD, PINOT, Line, order_body
from tests.flow.conftest import World
from tests.flow.test_shopify_year import RELEASE, live, ship, staff

FEE = Line("FEE-CO", "State Alcohol Fee (Colorado)", "2.31", requires_shipping=False, taxable=False)
TIP = Line("", "Tip", "5.00", requires_shipping=False, taxable=False)
EBOOK = Line("HO-EBOOK", "Cellar Notes (PDF)", "9.00", requires_shipping=False)
UPSELL = """mutation ($id: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: {
    reason: ONLINE_STORE_POST_PURCHASE_CROSS_SELL }) { userErrors { message } } }"""


def sold(world: World, body: dict[str, Any], **options: Any) -> dict[str, Any]:
    """What Vinoshipper got of the order."""
    world.shop.place(body, **options)
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    request: dict[str, Any] = there["request"]
    return request


def products(request: dict[str, Any]) -> list[tuple[str, int, float]]:
    return [(line["productId"], line["quantity"], line["price"]) for line in request["products"]]


def charged(request: dict[str, Any]) -> Decimal:
    """What the customer paid for all that Vinoshipper ships: goods, shipping, taxes, fees and tip."""
    goods = sum((Decimal(str(line["price"])) * line["quantity"] for line in request["products"]), Decimal(0))
    discount = request.get("discount", {}).get("productDiscount", {}).get("value", 0)
    rest = [request["shippingRate"]["price"], request["taxes"], request["fees"], request["tipAmount"]]
    return goods - Decimal(str(discount)) + sum(Decimal(str(amount)) for amount in rest)


def test_a_plain_order_is_what_was_charged(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, CHARDONNAY))
    request = sold(world, body)
    assert products(request) == [("HO-PN23-750", 1, 38.0), ("HO-CH22-1500", 1, 72.0)]
    assert (request["taxes"], request["shippingRate"]["price"]) == (11.14, 24.95)
    assert charged(request) == Decimal(body["total_price"]) == Decimal("146.09")


def test_a_discount_is_told_beside_the_prices(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, CHARDONNAY), discount_percent=15)
    request = sold(world, body)
    assert products(request) == [("HO-PN23-750", 1, 38.0), ("HO-CH22-1500", 1, 72.0)]
    assert request["discount"]["productDiscount"] == {"type": "DOLLAR", "value": 16.5}
    assert charged(request) == Decimal(body["total_price"])


def test_a_state_alcohol_fee_is_a_fee_and_no_bottle(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, FEE))
    request = sold(world, body)
    assert products(request) == [("HO-PN23-750", 1, 38.0)]
    assert request["fees"] == 2.31
    assert charged(request) == Decimal(body["total_price"])


def test_a_code_for_the_whole_order_takes_its_part_of_the_fee(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, FEE), discount_percent=10)
    request = sold(world, body)
    assert (request["fees"], request["discount"]["productDiscount"]["value"]) == (2.08, 3.8)
    assert charged(request) == Decimal(body["total_price"])


def test_a_shop_names_fee_lines_of_its_own(world: World) -> None:
    handling = replace(FEE, title="Alcohol handling charge (TX)")
    world.store.fee_titles = ["Alcohol Handling Charge"]
    world.store.save()
    body = order_body(number=1001, lines=(PINOT, handling))
    request = sold(world, body)
    assert (products(request), request["fees"]) == ([("HO-PN23-750", 1, 38.0)], 2.31)
    assert charged(request) == Decimal(body["total_price"])


def test_a_tip_line_is_a_tip_and_no_bottle(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, TIP))
    request = sold(world, body)
    assert (products(request), request["tipAmount"]) == ([("HO-PN23-750", 1, 38.0)], 5.0)
    assert charged(request) == Decimal(body["total_price"])


def test_a_tip_of_the_checkout_is_counted_once(world: World) -> None:
    body = {**order_body(number=1001, lines=(PINOT, TIP)), "total_tip_received": "5.00"}
    assert sold(world, body)["tipAmount"] == 5.0


def test_a_gift_card_stays_in_the_shop(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, GIFT_CARD))
    request = sold(world, body)
    assert products(request) == [("HO-PN23-750", 1, 38.0)]
    assert charged(request) == Decimal(body["total_price"]) - 50


def test_the_tax_on_what_stays_in_the_shop_stays_too(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, EBOOK))
    request = sold(world, body)
    assert products(request) == [("HO-PN23-750", 1, 38.0)]
    assert request["taxes"] == 5.2  # 3.14 on the bottle, 2.06 on shipping; the 0.74 on the book is not wine's
    assert charged(request) == Decimal(body["total_price"]) - Decimal("9.74")


def test_only_what_is_shipped_goes_where_the_rest_is_picked_up(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, CHARDONNAY), discount_percent=10)
    request = sold(world, body, delivery_by_sku={"HO-CH22-1500": "PICK_UP"})
    assert products(request) == [("HO-PN23-750", 1, 38.0)]
    assert request["discount"]["productDiscount"]["value"] == 3.8
    assert request["taxes"] == 4.88  # 2.82 on 34.20, 2.06 on shipping
    assert charged(request) == Decimal("34.20") + Decimal("24.95") + Decimal("4.88")


def test_the_shipment_leaves_the_picked_up_bottle_alone(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, CHARDONNAY))
    sold(world, body, delivery_by_sku={"HO-CH22-1500": "PICK_UP"})
    ship(world)
    world.run(world.is_reported)
    [made] = live(world)
    assert sum(made["lines"].values()) == 1
    states = {work["method"]: work["status"] for work in world.shop.orders()[0]["fulfillment_orders"]}
    assert states == {"SHIPPING": "CLOSED", "PICK_UP": "OPEN"}


def test_our_marks_leave_the_picked_up_bottle_alone(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT, CHARDONNAY))
    sold(world, body, delivery_by_sku={"HO-CH22-1500": "PICK_UP"})

    def states() -> dict[str, str]:
        return {work["method"]: work["status"] for work in world.shop.orders()[0]["fulfillment_orders"]}

    world.run(lambda: states()["SHIPPING"] == "IN_PROGRESS")
    world.run()
    assert states() == {"SHIPPING": "IN_PROGRESS", "PICK_UP": "OPEN"}


def test_a_bundle_goes_as_the_bottles_it_is_made_of(world: World) -> None:
    lines = (
        Line("HO-PN23-750", "Pinot Noir", "33.33", 2),
        Line("HO-ZN21-750", "Zinfandel", "33.34"),
        CORKSCREW,
    )
    body = order_body(number=1001, lines=lines)
    for row in body["line_items"][:2]:
        row["sales_line_item_group_id"] = 77_000_000_001
        row["sales_line_item_group_title"] = "Three bottles for a hundred"
    request = sold(world, body)
    assert products(request) == [
        ("HO-PN23-750", 2, 33.33),
        ("HO-ZN21-750", 1, 33.34),
        ("HO-GEAR-CORK", 1, 18.0),
    ]
    assert charged(request) == Decimal(body["total_price"])


def test_one_bottle_of_a_discounted_six_refunded(world: World) -> None:
    six = Line("HO-PN23-750", quantity=6)
    placed = world.shop.place(order_body(number=1001, lines=(six,), discount_percent=10), deliver=[])
    world.shop.refund(placed["id"], "HO-PN23-750", 1)
    world.run(world.is_sent)
    request = world.at_vinoshipper()[0]["request"]
    assert products(request) == [("HO-PN23-750", 5, 38.0)]
    assert request["discount"]["productDiscount"]["value"] == 19.0
    # 205.20 taxed at 16.93; a sixth of it, 2.82, went back; shipping's 2.06 stays
    assert request["taxes"] == 16.17


def test_what_the_customer_saw_in_euros_is_sent_in_dollars(world: World) -> None:
    body = order_body(number=1001, lines=(PINOT,))
    text = json.dumps(body)
    for dollars, euros in (("38.00", "35.11"), ("24.95", "23.05"), ("3.14", "2.90"), ("2.06", "1.90")):
        ours = f'"presentment_money": {{"amount": "{dollars}", "currency_code": "USD"}}'
        text = text.replace(ours, f'"presentment_money": {{"amount": "{euros}", "currency_code": "EUR"}}')
    assert "35.11" in text
    abroad = {**json.loads(text), "presentment_currency": "EUR"}
    request = sold(world, abroad)
    assert products(request) == [("HO-PN23-750", 1, 38.0)]
    assert charged(request) == Decimal(body["total_price"])
    assert world.order().currency == "USD"


@pytest.mark.parametrize(
    ("quantity", "price", "tax"), [(1, "38.00", "2.90"), (3, "38.00", "8.69"), (7, "19.99", "10.66")]
)
def test_prices_that_contain_the_tax_add_up_to_the_cent(
    world: World, quantity: int, price: str, tax: str
) -> None:
    line = Line("HO-PN23-750", price=price, quantity=quantity)
    body = order_body(number=1001, lines=(line,), tax_rate="0", shipping_price="24.95")
    paid = Decimal(price) * quantity + Decimal("24.95")
    row, shipping = body["line_items"][0], body["shipping_lines"][0]
    row["tax_lines"] = [{"title": "Tax", "price": tax, "rate": 0.0825}]
    shipping["tax_lines"] = [{"title": "Tax", "price": "1.90", "rate": 0.0825}]
    total = str(Decimal(tax) + Decimal("1.90"))
    money = {"shop_money": {"amount": total, "currency_code": "USD"}}
    tax_set = {**money, "presentment_money": money["shop_money"]}
    body |= {
        "taxes_included": True,
        "total_tax": total,
        "total_tax_set": tax_set,
        "current_total_tax": total,
        "current_total_tax_set": tax_set,
    }
    request = sold(world, body)
    assert (request["taxes"], request["shippingRate"]["price"]) == (float(total), 23.05)
    assert charged(request) == paid


def test_an_upsell_page_is_waited_for_and_its_bottle_goes_along(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, lines=(PINOT, CHARDONNAY)), deliver=[])
    added = placed["rest"]["line_items"][1]["id"]
    world.shop.edit(placed["id"], lines=[{"id": added, "current_quantity": 0}], deliver=[])
    work = f"gid://shopify/FulfillmentOrder/{placed['fulfillment_orders'][0]['id']}"
    world.shop.switch(echo=False)
    staff(world, UPSELL, id=work)
    world.shop.tell(placed["id"], "orders/create")
    world.run(lambda: world.orders_known() == 1)
    assert (world.work().status, world.work().reason_code) == (SyncStatus.WAITING, "not_routed")
    assert world.calls() == []
    world.shop.edit(placed["id"], lines=[{"id": added, "current_quantity": 1}], deliver=[])
    staff(world, RELEASE, id=work)
    world.run(world.is_sent)  # looked at again without any webhook
    [there] = world.at_vinoshipper()
    assert [line["productId"] for line in there["request"]["products"]] == ["HO-PN23-750", "HO-CH22-1500"]
