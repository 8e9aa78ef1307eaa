"""The pages of stock: acts are done once, by those who may, and say what was refused."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crushsync.accounts.models import Winery
from fulfillment.models import (
    Fulfillment,
    ListedStock,
    LocationMapping,
    Problem,
    StockDirection,
    StockImport,
    StockLevel,
    StockLocation,
    StockMovement,
    StoreFulfillment,
    StoreStock,
)
from fulfillment.stock import map_location, receive
from orders.models import Store
from tests.factories import (
    PLACED_AT,
    CatalogProductFactory,
    OrderLineFactory,
    StockLocationFactory,
    StoreFactory,
    VinoshipperAccountFactory,
)
from tests.stock.conftest import on_hand

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-one-page"


@pytest.fixture
def cellar(winery: Winery) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(winery=winery, name="Cellar")
    receive(place, "PINOT", 24, "delivery:1")
    return place


@pytest.fixture
def tasting_room(winery: Winery) -> StockLocation:
    place: StockLocation = StockLocationFactory.create(winery=winery, name="Tasting room")
    return place


@pytest.fixture
def store(winery: Winery) -> Store:
    found: Store = StoreFactory.create(winery=winery, credentials={"access_token": "shpat"})
    return found


def test_a_location_comes_first(manager: Client, viewer: Client, winery: Winery) -> None:
    levels = reverse("admin:fulfillment_stocklevel_changelist")
    receiving = reverse("admin:fulfillment_stocklevel_act", args=["receive"])
    StockLocationFactory.create()  # another winery's
    assert "Add a location</a>" in manager.get(levels).content.decode()
    assert "Add a location</a>" not in viewer.get(levels).content.decode()
    assert receiving not in manager.get(levels).content.decode()
    StockLocationFactory.create(winery=winery)
    assert receiving in manager.get(levels).content.decode()


def act(client: Client, name: str, place: StockLocation, **given: Any) -> Any:
    data = {"location": place.pk, "sku": "PINOT", "token": TOKEN, **given}
    return client.post(reverse("admin:fulfillment_stocklevel_act", args=[name]), data)


def told(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_an_act_is_done_once_however_often_it_is_clicked(manager: Client, cellar: StockLocation) -> None:
    first = act(manager, "receive", cellar, quantity=6, note="From the bottler")
    assert (first.status_code, told(first)) == (302, ["Booked."])
    again = act(manager, "receive", cellar, quantity=6)
    assert told(again)[-1] == "This was booked already; nothing was booked twice."
    assert on_hand(cellar, "PINOT") == 30
    movement = StockMovement.objects.get(reference=f"by hand:{TOKEN}")
    assert (movement.actor, movement.note) == ("manager", "From the bottler")


def test_the_only_place_is_chosen_already(manager: Client, cellar: StockLocation) -> None:
    chosen = f'<option value="{cellar.pk}" selected>Cellar</option>'
    for page in (
        reverse("admin:fulfillment_stocklevel_act", args=["receive"]),
        reverse("admin:fulfillment_stockimport_add"),
    ):
        assert chosen in manager.get(page).text
    StockLocationFactory.create(winery=cellar.winery)
    assert chosen not in manager.get(page).text


def test_a_sku_that_nobody_knows_is_asked_about(manager: Client, cellar: StockLocation) -> None:
    """Once: some goods are the winery's alone. Nobody is asked where no feed was read."""
    act(manager, "receive", cellar, sku="pinto", quantity=1, token=f"{TOKEN}-1")
    CatalogProductFactory.create(account__winery=cellar.winery, sku="ROSE")
    for number, sku in enumerate(("rose", "rose", "ROSE"), start=2):
        answer = act(manager, "receive", cellar, sku=sku, quantity=1, token=f"{TOKEN}-{number}")
    hint = "Vinoshipper has no product with the SKU rose. Look whether it is spelled right; capitals count."
    assert told(answer) == ["Booked.", "Booked.", hint, "Booked.", "Booked."]


