"""A day's trouble, told: the shop's order is refused, staff and a program hear of it, and of its end."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from crushsync.lib.queue import clock
from notifications.mails.recipients import keep
from notifications.models import Delivery, DeliveryState, Mail, MailState, Sweep
from notifications.webhooks import endpoints
from sandbox.shopify.samples import Line, order_body
from tests.factories import RecipientFactory
from tests.flow.conftest import World


@pytest.fixture
def told(world: World, httpserver: HTTPServer, settings: Settings) -> Sequence[dict[str, Any]]:
    """What an endpoint of the winery has been told so far, each proven to be from us."""
    settings.WEBHOOKS_TO_LOOPBACK = True
    got: list[dict[str, Any]] = []
    url = httpserver.url_for("/hook")
    _endpoint, secret = endpoints.create(world.account.winery, "Warehouse", url, ["*"])

    def take(request: Request) -> Response:
        Webhook(secret).verify(request.get_data(), dict(request.headers))
        got.append(json.loads(request.get_data()))
        return Response("", 204)

    httpserver.expect_request("/hook").respond_with_handler(take)
    return got


def all_told() -> bool:
    """Nothing new was found, nothing waits."""
    Sweep.objects.filter(open_claims=0).update(due_at=clock())
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING)
    return not waiting.exists() and not Mail.objects.filter(state=MailState.WAITING).exists()


def test_an_order_that_needs_a_person_is_told_with_its_end(
    world: World, told: Sequence[dict[str, Any]]
) -> None:
    keep(RecipientFactory.build(winery=world.account.winery))
    placed = world.shop.place(order_body(number=1001, lines=(Line("HO-TYPO"),)))
    world.run(lambda: all_told() and "problem.opened" in [event["type"] for event in told])
    world.run(lambda: all_told() and len(mail.outbox) == 1)
    assert mail.outbox[0].subject.startswith(f"Order {world.order().name} needs you: ")
    assert "HO-TYPO" in mail.outbox[0].body
    line = world.shop.orders()[0]["rest"]["line_items"][0]["id"]
    world.shop.edit(placed["id"], lines=[{"id": line, "sku": "HO-PN23-750"}])
    world.run(world.is_sent)
    world.run(lambda: all_told() and len(mail.outbox) == 2)
    assert mail.outbox[1].subject == f"Solved: order {world.order().name}"
    types = [event["type"] for event in told]
    assert types[0] == "order.received"
    assert {"order.decided", "order.changed", "order.moved", "compliance.passed"} <= set(types)
    assert (types.count("problem.opened"), types.count("problem.closed")) == (1, 1)
    assert told[-1]["data"]["order"]["fulfillment_orders"][0]["status"] == "sent"
    everything = json.dumps(told) + "".join(str(message.message()) for message in mail.outbox)
    order = world.order()
    assert order.ship_to
    for personal in (order.last_name, order.email, order.ship_to["street1"]):
        assert personal not in everything


def test_who_is_not_told_costs_the_engine_nothing(world: World) -> None:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    assert not Sweep.objects.exists()
