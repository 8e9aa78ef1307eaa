"""Stock, problems, batches and webhook endpoints by API: the same functions as in the admin."""

from typing import Any

import pytest
from pytest_django import Settings

from crushsync.accounts.models import Winery
from crushsync.lib.queue import drain
from fulfillment.batches import BatchLane
from fulfillment.models import (
    FulfillmentOrder,
    Problem,
    StockLevel,
    StockLocation,
    StockMovement,
    SyncAttempt,
)
from notifications.models import Delivery, Endpoint
from tests.api.conftest import MakeProgram, Program
from tests.factories import FulfillmentOrderFactory, MembershipFactory, OrderFactory

# ------------------------------------------------------------------------------------------------ stock


@pytest.fixture
def cellar(winery: Winery) -> StockLocation:
    return StockLocation.objects.create(winery=winery, name="Cellar")


def adjust(program: Program, location: StockLocation, reason: str, quantity: int, **more: Any) -> Any:
    body = {"location": location.pk, "sku": "PN22", "reason": reason, "quantity": quantity}
    return program.post("stock/adjust", body, **more)


@pytest.mark.django_db
def test_stock_is_received_counted_corrected_and_moved(
    program: Program, winery: Winery, cellar: StockLocation
) -> None:
    shop = StockLocation.objects.create(winery=winery, name="Shop")
    first = adjust(program, cellar, "received", 12, once="k1")
    assert adjust(program, cellar, "received", 12, once="k1").content == first.content
    (movement,) = first.json()["movements"]
    assert (movement["delta"], movement["level_after"], movement["actor"]) == (12, 12, "API key test")
    adjust(program, cellar, "broken", 1)
    adjust(program, cellar, "counted", 10)
    moved = program.post(
        "stock/transfer", {"source": cellar.pk, "target": shop.pk, "sku": "PN22", "quantity": 4}
    )
    assert [line["delta"] for line in moved.json()["movements"]] == [-4, 4]
    levels = program.get("stock/levels?sku=PN22").json()["results"]
    assert {level["location"]: level["available"] for level in levels} == {cellar.pk: 6, shop.pk: 4}
    ledger = program.get(f"stock/movements?location={cellar.pk}").json()["results"]
    assert [line["delta"] for line in ledger] == [-4, -1, -1, 12]


@pytest.mark.django_db
def test_more_than_is_there_is_not_taken(program: Program, cellar: StockLocation) -> None:
    adjust(program, cellar, "received", 2)
    theirs = StockLocation.objects.create(winery=FulfillmentOrderFactory.create().order.winery, name="Theirs")
    refused = adjust(program, cellar, "broken", 3)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert refused.json()["fields"] == {"": [refused.json()["detail"]]}
    assert adjust(program, cellar, "received", 0).status_code == 400
    assert adjust(program, theirs, "received", 1).status_code == 404
    transfer = {"source": cellar.pk, "target": theirs.pk, "sku": "PN22", "quantity": 1}
    refused = program.post("stock/transfer", transfer)
    told = f"`target` is the id of a stock location: {theirs.pk} is none, or is not yours to see."
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert (refused.json()["detail"], refused.json()["fields"]) == (told, {"target": [told]})
    assert (StockLevel.objects.get().on_hand, StockMovement.objects.count()) == (2, 1)


# --------------------------------------------------------------------------------------------- problems


@pytest.mark.django_db
def test_problems_say_what_to_do(program: Program, winery: Winery) -> None:
    order = OrderFactory.create(store__winery=winery)
    Problem.objects.create(winery=winery, order=order, code="unknown_sku", subject="PN22", sentence="No.")
    (told,) = program.get(f"problems?is_open=true&order={order.pk}").json()["results"]
    assert (told["code"], told["subject"], told["owner"], told["assigned_to"]) == (
        "unknown_sku",
        "PN22",
        "winery",
        None,
    )
    assert len(told["steps"]) == 3
    assert program.get("problems?is_open=false").json()["results"] == []