@pytest.mark.parametrize(
    ("name", "given", "left"),
    [
        ("count", {"counted": 20}, 20),
        ("adjust", {"reason": "broken", "quantity": 2}, 22),
        ("adjust", {"reason": "found", "quantity": 2}, 26),
    ],
)
def test_each_act_books_what_it_says(
    manager: Client, cellar: StockLocation, name: str, given: dict[str, Any], left: int
) -> None:
    assert act(manager, name, cellar, **given).status_code == 302
    assert on_hand(cellar, "PINOT") == left


def test_bottles_are_moved(manager: Client, cellar: StockLocation, tasting_room: StockLocation) -> None:
    act(manager, "transfer", cellar, target=tasting_room.pk, quantity=6)
    assert (on_hand(cellar, "PINOT"), on_hand(tasting_room, "PINOT")) == (18, 6)


def test_a_refusal_is_said_on_the_form_and_nothing_is_booked(
    manager: Client, cellar: StockLocation, tasting_room: StockLocation
) -> None:
    answer = act(manager, "transfer", cellar, target=tasting_room.pk, quantity=60)
    assert answer.status_code == 200
    assert "Cellar has 24 of PINOT; 60 cannot be taken." in answer.content.decode()
    assert act(manager, "adjust", cellar, reason="shipped", quantity=1).status_code == 200
    assert act(manager, "receive", cellar, quantity=0).status_code == 200
    assert act(manager, "receive", cellar, quantity=1, token="").status_code == 200
    assert StockMovement.objects.count() == 1


def test_another_winerys_place_is_no_choice(manager: Client, cellar: StockLocation) -> None:
    elsewhere = StockLocationFactory.create()
    assert act(manager, "receive", elsewhere, quantity=6).status_code == 200
    assert act(manager, "transfer", cellar, target=elsewhere.pk, quantity=6).status_code == 200
    assert StockMovement.objects.count() == 1


def test_who_only_looks_cannot_act(viewer: Client, cellar: StockLocation) -> None:
    assert act(viewer, "receive", cellar, quantity=6).status_code == 403
    page = viewer.get(reverse("admin:fulfillment_stocklevel_change", args=[StockLevel.objects.get().pk]))
    assert page.status_code == 200
    assert "/act/" not in page.content.decode()
    assert on_hand(cellar, "PINOT") == 24


def test_there_is_no_other_act(manager: Client, cellar: StockLocation) -> None:
    assert act(manager, "drink", cellar).status_code == 404


def test_a_threshold_opens_its_notice(manager: Client, cellar: StockLocation) -> None:
    assert act(manager, "warn", cellar, low_at=24).status_code == 302
    assert Problem.objects.get().subject == "PINOT@Cellar"
    assert act(manager, "warn", cellar, sku="ROSE", low_at=24).status_code == 200
    assert act(manager, "warn", cellar, low_at="").status_code == 302
    assert Problem.objects.get().closed_at is not None


def test_a_level_shows_its_history_and_the_stores(
    viewer: Client, cellar: StockLocation, tasting_room: StockLocation, store: Store
) -> None:
    receive(tasting_room, "PINOT", 5, "delivery:2")
    mapping = map_location(store, "71", cellar)
    ListedStock.objects.create(
        mapping=mapping, item_id="1", sku="PINOT", number=23, refusal="A bundle.", seen_at=PLACED_AT
    )
    level = StockLevel.objects.get(location=cellar)
    page = viewer.get(reverse("admin:fulfillment_stocklevel_change", args=[level.pk]))
    assert [row.level_after for row, _at in page.context["movements"]] == [24]
    assert page.text.count("delivery:1") == page.text.count('title="delivery:1"') == 1  # for support alone
    assert [other.on_hand for other in page.context["elsewhere"]] == [5]
    assert [(row.number, row.refusal) for row, _at in page.context["listed"]] == [(23, "A bundle.")]


