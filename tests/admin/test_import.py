"""The page that imports older orders: asked twice, begun once, by those who may."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from crushsync.accounts.models import Role, Winery
from orders.models import ExportState, Store, StoreExport
from tests.admin.conftest import LogIn
from tests.factories import StoreFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(winery: Winery) -> Store:
    found: Store = StoreFactory.create(winery=winery, name="Online shop")
    return found


def address(store: Store) -> str:
    return reverse("orders_store_import", args=[store.pk])


def test_it_asks_once_more_and_begins_once(store: Store, manager: Client) -> None:
    assert address(store) in manager.get(reverse("admin:orders_store_change", args=[store.pk])).text
    asked = manager.post(address(store), {"since": "2024-07-01"})
    assert "Read all orders placed in Online shop since Jul 1, 2024?" in asked.text
    assert "are never sent" in asked.text
    assert not StoreExport.objects.exists()
    confirmed = {"since": "2024-07-01", "confirmed": "1"}
    assert manager.post(address(store), confirmed).headers["Location"] == address(store)
    row = StoreExport.objects.get()
    assert (row.since, row.actor) == (
        datetime(2024, 7, 1, 7, tzinfo=UTC),
        "manager",
    )  # midnight in California
    assert (row.state, row.due_at is not None) == (ExportState.LISTING, True)
    StoreExport.objects.update(export_id="gid://shopify/BulkOperation/1")
    manager.post(address(store), confirmed)  # a double click
    assert StoreExport.objects.get().export_id == "gid://shopify/BulkOperation/1"
    manager.post(address(store), confirmed | {"since": "2023-07-01"})
    row.refresh_from_db()
    assert (row.export_id, row.since.year, row.fence) == ("", 2023, 2)


@pytest.mark.parametrize(
    ("state", "numbers", "bar", "told", "again"),
    [
        (ExportState.LISTING, {}, "<progress aria", "lists its orders since 2024-07-01: 0 so far.", "2"),
        (
            ExportState.READING,
            {"count": 4000, "size": 8000, "read": 2000},
            '<progress max="8000" value="2000"',
            "Online shop has 4000 orders since 2024-07-01; 25 % of the list are taken in.",
            "2",
        ),
        (
            ExportState.DONE,
            {"count": 4000},
            '<progress max="4000" value="4000"',
            "0 are still to be read.",
            "0",
        ),
        (
            ExportState.FAILED,
            {"sentence": "Try it."},
            "Online shop could not be listed. Try it.",
            "Failed",
            "0",
        ),
    ],
)
def test_how_far_it_is(
    store: Store,
    manager: Client,
    state: ExportState,
    numbers: dict[str, int],
    bar: str,
    told: str,
    again: str,
) -> None:
    since = datetime(2024, 7, 1, 7, tzinfo=UTC)
    StoreExport.objects.create(store=store, since=since, state=state, **numbers)
    page = manager.get(address(store)).text
    assert bar in page
    assert told in page
    assert ('<noscript><meta http-equiv="refresh" content="2">' in page) is (again == "2")
    assert ('name="since"' in page) is (again == "0")  # nobody can type in a page that shows itself anew
    part = manager.get(address(store), {"part": "live"})
    assert (part.headers["X-Look-Again"], told in part.text, "<html" in part.text) == (again, True, False)


@pytest.mark.parametrize("since", ["", "soon", "2999-01-01", "1999-12-31"])
def test_a_day_that_is_none(store: Store, manager: Client, since: str) -> None:
    answer = manager.post(address(store), {"since": since, "confirmed": "1"})
    assert "errorlist" in answer.text
    assert not StoreExport.objects.exists()


def test_only_who_may(store: Store, winery: Winery, log_in: LogIn, manager: Client) -> None:
    confirmed = {"since": "2024-07-01", "confirmed": "1"}
    elsewhere, pushed = StoreFactory.create(), StoreFactory.create(winery=winery, platform="pushed")
    viewer = log_in(Role.VIEWER)
    assert viewer.post(address(store), confirmed).status_code == 403
    assert viewer.get(address(store)).status_code == 403
    assert address(store) not in viewer.get(reverse("admin:orders_store_change", args=[store.pk])).text
    assert manager.post(address(elsewhere), confirmed).status_code == 404
    assert manager.post(address(pushed), confirmed).status_code == 404
    assert Client(enforce_csrf_checks=True).post(address(store), confirmed).status_code == 403
    assert manager.put(address(store)).status_code == 405
    manager.get(address(store), confirmed)
    assert not StoreExport.objects.exists()
