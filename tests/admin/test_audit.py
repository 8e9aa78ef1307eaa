"""Who changed what: settings keep their history, acts on orders are lines, other wineries' stay unseen."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crushsync.accounts import connections
from crushsync.accounts.models import Role, VinoshipperAccount, Winery
from orders.models import Store
from tests.factories import (
    ListingFactory,
    MembershipFactory,
    OrderEventFactory,
    StoreFactory,
    VinoshipperAccountFactory,
)

pytestmark = pytest.mark.django_db
AUDIT = "/admin/audit/"


def lines(client: Client, query: str = "") -> list[Any]:
    return client.get(f"{AUDIT}?{query}").context["lines"]  # type: ignore[no-any-return]


def test_a_changed_listing_says_who_and_from_what_to_what(
    manager: Client, owner: Client, winery: Winery
) -> None:
    listing = ListingFactory.create(store__winery=winery, sku="SHOP-1", destination_sku="WINE-1")
    manager.post(
        f"/admin/fulfillment/listing/{listing.pk}/change/",
        {"store": listing.store_id, "sku": "SHOP-1", "destination_sku": "WINE-2"},
    )
    newest = lines(owner, "show=settings")[0]
    assert newest.who == "manager"
    assert newest.changes == [("SKU at Vinoshipper", "WINE-1", "WINE-2")]
    assert newest.what == "Listing: SHOP-1 → WINE-2"
    manager.post(f"/admin/fulfillment/listing/{listing.pk}/delete/", {"post": "yes"})
    gone = lines(owner)[0]
    assert (str(gone.pill.word), gone.who, gone.url) == ("Removed", "manager", "")


def test_each_change_is_told_against_the_one_before_it(owner: Client, winery: Winery) -> None:
    """In the words of the pages: what is chosen from a list, and what another row is called."""
    person = MembershipFactory.create(winery=winery, role=Role.VIEWER)
    for role in (Role.MANAGER, Role.OWNER):
        person.role = role
        person.save()
    store = StoreFactory.create(winery=winery, vinoshipper_account__name="Old account")
    store.vinoshipper_account = VinoshipperAccountFactory.create(winery=winery, name="New account")
    store.save()
    changes = [change for line in lines(owner, "show=settings") for change in line.changes]
    assert changes == [
        ("ships with", "Old account", "New account"),
        ("role", "Manager", "Owner"),
        ("role", "Viewer", "Manager"),
    ]


def test_new_credentials_are_told_and_not_copied(owner: Client, winery: Winery) -> None:
    account = VinoshipperAccountFactory.create(winery=winery)
    url = reverse("admin:accounts_vinoshipperaccount_change", args=[account.pk])
    form = owner.get(url).context["adminform"].form
    data = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    formsets = {"rate_rules-TOTAL_FORMS": "0", "rate_rules-INITIAL_FORMS": "0"}
    answer = owner.post(url, {**data, **formsets, "credential_api_key": "vs_live_secret_1234"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    newest = lines(owner)[0]
    assert (newest.reason, newest.who) == ("New: api_key", "owner")
    columns = {column for row in VinoshipperAccount.history.values() for column in row}
    assert not columns & {"credentials", "issued", "last_ok_at", "due_at", "pause_sentence"}
    assert "vs_live_secret" not in owner.get(AUDIT).content.decode()
    assert "ending in …1234" in owner.get(url).content.decode()


def test_what_the_engine_notes_leaves_no_trace(winery: Winery) -> None:
    store = StoreFactory.create(winery=winery)
    before = Store.history.count()
    connections.note_success(store, timezone.now())
    store.due_at = timezone.now()
    store.save(update_fields=["due_at", "poll_note"])
    assert Store.history.count() == before
    connections.keep(store)
    assert Store.history.count() == before + 1


def test_acts_and_settings_together_newest_first(owner: Client, winery: Winery) -> None:
    StoreFactory.create(winery=winery, vinoshipper_account=None)
    OrderEventFactory.create(
        order__store__winery=winery, kind="acted", sentence="Held.", actor="sam",
        at=timezone.now() + timedelta(minutes=1),
    )  # fmt: skip
    OrderEventFactory.create(order__store__winery=winery, kind="decided", sentence="Goes.")
    newest = lines(owner)[0]
    assert (newest.what.endswith(": Held."), newest.who) == (True, "sam")
    assert len(lines(owner, "show=orders")) == 1
    assert all(str(line.pill.word) != "Order" for line in lines(owner, "show=settings"))


def test_older_lines_are_a_page_further(owner: Client, winery: Winery) -> None:
    now = timezone.now()
    for minutes in reversed(range(60)):
        OrderEventFactory.create(
            order__store__winery=winery,
            kind="acted",
            sentence=str(minutes),
            at=now - timedelta(minutes=minutes),
        )
    page = owner.get(AUDIT, {"show": "orders"}).context
    assert (len(page["lines"]), page["lines"][0].what[-2:]) == (50, " 0")
    older = owner.get(AUDIT, {"show": "orders", "before": page["older"]}).context
    assert [line.what.split(": ")[1] for line in older["lines"]] == [
        str(minutes) for minutes in range(50, 60)
    ]
    nonsense = owner.get(AUDIT, {"show": "orders", "before": "2026-02-31T00:00:00Z"}).context
    assert len(nonsense["lines"]) == 50


def test_only_owners_and_only_their_wineries(manager: Client, owner: Client, operator: Client) -> None:
    StoreFactory.create(name="Their shop")
    OrderEventFactory.create(kind="acted", sentence="Theirs.")
    assert manager.get(AUDIT).status_code == 403
    told = owner.get(AUDIT).content.decode()
    assert "Their shop" not in told
    assert "Theirs." not in told
    assert "Their shop" in operator.get(AUDIT).content.decode()


def test_questions_to_the_database_do_not_grow(owner: Client, winery: Winery) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert owner.get(AUDIT).status_code == 200
        return len(asked)

    listing = ListingFactory.create(store__winery=winery)
    listing.save()
    few = questions()
    for number in range(8):
        listing.destination_sku = str(number)
        listing.save()
        ListingFactory.create(store=listing.store)
        OrderEventFactory.create(order__store=listing.store, kind="acted")
    assert questions() == few


@pytest.mark.parametrize("kind", ["store", "vinoshipper"])
def test_trying_a_connection(manager: Client, viewer: Client, winery: Winery, kind: str) -> None:
    """Nobody listens at the factories' addresses: the page says so, and nothing else happens."""
    row = (StoreFactory if kind == "store" else VinoshipperAccountFactory).create(winery=winery)
    before = type(row).objects.filter(pk=row.pk).values().get()
    url = reverse("try-connection", args=[kind, row.pk])
    assert manager.get(url).status_code == 405
    assert viewer.post(url).status_code == 403
    [message] = manager.post(url, follow=True).context["messages"]
    assert message.level_tag == "error"
    assert type(row).objects.filter(pk=row.pk).values().get() == before
    theirs = (StoreFactory if kind == "store" else VinoshipperAccountFactory).create()
    assert manager.post(reverse("try-connection", args=[kind, theirs.pk])).status_code == 404
