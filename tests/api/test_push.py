"""Orders that are pushed: taken in once, decided about at once, sent and followed like any other."""

from typing import Any

import pytest

from crushsync.accounts.models import Winery
from fulfillment import pipeline
from fulfillment.models import FulfillmentOrder, Problem
from orders import connecting
from orders.models import EventKind, Order, OrderEvent, Store
from orders.storefronts.pushed.connector import Pushed
from orders.storefronts.types import ReportAction, ShipmentData, ShipmentStatus, StoreConnection
from tests.api.conftest import MakeProgram, Program
from tests.factories import StockLocationFactory, StoreFactory, VinoshipperAccountFactory
from tests.notifications.conftest import Run, run

__all__ = ["run"]

ADDRESS = {"first_name": "Elena", "last_name": "Marquez", "street1": "12 Harbor Road", "city": "Sacramento"}

LINE: dict[str, Any] = {
    "external_id": "1",
    "sku": "PN22",
    "title": "Pinot Noir",
    "quantity": 2,
    "unit_price": "32.00",
}


def order(store: Store, **fields: Any) -> dict[str, Any]:
    return {
        "store": store.pk,
        "external_id": "A-1042",
        "name": "#1042",
        "placed_at": "2026-11-18T08:42:07-08:00",
        "updated_at": "2026-11-18T16:42:09Z",
        "first_name": "Elena",
        "last_name": "Marquez",
        "email": "elena.marquez@example.com",
        "birth_date": "1980-04-05",
        "ship_to": {**ADDRESS, "state": "CA", "postal_code": "95814", "phone": "+19165550123"},
        "shipping_price": "15.00",
        "tax": "5.80",
        "total": "84.80",
        "lines": [LINE],
        **fields,
    }


@pytest.fixture
def store(winery: Winery) -> Store:
    account = VinoshipperAccountFactory.create(winery=winery)
    return StoreFactory.create(winery=winery, platform="pushed", vinoshipper_account=account, credentials={})


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["refund", "exchange"])
def test_what_is_no_sale_is_kept_and_not_sent(program: Program, store: Store, kind: str) -> None:
    answer = program.post("orders", order(store, kind=kind))
    assert (answer.status_code, answer.json()["kind"]) == (201, kind)
    work = FulfillmentOrder.objects.get()
    assert (work.status, work.reason_code, work.due_at) == ("not_required", "not_a_sale", None)
    assert program.post("orders", order(store, kind="gift")).status_code == 400


@pytest.mark.django_db
def test_an_order_is_pushed_and_decided_about(program: Program, store: Store) -> None:
    answer = program.post("orders", order(store))
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["external_id"], told["placed_at"], told["payment"]) == (
        "A-1042",
        "2026-11-18T16:42:07Z",
        "paid",
    )
    assert (told["lines"][0]["sku"], told["lines"][0]["unit_price"]) == ("PN22", "32.00")
    assert (told["birth_date_state"], told["ship_to"]["city"]) == ("known", "Sacramento")
    (work,) = told["fulfillment_orders"]
    assert (work["status"], work["reason_code"]) == ("waiting", "send")
    assert work["number"].startswith(store.number_prefix)
    reread = next(action for action in work["actions"] if action["name"] == "reread")
    assert reread["reason"] == "Orders of this store are pushed to CrushSync: it is not asked for them."
    assert FulfillmentOrder.objects.get().due_at is not None
    assert [event.kind for event in OrderEvent.objects.order_by("pk")] == [
        EventKind.RECEIVED,
        EventKind.DECIDED,
    ]


@pytest.mark.django_db
def test_the_same_again_changes_nothing(program: Program, store: Store) -> None:
    first = program.post("orders", order(store)).json()
    again = program.post("orders", order(store))
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    assert Order.objects.count() == 1
    assert OrderEvent.objects.count() == 2


@pytest.mark.django_db
def test_a_newer_state_replaces_the_older(program: Program, store: Store) -> None:
    program.post("orders", order(store))
    newer = order(store, updated_at="2026-11-18T17:00:00Z", cancelled_at="2026-11-18T17:00:00Z")
    changed = program.post("orders", newer)
    assert (changed.status_code, changed.json()["fulfillment_orders"][0]["status"]) == (200, "not_required")
    stale = program.post("orders", order(store))
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert Order.objects.get().cancelled_at is not None


