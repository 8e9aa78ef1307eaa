"""Who may open what: each page of the navigation for each role; and looking never changes anything."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from crushsync.accounts.models import Role, Winery
from crushsync.accounts.roles import RANK
from crushsync.site import SECTIONS, Page
from fulfillment.actions import ACTIONS, Asked
from fulfillment.batches import start
from fulfillment.models import SyncStatus
from orders.models import Order
from tests.admin.conftest import LogIn
from tests.factories import (
    FulfillmentFactory,
    FulfillmentOrderFactory,
    InboundHintFactory,
    ListingFactory,
    StoreFactory,
)

pytestmark = pytest.mark.django_db

PAGES = [page for pages in SECTIONS.values() for page in pages]


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "operator")
def test_pages_open_for_their_roles(log_in: LogIn, operator: Client, role: Role | None) -> None:
    client = log_in(role) if role else operator

    def may(page: Page) -> bool:
        return role is None or (page.role is not None and RANK[role] >= RANK[page.role])

    answers = {page.model: client.get(page.url).status_code for page in PAGES}
    assert answers == {page.model: 200 if may(page) else 403 for page in PAGES}


def addresses(patterns: Any, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every named address of the admin, with the names of its arguments."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from addresses(pattern.url_patterns, space)
        elif isinstance(pattern, URLPattern) and pattern.name and str(pattern.callback.__module__):
            yield prefix + pattern.name, list(pattern.pattern.converters)


def everything() -> dict[str, list[Any]]:
    """All rows of ours, as they are stored."""
    ours = ("accounts", "orders", "compliance", "fulfillment", "notifications", "simple_history")
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for label in ours
        if apps.is_installed(label) or label in apps.app_configs
        for model in (apps.get_app_config(label).get_models() if label in apps.app_configs else [])
    }


def test_looking_changes_nothing(operator: Client, winery: Winery) -> None:
    """Whatever address of the admin is opened, in every order status: every stored row is as before."""
    store = StoreFactory.create(winery=winery)
    for status in SyncStatus:
        work = FulfillmentOrderFactory.create(order__store=store, status=status)
    shipment = FulfillmentFactory.create(fulfillment_order=work)
    hint = InboundHintFactory.create(store=store)
    [batch] = start("hold", Order.objects.all(), Asked("ana"), token="t")
    rows = {
        "orders_order": work.order_id, "orders_inboundhint": hint.pk,
        "orders_inboundhint-replay": hint.pk, "fulfillment_batch": batch.pk,
        "fulfillment_fulfillment": shipment.pk, "fulfillment_listing": ListingFactory.create(store=store).pk,
        "orders_store": store.pk, "accounts_winery": winery.pk,
    }  # fmt: skip
    before, opened = everything(), 0
    for name, arguments in addresses(get_resolver().url_patterns):
        if not name.startswith("admin:") and name not in (
            "today",
            "audit",
            "try-connection",
            "ship-to",
            "orders_inboundhint-replay",
        ):
            continue
        row = next((pk for model, pk in rows.items() if model in name), work.pk)
        given = {"work_id": work.pk, "order_id": work.order_id, "object_id": row, "pk": row, "kind": "store"}
        for action in ACTIONS if "action_name" in arguments else [""]:
            kwargs = {argument: given.get(argument, row) for argument in arguments}
            try:
                url = reverse(name, kwargs=kwargs | ({"action_name": action} if action else {}))
            except NoReverseMatch:
                continue
            if name not in ("admin:logout",):
                operator.get(url)
                operator.head(url)
                opened += 1
    assert opened > 60
    assert everything() == before
    assert admin.site.is_registered(Order)
