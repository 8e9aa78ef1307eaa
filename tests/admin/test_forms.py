"""Forms: people decide what is theirs to decide, by role; what the outside said stays as it was said."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from compliance.models import StateLimit
from crushsync.accounts.models import Membership, Role, VinoshipperAccount, Winery
from fulfillment.models import Listing, SyncStatus
from orders.models import Store
from tests.factories import (
    CatalogProductFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    InboundHintFactory,
    ListingFactory,
    MembershipFactory,
    OrderFactory,
    RateRuleFactory,
    StoreFactory,
    SyncAttemptFactory,
    UserFactory,
    VinoshipperAccountFactory,
)

pytestmark = pytest.mark.django_db


def address(row: Any, page: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send back for the page, with changes."""
    context = client.get(url).context
    forms = [
        context["adminform"].form,
        *(
            form
            for inline in context["inline_admin_formsets"]
            for form in [inline.formset.management_form, *inline.formset.forms]
        ),
    ]
    data: dict[str, Any] = {}
    for form in forms:
        for box in form:
            value = box.value()
            if isinstance(value, bool):
                value = "on" if value else None
            if isinstance(value, datetime):
                value = value.astimezone(ZoneInfo("America/Los_Angeles"))
                data |= {
                    f"{box.html_name}_0": value.strftime("%Y-%m-%d"),
                    f"{box.html_name}_1": value.strftime("%H:%M:%S"),
                }
            elif value is not None:
                data[box.html_name] = value
    return data | changes


def test_what_there_is_only_one_of_is_chosen(manager: Client, winery: Winery) -> None:
    add = "/admin/fulfillment/listing/add/"
    StoreFactory.create(winery=winery)
    StoreFactory.create()  # another winery's
    assert ">---------</option>" not in manager.get(add).content.decode()
    StoreFactory.create(winery=winery)
    assert ">---------</option>" in manager.get(add).content.decode()


MAKE_SYNCED = [
    lambda winery: OrderFactory.create(store__winery=winery),
    lambda winery: FulfillmentFactory.create(fulfillment_order__order__store__winery=winery),
    lambda winery: InboundHintFactory.create(store__winery=winery),
    lambda winery: CatalogProductFactory.create(account__winery=winery),
]


@pytest.mark.parametrize("make", MAKE_SYNCED)
def test_nobody_adds_or_deletes_what_is_synced(operator: Client, winery: Winery, make: Any) -> None:
    row = make(winery)
    add = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_add")
    assert operator.get(add).status_code == 403
    assert operator.post(add, {}).status_code == 403
    assert operator.post(address(row, "delete"), {"post": "yes"}).status_code in (403, 404)
    before = type(row).objects.filter(pk=row.pk).values().get()
    operator.post(address(row), {"sku": "HACKED", "name": "HACKED", "status": "delivered", "state": "done"})
    assert type(row).objects.filter(pk=row.pk).values().get() == before