@pytest.mark.django_db
def test_what_is_wrong_stops_it_like_any_storefronts(program: Program, store: Store) -> None:
    told = program.post("orders", order(store, birth_date="2015-04-05")).json()
    (work,) = told["fulfillment_orders"]
    assert (work["status"], work["attention_code"]) == ("failed", "under_age")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"placed_at": "2026-11-18"}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"updated_at": "9999-12-31T23:59:59-14:00"}, "updated_at"),
        ({"updated_at": "2199-12-31T23:59:59Z"}, "updated_at"),
        ({"requested_ship_date": "9999-12-31"}, "requested_ship_date"),
        ({"total": "NaN"}, "total"),
        ({"total": "-1"}, "total"),
        ({"total": "1e30"}, "total"),
        ({"currency": "usd"}, "currency"),
        ({"payment": "maybe"}, "payment"),
        ({"name": ""}, "name"),
        ({"name": "a\x00"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"ship_to": {"state": "California"}}, "ship_to.state"),
        ({"ship_to": {"zip": "95814"}}, "ship_to.zip"),
        ({"lines": []}, "lines"),
        ({"lines": [{**LINE, "quantity": 2**40}]}, "lines.0.quantity"),
        ({"lines": [LINE, LINE]}, "lines"),
        ({"shipping": "1"}, "shipping"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_kept(
    program: Program, store: Store, fields: dict[str, Any], place: str
) -> None:
    answer = program.post("orders", order(store, **fields))
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["fields"]) == [place]
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_only_into_own_stores_that_push(winery: Winery, program: Program, program_of: MakeProgram) -> None:
    shop = StoreFactory.create(winery=winery)
    theirs = StoreFactory.create(platform="pushed")
    for store in (shop, theirs):
        assert program.post("orders", order(store)).status_code == 404
    assert not Order.objects.exists()


@pytest.mark.django_db
def test_a_store_is_added(program: Program, winery: Winery) -> None:
    account = VinoshipperAccountFactory.create(winery=winery)
    answer = program.post("stores", {"name": "Tasting room", "vinoshipper_account": account.pk})
    assert answer.status_code == 201, answer.content
    store = Store.objects.get()
    assert (store.platform, store.winery, store.vinoshipper_account) == ("pushed", winery, account)
    again = program.post("stores", {"name": "Tasting room"})
    assert (again.status_code, again.json()["fields"]) == (
        400,
        {"name": ["Store with this Winery and Name already exists. Choose another name."]},
    )
    theirs = VinoshipperAccountFactory.create()
    assert program.post("stores", {"name": "B", "vinoshipper_account": theirs.pk}).status_code == 404
    assert program.post("stores", {"name": "B", "winery": theirs.winery_id}).status_code == 404
    assert Store.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_store_without_an_account_ships_all_of_its_orders_itself(
    program: Program, winery: Winery, run: Run
) -> None:
    body = {"name": "Tasting room", "starts_at": "2026-11-01T00:00:00Z"}
    own = Store.objects.get(pk=program.post("stores", body).json()["id"])
    place = StockLocationFactory.create(winery=winery)
    received = {"location": place.pk, "sku": "PN22", "reason": "received", "quantity": 12}
    program.post("stock/adjust", received)
    for number in range(2):
        assert program.post("orders", order(own, external_id=f"A-{number}")).status_code == 201
    newest, oldest = program.get("orders?to_ship=true").json()["results"]
    for told in (newest, oldest):
        (work,) = told["fulfillment_orders"]
        assert (work["status"], work["reason_code"], work["attention_code"]) == (
            "not_required",
            "own_cellar",
            "",
        )
    run(lambda: program.get("stock/levels").json()["results"][0]["reserved"] == 4, pipeline.lanes())
    made = program.post("fulfillments", {"order": oldest["id"], "location": place.pk, "carrier": "UPS"})
    assert made.status_code == 201, made.content
    assert [told["id"] for told in program.get("orders?to_ship=true").json()["results"]] == [newest["id"]]
    assert not Problem.objects.exists()

    own.vinoshipper_account = VinoshipperAccountFactory.create(winery=winery, is_active=False)
    connecting.keep(own)
    work = FulfillmentOrder.objects.get(order=newest["id"])
    run(lambda: FulfillmentOrder.objects.get(pk=work.pk).reason_code == "no_account", pipeline.lanes())
    assert Problem.objects.get().code == "no_account"  # what is switched off may be an oversight
    own.vinoshipper_account = None
    connecting.keep(own)
    run(lambda: not Problem.objects.filter(closed_at=None).exists(), pipeline.lanes())
    assert FulfillmentOrder.objects.get(pk=work.pk).reason_code == "own_cellar"


def test_a_shipment_counts_as_reported() -> None:
    shipment = ShipmentData(
        "A-1042", "CSX-1", "UPS", (), (("1", 2),), ShipmentStatus.SHIPPED, None, None, notify_customer=False
    )
    told = Pushed(StoreConnection("https://crushsync.example", ())).report_shipment(shipment)
    assert (told.fulfillment_id, told.action) == ("CSX-1", ReportAction.UNCHANGED)
