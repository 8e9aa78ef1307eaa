"""What every page has: the navigation, the ribbon, the policy."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from crushsync.accounts.models import Winery
from crushsync.csp import POLICY
from tests.factories import StoreFactory

pytestmark = pytest.mark.django_db

PAGES = [
    "/admin/",
    "/admin/orders/order/",
    "/admin/fulfillment/batch/",
    "/admin/fulfillment/fulfillment/",
    "/admin/fulfillment/stocklevel/",
    "/admin/fulfillment/stocklevel/act/receive/",
    "/admin/fulfillment/stocklocation/",
    "/admin/fulfillment/stocklocation/add/",
    "/admin/fulfillment/locationmapping/add/",
    "/admin/fulfillment/storestock/",
    "/admin/fulfillment/storestock/add/",
    "/admin/fulfillment/stockimport/",
    "/admin/fulfillment/stockimport/add/",
    "/admin/fulfillment/listing/",
    "/admin/fulfillment/listing/add/",
    "/admin/compliance/catalogproduct/",
    "/admin/compliance/piecesize/",
    "/admin/compliance/piecesize/add/",
    "/admin/notifications/recipient/",
    "/admin/notifications/recipient/add/",
    "/admin/notifications/mail/",
    "/admin/notifications/endpoint/",
    "/admin/notifications/endpoint/add/",
    "/admin/notifications/delivery/",
    "/admin/orders/store/",
    "/admin/orders/inboundhint/",
    "/admin/accounts/vinoshipperaccount/",
    "/admin/accounts/winery/",
    "/admin/accounts/membership/",
    "/admin/audit/",
    "/admin/password_change/",
]


def test_the_navigation_is_the_users(viewer: Client, owner: Client, operator: Client) -> None:
    def shown(client: Client) -> list[str]:
        sections = client.get("/admin/").context["sections"]
        return [str(page["label"]) for section in sections for page in section["pages"]]

    everybody = ["Orders", "Problems", "Batches", "Fulfillments", "Cellar", "Own carriers"]
    everybody += ["Levels", "Locations", "Locations in stores"]
    everybody += ["Numbers in stores", "Imports", "Verdicts", "Ship-to settings"]
    everybody += ["State limits", "Pack sizes"]
    everybody += ["Listings", "Vinoshipper products"]
    everybody += ["Stores", "Vinoshipper accounts", "What came in", "Webhook endpoints", "Deliveries"]
    everybody += ["Wineries", "Taxes and fees", "Who gets mails", "Mails"]
    managers = {"Imports", "Taxes and fees"}
    assert shown(viewer) == [label for label in everybody if label not in managers]
    assert shown(owner) == [*everybody, "People", "API keys", "Audit"]
    assert shown(operator) == [*everybody, "People", "API keys", "Audit", "Logins"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_keep_their_own_policy(owner: Client, winery: Winery, page: str) -> None:
    """The browser refuses inline styles and scripts and other hosts: so no page may have any."""
    StoreFactory.create(winery=winery, base_url="https://estate.myshopify.com")
    answer = owner.get(page)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == POLICY
    assert not re.findall(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text)
    assert not re.findall(r'(?:src|<link[^>]*href)="(?:https?:)?//', text)


def test_the_stylesheet_loads_nothing_from_elsewhere() -> None:
    for sheet in (Path(settings.BASE_DIR) / "crushsync/static/crushsync").iterdir():
        text = sheet.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.findall(r"@import|url\(|https?:", text), sheet.name


@pytest.mark.parametrize(
    ("address", "is_rehearsal"),
    [
        ("https://estate.myshopify.com", False),
        ("http://127.0.0.1:8100/shop", True),
        ("http://localhost:8100", True),
        ("http://[::1]:8100", True),
        ("https://sandbox.vinoshipper.example", True),
    ],
)
def test_the_ribbon_says_when_it_is_not_real(
    owner: Client, winery: Winery, address: str, is_rehearsal: bool
) -> None:
    StoreFactory.create(winery=winery, base_url=address, vinoshipper_account=None)
    assert ('class="ribbon"' in owner.get("/admin/").content.decode()) is is_rehearsal


def test_djangos_own_index_is_gone(operator: Client) -> None:
    assert operator.get("/admin/").context.get("app_list") is None
    assert operator.get("/admin/").context["available_apps"] == []
