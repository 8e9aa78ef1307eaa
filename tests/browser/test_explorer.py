"""The API's explorer under our own policy: read, and tried with a login and with a key."""

import pytest
from playwright.sync_api import expect

from crushsync.accounts.keys import make_key
from crushsync.accounts.models import ApiKey, Winery
from tests.browser.conftest import SitDown, person
from tests.factories import FulfillmentOrderFactory, WineryFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def winery() -> Winery:
    return WineryFactory.create(name="Cedar Hollow")


def test_a_get_is_tried(sit_down: SitDown, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery, order__name="#1042")
    theirs = FulfillmentOrderFactory.create(order__name="#2077")
    desk = sit_down(person("ana", winery))
    page = desk.open("/api/docs#orders_list")
    orders = page.locator("#orders_list")
    assert orders.get_attribute("open") is not None  # the address leads to it
    orders.locator("[name=fields]").fill("name")
    orders.get_by_role("button", name="Try it").click()
    expect(orders.locator("output")).to_contain_text("200 OK")
    told = orders.locator("output").inner_text()
    assert f'"id": {work.order_id}' in told
    assert "#1042" in told
    assert theirs.order.name not in told
    assert desk.errors == []


def test_a_key_is_tried_in_place_of_the_login(sit_down: SitDown, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    _, text = make_key(winery, "warehouse", ["orders:read"], by="ana")
    desk = sit_down()
    page = desk.open("/api/docs")
    page.locator("#orders_retrieve summary").click()
    form = page.locator("#orders_retrieve form")
    form.locator("[data-in=path]").fill(str(work.order_id))
    page.get_by_label("API key").fill(text)
    form.get_by_role("button").click()
    expect(form.locator("output")).to_contain_text("200 OK")
    assert '"customer": null' in form.locator("output").inner_text()  # the key may not see people
    assert ApiKey.objects.get().last_used_at is not None
    assert text not in page.url
    assert desk.errors == []
