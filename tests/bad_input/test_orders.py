"""Orders as no shop should hold them: each is shown with a reason or goes, none stops another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from fulfillment.models import FulfillmentOrder
from orders.models import HintState, InboundHint
from sandbox.shopify.samples import PINOT, Address, Line, order_body
from tests.bad_input.conftest import OWN_FAULTS
from tests.flow.conftest import World

WINE = "the line '2023 Estate Pinot Noir'"


@dataclass(frozen=True)
class OddOrder:
    """`change` spoils a good body; the rest is what staff are to see."""

    name: str
    change: Callable[[dict[str, Any]], object]
    status: str
    code: str
    says: str


def pieces(quantity: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["line_items"][0].update(quantity=quantity, current_quantity=quantity)


def put(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.update(fields)


def recipient(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body["shipping_address"].update(fields)


def nameless(body: dict[str, Any]) -> None:
    recipient(first_name="", last_name="", name="")(body)


def no_people(body: dict[str, Any]) -> None:
    put(customer=None, email=None, contact_email=None, shipping_address=None, billing_address=None)(body)


def one_name(body: dict[str, Any]) -> None:
    """A guest without a last name: who bought is read from the address."""
    put(customer=None)(body)
    for place in ("shipping_address", "billing_address"):
        body[place].update(first_name="", last_name="", name="y" * 150 + " " + "z" * 30)


def titled(body: dict[str, Any]) -> None:
    body["line_items"][0].update(title="Estate " * 36, variant_title="Magnum " * 14)


def price(amount: str) -> Callable[[dict[str, Any]], object]:
    def change(body: dict[str, Any]) -> None:
        pair = {"amount": amount, "currency_code": "USD"}
        body["line_items"][0].update(price=amount, price_set={"shop_money": pair, "presentment_money": pair})

    return change


ODD_ORDERS = [
    OddOrder("negative quantity", pieces(-2), "failed", "odd_order", "is negative"),
    OddOrder("no quantity", pieces(0), "not_required", "nothing_left", "refunded or removed"),
    OddOrder("huge quantity", pieces(2_000_000_000), "failed", "odd_order", "is more than 100,000"),
    OddOrder(
        "no address", put(shipping_address=None), "failed", "odd_order", "the recipient's name and address"
    ),
    OddOrder("no street", recipient(address1=""), "failed", "odd_order", "the recipient's street"),
    OddOrder("no city", recipient(city=""), "failed", "address_incomplete", "has no city"),
    OddOrder("no ZIP code", recipient(zip=None), "failed", "address_incomplete", "has no ZIP code"),
    OddOrder("no name", nameless, "failed", "odd_order", "the recipient's name"),
    OddOrder("nobody at all", no_people, "failed", "odd_order", "the recipient's name and address"),
    OddOrder("no lines", put(line_items=[]), "failed", "odd_order", "no lines"),
    OddOrder("no customer", put(customer=None), "sent", "sent", "Accepted"),
    OddOrder("another currency", put(currency="EUR"), "failed", "odd_order", "in another currency"),
    OddOrder("NUL in the name", recipient(last_name="Mar\0quez"), "sent", "sent", "Accepted"),
    OddOrder("emoji", recipient(first_name="Elena \U0001f377"), "sent", "sent", "Accepted"),
    OddOrder("markup", recipient(last_name="<script>alert(1)</script>"), "sent", "sent", "Accepted"),
    OddOrder("a formula", put(note="=cmd|' /C calc'!A0"), "sent", "sent", "Accepted"),
    OddOrder("a long name", recipient(last_name="x" * 5_000), "sent", "sent", "Accepted"),
    OddOrder("one long name", one_name, "sent", "sent", "Accepted"),
    OddOrder("a long title", titled, "sent", "sent", "Accepted"),
    OddOrder("a price of billions", price("99999999999.00"), "failed", "odd_order", "no readable amount"),
]


def read(world: World, body: dict[str, Any]) -> tuple[str, str]:
    """Buy the order and read it until nothing more happens by itself; what its hint says then."""
    world.shop.place(body)
    world.run(lambda: not InboundHint.objects.filter(state=HintState.WAITING).exists())
    world.run(lambda: not FulfillmentOrder.objects.filter(status="waiting", due_at__isnull=False).exists())
    hint = InboundHint.objects.get(order_number=str(body["id"]), topic="orders/create")
    return hint.state, hint.sentence


@pytest.mark.parametrize("odd", ODD_ORDERS, ids=lambda odd: odd.name)
def test_an_odd_order_is_shown_with_a_reason(
    world: World, odd: OddOrder, caplog: pytest.LogCaptureFixture
) -> None:
    body = order_body(number=1001)
    odd.change(body)
    assert read(world, body) == (HintState.DONE, "#1001 is new.")
    work = world.work()
    assert (work.status, work.reason_code) == (odd.status, odd.code)
    assert odd.says in work.reason
    assert work.needs_attention is (odd.status == "failed")
    assert not [fault for fault in OWN_FAULTS if fault in caplog.text]
    assert world.accepted() == ([work.number] if odd.status == "sent" else [])


def test_five_hundred_lines_go_as_one_order(world: World) -> None:
    body = order_body(number=1001, lines=[PINOT] * 500)
    read(world, body)
    assert (world.work().status, world.order().lines.count()) == ("sent", 500)
    [there] = world.at_vinoshipper()
    assert sum(line["quantity"] for line in there["request"]["products"]) == 500


def test_all_odd_orders_at_once_stop_no_good_one(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for place, odd in enumerate(ODD_ORDERS):
        body = order_body(number=1001 + place)
        odd.change(body)
        world.shop.place(body)
    world.shop.place(
        order_body(
            number=2001,
            lines=[Line("HO-ZN21-750")],
            address=Address(city="Sacramento", state="CA", zip="95814"),
        )
    )
    world.run(lambda: not InboundHint.objects.filter(state=HintState.WAITING).exists())
    world.run(lambda: not FulfillmentOrder.objects.filter(status="waiting", due_at__isnull=False).exists())
    verdicts = {work.order.name: (work.status, work.reason_code) for work in world.works()}
    expected = {f"#{1001 + place}": (odd.status, odd.code) for place, odd in enumerate(ODD_ORDERS)}
    assert verdicts == {**expected, "#2001": ("sent", "sent")}
    assert not [fault for fault in OWN_FAULTS if fault in caplog.text]


@pytest.mark.parametrize(
    "change", [pieces(1.5), put(currency="dollars")], ids=["half a bottle", "no currency"]
)
def test_what_the_shop_itself_fails_to_tell_is_a_failed_hint_with_its_words(
    world: World, change: Callable[[dict[str, Any]], object]
) -> None:
    body = order_body(number=1001)
    change(body)
    world.shop.place(body)
    world.run(lambda: not InboundHint.objects.filter(state=HintState.WAITING).exists())
    hint = InboundHint.objects.get(order_number=str(body["id"]), topic="orders/create")
    assert (hint.state, world.orders_known(), world.at_vinoshipper()) == (HintState.FAILED, 0, [])
    assert hint.sentence.startswith("Shopify did not accept the question: ")