def test_the_list_finds_what_runs_out(viewer: Client, cellar: StockLocation) -> None:
    receive(cellar, "ROSE", 3, "delivery:2")
    StockLevel.objects.filter(sku="ROSE").update(low_at=3)
    address = reverse("admin:fulfillment_stocklevel_changelist")
    assert [row.sku for row in viewer.get(address).context["cl"].result_list] == ["PINOT", "ROSE"]
    assert [row.sku for row in viewer.get(f"{address}?low=yes").context["cl"].result_list] == ["ROSE"]
    assert list(viewer.get(f"{address}?low=none").context["cl"].result_list) == []


def test_a_place_keeps_what_it_stands_for_once_bottles_were_booked(
    manager: Client, winery: Winery, cellar: StockLocation
) -> None:
    account = VinoshipperAccountFactory.create(winery=winery)
    address = reverse("admin:fulfillment_stocklocation_change", args=[cellar.pk])
    data = {"name": "Old cellar", "winery": winery.pk, "vinoshipper_account": account.pk, "is_active": "on"}
    manager.post(address, data)
    cellar.refresh_from_db()
    assert (cellar.name, cellar.vinoshipper_account) == ("Old cellar", None)


def test_a_store_is_mapped_within_its_winery(manager: Client, store: Store, cellar: StockLocation) -> None:
    address = reverse("admin:fulfillment_locationmapping_add")
    assert "the number at the end of the location's address" in manager.get(address).text
    given = {"store": store.pk, "external_id": "71", "name": "Warehouse", "shares_stock": "on"}
    foreign = StockLocationFactory.create()
    assert manager.post(address, {**given, "location": foreign.pk}).status_code == 200
    assert manager.post(address, {**given, "location": cellar.pk}).status_code == 302
    assert LocationMapping.objects.get().location == cellar


def test_one_of_two_mappings_of_a_place_shares_its_numbers(
    manager: Client, store: Store, cellar: StockLocation
) -> None:
    map_location(store, "71", cellar)
    address = reverse("admin:fulfillment_locationmapping_add")
    given = {"store": store.pk, "external_id": "72", "name": "Annex", "location": cellar.pk}
    refused = manager.post(address, {**given, "shares_stock": "on"})
    assert refused.context["adminform"].form.errors == {
        "shares_stock": [
            "Another location of the store shares this place's numbers. Untick it here or there."
        ]
    }
    assert manager.post(address, given).status_code == 302


def test_a_mapping_books_what_waited_for_it(
    manager: Client, store: Store, cellar: StockLocation, tasting_room: StockLocation
) -> None:
    """Two orders were shipped from a location that nobody had mapped; what is booked once stays booked."""
    for number in ("71", "72"):
        line = OrderLineFactory.create(order__store=store, sku="PINOT", quantity=6)
        made = Fulfillment.objects.create(
            winery=line.order.winery, order=line.order, status="shipped", store_fulfillment_id=number
        )
        made.lines.create(order_line=line, quantity=6)
        row = {"external_id": f"f{number}", "place": number, "place_name": "Warehouse"}
        StoreFulfillment.objects.create(store=store, order=line.order, fulfillment=made, **row)
    address = reverse("admin:fulfillment_locationmapping_add")
    given = {"store": store.pk, "external_id": "71", "name": "Warehouse", "shares_stock": "on"}
    answer = manager.post(address, {**given, "location": cellar.pk})
    assert told(answer)[0] == "Fulfillments booked there: 1."
    assert (on_hand(cellar, "PINOT"), Fulfillment.objects.filter(location=cellar).count()) == (18, 1)

    mapping = LocationMapping.objects.get()
    change = reverse("admin:fulfillment_locationmapping_change", args=[mapping.pk])
    assert manager.post(change, {**given, "location": tasting_room.pk}).status_code == 302
    assert (on_hand(cellar, "PINOT"), on_hand(tasting_room, "PINOT")) == (18, None)
    assert Fulfillment.objects.filter(location=None).count() == 1


