"""What webhook endpoints are told is what the OpenAPI document says, of every event, to the field."""

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest
from django.utils import timezone

from compliance.models import ComplianceEvent
from compliance.problems import Family
from crushsync.accounts.models import Winery
from crushsync.api.describing import document
from fulfillment.models import Closing, FulfillmentStatus, MovementReason, Problem, StockMovement
from fulfillment.stock import receive
from notifications.events import EVENT_TYPES, Happening, read_all
from notifications.models import Message
from notifications.webhooks import endpoints
from orders.models import EventKind, Order, OrderEvent
from tests.factories import (
    ComplianceEventFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    OrderEventFactory,
    ProblemFactory,
    StockLocationFactory,
)

CODES = ("fulfilled", "tracking", "reported", *(str(status) for status in FulfillmentStatus), "send")


@pytest.fixture(scope="module")
def described() -> dict[str, jsonschema_rs.Validator]:
    """By event: whether something is its payload. A field that is not described is none of it."""
    told = deepcopy(document())
    for schema in told["components"]["schemas"].values():
        schema["additionalProperties"] = False
    return {
        name: jsonschema_rs.validator_for(
            {**item["post"]["requestBody"]["content"]["application/json"]["schema"], **told},
            validate_formats=True,
        )
        for name, item in told["webhooks"].items()
    }


@pytest.fixture
def order(winery: Winery) -> Order:
    """One with everything that is told of an order: work, a shipment of it, and one of the winery's own."""
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    place = StockLocationFactory.create(winery=winery)
    FulfillmentFactory.create(fulfillment_order=work, status=FulfillmentStatus.DELIVERED)
    FulfillmentFactory.create(order=work.order, fulfillment_order=None, location=place)
    receive(place, "ESTATE-PN-22", 12, actor="ana", reference="delivery 8", note="")
    return work.order


def happenings(problems: Iterable[Problem]) -> list[Happening]:
    closed = list(problems)
    opened = [deepcopy(problem) for problem in closed]
    for problem in closed:
        problem.closed_at, problem.closed_how = timezone.now(), Closing.MENDED
    events, verdicts = OrderEvent.objects.all(), ComplianceEvent.objects.all()
    return read_all(events, verdicts, opened, closed, StockMovement.objects.all())


@pytest.mark.django_db
def test_every_event_tells_what_is_described(
    winery: Winery, order: Order, described: dict[str, jsonschema_rs.Validator]
) -> None:
    for kind in EventKind:
        OrderEventFactory.create(order=order, kind=kind)
    for code in CODES:
        OrderEventFactory.create(order=order, kind=EventKind.MOVED, code=code)
    for is_compliant in (True, False):
        reasons = [] if is_compliant else [{"code": "VOLUME"}, {"description": "No code"}]
        ComplianceEventFactory.create(order=order, is_compliant=is_compliant, problems=reasons)
    about_the_winery = [
        Problem(pk=7, winery=winery, code=code, family=family, sentence="Something is wrong.")
        for code, family in (("credentials", Family.CONNECTION), ("stock_low", Family.HAS_ISSUE))
    ]
    problems = [ProblemFactory.create(fulfillment_order=order.fulfillment_orders.get()), *about_the_winery]
    made, _secret = endpoints.create(winery, "Warehouse", "https://warehouse.example/", ["*"])
    endpoints.send_test(made)
    told = [happening.as_told() for happening in happenings(problems)]
    told.append(json.loads(Message.objects.get().body))
    for payload in told:
        described[payload["type"]].validate(json.loads(json.dumps(payload)))
    assert {payload["type"] for payload in told} == set(EVENT_TYPES)


@pytest.mark.django_db
def test_what_differs_is_found(order: Order, described: dict[str, jsonschema_rs.Validator]) -> None:
    (payload,) = (happening.as_told() for happening in happenings([]))
    is_told = described["stock.moved"].is_valid
    assert is_told(json.loads(json.dumps(payload)))
    movement: Any = payload["data"]["movement"]
    assert movement["reason"] == MovementReason.RECEIVED
    for wrong in ({"more": 1}, {"change": "12"}, {"reason": "stolen"}, {"location": None}):
        assert not is_told({**payload, "data": {**payload["data"], "movement": {**movement, **wrong}}})
    assert not is_told({**payload, "type": "order.moved"})


def test_every_event_is_described() -> None:
    assert list(document()["webhooks"]) == list(EVENT_TYPES)
