"""An agency's app is installed in a shop: begun by an owner, signed by Shopify, once."""

import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from django.contrib.messages import get_messages
from django.test import Client

from crushsync.accounts.models import Role
from orders.connecting import connect
from orders.models import Store, StoreToken, TokenKind
from orders.storefronts.shopify.oauth import is_genuine, is_same_shop, is_shop
from orders.storefronts.shopify.permissions import PERMISSIONS
from sandbox.shopify.oauth import query_signature
from sandbox.shopify.samples import order_body
from tests.factories import MembershipFactory, StoreFactory
from tests.flow.conftest import SECRET, World

START, BACK = "/connect/shopify/", "/connect/shopify/callback/"


def browser(world: World, role: Role = Role.OWNER) -> Client:
    client = Client()
    client.force_login(MembershipFactory.create(winery=world.store.winery, role=role).user)
    return client


@pytest.fixture
def agency(world: World) -> World:
    """The store knows the agency's app and no token yet."""
    world.shop.configure(client_id="agency", token="shpat_nobody_knows")
    Store.objects.update(credentials={"client_id": "agency", "client_secret": SECRET})
    world.store.refresh_from_db()
    return world


def begin(world: World, client: Client) -> str:
    """Start, and let the shop's owner answer; the address Shopify sends the browser back to."""
    asked = client.get(START, {"store": world.store.pk})
    assert asked.status_code == 302
    answer = requests.get(asked["Location"], allow_redirects=False, timeout=5)
    assert answer.status_code == 302
    return answer.headers["Location"].partition("://")[2].partition("/")[2]


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def assert_untouched(world: World) -> None:
    store = Store.objects.get(pk=world.store.pk)
    assert (store.issued, StoreToken.objects.count()) == ({}, 0)
    assert [call for call in world.sandbox.log(system="shopify") if "access_token" in call["path"]] == []


def test_the_app_is_installed_and_orders_flow(agency: World) -> None:
    client = browser(agency)
    answer = client.get(f"/{begin(agency, client)}")
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/orders/store/{agency.store.pk}/change/")
    assert said(answer) == ["The app is installed, and the store is connected."]
    store = Store.objects.get()
    assert sorted(store.issued) == ["access_token", "refresh_token"]
    assert StoreToken.objects.get().kind == TokenKind.REFRESH
    agency.shop.place(order_body(number=1001))
    agency.run(agency.is_sent)
    page = client.get(answer["Location"]).content.decode()
    assert "Renewed by itself" in page
    assert [token for token in store.issued.values() if token in page] == []


def test_what_is_asked_for(agency: World) -> None:
    asked = urlsplit(browser(agency).get(START, {"store": agency.store.pk})["Location"])
    query = {name: value for name, [value] in parse_qs(asked.query).items()}
    assert asked.path == "/shopify/hollow-oak/admin/oauth/authorize"
    assert query["scope"] == ",".join(PERMISSIONS)
    assert query["redirect_uri"].endswith(BACK)
    assert SECRET not in asked.query


def test_a_token_entered_before_gives_way(world: World) -> None:
    world.shop.configure(client_id="agency")
    connect(world.store)
    world.store.credentials = {**world.store.credentials, "client_id": "agency", "client_secret": SECRET}
    world.store.save()
    client = browser(world)
    client.get(f"/{begin(world, client)}")
    store = Store.objects.get()
    assert sorted(store.credentials) == ["client_id", "client_secret", "webhook_secret"]
    assert StoreToken.objects.get().kind == TokenKind.REFRESH


def test_cancelled(agency: World) -> None:
    agency.shop.switch(installs="deny")
    client = browser(agency)
    answer = client.get(f"/{begin(agency, client)}")
    assert said(answer) == ["The installation was canceled in Shopify. Nothing has changed here."]
    assert_untouched(agency)


def test_the_way_back_is_good_once(agency: World) -> None:
    client = browser(agency)
    back = begin(agency, client)
    client.get(f"/{back}")
    issued = Store.objects.get().issued
    again = client.get(f"/{back}")
    assert (again.status_code, b"finished already" in again.content) == (403, True)
    assert Store.objects.get().issued == issued


def test_another_session_cannot_finish_it(agency: World) -> None:
    back = begin(agency, browser(agency))
    assert browser(agency).get(f"/{back}").status_code == 403
    assert Client().get(f"/{back}").status_code == 302  # to the login
    assert_untouched(agency)


