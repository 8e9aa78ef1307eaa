"""Each refusal says what is wrong, where, and what is right instead."""

from typing import Any

import pytest
from django.test import Client

from crushsync.accounts.models import Winery
from tests.api.conftest import Program
from tests.api.test_push import order as pushed_order
from tests.factories import EndpointFactory, StoreFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ("problems?is_open=True", "is_open", '"True" is not a valid choice. Known: true, false.'),
        (
            "fulfillments?status=sent",
            "status",
            '"sent" is not a valid choice. Known: pending, shipped, delivered, canceled.',
        ),
    ],
)
def test_a_word_of_a_filter(program: Program, query: str, field: str, told: str) -> None:
    answer = program.get(query)
    assert (answer.status_code, answer.json()["fields"]) == (400, {field: [told]})


@pytest.mark.parametrize("given", ["yesterday", "2026-11-18", "2026-11-18T16:42:07", "2300-01-01T00:00:00Z"])
def test_a_time(program: Program, given: str) -> None:
    told = "A time as in 2026-11-18T16:42:07Z, with its offset, between 1970 and 2200."
    answer = program.get(f"orders?changed_after={given}")
    assert (answer.status_code, answer.json()["fields"]) == (400, {"changed_after": [told]})


def test_a_stretch_of_time_that_ends_before_it_begins(program: Program, winery: Winery) -> None:
    endpoint = EndpointFactory.create(winery=winery)
    body = {"since": "2026-11-18T00:00:00Z", "until": "2026-11-17T00:00:00Z"}
    answer = program.post(f"webhook-endpoints/{endpoint.pk}/replay", body)
    assert (answer.status_code, answer.json()["fields"]) == (400, {"until": ["It is before since."]})


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        ({"kind": "return"}, "kind", '"return" is not a valid choice. Known: sale, refund, exchange.'),
        ({"currency": "usd"}, "currency", "It has 3 capital letters."),
        ({"ship_to": {"state": "Ohio"}}, "ship_to.state", "It has 2 capital letters."),
    ],
)
def test_a_word_of_a_body(program: Program, body: dict[str, Any], field: str, told: str) -> None:
    store = StoreFactory.create(winery=program.key.winery, platform="pushed")
    answer = program.post("orders", {**pushed_order(store), **body})
    assert (answer.status_code, answer.json()["fields"]) == (400, {field: [told]})


def test_another_way_to_show_a_key(program: Program) -> None:
    """Basic and such are no key: whoever sends one is not to look for a slip in it."""
    for headers in ({}, {"Authorization": "Basic YW5hOmFuYQ=="}, {"Authorization": f"Token {program.text}"}):
        answer = Client().get("/api/v1/me", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert "`Authorization: Bearer cs_...`" in answer.json()["detail"]


def test_a_body_that_is_not_json(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.text}", "Idempotency-Key": "a"}
    answer = Client().post("/api/v1/listings", {"sku": "PN22"}, headers=headers)  # as a form
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "`Content-Type: application/json`" in answer.json()["detail"]


def test_a_method_that_an_address_does_not_take(program: Program) -> None:
    answer = program.patch("orders", {})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert (answer["Allow"], "Allow names" in answer.json()["detail"]) == ("GET, HEAD, POST", True)
