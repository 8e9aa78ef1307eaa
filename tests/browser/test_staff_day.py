"""A day of staff work, with a shop and a Vinoshipper of its own."""

import re

import pytest
from playwright.sync_api import expect

from crushsync.accounts.models import Role
from fulfillment.models import FulfillmentOrder, SyncStatus
from sandbox.shopify.samples import CHARDONNAY, PINOT, Line, order_body
from tests.browser.conftest import PASSWORD, SitDown, person
from tests.flow.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RENAMED = Line("SHOP-PINOT")  # Vinoshipper knows it as HO-PN23-750


def statuses(world: World) -> dict[str, str]:
    rows = FulfillmentOrder.objects.select_related("order").order_by("order__name")
    return {row.order.name: row.status for row in rows}


def place(world: World) -> None:
    """Two orders for a SKU that nobody knows, three that go."""
    for number, line in enumerate([RENAMED, RENAMED, PINOT, CHARDONNAY, PINOT], start=1001):
        world.shop.place(order_body(number=number, lines=[line]))
    world.run(lambda: sorted(statuses(world).values()) == ["failed", "failed", "sent", "sent", "sent"])


def test_a_day(world: World, sit_down: SitDown) -> None:
    place(world)
    person("maria", world.account.winery, Role.MANAGER)
    desk = sit_down()

    # logs in and reads Today
    page = desk.open("/admin/")
    page.get_by_label("Username").fill("maria")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    expect(page.locator(".numbers")).to_contain_text(re.compile(r"2\s*need attention"))
    expect(page.locator("canvas#by-day-chart")).to_be_visible()
    cause = page.locator(".causes li").filter(has_text="SHOP-PINOT")
    expect(cause.locator(".count")).to_have_text("2")
    cause.get_by_role("link").click()
    expect(page.locator("[aria-labelledby=rows] li")).to_have_count(2)

    # says once what the SKU is called there: both orders go
    page.get_by_role("textbox", name=re.compile("^(Another SKU|SKU at Vinoshipper)$")).fill(PINOT.sku)
    page.get_by_role("button", name="Use this SKU").click()
    expect(page.locator(".messagelist")).to_contain_text("2 orders go again.")
    world.run(lambda: set(statuses(world).values()) == {"sent"})

    # voids one: asked for a reason, and the page shows what came of it by itself
    page = desk.open(f"/admin/orders/order/{world.order('#1003').pk}/change/")
    page.get_by_role("link", name="Void Sync").click()
    expect(page.locator(".confirm")).to_contain_text("does not refund the customer")
    page.get_by_label("Reason").fill("The customer changed their mind")
    page.get_by_role("button", name="Void Sync").click()
    expect(page.locator(".working")).to_be_visible()
    world.run(lambda: statuses(world)["#1003"] == SyncStatus.VOIDED)
    expect(page.locator(".pill", has_text="Voided in Vinoshipper").first).to_be_visible(timeout=15_000)

    # keeps it from going, thinks again, and it goes under its next number
    page.get_by_role("link", name="Don't Send").click()
    page.get_by_role("button", name="Don't Send").click()
    expect(page.locator(".states").first).to_contain_text("Don't Send")
    page.get_by_role("button", name="Undo Don't Send").click()
    world.run(lambda: statuses(world)["#1003"] == SyncStatus.SENT)
    assert desk.errors == []


def test_check_fulfillment_for_many(world: World, sit_down: SitDown) -> None:
    place(world)
    desk = sit_down(person("maria", world.account.winery, Role.MANAGER))
    page = desk.open("/admin/orders/order/")
    page.locator("#action-toggle").check()
    page.get_by_label("With the ticked ones").select_option(label="Check Fulfillment")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".confirm")).to_contain_text("The 5 orders I chose")
    page.get_by_role("button", name="Check Fulfillment").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    world.run()
    expect(page.get_by_text("5 of 5")).to_be_visible(timeout=15_000)
    expect(page.locator(".batch")).to_contain_text("Over")
    expect(page.locator(".grid")).to_contain_text("Vinoshipper does not have it.")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Results as CSV").click()
    assert saved.value.suggested_filename.endswith(".csv")
    assert desk.errors == []


