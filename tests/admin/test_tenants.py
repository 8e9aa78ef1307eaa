"""Nobody sees, opens or changes another winery's rows, whatever address they type."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from compliance.models import PieceSize, StateLimit
from crushsync.accounts.keys import make_key
from crushsync.accounts.models import OwnedQuerySet, Role, Winery
from fulfillment.actions import ACTIONS
from fulfillment.models import Batch, LocationMapping, StockImport, StockLevel, StoreStock
from tests.factories import (
    CatalogProductFactory,
    ComplianceEventFactory,
    DeliveryFactory,
    EndpointFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    InboundHintFactory,
    ListingFactory,
    MailFactory,
    MembershipFactory,
    OrderFactory,
    OwnCarrierFactory,
    ProblemFactory,
    RecipientFactory,
    StockLocationFactory,
    StoreFactory,
    VinoshipperAccountFactory,
    WineryFactory,
)

pytestmark = pytest.mark.django_db

# One row of each model that has a page, in a winery of its own.
ROWS: dict[str, Callable[[], Any]] = {
    "accounts_winery": lambda: VinoshipperAccountFactory.create().winery,
    "accounts_membership": MembershipFactory.create,
    "accounts_apikey": lambda: make_key(WineryFactory.create(), "X", ["orders:read"], by="bob")[0],
    "accounts_vinoshipperaccount": VinoshipperAccountFactory.create,
    "orders_store": StoreFactory.create,
    "orders_order": OrderFactory.create,
    "orders_inboundhint": InboundHintFactory.create,
    "fulfillment_batch": lambda: Batch.objects.create(
        winery=WineryFactory.create(), action="hold", token="t"
    ),
    "fulfillment_fulfillment": FulfillmentFactory.create,
    "fulfillment_listing": ListingFactory.create,
    "fulfillment_problem": ProblemFactory.create,
    "fulfillment_owncarrier": OwnCarrierFactory.create,
    "fulfillment_stocklocation": StockLocationFactory.create,
    "fulfillment_stocklevel": lambda: StockLevel.objects.create(
        location=StockLocationFactory.create(), sku="PINOT"
    ),
    "fulfillment_locationmapping": lambda: LocationMapping.objects.create(
        store=StoreFactory.create(), external_id="71", location=StockLocationFactory.create()
    ),
    "fulfillment_storestock": lambda: StoreStock.objects.create(store=StoreFactory.create()),
    "fulfillment_stockimport": lambda: StockImport.objects.create(
        winery=WineryFactory.create(), kind="count", name="stock.csv", actor="ana"
    ),
    "compliance_catalogproduct": CatalogProductFactory.create,
    "compliance_complianceevent": ComplianceEventFactory.create,
    "compliance_statelimit": lambda: StateLimit.objects.create(
        winery=WineryFactory.create(), state="TX", bottles=24, source="Their lawyer"
    ),
    "compliance_piecesize": lambda: PieceSize.objects.create(
        account=VinoshipperAccountFactory.create(), sku="SIX-PACK", bottles=6
    ),
    "notifications_recipient": RecipientFactory.create,
    "notifications_mail": MailFactory.create,
    "notifications_endpoint": EndpointFactory.create,
    "notifications_delivery": DeliveryFactory.create,
}
OBJECT_PAGES = ["change", "delete", "history"]


def address(model: str, page: str, *args: object) -> str:
    return reverse(f"admin:{model}_{page}", args=args)


def test_every_page_with_a_winery_is_in_this_matrix() -> None:
    ours = [
        model for model in admin.site._registry if isinstance(model._default_manager.all(), OwnedQuerySet)
    ]
    assert {f"{model._meta.app_label}_{model._meta.model_name}" for model in ours} == set(ROWS)
    assert Group not in admin.site._registry


@pytest.mark.parametrize("page", OBJECT_PAGES)
@pytest.mark.parametrize("model", ROWS)
def test_another_winerys_row_is_not_there(owner: Client, model: str, page: str) -> None:
    theirs = ROWS[model]()
    url = address(model, page, theirs.pk)
    assert owner.get(url).status_code in (403, 404)
    assert owner.post(url, {"post": "yes"}).status_code in (403, 404)
    assert type(theirs)._default_manager.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("model", ROWS)
def test_lists_hold_only_the_own_winery(owner: Client, operator: Client, model: str) -> None:
    theirs = ROWS[model]()
    shown = owner.get(address(model, "changelist")).context["cl"].queryset
    assert theirs not in shown
    assert theirs in operator.get(address(model, "changelist")).context["cl"].queryset


def test_filters_name_only_own_stores(owner: Client, winery: Winery) -> None:
    StoreFactory.create(winery=winery, name="Our first shop")
    StoreFactory.create(winery=winery, name="Our second shop")
    StoreFactory.create(name="Their shop")
    page = owner.get(address("orders_order", "changelist")).content.decode()
    assert "Our second shop" in page
    assert "Their shop" not in page


def test_choices_are_own_rows(owner: Client, winery: Winery) -> None:
    ours = StoreFactory.create(winery=winery)
    theirs = StoreFactory.create()
    url = address("fulfillment_listing", "add")
    assert list(owner.get(url).context["adminform"].form.fields["store"].queryset) == [ours]
    answer = owner.post(url, {"store": theirs.pk, "sku": "A", "destination_sku": "B"})
    assert answer.status_code == 200
    assert not theirs.listings.exists()


@pytest.mark.parametrize("name", ACTIONS)
def test_no_act_on_another_winerys_order(owner: Client, name: str) -> None:
    work = FulfillmentOrderFactory.create()
    args = (work.order_id, work.pk, name)
    assert owner.get(address("orders_order", "confirm", *args)).status_code == 404
    data = {"confirmed": "yes", "seen": "0", "reason": "because"}
    assert owner.post(address("orders_order", "act", *args), data).status_code == 404
    before, after = work.__dict__.copy(), type(work).objects.get(pk=work.pk).__dict__
    assert {key: after[key] for key in after if key != "_state"} == {
        key: before[key] for key in after if key != "_state"
    }
    assert not work.order.events.exists()


def test_an_act_must_name_the_orders_own_work(manager: Client, winery: Winery) -> None:
    ours = FulfillmentOrderFactory.create(order__store__winery=winery)
    other = FulfillmentOrderFactory.create(order__store__winery=winery)
    url = address("orders_order", "act", ours.order_id, other.pk, "retry")
    assert manager.post(url, {"seen": "0"}).status_code == 404


def test_outsiders_are_sent_to_the_login(client: Client) -> None:
    for model, make in ROWS.items():
        for url in (address(model, "changelist"), address(model, "change", make().pk)):
            answer = client.get(url)
            assert (answer.status_code, answer.url) == (302, f"/admin/login/?next={url}")  # type: ignore[attr-defined]


def test_staff_without_a_winery_see_nothing(log_in: Any, winery: Winery) -> None:
    client = log_in(Role.VIEWER)
    winery.memberships.all().delete()
    OrderFactory.create(store__winery=winery)
    assert client.get(address("orders_order", "changelist")).status_code == 403
