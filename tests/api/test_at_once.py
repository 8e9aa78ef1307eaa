"""Two who make or name the same thing at the same moment: one of them is told, as if they had come later."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.models import Model

from crushsync.accounts.models import Winery
from fulfillment.models import Listing
from notifications.models import Endpoint
from notifications.webhooks import endpoints
from orders.models import Order, Store
from tests.api.conftest import Program
from tests.api.test_push import order
from tests.factories import StoreFactory

PEOPLE = 4
TAKEN = "with this Winery and Name already exists. Choose another name."

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def all_have_looked(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[Model]], None]:
    """Nobody writes before all have found the name free. SQLite lets in one at a time: it waits in vain."""

    def hold(model: Any) -> None:
        gate, look = Barrier(PEOPLE, timeout=1), model.full_clean

        def full_clean(row: Model) -> None:
            look(row)
            with suppress(BrokenBarrierError):
                gate.wait()

        monkeypatch.setattr(model, "full_clean", full_clean)

    return hold


def at_once(program: Program, act: Callable[[Program, int], Any]) -> list[Any]:
    """The answers of all who do it at the same moment: good ones first."""
    gate = Barrier(PEOPLE)

    def one(person: int) -> Any:
        gate.wait()
        try:
            return act(Program(program.key, program.text), person)
        finally:
            connection.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        return sorted(pool.map(one, range(PEOPLE)), key=lambda answer: answer.status_code)


def told(answers: list[Any]) -> list[tuple[int, Any]]:
    """How each of the losers was answered: `fields`, or the code where no field is named."""
    return [(answer.status_code, answer.json()["fields"] or answer.json()["code"]) for answer in answers[1:]]


def test_a_store_of_one_name(program: Program, all_have_looked: Callable[[type[Model]], None]) -> None:
    all_have_looked(Store)
    answers = at_once(program, lambda caller, _: caller.post("stores", {"name": "Tasting room"}))
    assert answers[0].status_code == 201
    assert told(answers) == [(400, {"name": [f"Store {TAKEN}"]})] * (PEOPLE - 1)
    assert answers[1]["Content-Type"] == "application/problem+json"
    assert Store.objects.count() == 1


def test_an_endpoint_of_one_name(program: Program, all_have_looked: Callable[[type[Model]], None]) -> None:
    all_have_looked(Endpoint)
    body = {"name": "Warehouse", "url": "https://warehouse.example/", "event_types": ["*"]}
    answers = at_once(program, lambda caller, _: caller.post("webhook-endpoints", body))
    assert answers[0].status_code == 201
    assert told(answers) == [(400, {"name": [f"Webhook endpoint {TAKEN}"]})] * (PEOPLE - 1)
    assert Endpoint.objects.count() == 1


def test_endpoints_that_are_given_one_name(
    program: Program, winery: Winery, all_have_looked: Callable[[type[Model]], None]
) -> None:
    made = [
        endpoints.create(winery, f"Warehouse {number}", "https://warehouse.example/", ["*"])[0]
        for number in range(PEOPLE)
    ]
    all_have_looked(Endpoint)
    new = {"name": "Cellar"}
    answers = at_once(
        program, lambda caller, person: caller.patch(f"webhook-endpoints/{made[person].pk}", new)
    )
    assert answers[0].status_code == 200
    assert told(answers) == [(400, {"name": [f"Webhook endpoint {TAKEN}"]})] * (PEOPLE - 1)
    assert Endpoint.objects.filter(name="Cellar").count() == 1


def test_a_listing_of_one_sku(program: Program, winery: Winery) -> None:
    body = {"store": StoreFactory.create(winery=winery).pk, "sku": "PN22", "destination_sku": "ESTATE"}
    answers = at_once(program, lambda caller, _: caller.post("listings", body))
    assert answers[0].status_code == 201
    assert told(answers) == [(409, "exists")] * (PEOPLE - 1)
    assert Listing.objects.count() == 1


def test_an_order_of_one_external_id(program: Program, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery, platform="pushed", credentials={})
    answers = at_once(program, lambda caller, _: caller.post("orders", order(store)))
    assert [answer.status_code for answer in answers] == [200] * (PEOPLE - 1) + [201]
    assert Order.objects.count() == 1


@pytest.mark.django_db
def test_what_is_refused_again_is_a_mistake_of_ours(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError("no such luck")

    monkeypatch.setattr(Store, "save", refuse)
    answer = program.post("stores", {"name": "Tasting room"}, once="k1")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert not Store.objects.exists()
    monkeypatch.undo()
    assert program.post("stores", {"name": "Tasting room"}, once="k1").status_code == 201
