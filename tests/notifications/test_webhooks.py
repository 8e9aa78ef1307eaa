"""Endpoints are told: signed, in order, again and again for three days, and off when nobody answers."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook
from werkzeug import Request, Response

from crushsync.accounts.models import Winery
from crushsync.lib.queue import Done, claim, clock
from fulfillment.models import FulfillmentStatus
from notifications.models import Delivery, DeliveryState, DeliveryTry, Endpoint, Message
from notifications.sweeping import SweepLane
from notifications.webhooks import endpoints
from notifications.webhooks.lane import AT_ONCE, EndpointLane
from notifications.webhooks.places import MOST, OF_ONE_WINERY, Places
from notifications.webhooks.replaying import replay, replay_range
from orders.models import EventKind, OrderEvent
from tests.factories import (
    ComplianceEventFactory,
    FulfillmentFactory,
    OrderEventFactory,
    OrderFactory,
    ProblemFactory,
    StoreFactory,
)
from tests.notifications.conftest import Receiver, Run


def order_of(winery: Winery) -> Any:
    return OrderFactory.create(store=StoreFactory.create(winery=winery))


def happen(order: Any, kind: str = EventKind.RECEIVED, code: str = "") -> OrderEvent:
    event: OrderEvent = OrderEventFactory.create(order=order, kind=kind, code=code)
    return event


def delivered() -> int:
    return Delivery.objects.filter(state=DeliveryState.DELIVERED).count()


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(body) for _headers, body in receiver.got]


def test_a_delivery_proves_who_sent_it(winery: Winery, receiver: Receiver, run: Run) -> None:
    endpoint, secret = endpoints.create(winery, "Warehouse", receiver.url, ["order.*"])
    order = order_of(winery)
    happen(order)
    run(delivered)
    ((headers, body),) = receiver.got
    told = Webhook(secret).verify(body, headers)
    assert (told["type"], told["data"]["order"]["name"]) == ("order.received", order.name)
    assert headers["Webhook-Id"] == Message.objects.get().message_id
    assert headers["Content-Type"] == "application/json"
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(secret).verify(body + b" ", headers)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM notifications_endpoint WHERE id = %s", [endpoint.pk])
        assert secret not in cursor.fetchone()[0]


def test_both_secrets_sign_while_one_is_replaced(winery: Winery, receiver: Receiver, run: Run) -> None:
    endpoint, old = endpoints.create(winery, "Warehouse", receiver.url, ["*"])
    new = endpoints.rotate_secret(endpoint)
    happen(order_of(winery))
    run(delivered)
    (headers, body) = receiver.got[0]
    assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
    Endpoint.objects.update(old_secret_until=clock() - timedelta(seconds=1))
    happen(order_of(winery))
    run(lambda: delivered() == 2)
    (headers, body) = receiver.got[1]
    Webhook(new).verify(body, headers)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(old).verify(body, headers)


HAPPENINGS = [
    (EventKind.RECEIVED, ""),
    (EventKind.CHANGED, ""),
    (EventKind.DECIDED, "send"),
    (EventKind.MOVED, "sent"),
    (EventKind.MOVED, "shipped"),
    (EventKind.MOVED, "reported"),
    (EventKind.ACTED, "retry"),
    (EventKind.ACTED, "fulfilled"),
    (EventKind.ACTED, "tracking_corrected"),
    (EventKind.CHANGED, "canceled"),
]


def test_each_row_is_an_event_and_names_nobody(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    order = order_of(winery)
    made = FulfillmentFactory.create(fulfillment_order__order=order, status=FulfillmentStatus.SHIPPED)
    for kind, code in HAPPENINGS:
        happen(order, kind, code)
    ComplianceEventFactory.create(order=order, is_compliant=False, problems=[{"code": "VOLUME"}])
    problem = ProblemFactory.create(fulfillment_order=made.fulfillment_order)
    run(lambda: delivered() == 12)
    problem.closed_at = timezone.now()
    problem.save()
    run(lambda: delivered() == 13)
    told = bodies(receiver)
    assert sorted(one["type"] for one in told[:12]) == [
        "compliance.refused",
        "fulfillment.canceled",
        "fulfillment.changed",
        "fulfillment.created",
        "fulfillment.reported",
        "fulfillment.shipped",
        "order.acted",
        "order.changed",
        "order.decided",
        "order.moved",
        "order.received",
        "problem.opened",
    ]
    assert told[12]["type"] == "problem.closed"
    (shipment,) = told[0]["data"]["order"]["fulfillments"]
    assert shipment["tracking_numbers"] == ["1Z999AA10123456784"]
    assert shipment["lines"] == [
        {
            "store_line_id": order.lines.get().external_id,
            "sku": "ESTATE-PN-22",
            "quantity": 2,
        }
    ]
    everything = json.dumps(told)
    for secret in ("Elena", "Marquez", "Harbor", "example.com", "1980", "95814", "9165550123"):
        assert secret not in everything


def test_only_what_was_chosen_is_told(winery: Winery, receiver: Receiver, run: Run) -> None:
    endpoints.create(winery, "Warehouse", receiver.url, ["fulfillment.shipped", "compliance.*"])
    order = order_of(winery)
    happen(order)
    happen(order, EventKind.MOVED, "delivered")
    happen(order, EventKind.MOVED, "shipped")
    happen(order_of_another_winery())
    run(delivered)
    assert [one["type"] for one in bodies(receiver)] == ["fulfillment.shipped"]
    assert Message.objects.count() == 1


def order_of_another_winery() -> Any:
    return OrderFactory.create()


def test_what_is_about_one_order_arrives_in_order(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    """The first one fails twice: those behind it wait, the other order's do not."""
    first, second = order_of(winery), order_of(winery)
    refusals = {"left": 2}

    def answer(request: Request) -> Response:
        is_first = json.loads(request.get_data())["data"]["order"]["id"] == first.pk
        if is_first and refusals["left"]:
            refusals["left"] -= 1
            return Response("later", 422)
        return Response("", 204)

    receiver.answer = answer
    for code in ("a", "b", "c"):
        happen(first, EventKind.DECIDED, code)
        happen(second, EventKind.DECIDED, code)
    run(lambda: delivered() == 6)
    told = [(one["data"]["order"]["id"], one["data"]["code"]) for one in bodies(receiver)]
    assert [code for pk, code in told if pk == first.pk] == ["a", "a", "a", "b", "c"]
    assert [code for pk, code in told if pk == second.pk] == ["a", "b", "c"]
    assert told.index((second.pk, "a")) < len(told) - 1 - told[::-1].index((first.pk, "a"))