def test_whose_numbers_count_is_chosen_and_due_at_once(
    manager: Client, store: Store, cellar: StockLocation
) -> None:
    map_location(store, "71", cellar)
    address = reverse("admin:fulfillment_storestock_add")
    assert manager.post(address, {"store": store.pk, "direction": "take"}).status_code == 302
    row = StoreStock.objects.get()
    assert (row.direction, row.due_at is not None) == (StockDirection.TAKE, True)
    change = reverse("admin:fulfillment_storestock_change", args=[row.pk])
    assert manager.post(change, {"direction": "off"}).status_code == 302
    row.refresh_from_db()
    assert (row.direction, row.due_at) == (StockDirection.OFF, None)


def test_two_masters_of_one_place_are_refused(
    manager: Client, winery: Winery, store: Store, cellar: StockLocation
) -> None:
    other = StoreFactory.create(winery=winery, credentials={"access_token": "shpat"})
    for one in (store, other):
        map_location(one, "71", cellar)
    address = reverse("admin:fulfillment_storestock_add")
    manager.post(address, {"store": store.pk, "direction": "take"})
    refused = manager.post(address, {"store": other.pk, "direction": "take"})
    assert "Another store&#x27;s numbers are taken over" in refused.content.decode()
    place = StockLocationFactory.create(
        winery=winery, vinoshipper_account=VinoshipperAccountFactory.create(winery=winery)
    )
    LocationMapping.objects.filter(store=other).update(location=place)
    refused = manager.post(address, {"store": other.pk, "direction": "take"})
    assert "own count is right about its location" in refused.content.decode()
    assert StoreStock.objects.count() == 1
    assert manager.post(address, {"store": other.pk, "direction": "push"}).status_code == 302


def upload(client: Client, place: StockLocation, text: str) -> Any:
    file = SimpleUploadedFile("stock.csv", text.encode())
    data = {"kind": "count", "location": place.pk, "file": file}
    return client.post(reverse("admin:fulfillment_stockimport_add"), data)


def test_a_file_is_shown_before_it_is_booked(manager: Client, cellar: StockLocation) -> None:
    answer = upload(manager, cellar, "sku,quantity\nPINOT,20\nROSE,x\n")
    page = manager.get(answer["Location"])
    shown = [(line.number, line.state, there) for line, _pill, there in page.context["rows"]]
    assert shown == [(2, "waiting", 24), (3, "refused", 0)]
    assert on_hand(cellar, "PINOT") == 24
    asked = StockImport.objects.get()
    start = reverse("admin:fulfillment_stockimport_start", args=[asked.pk])
    assert manager.get(start).status_code == 405
    assert manager.post(start).status_code == 302
    assert asked.lines.get(number=2).due_at is not None
    live = manager.get(f"{answer['Location']}?part=live")
    assert (live.status_code, live["X-Look-Again"]) == (200, "2")


def test_what_is_no_such_file_is_said_on_the_form(manager: Client, cellar: StockLocation) -> None:
    answer = upload(manager, cellar, "wine,bottles\nPINOT,20\n")
    assert "has to name the columns sku and quantity" in answer.content.decode()
    assert not StockImport.objects.exists()


def test_who_only_looks_imports_nothing(viewer: Client, manager: Client, cellar: StockLocation) -> None:
    upload(manager, cellar, "sku,quantity\nPINOT,20\n")
    asked = StockImport.objects.get()
    assert upload(viewer, cellar, "sku,quantity\nPINOT,20\n").status_code == 403
    for page in ("start", "stop"):
        assert (
            viewer.post(reverse(f"admin:fulfillment_stockimport_{page}", args=[asked.pk])).status_code == 403
        )
    assert StockImport.objects.count() == 1
    assert asked.lines.get().due_at is None


def test_a_file_can_be_let_be(manager: Client, cellar: StockLocation) -> None:
    upload(manager, cellar, "sku,quantity\nPINOT,20\n")
    asked = StockImport.objects.get()
    stopped = manager.post(reverse("admin:fulfillment_stockimport_stop", args=[asked.pk]))
    assert told(stopped) == ["1 line is left alone."]
    manager.post(reverse("admin:fulfillment_stockimport_start", args=[asked.pk]))
    assert asked.lines.get().state == "cancelled"