@pytest.mark.django_db
def test_problems_are_assigned_snoozed_and_settled(program: Program, winery: Winery) -> None:
    order = OrderFactory.create(store__winery=winery)
    row = Problem.objects.create(winery=winery, order=order, code="unknown_sku", sentence="No.")
    MembershipFactory.create(winery=winery, user__username="ana")
    MembershipFactory.create(user__username="bob")
    given = program.post(f"problems/{row.pk}/assign", {"person": "ana"})
    assert (given.status_code, given.json()["assigned_to"]) == (200, "ana")
    assert program.post(f"problems/{row.pk}/assign", {"person": "bob"}).status_code == 400
    asleep = program.post(f"problems/{row.pk}/snooze", {"until": "2199-01-01T00:00:00Z"}).json()
    assert asleep["snoozed_until"] == "2199-01-01T00:00:00Z"
    assert program.post(f"problems/{row.pk}/snooze", {"until": "2001-01-01T00:00:00Z"}).status_code == 409
    refused = program.post(f"problems/{row.pk}/resolve")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed")
    row.refresh_from_db()
    assert (row.is_open, row.assigned_to.username if row.assigned_to else None) == (True, "ana")
    for nobody in (None, ""):
        program.post(f"problems/{row.pk}/assign", {"person": "ana"})
        answer = program.post(f"problems/{row.pk}/assign", {"person": nobody})
        assert (answer.status_code, answer.json()["assigned_to"]) == (200, None)
    row.refresh_from_db()
    row.closed_at = row.opened_at
    row.save()
    assert program.post(f"problems/{row.pk}/assign", {"person": None}).status_code == 409


# ---------------------------------------------------------------------------------------------- batches


@pytest.mark.django_db(transaction=True)
def test_one_act_on_many_orders(program: Program, winery: Winery, settings: Settings) -> None:
    settings.WAIT_FACTOR = 0.01
    works = [FulfillmentOrderFactory.create(order__store__winery=winery) for _ in range(2)]
    works.append(FulfillmentOrderFactory.create(order__store__winery=winery, status="sent"))
    theirs = FulfillmentOrderFactory.create()
    body = {"action": "hold", "orders": [work.order_id for work in [*works, theirs]], "reason": "Storm"}
    first = program.post("batches", body, once="k1")
    assert first.status_code == 201, first.content
    assert program.post("batches", body, once="k1").json() == first.json()
    (batch,) = first.json()["batches"]
    drain([BatchLane()], seconds=20, until_idle=True)
    told = program.get(f"batches/{batch['id']}").json()
    assert (told["progress"]["done"], told["progress"]["refused"], told["progress"]["is_over"]) == (
        2,
        1,
        True,
    )
    rows = program.get(f"batches/{batch['id']}/rows").json()["results"]
    assert {row["order"]: row["state"] for row in rows} == {
        works[0].order_id: "done",
        works[1].order_id: "done",
        works[2].order_id: "refused",
    }
    assert not FulfillmentOrder.objects.get(pk=theirs.pk).is_held


@pytest.mark.django_db
def test_a_batch_is_stopped(program: Program, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    (batch,) = program.post("batches", {"action": "hold", "orders": [work.order_id]}).json()["batches"]
    told = program.post(f"batches/{batch['id']}/cancel").json()
    assert (told["progress"]["cancelled"], told["progress"]["is_over"]) == (1, True)
    assert told["cancelled_at"] is not None


# --------------------------------------------------------------------------------------------- webhooks


ENDPOINT = {"name": "Warehouse", "url": "https://warehouse.example/hooks", "event_types": ["fulfillment.*"]}


@pytest.mark.django_db
def test_an_endpoint_shows_its_secret_once(program: Program) -> None:
    made = program.post("webhook-endpoints", ENDPOINT, once="k1")
    assert made.status_code == 201, made.content
    secret, pk = made.json()["secret"], made.json()["endpoint"]["id"]
    assert secret.startswith("whsec_")
    assert secret not in program.get(f"webhook-endpoints/{pk}").content.decode()
    new = program.post(f"webhook-endpoints/{pk}/rotate-secret").json()["secret"]
    assert Endpoint.objects.get().secrets == {"current": new, "old": secret}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["http://warehouse.example/", "https://127.0.0.1/", "https://[::1]/", "x", "file:///a"]
)
def test_no_address_inside_the_house(program: Program, url: str) -> None:
    answer = program.post("webhook-endpoints", {**ENDPOINT, "url": url})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["url"])
    assert not Endpoint.objects.exists()


