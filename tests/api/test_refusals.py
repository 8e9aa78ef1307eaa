"""Each refusal says what is wrong, where, and what is right instead."""

from typing import Any

import pytest

from tests.api.conftest import Program
from tests.api.test_push import order as pushed_order
from tests.factories import StoreFactory

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
