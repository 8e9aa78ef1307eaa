"""What the winery ships itself, by hand in the browser: promised, fulfilled, corrected, canceled."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from crushsync.accounts.models import Role
from fulfillment.models import Fulfillment, StockLevel
from tests.browser.conftest import SitDown, person
from tests.flow.conftest import World
from tests.shipping.scene import CELLAR, PINOT, ROSE, Scene, begin

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

UPS, OTHER_UPS = "1Z999AA10123456784", "1Z12345E6605272234"


def readable(page: Page) -> None:
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []


def promised(scene: Scene, bottles: int) -> None:
    """A moment later a worker has counted it."""
    cellar = StockLevel.objects.filter(location=scene.cellar, sku=PINOT, reserved=bottles)
    scene.world.run(until=cellar.exists)


def fulfill(page: Page, scene: Scene) -> None:
    """Two of four bottles are packed, by an impatient hand."""
    page.get_by_role("link", name=scene.order.name).click()
    page.locator(f"#id_line-{scene.line(PINOT).pk}").fill("2")
    page.locator(f"#id_line-{scene.line(ROSE).pk}").fill("0")
    page.get_by_label("Ships from").select_option(label="Cellar")
    page.get_by_label("Tracking numbers").fill(UPS)
    readable(page)
    page.get_by_role("button", name="Create Fulfillment").dblclick()
    expect(page.locator(".shipment")).to_have_count(1)
    scene.quiet()
    shown = [(made["location"], made["numbers"]) for made in scene.in_shop["fulfillments"]]
    assert shown == [(CELLAR, [UPS])]


def correct_and_cancel(page: Page, scene: Scene) -> None:
    """The number was another one; then it is called off."""
    page.get_by_role("link", name="Correct").click()
    page.get_by_label("Tracking numbers").fill(OTHER_UPS)
    readable(page)
    page.get_by_role("button", name="Correct").click()
    expect(page.locator(".shipment")).to_contain_text(OTHER_UPS)
    scene.quiet()
    assert scene.in_shop["fulfillments"][0]["numbers"] == [OTHER_UPS]
    page.get_by_role("link", name="Cancel Fulfillment").click()
    expect(page.locator(".confirm")).to_contain_text("Nothing is refunded")
    readable(page)
    page.get_by_role("button", name="Cancel Fulfillment").click()
    expect(page.locator(".shipment")).to_contain_text("Canceled")
    scene.quiet()
    scene.same()
    assert [made["status"] for made in scene.in_shop["fulfillments"]] == ["CANCELLED"]


def test_a_day_in_the_cellar(world: World, sit_down: SitDown) -> None:
    scene = begin(world)
    promised(scene, 4)
    desk = sit_down(person("maria", world.account.winery, Role.MANAGER))

    # the stock page says what is promised to the order
    page = desk.open("/admin/fulfillment/stocklevel/")
    row = page.get_by_role("row").filter(has_text=PINOT).filter(has_text="Cellar")
    for name, number in (("on_hand", "50"), ("reserved", "4"), ("available", "46")):
        expect(row.locator(f".field-{name}")).to_contain_text(number)
    readable(page)

    # the cellar offers the order, and shows what is to be picked, with a slip to print
    fulfill(desk.open(reverse("admin:fulfillment_cellar_changelist")), scene)
    page = desk.open(reverse("admin:fulfillment_cellar_changelist"))
    expect(page.get_by_role("row").filter(has_text=scene.order.name).first).to_contain_text("2 ×")
    readable(page)
    page.get_by_role("link", name="Packing slip").first.click()
    expect(page.locator("body")).to_contain_text("1200 Barton Springs Rd")
    back = page.get_by_role("link", name="Back to the order")
    page.emulate_media(media="print")
    expect(back).to_be_hidden()
    page.emulate_media(media="screen")
    back.click()
    expect(page.locator("h1")).to_contain_text(scene.order.name)

    # and in the end the bottles are back
    correct_and_cancel(desk.open(f"/admin/orders/order/{scene.order.pk}/change/"), scene)
    promised(scene, 4)
    level = StockLevel.objects.get(location=scene.cellar, sku=PINOT)
    page = desk.open(f"/admin/fulfillment/stocklevel/{level.pk}/change/")
    expect(page.locator(".pairs")).to_contain_text("50")
    readable(page)
    assert (level.on_hand, level.reserved, Fulfillment.objects.count()) == (50, 4, 1)
    assert desk.errors == []