def test_ten_minutes_later(agency: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser(agency)
    back = begin(agency, client)
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get(f"/{back}").status_code == 403
    assert_untouched(agency)


@pytest.mark.parametrize(
    "change",
    [
        {"hmac": "0" * 64},
        {"hmac": ""},
        {"hmac": "é"},
        {"code": "stolen"},
        {"shop": "other.myshopify.com"},
        {"more": "1"},
        {"timestamp": "1"},
    ],
    ids=str,
)
def test_a_forged_answer_is_refused(agency: World, change: dict[str, str]) -> None:
    client = browser(agency)
    query = {name: value for name, [value] in parse_qs(urlsplit(begin(agency, client)).query).items()}
    answer = client.get(BACK, {**query, **change})
    assert (answer.status_code, b"not signed by Shopify" in answer.content) == (403, True)
    assert client.get(BACK, query).status_code == 403  # its state is spent
    assert_untouched(agency)


def test_a_name_twice_is_refused(agency: World) -> None:
    client = browser(agency)
    assert client.get(f"/{begin(agency, client)}&code=second").status_code == 403
    assert_untouched(agency)


def test_a_signed_answer_for_no_shop_is_refused(agency: World) -> None:
    client = browser(agency)
    query = {name: value for name, [value] in parse_qs(urlsplit(begin(agency, client)).query).items()}
    query["shop"] = "hollow-oak.myshopify.com.evil.example"
    query["hmac"] = query_signature(SECRET, query)
    assert b"another shop" in client.get(BACK, query).content
    assert_untouched(agency)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER])
def test_only_an_owner_installs(agency: World, role: Role) -> None:
    assert browser(agency, role).get(START, {"store": agency.store.pk}).status_code == 404
    assert Client().get(START, {"store": agency.store.pk})["Location"].startswith("/admin/login/")


def test_an_owner_who_is_no_longer_one_cannot_finish(agency: World) -> None:
    client = browser(agency)
    back = begin(agency, client)
    agency.store.winery.memberships.update(role=Role.MANAGER)
    assert client.get(f"/{back}").status_code == 403
    assert_untouched(agency)


def test_stores_of_others_and_odd_names(agency: World) -> None:
    other = StoreFactory.create(credentials={"client_id": "a", "client_secret": "b"})
    client = browser(agency)
    for query in ({"store": other.pk}, {"store": "x"}, {"store": "9" * 40}, {"shop": "no.myshopify.com"}, {}):
        assert client.get(f"{START}?{urlencode(query)}").status_code == 404


def test_opened_from_shopify(agency: World) -> None:
    Store.objects.update(base_url="https://cedar.myshopify.com")
    answer = browser(agency).get(START, {"shop": "cedar.myshopify.com"})
    assert answer["Location"].startswith("https://cedar.myshopify.com/admin/oauth/authorize?client_id=agency")


def test_without_the_apps_credentials(world: World) -> None:
    answer = browser(world).get(START, {"store": world.store.pk})
    assert (answer.status_code, b"client secret of the app" in answer.content) == (400, True)


def test_a_refused_code_is_told(agency: World) -> None:
    client = browser(agency)
    back = begin(agency, client)
    agency.sandbox.add_fault("status", system="shopify", match="POST *access_token", status=503)
    answer = client.get(f"/{back}")
    assert said(answer) == ["Shopify had an error of its own (503)."]
    assert Store.objects.get().issued == {}


def test_missing_permissions_are_named(agency: World) -> None:
    client = browser(agency)
    granted = [scope for scope in PERMISSIONS if scope != "read_products"]
    asked = client.get(START, {"store": agency.store.pk})["Location"]
    less = asked.replace(urlencode({"scope": ",".join(PERMISSIONS)}), urlencode({"scope": ",".join(granted)}))
    back = requests.get(less, allow_redirects=False, timeout=5).headers["Location"].partition("://")[2]
    answer = client.get(f"/{back.partition('/')[2]}")
    assert said(answer)[1] == "The permission read_products is missing: to read the SKUs of products."


def test_addresses_nobody_is_sent_to() -> None:
    assert is_shop("https://cedar-hollow.myshopify.com")
    assert is_shop("http://127.0.0.1:8600/shopify/hollow-oak")
    for url in (
        "http://cedar.myshopify.com",
        "https://cedar.myshopify.com.evil.example",
        "https://evil.example/cedar.myshopify.com",
        "https://-cedar.myshopify.com",
        "https://user@cedar.myshopify.com",
        "https://a.b.myshopify.com",
        "",
    ):
        assert not is_shop(url), url
    assert is_same_shop("https://cedar.myshopify.com", "cedar.myshopify.com")
    assert not is_same_shop("https://cedar.myshopify.com", "oak.myshopify.com")
    assert not is_genuine({"a": "1", "hmac": query_signature("", {"a": "1"})}, [""])
