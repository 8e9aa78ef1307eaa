"""A program of somebody else's: its shop pushes orders, its warehouse ships them: API and webhooks alone."""

from collections import Counter
from typing import Any

import pytest
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from crushsync.accounts.models import Winery
from fulfillment import pipeline
from fulfillment.models import Fulfillment
from notifications.lanes import lanes
from orders.models import Store
from tests.api.conftest import MakeProgram, Program
from tests.api.test_push import LINE, order
from tests.factories import FulfillmentFactory, StoreFactory
from tests.notifications.conftest import Run, run

__all__ = ["run"]


SCOPES = ("orders:read", "customers:read", "fulfillments:read", "fulfillments:write")
EVENTS = ["order.received", "fulfillment.*"]


class Warehouse:
    """Knows nothing but what webhooks tell and the API answers: ships what comes in, and says what it did."""

    def __init__(self, program: Program, location: int) -> None:
        self.program, self.location = program, location
        self.secret = ""
        self.edits: list[int] = []
        self.calls: list[str] = []  # webhook-ids, repeats too
        self.inbox: dict[str, dict[str, Any]] = {}  # webhook-id -> what it told

    def take(self, request: Request) -> Response:
        """Its web server: believes only what is signed, keeps it, and breaks down at the very first."""
        told = Webhook(self.secret).verify(request.get_data(), dict(request.headers))
        self.calls.append(request.headers["webhook-id"])
        self.inbox.setdefault(request.headers["webhook-id"], told)
        return Response(status=500 if len(self.calls) == 1 else 204)

    def heard(self, kind: str) -> list[dict[str, Any]]:
        return [told["data"] for told in self.inbox.values() if told["type"] == kind]

    def work(self) -> list[int]:
        """Ship each order it heard of; the ids of the shipments. It notes nothing: repeats are safe."""
        return [self.ship(data["order"]["id"]) for data in self.heard("order.received")]

    def ship(self, order_id: int) -> int:
        found = self.program.get(f"orders/{order_id}").json()
        assert found["ship_to"]["postal_code"] == "95814"
        lines = [{"order_line": line["id"], "quantity": line["quantity"]} for line in found["lines"]]
        body = {"order": order_id, "location": self.location, "lines": lines, "carrier": "UPS"}
        answer = self.program.post("fulfillments", body, once=f"ship-{found['external_id']}")
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        number = {"tracking_numbers": ["1Z999AA10123456784"], "status": "shipped"}
        told = self.program.patch(f"fulfillments/{made['id']}", number, tag=answer["ETag"])
        self.edits.append(told.status_code)  # 412: it said so before it forgot
        return int(made["id"])


@pytest.mark.django_db(transaction=True)
def test_a_warehouse_ships_by_api_and_webhooks_alone(
    program: Program,
    winery: Winery,
    program_of: MakeProgram,
    httpserver: HTTPServer,
    settings: Settings,
    run: Run,
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK, settings.WAIT_FACTOR = True, 0.001
    place = winery.stock_locations.create(name="Cellar")
    received = {"location": place.pk, "sku": "PN22", "reason": "received", "quantity": 12}
    assert program.post("stock/adjust", received).status_code == 201
    warehouse = Warehouse(program_of(winery, *SCOPES), place.pk)
    httpserver.expect_request("/hook").respond_with_handler(warehouse.take)
    wanted = {"name": "Warehouse", "url": httpserver.url_for("/hook"), "event_types": EVENTS}
    warehouse.secret = program.post("webhook-endpoints", wanted).json()["secret"]

    shop = Store.objects.get(pk=program.post("stores", {"name": "Tasting room"}).json()["id"])
    for number in range(3):
        pushed = order(shop, external_id=f"A-{number}", name=f"#{number}")
        assert program.post("orders", pushed).status_code == 201
    run(lambda: (len(warehouse.heard("order.received")), len(warehouse.calls)) == (3, 4), lanes())
    assert Counter(warehouse.calls)[warehouse.calls[0]] == 2  # told again, under the same id

    (late,) = [
        told
        for told in program.get("webhook-deliveries?expand=tries_made").json()["results"]
        if told["message_id"] == warehouse.calls[0]
    ]
    assert [one["status"] for one in late["tries_made"]] == [204, 500]
    assert set(late["tries_made"][0]["headers"]) == {"Content-Type", "webhook-id", "webhook-timestamp"}

    made = warehouse.work()
    assert warehouse.work() == made  # it forgot everything, and nothing is shipped twice
    assert warehouse.edits == [200] * 3 + [412] * 3
    assert Fulfillment.objects.count() == 3
    (level,) = program.get("stock/levels").json()["results"]
    assert level["on_hand"] == 12 - 3 * LINE["quantity"]
    run(lambda: len(warehouse.heard("fulfillment.reported")) == 3, [*pipeline.lanes(), *lanes()])
    for pk in made:
        assert [
            told["type"] for told in warehouse.inbox.values() if told["data"].get("fulfillment") == pk
        ] == ["fulfillment.created", "fulfillment.changed", "fulfillment.shipped", "fulfillment.reported"]
    (first, *_) = program.get("orders").json()["results"]
    assert (first["lines"][0]["shipped"], first["lines"][0]["remaining"]) == (2, 0)


@pytest.mark.django_db
def test_more_than_was_ordered_is_not_shipped(program: Program, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery, platform="pushed", credentials={})
    told = program.post("orders", order(store)).json()
    line = told["lines"][0]["id"]
    body = {"order": told["id"], "lines": [{"order_line": line, "quantity": 3}]}
    refused = program.post("fulfillments", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_allowed")
    assert refused.json()["detail"] == "2 of Pinot Noir are left to ship here, not 3."
    assert not Fulfillment.objects.exists()


@pytest.mark.django_db
def test_a_shipment_is_canceled_once(program: Program, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery, platform="pushed", credentials={})
    told = program.post("orders", order(store)).json()
    made = program.post("fulfillments", {"order": told["id"]}).json()
    assert program.post(f"fulfillments/{made['id']}/cancel").json()["status"] == "canceled"
    assert program.post(f"fulfillments/{made['id']}/cancel").json()["status"] == "canceled"
    (line,) = program.get(f"orders/{told['id']}").json()["lines"]
    assert (line["shipped"], line["remaining"]) == (0, 2)
    theirs = FulfillmentFactory.create(fulfillment_order__order__store__winery=winery)
    refused = program.post(f"fulfillments/{theirs.pk}/cancel")
    assert refused.json()["detail"] == "Vinoshipper ships it. Use Void Sync."
