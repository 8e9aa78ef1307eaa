"""The same promises over real HTTP against the stand-in, which counts what it accepted."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from crushsync.lib.errors import ConnectionProblem, OutcomeUnknown
from crushsync.vinoshipper.client import Vinoshipper
from crushsync.vinoshipper.types import (
    Acceptance,
    CancelOutcome,
    Delivery,
    OrderInput,
    ProductLine,
    Progress,
    VinoshipperConnection,
)
from sandbox.faults import Fault
from sandbox.server import SandboxServer
from tests.vinoshipper.samples import NUMBER, ORDER, moved_to

WINE = replace(ORDER, lines=(ProductLine("HO-PN23-750", 2, Decimal("38.00")),), ship_date=None)
MOVED = moved_to(WINE, city="Davis")
TO_UTAH = moved_to(WINE, state="UT", city="Salt Lake City", postal_code="84101")
CITY = ("the city of the delivery address",)


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def client(sandbox: SandboxServer) -> Vinoshipper:
    return connected(sandbox)


def connected(sandbox: SandboxServer, *, secret: str = "sandbox-secret", deadline: float = 5) -> Vinoshipper:
    address = f"{sandbox.url}/vinoshipper"
    return Vinoshipper(VinoshipperConnection(address, "342.sandbox", secret, deadline=deadline))


def switch(sandbox: SandboxServer, **switches: Any) -> None:
    stand_in = sandbox.world.vinoshipper
    stand_in.switches = stand_in.switches.changed(switches)


def held(sandbox: SandboxServer) -> tuple[int, int, str]:
    """How often our one order was put and accepted there, and the city it goes to."""
    (order,) = sandbox.world.vinoshipper.orders.values()
    return order.puts, order.acceptances, order.request["shipToAddress"]["city"]


def outcome(delivery: Delivery) -> tuple[Acceptance, bool, tuple[str, ...]]:
    return delivery.answer.acceptance, delivery.adopted, delivery.differences


def test_a_fresh_order(sandbox: SandboxServer, client: Vinoshipper) -> None:
    assert outcome(client.deliver(WINE, look_first=False)) == (Acceptance.ACCEPTED, False, ())
    assert held(sandbox) == (1, 1, "Sacramento")
    found = client.get_order(NUMBER)
    assert found
    assert (found.progress, found.age_verified, len(found.trace_id)) == (Progress.OPEN, True, 32)


@pytest.mark.parametrize(
    "kind", ["timeout_after_accept", "accept_then_reset", "garbage", "truncated", "empty"]
)
def test_accepted_but_not_heard_is_adopted(sandbox: SandboxServer, kind: str) -> None:
    client = connected(sandbox, deadline=0.5)
    sandbox.world.faults.add(Fault(kind, system="vinoshipper", match="PUT *", seconds=3))
    with pytest.raises(OutcomeUnknown):
        client.deliver(WINE, look_first=False)
    assert outcome(client.deliver(WINE, look_first=True)) == (Acceptance.ACCEPTED, True, ())
    assert held(sandbox) == (1, 1, "Sacramento")


def test_an_answer_about_another_order_is_looked_into(sandbox: SandboxServer, client: Vinoshipper) -> None:
    sandbox.world.faults.add(Fault("wrong_order_number", system="vinoshipper", match="PUT *"))
    with pytest.raises(OutcomeUnknown) as caught:
        client.deliver(WINE, look_first=False)
    assert caught.value.code == "mismatch"
    assert outcome(client.deliver(WINE, look_first=True)) == (Acceptance.ACCEPTED, True, ())
    assert held(sandbox) == (1, 1, "Sacramento")


@pytest.mark.parametrize(
    ("policy", "adopted", "differences", "city"),
    [
        ("refuses", False, CITY, "Sacramento"),
        ("ignores", False, (), "Sacramento"),
        ("accepts", False, (), "Davis"),
    ],
)
def test_an_accepted_order_put_again_with_other_content(
    sandbox: SandboxServer, client: Vinoshipper, policy: str, adopted: bool, differences: Any, city: str
) -> None:
    """Without a look, which is not how it is meant: still one order, whatever they do with a second PUT."""
    switch(sandbox, put_on_accepted=policy)
    client.deliver(WINE, look_first=False)
    assert outcome(client.deliver(MOVED, look_first=False)) == (Acceptance.ACCEPTED, adopted, differences)
    assert held(sandbox) == (2, 1, city)


@pytest.mark.parametrize("policy", ["refuses", "ignores", "accepts"])
def test_a_look_shows_other_content_and_touches_nothing(
    sandbox: SandboxServer, client: Vinoshipper, policy: str
) -> None:
    switch(sandbox, put_on_accepted=policy)
    client.deliver(WINE, look_first=False)
    assert outcome(client.deliver(MOVED, look_first=True)) == (Acceptance.ACCEPTED, False, CITY)
    assert held(sandbox) == (1, 1, "Sacramento")


@pytest.mark.parametrize(
    ("policy", "order", "expected"),
    [
        ("refuses", WINE, (Acceptance.ACCEPTED, False, ())),  # equal content: they answer with the order
        ("ignores", MOVED, (Acceptance.ACCEPTED, False, CITY)),
    ],
)
def test_a_look_that_comes_too_early(
    sandbox: SandboxServer, client: Vinoshipper, policy: str, order: OrderInput, expected: Any
) -> None:
    switch(sandbox, put_on_accepted=policy, read_lag=30.0)
    client.deliver(WINE, look_first=False)
    assert client.get_order(NUMBER) is None
    assert outcome(client.deliver(order, look_first=True)) == expected
    assert held(sandbox) == (2, 1, "Sacramento")


def test_a_look_that_comes_too_early_and_a_refusal(sandbox: SandboxServer, client: Vinoshipper) -> None:
    switch(sandbox, read_lag=30.0)
    client.deliver(WINE, look_first=False)
    with pytest.raises(OutcomeUnknown) as caught:
        client.deliver(MOVED, look_first=True)
    assert caught.value.code == "number_taken"
    switch(sandbox, read_lag=0.0)
    assert outcome(client.deliver(MOVED, look_first=True)) == (Acceptance.ACCEPTED, False, CITY)
    assert held(sandbox) == (2, 1, "Sacramento")


def test_somebody_elses_number(sandbox: SandboxServer, client: Vinoshipper) -> None:
    stand_in = sandbox.world.vinoshipper
    client.deliver(WINE, look_first=False)
    stand_in.orders[NUMBER].account = "another-winery"
    delivery = client.deliver(WINE, look_first=False)
    assert outcome(delivery) == (Acceptance.REJECTED, False, ())
    assert [problem.type for problem in delivery.answer.problems] == ["CONFLICT"]
    assert held(sandbox)[1] == 1


@pytest.mark.parametrize("rejection", ["200", "400"])
def test_a_rejection_corrected_goes_through(
    sandbox: SandboxServer, client: Vinoshipper, rejection: str
) -> None:
    switch(sandbox, rejection=rejection)
    refused = client.deliver(TO_UTAH, look_first=False)
    assert outcome(refused) == (Acceptance.REJECTED, False, ())
    assert [problem.type for problem in refused.answer.problems] == ["COMPLIANCE"]
    assert outcome(client.deliver(WINE, look_first=True)) == (Acceptance.ACCEPTED, False, ())
    assert held(sandbox) == (2, 1, "Sacramento")


def test_both_rejections_are_the_same_answer(sandbox: SandboxServer, client: Vinoshipper) -> None:
    switch(sandbox, rejection="200")
    by_200 = client.put_order(TO_UTAH)
    switch(sandbox, rejection="400")
    by_400 = client.put_order(TO_UTAH)
    assert (by_200.acceptance, by_200.problems) == (by_400.acceptance, by_400.problems)
    assert (by_200.http_status, by_400.http_status) == (200, 400)


def test_an_unknown_product_is_a_rejection(sandbox: SandboxServer, client: Vinoshipper) -> None:
    unknown = replace(WINE, lines=(ProductLine("NOBODY-KNOWS", 1, Decimal(1)),))
    answer = client.put_order(unknown)
    assert (answer.acceptance, answer.http_status) == (Acceptance.REJECTED, 400)
    assert [problem.field for problem in answer.problems] == ["products[0].productId"]
    assert sandbox.world.vinoshipper.orders == {}


def test_an_age_check_that_fails_and_is_approved(sandbox: SandboxServer, client: Vinoshipper) -> None:
    sandbox.world.vinoshipper.accounts["hollow-oak"].age_fails.add("Doe")
    failed = client.deliver(WINE, look_first=False).answer
    assert (failed.acceptance, failed.age_verified) == (Acceptance.AGE_FAILED, False)
    assert failed.id_scan_url == f"https://vinoshipper.com/id-scan/{NUMBER}"
    sandbox.world.vinoshipper.approve(NUMBER)
    assert outcome(client.deliver(WINE, look_first=True)) == (Acceptance.ACCEPTED, False, ())


def test_the_way_of_the_packages(sandbox: SandboxServer, client: Vinoshipper) -> None:
    client.put_order(WINE)
    seen = []
    for step in ("LABELS_GENERATED", "SHIPPED", "DELIVERED"):
        sandbox.world.vinoshipper.move(NUMBER, step, packages=2)
        found = client.get_order(NUMBER)
        assert found
        seen.append(
            (found.progress, len(found.tracking_numbers), bool(found.shipped_at), bool(found.delivered_at))
        )
    assert seen == [
        (Progress.LABELED, 2, False, False),
        (Progress.SHIPPED, 2, True, False),
        (Progress.DELIVERED, 2, True, True),
    ]


@pytest.mark.parametrize("status", [400, 409])
def test_cancelling(sandbox: SandboxServer, client: Vinoshipper, status: int) -> None:
    switch(sandbox, late_cancel=status)
    assert client.cancel_order(NUMBER, "why").outcome is CancelOutcome.NOT_FOUND
    client.put_order(TO_UTAH)
    assert client.cancel_order(NUMBER, "why").outcome is CancelOutcome.NOT_FOUND
    client.put_order(WINE)
    assert client.cancel_order(NUMBER, "Too warm").outcome is CancelOutcome.CANCELLED
    again = client.cancel_order(NUMBER, "why")
    assert (again.outcome, again.sentence) == (
        CancelOutcome.CANCELLED, f"Order {NUMBER} was canceled at Vinoshipper before."
    )  # fmt: skip
    assert sandbox.world.vinoshipper.orders[NUMBER].cancel_reason == "Too warm"


@pytest.mark.parametrize("status", [400, 409])
def test_too_late_to_cancel(sandbox: SandboxServer, client: Vinoshipper, status: int) -> None:
    switch(sandbox, late_cancel=status)
    client.put_order(WINE)
    sandbox.world.vinoshipper.move(NUMBER, "SHIPPED")
    late = client.cancel_order(NUMBER, "why")
    assert (late.outcome, late.http_status) == (CancelOutcome.TOO_LATE, status)
    assert late.sentence.startswith(f"Vinoshipper did not cancel order {NUMBER}: Order {NUMBER} is SHIPPED")
    assert sandbox.world.vinoshipper.orders[NUMBER].order_status == "SHIPPED"


def test_a_cancellation_that_was_not_heard_is_seen(sandbox: SandboxServer, client: Vinoshipper) -> None:
    client.put_order(WINE)
    sandbox.world.faults.add(Fault("accept_then_reset", system="vinoshipper", match="POST */cancel"))
    with pytest.raises(OutcomeUnknown):
        client.cancel_order(NUMBER, "why")
    assert client.cancel_order(NUMBER, "why").outcome is CancelOutcome.CANCELLED


def test_compliance_is_asked_without_an_order(sandbox: SandboxServer, client: Vinoshipper) -> None:
    assert client.check_compliance(WINE).is_compliant is True
    refused = client.check_compliance(TO_UTAH)
    assert (refused.is_compliant, [problem.type for problem in refused.problems]) == (False, ["COMPLIANCE"])
    assert sandbox.world.vinoshipper.orders == {}


def test_what_the_account_has(sandbox: SandboxServer, client: Vinoshipper) -> None:
    feed = client.product_feed()
    stock = {product.sku: product.inventory for product in feed.products}
    assert (feed.producer, stock["HO-PN23-750"], "CA" in feed.states) == ("hollow-oak", 10_000, True)
    assert {("UPS", code) for code in ("01", "02", "03", "12")} <= {
        (r.carrier, r.code) for r in client.rate_codes()
    }
    hook = client.add_webhook("ORDER", "http://127.0.0.1:1/hook")
    assert client.webhooks() == (hook,)
    client.delete_webhook(hook.id)
    assert client.webhooks() == ()


@pytest.mark.parametrize("way", ["401", "html"])
def test_wrong_credentials(sandbox: SandboxServer, way: str) -> None:
    switch(sandbox, bad_credentials=way)
    with pytest.raises(ConnectionProblem):
        connected(sandbox, secret="wrong").deliver(WINE, look_first=False)
    assert sandbox.world.vinoshipper.orders == {}


def test_many_workers_and_one_order(sandbox: SandboxServer, client: Vinoshipper) -> None:
    """Whoever sends the same order at the same time: one is accepted, and everybody hears so."""
    heard: list[Acceptance] = []
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        heard.append(client.deliver(WINE, look_first=True).answer.acceptance)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert heard == [Acceptance.ACCEPTED] * 8
    assert held(sandbox)[1] == 1
