"""API keys in the admin: an owner makes them, sees each once, changes and revokes them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from crushsync.accounts.keys import find_key, make_key
from crushsync.accounts.models import ApiKey, Winery

pytestmark = pytest.mark.django_db

ADD = "/admin/accounts/apikey/add/"


def text_on(page: bytes) -> str:
    found = re.search(r"cs_[A-Za-z0-9]{10}_[A-Za-z0-9_-]{43}", page.decode())
    assert found
    return found[0]


def test_a_key_is_made_and_shown_once(owner: Client, winery: Winery) -> None:
    data = {
        "winery": winery.pk,
        "name": "Warehouse",
        "scopes": ["orders:read", "stock:write"],
        "calls_per_minute": "60",
        "expires_at_0": "",
        "expires_at_1": "",
    }
    answer = owner.post(ADD, data)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "Copy it now: it is not shown again." in answer.text
    key = find_key(text_on(answer.content))
    assert key is not None
    assert (key.winery, key.scopes, key.calls_per_minute) == (winery, ["orders:read", "stock:write"], 60)
    assert (key.created_by, ApiKey.objects.count()) == ("owner", 1)
    for page in (reverse("admin:accounts_apikey_changelist"), f"/admin/accounts/apikey/{key.pk}/change/"):
        shown = owner.get(page).content.decode()
        assert key.prefix in shown
        assert key.secret_hash not in shown
        assert text_on(answer.content) not in shown


def test_a_key_is_changed_and_revoked(owner: Client, winery: Winery) -> None:
    key, _ = make_key(winery, "Warehouse", ["orders:read"], by="ana")
    new = find_key(text_on(owner.post(reverse("admin:accounts_apikey_rotate", args=[key.pk])).content))
    assert new is not None
    assert new.scopes == ["orders:read"]
    key.refresh_from_db()
    assert key.expires_at is not None
    assert owner.get(reverse("admin:accounts_apikey_revoke", args=[key.pk])).status_code == 405
    owner.post(reverse("admin:accounts_apikey_revoke", args=[key.pk]))
    key.refresh_from_db()
    assert key.revoked_at is not None
    again = owner.post(reverse("admin:accounts_apikey_rotate", args=[key.pk]))
    assert (again.status_code, ApiKey.objects.count()) == (302, 2)


def test_only_owners_and_only_their_own(manager: Client, owner: Client, winery: Winery) -> None:
    key, _ = make_key(winery, "Warehouse", ["orders:read"], by="ana")
    theirs, _ = make_key(Winery.objects.create(name="B", slug="b"), "X", ["orders:read"], by="bob")
    assert manager.get(ADD).status_code == 403
    for browser, row in ((manager, key), (owner, theirs)):
        for name in ("rotate", "revoke"):
            address = reverse(f"admin:accounts_apikey_{name}", args=[row.pk])
            assert browser.post(address).status_code in (403, 404)
    assert ApiKey.objects.filter(revoked_at=None, expires_at=None).count() == 2
