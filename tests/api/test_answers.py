"""What every GET answers is what the OpenAPI document says of it, to the field."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest

from crushsync.accounts.models import Winery
from crushsync.api.describing import document
from fulfillment.models import Closing
from fulfillment.stock import receive
from tests.api.conftest import Program
from tests.factories import (
    CatalogProductFactory,
    ComplianceEventFactory,
    DeliveryFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    ListingFactory,
    OrderEventFactory,
    ProblemFactory,
    StockLocationFactory,
    SyncAttemptFactory,
)

ROOT = "/api/v1/"


def reads() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each address that is read, lists first."""
    paths = document()["paths"].items()
    found = {path.removeprefix(ROOT): told["get"] for path, told in paths if "get" in told}
    yield from sorted(found.items(), key=lambda item: item[0].count("{"))


def strictly(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    """Whether something is described by `schema`. A field that is not described is none of it."""
    told = deepcopy(document())
    for part in told["components"]["schemas"].values():
        part["additionalProperties"] = False
    return jsonschema_rs.validator_for({**schema, **told}, validate_formats=True)


@pytest.fixture
def a_row_of_each(winery: Winery, program: Program) -> None:
    """What nobody has ended yet, and one problem that somebody has: "" and null are told, too."""
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    FulfillmentFactory.create(fulfillment_order=work)
    for factory in (ComplianceEventFactory, OrderEventFactory):
        factory.create(order=work.order)
    SyncAttemptFactory.create(order=work.order, fulfillment_order=work)
    ProblemFactory.create(fulfillment_order=work)
    ended = {"closed_at": work.order.placed_at, "closed_how": Closing.MENDED}
    ProblemFactory.create(fulfillment_order=work, code="late", **ended)
    CatalogProductFactory.create(account=work.account)
    ListingFactory.create(store=work.order.store)
    DeliveryFactory.create(endpoint__winery=winery)
    receive(StockLocationFactory.create(winery=winery), "ESTATE-PN-22", 12, "delivery 8")
    assert program.post("batches", {"action": "hold", "orders": [work.order_id]}).status_code == 201


@pytest.mark.usefixtures("a_row_of_each")
def test_every_read_answers_what_is_described(program: Program) -> None:
    first: dict[str, Any] = {}
    for path, told in reads():
        more = next((one for one in told.get("parameters", []) if one["name"] == "expand"), None)
        query = f"?expand={','.join(more['schema']['items']['enum'])}" if more else ""
        owner = path.partition("/{id}")[0]
        answer = program.get(path.replace("{id}", str(first.get(owner))) + query)
        assert answer.status_code == 200, (path, answer.content)
        schema = told["responses"]["200"]["content"]["application/json"]["schema"]
        strictly(schema).validate(answer.json())
        if "results" in answer.json():
            assert answer.json()["results"], path
            first[path] = answer.json()["results"][0].get("id")
    assert len(first) > 15