def test_settings_of_a_store_are_the_managers(manager: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    data = filled(manager, address(store), birth_date_fields="dob\n Date of Birth \n\n", notify_customer="")
    data |= {"base_url": "https://elsewhere.example", "platform": "magento", "key": "stolen", "name": "Mine"}
    assert manager.post(address(store), data).status_code == 302
    after = Store.objects.get()
    assert (after.birth_date_fields, after.notify_customer) == (["dob", "Date of Birth"], False)
    assert (after.base_url, after.platform, after.key, after.name, after.starts_at) == (
        store.base_url,
        "shopify",
        store.key,
        store.name,
        store.starts_at,
    )


def test_a_viewer_changes_no_setting(viewer: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    before = Store.objects.values().get()
    assert viewer.get(address(store)).status_code == 200
    assert viewer.post(address(store), {"notify_customer": ""}).status_code == 403
    assert Store.objects.values().get() == before


def test_credentials_go_in_and_never_come_out(owner: Client, winery: Winery) -> None:
    store = StoreFactory.create(
        winery=winery, credentials={"access_token": "shpat_old_secret", "webhook_secret": "old-hook"}
    )
    text = owner.get(address(store)).content.decode()
    assert "shpat_old_secret" not in text
    assert "old-hook" not in text
    assert text.count("Entered. Leave empty to keep it.") == 1
    assert "Entered, ending in …cret. Leave empty to keep it." in text
    data = filled(owner, address(store), credential_access_token="shpat_new")
    assert owner.post(address(store), data).status_code == 302
    assert Store.objects.get().credentials == {"access_token": "shpat_new", "webhook_secret": "old-hook"}
    data["credential_webhook_secret"] = "old-hook\nnew-hook"
    refused = owner.post(address(store), data | {"starts_at_0": "never"})
    assert "new-hook" not in refused.content.decode()
    assert "shpat_new" not in refused.content.decode()
    assert owner.post(address(store), data).status_code == 302
    assert Store.objects.get().credentials["webhook_secret"].split() == ["old-hook", "new-hook"]
    history = owner.get(address(store, "history")).content.decode()
    assert "shpat_new" not in history


def test_a_connections_page_shows_its_last_calls(viewer: Client, winery: Winery) -> None:
    """Each side's own, of this connection alone, and the last webhook from there."""
    store = StoreFactory.create(winery=winery)
    work = FulfillmentOrderFactory.create(order__store=store)
    SyncAttemptFactory.create(fulfillment_order=work, kind="report", sentence="Shopify shows it.")
    SyncAttemptFactory.create(fulfillment_order=work, kind="send", sentence="Accepted there.")
    SyncAttemptFactory.create(
        fulfillment_order__order__store__winery=winery, kind="report", sentence="Another shop's."
    )
    InboundHintFactory.create(store=store, topic="orders/updated")
    shop = viewer.get(address(store)).content.decode()
    assert "Shopify shows it." in shop
    assert "orders/updated" in shop
    assert "Accepted there." not in shop
    assert "Another shop" not in shop
    partner = viewer.get(address(store.vinoshipper_account)).content.decode()
    assert "Accepted there." in partner
    assert "Shopify shows it." not in partner
    assert "No webhook has come from there yet." in partner


def test_a_manager_does_not_touch_credentials(manager: Client, winery: Winery) -> None:
    account = VinoshipperAccountFactory.create(winery=winery)
    before = account.credentials
    data = filled(manager, address(account), credential_api_key="x", credential_api_secret="y")
    assert manager.post(address(account), data).status_code == 302
    assert VinoshipperAccount.objects.get().credentials == before


def test_shipping_methods(manager: Client, winery: Winery) -> None:
    account = VinoshipperAccountFactory.create(winery=winery, ship_to_states=["CA"])
    rule = RateRuleFactory.create(account=account, contains="ground", rate_code="03")
    assert reverse("ship-to-settings", args=[account.pk]) in manager.get(address(account)).content.decode()
    data = filled(manager, address(account), ship_to_states=["NY"], **{"rate_rules-0-rate_code": "02"})
    assert manager.post(address(account), data).status_code == 302
    rule.refresh_from_db()
    assert rule.rate_code == "02"
    assert VinoshipperAccount.objects.get().ship_to_states == ["CA"]  # changed on a page of its own


def test_listings_are_the_managers_decision(manager: Client, viewer: Client, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    add = reverse("admin:fulfillment_listing_add")
    new = {"store": store.pk, "sku": "EST-1", "destination_sku": "CH-750"}
    assert viewer.post(add, new).status_code == 403
    assert not Listing.objects.exists()
    assert manager.post(add, new).status_code == 302
    listing = Listing.objects.get()
    assert (listing.store, listing.sku, listing.destination_sku) == (store, "EST-1", "CH-750")
    assert viewer.post(address(listing, "delete"), {"post": "yes"}).status_code == 403
    assert manager.post(address(listing, "delete"), {"post": "yes"}).status_code == 302
    assert not Listing.objects.exists()


def test_a_listing_to_a_sku_that_nobody_has_is_asked_about(manager: Client, winery: Winery) -> None:
    """It is kept all the same: the product may be on its way into Vinoshipper's feed."""
    account = VinoshipperAccountFactory.create(winery=winery)
    store = StoreFactory.create(winery=winery, vinoshipper_account=account)
    CatalogProductFactory.create(account=account, sku="CH-750")
    new, add = {"store": store.pk, "sku": "EST-1"}, reverse("admin:fulfillment_listing_add")
    answer = manager.post(add, {**new, "destination_sku": "ch-750"}, follow=True)
    assert "Vinoshipper has no product with the SKU ch-750. Look whether it is spelled right" in answer.text
    answer = manager.post(address(Listing.objects.get()), {**new, "destination_sku": "CH-750"}, follow=True)
    assert "no product with the SKU" not in answer.text


def test_orders_that_waited_for_a_listing_go_again(manager: Client, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(
        order__store__winery=winery,
        order__lines__sku="EST-1",
        status=SyncStatus.FAILED,
        reason_code="unknown_sku",
        attention_code="unknown_sku",
    )
    new = {"store": work.order.store_id, "sku": "EST-1", "destination_sku": "CH-750"}
    answer = manager.post(reverse("admin:fulfillment_listing_add"), new)
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert "1 order that waited for it goes again." in said
    work.refresh_from_db()
    assert (work.status, work.attention_code, work.due_at is not None) == (SyncStatus.WAITING, "", True)


def test_a_role_elsewhere_is_no_role_here(manager: Client, winery: Winery) -> None:
    """Manager of one winery, viewer of another: the second one's listings can be seen, not changed."""
    listing = ListingFactory.create(sku="A")
    user = winery.memberships.get().user
    MembershipFactory.create(winery=listing.store.winery, user=user, role=Role.VIEWER)
    assert manager.get(address(listing)).status_code == 200
    data = {"store": listing.store.pk, "sku": "B", "destination_sku": "C"}
    assert manager.post(address(listing), data).status_code == 403
    assert manager.post(reverse("admin:fulfillment_listing_add"), data).status_code == 200
    assert list(Listing.objects.values_list("sku", flat=True)) == ["A"]


def test_people_are_the_owners(owner: Client, manager: Client, winery: Winery) -> None:
    add = reverse("admin:accounts_membership_add")
    UserFactory.create(username="newcomer")
    new = {"login": "newcomer", "winery": winery.pk, "role": Role.VIEWER}
    assert manager.post(add, new).status_code == 403
    assert manager.get(reverse("admin:accounts_membership_changelist")).status_code == 403
    assert owner.post(add, new | {"login": "nobody"}).status_code == 200
    assert owner.post(add, new).status_code == 302
    assert owner.post(add, new).status_code == 200
    member = Membership.objects.get(user__username="newcomer")
    assert (member.winery, member.role) == (winery, Role.VIEWER)
    assert owner.post(address(member), {"role": Role.MANAGER}).status_code == 302
    member.refresh_from_db()
    assert member.role == Role.MANAGER


def test_a_winery_keeps_an_owner(owner: Client, winery: Winery) -> None:
    last = winery.memberships.get()
    assert owner.post(address(last), {"role": Role.VIEWER}).status_code == 200
    assert owner.post(address(last, "delete"), {"post": "yes"}).status_code == 403
    last.refresh_from_db()
    assert last.role == Role.OWNER


def test_logins_are_the_operators(owner: Client, operator: Client, winery: Winery) -> None:
    user = winery.memberships.get().user
    assert owner.get(address(user)).status_code == 403
    assert owner.get(reverse("admin:auth_user_changelist")).status_code == 403
    assert operator.get(address(user)).status_code == 200


def test_the_operator_makes_wineries(owner: Client, operator: Client, winery: Winery) -> None:
    add = reverse("admin:accounts_winery_add")
    new = {"name": "Second", "slug": "second", "time_zone": "America/New_York"}
    assert owner.post(add, new).status_code == 403
    assert operator.post(add, new | {"time_zone": "Mars/Olympus"}).status_code == 200
    assert operator.post(add, new).status_code == 302
    assert list(Winery.objects.values_list("slug", "time_zone")) == [
        (winery.slug, "America/Los_Angeles"),
        ("second", "America/New_York"),
    ]


def test_what_is_written_wrongly_is_refused_with_what_to_write(manager: Client, winery: Winery) -> None:
    page = manager.post(
        reverse("admin:fulfillment_owncarrier_add"),
        {"winery": winery.pk, "name": "Bob's van", "page": "bob.example"},
    ).context["adminform"]
    assert page.form.errors == {
        "page": ["Write the whole address, such as https://carrier.example/{number}."]
    }
    limits = reverse("admin:compliance_statelimit_add")
    given = {"winery": winery.pk, "bottles": "12", "window": "month", "source": "Our lawyer"}
    refused = manager.post(limits, {**given, "state": "zz"}).context["adminform"].form.errors
    assert refused == {"state": ["There is no state ZZ. Write two letters, such as CA."]}
    assert manager.post(limits, {**given, "state": "or"}).status_code == 302
    assert StateLimit.objects.get().state == "OR"


@pytest.mark.parametrize(("carrier", "kept"), [("fedex", "FEDEX"), ("UPS 2", "UPS")])
def test_a_carrier_of_a_shipping_method_is_one(
    manager: Client, winery: Winery, carrier: str, kept: str
) -> None:
    rule = RateRuleFactory.create(account__winery=winery, carrier="UPS")
    data = filled(manager, address(rule.account), **{"rate_rules-0-carrier": carrier})
    answer = manager.post(address(rule.account), data)
    rule.refresh_from_db()
    assert rule.carrier == kept
    assert (answer.status_code == 302) is (kept == "FEDEX")
    assert answer.status_code == 302 or "Write UPS, FEDEX, GLS or SELF." in answer.text