def test_a_failure_is_tried_again_under_the_same_id(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    receiver.status, receiver.headers = 503, {"Retry-After": "1"}
    happen(order_of(winery))
    run(lambda: len(receiver.got) == 2)
    endpoint.refresh_from_db()
    assert endpoint.failing_since is not None
    receiver.status = 200
    run(delivered)
    assert len({headers["Webhook-Id"] for headers, _ in receiver.got}) == 1
    assert Endpoint.objects.filter(failing_since=None, failures=0).exists()
    log = list(DeliveryTry.objects.order_by("pk").values_list("status", "sentence"))
    assert log[0] == (503, "It answered 503.")
    assert log[-1] == (200, "It answered 200.")
    assert Delivery.objects.get().tries == len(log)


def test_after_three_days_of_tries_it_is_given_up_and_the_next_has_its_turn(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    order = order_of(winery)
    receiver.answer = lambda request: Response("", 400 if b'"bad"' in request.get_data() else 200)
    happen(order, EventKind.DECIDED, "bad")
    happen(order, EventKind.DECIDED, "good")
    run(lambda: Delivery.objects.filter(state=DeliveryState.WAITING).count() == 2)
    Delivery.objects.filter(next_at__isnull=False).update(tries=10, next_at=clock())
    Endpoint.objects.update(due_at=clock())
    run(delivered)
    states = Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [DeliveryState.FAILED, DeliveryState.DELIVERED]


def test_410_switches_it_off_at_once(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    receiver.status = 410
    happen(order_of(winery))
    happen(order_of(winery))
    run(lambda: not Endpoint.objects.get().is_active)
    assert len(receiver.got) == 1
    endpoint.refresh_from_db()
    assert (endpoint.off_code, endpoint.due_at) == ("gone", None)
    happen(order_of(winery))
    run(lambda: Delivery.objects.count() == 4)  # that it was switched off is told it, too
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.MISSED}
    assert len(receiver.got) == 1


def test_five_days_of_failure_switch_it_off(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run, settings: Settings
) -> None:
    settings.WAIT_FACTOR = 1.0
    receiver.status = 500
    Endpoint.objects.update(failing_since=clock() - timedelta(days=4, hours=23), failures=9)
    happen(order_of(winery))
    run(lambda: len(receiver.got) == 1)
    assert Endpoint.objects.get().is_active
    Endpoint.objects.update(failing_since=clock() - timedelta(days=5), due_at=clock())
    Delivery.objects.update(next_at=clock())
    run(lambda: len(receiver.got) == 2)
    assert Endpoint.objects.get().off_code == "failing"


def test_what_was_missed_can_be_replayed(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    order = order_of(winery)
    happen(order, EventKind.DECIDED, "told")
    run(delivered)
    endpoints.switch_off(endpoint)
    happen(order, EventKind.DECIDED, "first")
    happen(order, EventKind.DECIDED, "second")
    run(lambda: Delivery.objects.filter(state=DeliveryState.MISSED).count() == 2)
    since, until = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(hours=1)
    with pytest.raises(ValidationError, match="Switch it on first"):
        replay_range(endpoint, since, until)
    endpoints.switch_on(endpoint)
    assert replay_range(endpoint, since, until) == 2
    assert replay_range(endpoint, since, until) == 0, "they wait already"
    run(lambda: delivered() == 3)
    assert [one["data"]["code"] for one in bodies(receiver)] == ["told", "first", "second"]
    again = replay(Delivery.objects.earliest("pk"))
    assert replay(again) == again
    run(lambda: delivered() == 4)
    assert receiver.got[0][0]["Webhook-Id"] == receiver.got[3][0]["Webhook-Id"]


def test_a_test_is_sent_to_its_endpoint_alone(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    endpoints.create(winery, "Other", receiver.url, ["*"])
    endpoints.send_test(endpoint)
    run(delivered)
    (told,) = bodies(receiver)
    assert told["type"] == "endpoint.test"
    assert told["data"] == {"winery": "cedar-hollow", "endpoint": {"id": endpoint.pk, "name": "Warehouse"}}
    endpoints.switch_off(endpoint)
    with pytest.raises(ValidationError, match="Switch it on first"):
        endpoints.send_test(endpoint)
    assert Delivery.objects.count() == 1


def test_a_slow_endpoint_takes_one_call_and_holds_up_nobody(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    """While one endpoint keeps its first answer back, the other gets all that is for it."""
    order, calls, answers_at = order_of(winery), [0, 0], [0]

    def dawdle(request: Request) -> Response:
        calls[0] += 1
        calls[1] = max(calls)
        end = time.monotonic() + 10
        while answers_at[0] < 5 and time.monotonic() < end:
            answers_at[0] = len(receiver.got)
            time.sleep(0.01)
        calls[0] -= 1
        return Response("", 200)

    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        server.expect_request("/slow").respond_with_handler(dawdle)
        slow, _ = endpoints.create(winery, "Slow", server.url_for("/slow"), ["*"])
        for code in "abcde":
            happen(order, EventKind.DECIDED, code)
        run(lambda: delivered() == 10)
    assert answers_at[0] == 5, "the other one was done before the slow one answered"
    assert calls[1] == 1, "one call at a time"
    assert slow.deliveries.filter(state=DeliveryState.DELIVERED).count() == 5


def test_slow_endpoints_leave_places_to_other_wineries_and_wait_for_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, third = ([Endpoint(pk=n * 100 + k, winery_id=n) for k in range(MOST)] for n in (1, 2, 3))
    places = Places()
    assert [places.take(one) for one in first] == [True] * OF_ONE_WINERY + [False] * (MOST - OF_ONE_WINERY)
    assert all(places.take(one) for one in second[: MOST - OF_ONE_WINERY])
    assert places.take(second[0]), "who is prepared again has one place and not two"
    assert [places.take(one) for one in third[:2]] == [False, False], "all places are taken"
    places.give_back(first[0])
    assert not places.take(first[0]), "others of its winery came before it"
    assert not places.take(third[0]), "so did they before this one"
    assert places.take(first[OF_ONE_WINERY])
    places.give_back(second[0])
    assert [places.take(one) for one in (second[0], third[1], third[0])] == [False, False, True]
    places.give_back(third[0])
    monkeypatch.setattr("notifications.webhooks.places.FORGOTTEN", 0.0)
    assert places.take(second[0]), "the others have not asked for so long that they will not come"


def test_many_deliveries_of_one_endpoint_go_in_batches(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    for _ in range(AT_ONCE + 5):
        happen(order_of(winery))
    run(lambda: delivered() == AT_ONCE + 5)
    assert len(receiver.got) == AT_ONCE + 5
    assert MOST < 32, "slow endpoints leave room in the pool"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/hook", "https"),
        ("https://example.com:8443/hook", "443"),
        ("https://user:word@example.com/", "login"),
        ("https://10.0.0.1/", "public"),
        ("https://[::ffff:169.254.169.254]/", "public"),
        ("ftp://example.com/", "https"),
        ("nonsense", "no web address"),
        ("https://exämple.com/", "no web address"),
    ],
)
def test_an_address_that_is_never_called_is_refused(
    winery: Winery, settings: Settings, url: str, said: str
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = False
    with pytest.raises(ValidationError, match=said):
        endpoints.create(winery, "Warehouse", url, ["*"])
    assert not Endpoint.objects.exists()


def test_an_event_that_does_not_exist_is_refused(winery: Winery, receiver: Receiver) -> None:
    for chosen in (["order.exploded"], ["nothing.*"], []):
        with pytest.raises(ValidationError):
            endpoints.create(winery, "Warehouse", receiver.url, chosen)
    assert not Endpoint.objects.exists()


def test_a_worker_that_dies_after_the_call_costs_a_repeat_and_no_event(
    winery: Winery, endpoint: Endpoint, receiver: Receiver, run: Run
) -> None:
    """What was called and not written is called again, under the same id: the receiver can tell."""
    run()
    happen(order_of(winery))
    run(lambda: Delivery.objects.exists(), [SweepLane()])
    lane = EndpointLane()
    (job,) = lane.prepare(claim(Endpoint, 1, 60.0))
    job.call()
    assert Delivery.objects.get().tries == 1, "counted before the call"
    Endpoint.objects.update(due_at=clock())  # its lease is over
    run(delivered)
    first, second = receiver.got
    assert first[0]["Webhook-Id"] == second[0]["Webhook-Id"]
    lane.settle([Done(job, job.call(), None, 0.1)])
    assert DeliveryTry.objects.count() == 1, "the late worker's result does not land"
