"""What happens to an order, step by step, and where it has to end.

A scenario is a generator: it acts as the customer, the shop or Vinoshipper would, and yields what has to come
to pass before it goes on.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from sandbox.client import Sandbox, ShopControl
from sandbox.demo.house import STORE, WINERY, House
from sandbox.demo.view import Seen
from sandbox.shapes import Json
from sandbox.shopify.samples import (
    CHARDONNAY,
    CORKSCREW,
    GIFT_CARD,
    PINOT,
    ZINFANDEL,
    Address,
    Line,
    order_body,
)

RECORDED = Path(__file__).with_name("orders_create.json")
RECORDED_ID, RECORDED_NAME = "6411122233344", "#1042"
FIRST_NUMBER = 1101
NOT_OF_AGE = "Underwood"  # Vinoshipper cannot verify the age of anybody with this last name

OKLAHOMA = Address(city="Tulsa", state="OK", zip="74103", address1="101 E Archer St")
UTAH = Address(city="Salt Lake City", state="UT", zip="84101", address1="209 E 500 S")
CALIFORNIA = Address(city="Sacramento", state="CA", zip="95814", address1="12 Harbor Road")
YOUNG_LOOKING = Address("Robin", NOT_OF_AGE)
CUSTOMERS = (
    ("Elena", "Marquez"),
    ("Tom", "Okafor"),
    ("Grace", "Lindqvist"),
    ("Priya", "Raman"),
    ("Walter", "Boone"),
    ("Yuki", "Tanaka"),
    ("Nora", "Castellano"),
)


class End(StrEnum):
    DELIVERED = "delivered"
    FAILED = "failed"  # refused by Vinoshipper, and nobody mended it
    NOT_REQUIRED = "not required"  # Vinoshipper never heard of it


@dataclass(frozen=True)
class Wait:
    """What has to come to pass next, in words for the one who waits in vain."""

    words: str
    come: Callable[[Seen], object]


Steps = Generator[Wait, Seen, None]


@dataclass(frozen=True)
class Scene:
    """One order and everybody who can do something about it."""

    number: int
    sandbox: Sandbox
    house: House

    @property
    def order(self) -> str:
        return str(6_500_000_000_000 + self.number)

    @property
    def shop(self) -> ShopControl:
        return self.sandbox.shop()

    def buy(self, *lines: Line, address: Address | None = CALIFORNIA, **options: object) -> None:
        """The customer buys; `financial_status` is the order's, the other options are ShopControl.place's."""
        paid = str(options.pop("financial_status", "paid"))
        method = "UPS 2nd Day Air" if self.number % 3 == 0 else "UPS Ground (Adult Signature)"
        if address and address.last_name != NOT_OF_AGE:
            first, last = CUSTOMERS[self.number % len(CUSTOMERS)]
            address = replace(address, first_name=first, last_name=last)
        body = order_body(
            self.number, lines or (PINOT,), address, financial_status=paid, shipping_title=method
        )
        self.shop.place(body, **options)


def _read(order: str, times: int = 1) -> Wait:
    return Wait("CrushSync to read it from the shop", lambda seen: seen.reads.get(order, 0) >= times)


def _journey(scene: Scene, order: str, boxes: int = 1) -> Steps:
    """From Vinoshipper's acceptance to the customer's door; the boxes leave one after the other."""
    seen = yield Wait("Vinoshipper to accept it", lambda seen: seen.accepted(order))
    number = (seen.accepted(order) or {})["number"]
    vinoshipper = scene.sandbox.vinoshipper
    vinoshipper.move(number, "SHIPPED")
    for _ in range(boxes - 1):
        yield Wait("its tracking in the shop", lambda seen: seen.is_reported(order))
        vinoshipper.add_packages(number)
    yield Wait("its tracking in the shop", lambda seen: seen.is_reported(order))
    vinoshipper.move(number, "DELIVERED")
    yield Wait("its delivery in the shop", lambda seen: seen.is_delivered(order))


def plain(scene: Scene) -> Steps:
    scene.buy((PINOT, ZINFANDEL, CHARDONNAY)[scene.number % 3])
    yield from _journey(scene, scene.order)


def recorded(scene: Scene) -> Steps:
    scene.shop.place(RECORDED.read_text())
    yield from _journey(scene, RECORDED_ID)


def mixed(scene: Scene) -> Steps:
    scene.buy(PINOT, CORKSCREW, GIFT_CARD)
    shippable = [PINOT.sku, CORKSCREW.sku]
    yield Wait("all but the gift card at Vinoshipper", lambda seen: seen.skus(scene.order) == shippable)
    yield from _journey(scene, scene.order)


def pickup(scene: Scene) -> Steps:
    scene.buy(PINOT, address=None, delivery_method="PICK_UP")
    yield _read(scene.order)


def state_not_selected(scene: Scene) -> Steps:
    scene.buy(address=OKLAHOMA)
    yield _read(scene.order)


def unknown_sku(scene: Scene) -> Steps:
    sku = f"HO-PN23-GIFT-{scene.number}"
    scene.buy(Line(sku, "2023 Estate Pinot Noir, gift box"))
    yield Wait("the shop to show that it failed", lambda seen: "vinoshipper-failed" in seen.tags(scene.order))
    names = ["--winery", WINERY, "--store", STORE]
    mending = scene.house.begin("map_sku", *names, sku, "HO-PN23-750")
    yield Wait("the SKU to be mapped", lambda seen: mending.poll() is not None)
    yield from _journey(scene, scene.order)


def not_compliant(scene: Scene) -> Steps:
    scene.buy(address=UTAH)
    yield Wait("Vinoshipper to refuse it", lambda seen: seen.status(scene.order) == "PROBLEM")


def age_approved_later(scene: Scene) -> Steps:
    scene.buy(address=YOUNG_LOOKING)
    failed = "AGE_VERIFICATION_FAILED"
    seen = yield Wait("Vinoshipper to doubt the age", lambda seen: seen.status(scene.order) == failed)
    scene.sandbox.vinoshipper.approve(seen.at_vinoshipper[scene.order][0]["number"])
    yield from _journey(scene, scene.order)


def two_boxes(scene: Scene) -> Steps:
    scene.buy(ZINFANDEL, CHARDONNAY)
    yield from _journey(scene, scene.order, boxes=2)


def cancelled_in_time(scene: Scene) -> Steps:
    scene.buy(financial_status="pending")
    yield _read(scene.order)
    scene.shop.cancel(scene.order)
    yield _read(scene.order, times=2)


def told_three_times(scene: Scene) -> Steps:
    scene.buy(deliver=[])
    scene.shop.tell(scene.order, "orders/create", copies=3)
    yield from _journey(scene, scene.order)


def update_before_create(scene: Scene) -> Steps:
    scene.buy(deliver=["orders/updated"])
    yield _read(scene.order)
    scene.shop.tell(scene.order, "orders/create")
    yield from _journey(scene, scene.order)


def silence_after_acceptance(scene: Scene) -> Steps:
    match = f"PUT *-{scene.order}"
    scene.sandbox.add_fault("timeout_after_accept", system="vinoshipper", match=match)
    scene.buy()
    yield from _journey(scene, scene.order)


@dataclass(frozen=True)
class Scenario:
    title: str
    play: Callable[[Scene], Steps]
    end: End = End.DELIVERED


PLAIN = Scenario("one bottle", plain)
MIX = (
    Scenario("two wines and a corkscrew, as recorded", recorded),
    Scenario("wine, merchandise and a gift card", mixed),
    Scenario("picked up at the winery", pickup, End.NOT_REQUIRED),
    Scenario("to a state that is not selected", state_not_selected, End.NOT_REQUIRED),
    Scenario("a SKU Vinoshipper does not know, mended", unknown_sku),
    Scenario("to a state where it is forbidden", not_compliant, End.FAILED),
    Scenario("age verification fails, approved later", age_approved_later),
    Scenario("leaves in two boxes", two_boxes),
    Scenario("canceled before it was paid", cancelled_in_time, End.NOT_REQUIRED),
    Scenario("one webhook three times", told_three_times),
    Scenario("an update before its create", update_before_create),
    Scenario("Vinoshipper accepts and falls silent", silence_after_acceptance),
)
FEWEST = 20


def programme(orders: int) -> list[Scenario]:
    """The day's scenarios: the recorded order first, the rest of the mix among plain orders."""
    rest = [*MIX[1:], *[PLAIN] * (orders - len(MIX))]
    step = next(step for step in (7, 11, 13, 17) if len(rest) % step)
    return [MIX[0], *(rest[index * step % len(rest)] for index in range(len(rest)))]


def order_of(scenario: Scenario, scene: Scene) -> tuple[str, str]:
    """Id and name of the scenario's order in the shop."""
    if scenario.play is recorded:
        return RECORDED_ID, RECORDED_NAME
    return scene.order, f"#{scene.number}"


def number_of(place: int) -> int:
    return FIRST_NUMBER + place


def people() -> Json:
    """Who the stand-in for Vinoshipper does not believe to be of age."""
    return {"age_fails": [NOT_OF_AGE]}
