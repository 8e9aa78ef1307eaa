"""Orders by API: what is shown, what is found, what may be done."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crushsync.accounts.models import Winery
from crushsync.api.views import orders
from fulfillment.actions import ACTIONS
from fulfillment.models import FulfillmentOrder, Problem, SyncStatus
from fulfillment.problems.noting import note_problems
from orders.models import EventKind, Order, OrderEvent, OrderLine, Store
from tests.api.conftest import MakeProgram, Program
from tests.factories import (
    CatalogProductFactory,
    ComplianceEventFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    MembershipFactory,
    OrderFactory,
    StoreFactory,
    SyncAttemptFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(winery: Winery) -> Store:
    return StoreFactory.create(winery=winery)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def test_an_order_whole(program: Program, store: Store) -> None:
    work = FulfillmentOrderFactory.create(order__store=store, status=SyncStatus.SENT)
    shipment = FulfillmentFactory.create(fulfillment_order=work)
    shown = program.get(f"orders/{work.order_id}").json()
    assert (shown["name"], shown["platform"], shown["currency"], shown["total"]) == (
        work.order.name,
        "shopify",
        "USD",
        "84.80",
    )
    assert shown["placed_at"] == "2026-11-18T16:42:07Z"
    assert shown["ship_to"]["city"] == "Sacramento"
    assert shown["customer"]["email"] == "elena.marquez@example.com"
    (line,) = shown["lines"]
    assert (line["sku"], line["quantity"], line["shipped"], line["remaining"]) == ("ESTATE-PN-22", 2, 2, 0)
    (told,) = shown["fulfillment_orders"]
    assert (told["number"], told["status_label"], told["currency"]) == (
        work.number,
        "Sent to Vinoshipper",
        "USD",
    )
    (made,) = shown["fulfillments"]
    assert (made["id"], made["tracking"][0]["number"]) == (shipment.pk, "1Z999AA10123456784")
    assert "birth_date" not in shown
    assert not {"attempts", "events", "compliance_events"} & set(shown)


def test_every_order_says_what_may_be_done_and_why_not(program: Program, store: Store) -> None:
    FulfillmentOrderFactory.create(order__store=store, status=SyncStatus.SENT)
    (shown,) = program.get("orders").json()["results"]
    actions = {action["name"]: action for action in shown["fulfillment_orders"][0]["actions"]}
    assert list(actions) == list(ACTIONS)
    assert actions["retry"]["reason"] == "Vinoshipper has it already."
    assert not actions["retry"]["is_allowed"]
    assert actions["void-sync"]["is_allowed"]
    assert actions["void-sync"]["needs_reason"]


def test_more_on_request_and_less(program: Program, store: Store) -> None:
    order = OrderFactory.create(store=store)
    SyncAttemptFactory.create(fulfillment_order__order=order)
    ComplianceEventFactory.create(order=order)
    more = program.get(f"orders/{order.pk}?expand=attempts,compliance_events").json()
    assert more["attempts"][0]["sentence"] == "Vinoshipper accepted the order."
    assert more["compliance_events"][0]["is_compliant"] is True
    assert program.get(f"orders/{order.pk}?fields=name,total").json() == {
        "id": order.pk,
        "name": order.name,
        "total": "84.80",
    }
    assert set(program.get(f"orders/{order.pk}?fields=name,attempts").json()) == {"id", "name", "attempts"}
    refused = program.get("orders?fields=name,secret")
    assert refused.status_code == 400
    assert "'secret'" in refused.json()["detail"]


def test_people_are_named_only_with_the_scope_for_it(
    winery: Winery, store: Store, program_of: MakeProgram
) -> None:
    order = OrderFactory.create(store=store, note="Ring at Elena's", gift_note="Dear Elena")
    FulfillmentOrderFactory.create(order=order, id_scan_url="https://scan.example/elena")
    answer = program_of(winery, "orders:read").get(f"orders/{order.pk}?expand=events")
    shown = answer.json()
    for name in ("customer", "ship_to", "bill_to", "note", "gift_note"):
        assert shown[name] is None
    assert shown["ship_to_state"] == "CA"
    assert b"lena" not in answer.content
    assert b"Harbor" not in answer.content


def test_filters(program: Program, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = OrderFactory.create(store=store, name="#1001", external_id="a1")
    OrderFactory.create(store=store, name="#2002", placed_at=first.placed_at + timedelta(days=1))
    FulfillmentOrderFactory.create(
        order=first, status=SyncStatus.FAILED, attention_code="unknown_sku", number="CSX-1"
    )
    OrderFactory.create(name="#1001")  # another winery's
    assert names(program.get("orders")) == ["#2002", "#1001"]
    for query in (
        "external_id=a1",
        "name=1001",
        "search=10",
        "search=CSX",
        "status=failed",
        "needs_attention=true",
        f"store={store.pk}&name=%231001",
        "placed_before=2026-11-19T00:00:00Z",
        "placed_before=2026-11-19T00:00:00%2B00:00",
    ):
        assert names(program.get(f"orders?{query}")) == ["#1001"], query
    monkeypatch.setattr(orders, "FEW", 0)  # as if thousands were found
    assert names(program.get("orders?search=10")) == names(program.get("orders?search=CSX")) == ["#1001"]
    assert names(program.get("orders?needs_attention=false")) == ["#2002"]
    assert names(program.get("orders?ship_to_state=NY")) == []
    assert names(program.get("orders?ship_to_state=ca")) == ["#2002", "#1001"]
    assert names(program.get("orders?name=x")) == []


def test_what_the_winery_has_to_ship_itself(program: Program, store: Store) -> None:
    def work(name: str, reason: str, status: str = "not_required", **fields: Any) -> FulfillmentOrder:
        return FulfillmentOrderFactory.create(
            order__store=store, order__name=name, status=status, reason_code=reason, **fields
        )

    work("sent", "", "sent")
    work("refunded", "refunded")
    work("off", "not_us", order__cancelled_at=timezone.now())
    OrderLine.objects.filter(order=work("shipped", "not_us").order).update(shippable_here=2, shipped_here=2)
    OrderLine.objects.filter(order=work("part", "not_us").order).update(shippable_here=2, shipped_here=1)
    work("whole", "state_not_selected")
    assert names(program.get("orders?to_ship=true")) == ["whole", "part"]
    assert names(program.get("orders?to_ship=false")) == ["shipped", "off", "refunded", "sent"]
    rows = program.get("orders?fields=name,to_ship").json()["results"]
    assert [row["name"] for row in rows if row["to_ship"]] == ["whole", "part"]


@pytest.mark.parametrize(
    "query",
    [
        "statsu=failed",
        "status=lost",
        "status=",
        "status=failed&status=sent",
        "store=0",
        "store=99999999999999999999",
        "placed_after=yesterday",
        "placed_after=2026-11-19T00:00:00",
        "placed_after=9999-12-31T23:59:59-14:00",
        "needs_attention=maybe",
        "limit=0",
        "limit=101",
        "limit=٣",
        "cursor=abc",
        "cursor=W10",
        "cursor=WyIyMDI2LTExLTE4IiwgMV0",
        "name=%00",
        "search=1",
        "search=%231",
        "expand=lines",
        "fields=,",
        "fields=name,%20total",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(program: Program, query: str) -> None:
    answer = program.get(f"orders?{query}")
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_pages_stay_steady_while_orders_come_in(program: Program, store: Store) -> None:
    when = datetime(2026, 11, 18, tzinfo=UTC)
    for number in range(7):  # several at the same moment
        OrderFactory.create(store=store, name=f"#{number}", placed_at=when + timedelta(hours=number // 3))
    seen: list[str] = []
    url = "orders?limit=3&ship_to_state=CA"
    while url:
        page = program.get(url).json()
        seen += [row["name"] for row in page["results"]]
        OrderFactory.create(store=store, name="#new", placed_at=when + timedelta(days=1))
        url = (page["next"] or "").partition("/api/v1/")[2]
    assert seen == ["#6", "#5", "#4", "#3", "#2", "#1", "#0"]


@pytest.mark.parametrize("path", ["orders", "fulfillment-orders", "fulfillments"])
def test_a_longer_page_asks_no_more_of_the_database(
    program: Program, store: Store, path: str, django_assert_max_num_queries: Any, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-18T16:44:10Z", tick=False)  # each minute, a key's use and share are noted

    def make() -> None:
        work = FulfillmentOrderFactory.create(order__store=store, order__lines=3, status=SyncStatus.SENT)
        FulfillmentFactory.create(fulfillment_order=work)
        SyncAttemptFactory.create(fulfillment_order=work)
        ComplianceEventFactory.create(order=work.order)

    make()
    expand = "?expand=attempts,events,compliance_events,problems" if path == "orders" else ""
    program.get(path + expand)  # the key's first use is written down
    with django_assert_max_num_queries(14) as few:
        program.get(path + expand)
    for _ in range(9):
        make()
    with django_assert_max_num_queries(len(few)) as many:
        answer = program.get(path + expand)
    assert len(answer.json()["results"]) == 10
    assert len(many) == len(few)


def test_explain_says_what_decided(program: Program, store: Store) -> None:
    order = OrderFactory.create(store=store, is_test=True)
    told = program.get(f"orders/{order.pk}/explain").json()
    assert (told["verdict"], told["code"], told["setting"]) == (
        "not_required",
        "test_order",
        "Store: send test orders",
    )
    assert told["rules"][-1]["sentence"] == "This is a test order."
    assert not OrderEvent.objects.exists()


def test_explain_knows_what_vinoshipper_has(program: Program, store: Store) -> None:
    """As the decision in earnest does: the shelf is part of the question."""
    account = store.vinoshipper_account
    assert account is not None
    account.feed_read_at = timezone.now()
    account.save()
    CatalogProductFactory.create(account=account, sku="ROSE-24")
    order = OrderFactory.create(store=store)  # of ESTATE-PN-22
    told = program.get(f"orders/{order.pk}/explain").json()
    assert (told["verdict"], told["code"]) == ("blocked", "unknown_sku")


def test_attempts_and_events_are_pages_of_their_own(program: Program, store: Store) -> None:
    attempt = SyncAttemptFactory.create(fulfillment_order__order__store=store)
    other = SyncAttemptFactory.create(fulfillment_order__order__store=store)
    (shown,) = program.get(f"orders/{attempt.order_id}/attempts").json()["results"]
    assert (shown["id"], shown["order"]) == (attempt.pk, attempt.order_id)
    assert program.get(f"orders/{other.order_id}/events").json() == {"results": [], "next": None}


def test_an_action_is_done_and_named(program: Program, store: Store) -> None:
    work = FulfillmentOrderFactory.create(order__store=store)
    answer = program.post(f"orders/{work.order_id}/actions/hold", {"reason": "Customer travels"})
    assert answer.status_code == 200
    told = answer.json()
    assert told["sentence"] == "On hold: Customer travels"
    assert told["order"]["fulfillment_orders"][0]["is_held"] is True
    event = OrderEvent.objects.get(kind=EventKind.ACTED)
    assert (event.code, event.actor) == ("hold", "API key test")


def test_an_action_that_is_given_to_somebody(program: Program, store: Store) -> None:
    work = FulfillmentOrderFactory.create(
        order__store=store, status=SyncStatus.FAILED, attention_code="unknown_sku", attention="Unknown."
    )
    note_problems([work], timezone.now())
    MembershipFactory.create(winery=store.winery, user__username="ana")
    path = f"orders/{work.order_id}/actions/assign"
    assert program.post(path).json()["detail"] == "Please say who."
    assert program.post(path, {"person": "ana"}).json()["sentence"] == "Assigned to ana."
    assert str(Problem.objects.get().assigned_to) == "ana"
    actions = program.get(f"fulfillment-orders/{work.pk}").json()["actions"]
    asks = {action["name"]: action["asks"] for action in actions if action["asks"]}
    assert asks == {
        "void-sync": "reason",
        "ship-date": "day",
        "assign": "person",
        "snooze": "until",
        "note": "reason",
    }


def test_an_action_that_is_not_allowed_says_why(program: Program, store: Store) -> None:
    work = FulfillmentOrderFactory.create(order__store=store, status=SyncStatus.SENT)
    answer = program.post(f"orders/{work.order_id}/actions/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_allowed")
    assert answer.json()["detail"] == "Vinoshipper has it already."
    missing = program.post(f"orders/{work.order_id}/actions/void-sync")
    assert missing.json()["detail"] == "Please say why."
    assert not OrderEvent.objects.exists()
    assert FulfillmentOrder.objects.get().void_reason == ""


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("explode", {}, 404),
        ("hold", {"raeson": "x"}, 400),
        ("hold", {"reason": "x" * 301}, 400),
        ("hold", {"reason": "\x00"}, 400),
        ("hold", {"fulfillment_order": 10**30}, 400),
        ("hold", {"fulfillment_order": 1_000_000}, 400),
        ("hold", [], 400),
    ],
)
def test_nonsense_does_nothing(program: Program, store: Store, path: str, body: Any, status: int) -> None:
    work = FulfillmentOrderFactory.create(order__store=store)
    answer = program.post(f"orders/{work.order_id}/actions/{path}", body)
    assert answer.status_code == status, answer.content
    assert not FulfillmentOrder.objects.get().is_held
    assert not OrderEvent.objects.exists()


def test_an_order_nothing_is_decided_about(program: Program, store: Store) -> None:
    order: Order = OrderFactory.create(store=store)
    answer = program.post(f"orders/{order.pk}/actions/hold")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_work")