@pytest.mark.django_db
def test_an_endpoint_is_changed_tested_and_told_again(program: Program) -> None:
    pk = program.post("webhook-endpoints", ENDPOINT).json()["endpoint"]["id"]
    tag = program.get(f"webhook-endpoints/{pk}")["ETag"]
    changed = program.patch(f"webhook-endpoints/{pk}", {"event_types": ["*"], "is_active": False}, tag=tag)
    assert (changed.json()["event_types"], changed.json()["is_active"]) == (["*"], False)
    off = program.post(f"webhook-endpoints/{pk}/test")
    assert (off.status_code, off.json()["detail"]) == (400, "This endpoint is off. Switch it on first.")
    program.patch(f"webhook-endpoints/{pk}", {"is_active": True})
    sent = program.post(f"webhook-endpoints/{pk}/test")
    assert (sent.status_code, sent.json()["type"], sent.json()["state"]) == (201, "endpoint.test", "waiting")
    (told,) = program.get(f"webhook-deliveries?endpoint={pk}&expand=body,tries_made").json()["results"]
    assert told["tries_made"] == []
    assert "endpoint.test" in told["body"]
    assert program.post(f"webhook-deliveries/{told['id']}/replay").json()["id"] == told["id"]
    since = {"since": "2026-01-01T00:00:00Z", "until": "2199-01-01T00:00:00Z"}
    assert program.post(f"webhook-endpoints/{pk}/replay", since).json() == {"count": 0}
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_an_endpoint_is_deleted_with_its_log(program: Program) -> None:
    made = program.post("webhook-endpoints", ENDPOINT).json()["endpoint"]
    other = program.post("webhook-endpoints", {**ENDPOINT, "name": "Other"}).json()["endpoint"]
    for pk in (made["id"], other["id"]):
        program.post(f"webhook-endpoints/{pk}/test")
    url = f"webhook-endpoints/{made['id']}"
    assert program.delete(url, tag="").status_code == 428
    assert program.delete(url, tag=program.get(url)["ETag"]).status_code == 204
    assert program.get(url).status_code == 404
    assert list(Delivery.objects.values_list("endpoint", flat=True)) == [other["id"]]


# ---------------------------------------------------------------------------------------------- compare


@pytest.mark.django_db
def test_comparing_names_people_and_says_when_nobody_answers(
    program: Program, winery: Winery, program_of: MakeProgram
) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    answer = program.post(f"orders/{work.order_id}/compare", once="")
    assert (answer.status_code, answer.json()["code"]) == (424, "vinoshipper_silent")
    assert SyncAttempt.objects.get().kind == "compare"
    refused = program_of(winery, "orders:read").post(f"orders/{work.order_id}/compare", once="")
    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert SyncAttempt.objects.count() == 1


# -------------------------------------------------------------------------------------------- rehearsal


@pytest.mark.django_db
def test_what_would_happen(program: Program, winery: Winery, program_of: MakeProgram) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    told = program.post(f"orders/{work.order_id}/dry-run", once="").json()
    assert (told["decision"]["verdict"], told["is_compliant"]) == ("send", None)
    assert told["not_asked"]
    assert work.number in told["payload"]
    refused = program_of(winery, "orders:read").post(f"orders/{work.order_id}/dry-run", once="")
    assert refused.json()["code"] == "missing_scope"
    account = work.account
    assert account is not None
    changed = program.post(f"vinoshipper-accounts/{account.pk}/what-if", {"ship_to_states": ["TX"]}, once="")
    (change,) = changed.json()["changes"]
    assert (change["order"], change["before"], change["after"]) == (work.order_id, "send", "not_required")
    account.refresh_from_db()
    assert account.ship_to_states == ["CA", "NY", "OR", "TX", "WA"]