def test_compare_and_mend(world: World, sit_down: SitDown) -> None:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    address = world.shop.orders()[0]["rest"]["shipping_address"]
    world.shop.edit(
        world.order().external_id, {"shipping_address": {**address, "address1": "1 Other Street"}}
    )
    world.run(lambda: world.work().attention_code == "changed_after_sending")
    desk = sit_down(person("maria", world.account.winery, Role.MANAGER))
    page = desk.open(f"/admin/orders/order/{world.order().pk}/change/")
    page.get_by_role("button", name="Compare").click()
    row = page.get_by_role("row", name="Street")
    expect(row).to_contain_text("1 Other Street")
    expect(row).to_contain_text(address["address1"])
    row.get_by_role("link", name="Void Sync").click()
    page.get_by_label("Reason").fill("New address")
    page.get_by_role("button", name="Void Sync").click()
    world.run(lambda: world.work().status == SyncStatus.VOIDED)
    expect(page.locator(".pill", has_text="Voided in Vinoshipper").first).to_be_visible(timeout=15_000)
    page.get_by_role("link", name="Retry").click()
    expect(page.locator(".confirm")).to_contain_text("under a new number")
    page.get_by_role("button", name="Retry").click()
    world.run(world.is_sent)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Both sides are the same")).to_be_visible()
    assert desk.errors == []


def test_what_if_of_states(world: World, sit_down: SitDown) -> None:
    """A state is ticked: what would change is shown first, and the order goes only when that is saved."""
    world.account.ship_to_states = ["NY"]
    world.account.save()
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.works() and world.work().reason_code == "state_not_selected")
    desk = sit_down(person("maria", world.account.winery, Role.MANAGER))
    page = desk.open("/admin/ship-to/")
    page.get_by_label("Search").fill(world.order().ship_to_state)
    page.get_by_role("button", name="Select all").click()
    page.get_by_role("button", name="See what this would change").click()
    expect(page.get_by_text("1 open order would be sent now")).to_be_visible()
    assert world.calls() == []
    page.get_by_role("button", name="Save these settings").click()
    expect(page.locator(".messagelist")).to_contain_text("Saved.")
    world.run(world.is_sent)
    assert desk.errors == []


def test_a_batch_without_scripts(world: World, sit_down: SitDown) -> None:
    place(world)
    desk = sit_down(person("maria", world.account.winery, Role.MANAGER), scripts=False)
    page = desk.open("/admin/orders/order/")
    page.locator("input.action-select").first.check()
    page.get_by_label("With the ticked ones").select_option(label="Check Fulfillment")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("All 5 orders of the list").check()
    page.get_by_role("button", name="Check Fulfillment").click()
    expect(page.get_by_text("0 of 5")).to_be_visible()
    world.run()
    expect(page.get_by_text("5 of 5")).to_be_visible(timeout=15_000)


def test_by_keyboard_alone(world: World, sit_down: SitDown) -> None:
    """From the login to a held order without a mouse; what has the focus can be seen."""
    world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    person("maria", world.account.winery, Role.MANAGER)
    desk = sit_down()
    page = desk.open("/admin/login/?next=/admin/orders/order/")
    page.keyboard.type("maria")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Orders")).to_be_visible()
    press_until(page, "#1001")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Hold")).to_be_visible()
    press_until(page, "Hold")
    page.keyboard.press("Enter")
    expect(page.locator(".pill", has_text="On hold")).to_be_visible()
    assert world.work().is_held


def press_until(page: object, text: str) -> None:
    """Tab on until something with this text has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")  # type: ignore[attr-defined]
        if page.evaluate("document.activeElement.innerText || ''").strip() == text:  # type: ignore[attr-defined]
            return
    raise AssertionError(f"{text!r} cannot be reached with the keyboard")
