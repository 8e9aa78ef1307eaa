"""What Vinoshipper leaves open about the shape of its answers, each way of it."""

from typing import Any

import pytest

from sandbox.client import Sandbox
from tests.sandbox.outside import Api, Listener

TAKEN = {
    "description": "Order number HO-1 is already in use.",
    "code": "ORDER_NUMBER_TAKEN",
    "field": "orderNumber",
    "shortDescription": None,
}


@pytest.mark.parametrize(
    ("envelope", "status", "expected"),
    [
        ("full", 409, {"error": {"status": 409, "type": "CONFLICT", "errors": [TAKEN]}}),
        ("absent", 400, {"error": {"status": 400, "type": "CONFLICT"}}),
        ("bare", 400, {"errors": [TAKEN]}),
    ],
)
def test_a_number_of_another_account(
    api: Api, sandbox: Sandbox, envelope: str, status: int, expected: dict[str, Any]
) -> None:
    api.put("HO-1")
    sandbox.vinoshipper.account("other", key="o", secret="o", products={"HO-PN23-750": {}})
    sandbox.vinoshipper.switch(envelope=envelope, duplicate_post=status)
    refused = Api(sandbox.vinoshipper.url, "o", "o").put("HO-1")
    assert (refused.status_code, refused.json()) == (status, expected)


@pytest.mark.parametrize("wrapper", ["results", "orders", "data"])
def test_a_search_in_its_wrapper(api: Api, sandbox: Sandbox, wrapper: str) -> None:
    api.put("HO-1")
    sandbox.vinoshipper.switch(search_wrapper=wrapper)
    found = api.call("POST", "p/orders/search", {}).json()
    assert {name: [row["orderNumber"] for row in rows] for name, rows in found.items()} == {wrapper: ["HO-1"]}


def test_the_slip_in_the_documentation(api: Api, sandbox: Sandbox, listener: Listener) -> None:
    sandbox.vinoshipper.switch(webhook_event="event:")
    api.call("POST", "p/profile/webhooks", {"subject": "ORDER", "url": listener.url})
    api.put("HO-1")
    assert sandbox.settle()
    assert [(one.json["event:"], "event" in one.json) for one in listener.received] == [("CREATED", False)]


def test_any_words_about_an_order(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1")
    sandbox.vinoshipper.say("HO-1", status="PAYMENT_AUTHORIZED", order_status="ON_THE_MOON")
    told = api.read("HO-1").json()
    assert (told["status"], told["orderStatus"]) == ("PAYMENT_AUTHORIZED", "ON_THE_MOON")


@pytest.mark.parametrize(
    ("account", "call", "code"),
    [
        ({"permitted": False}, ("GET", "p/profile"), "FORBIDDEN"),
        ({"webhooks_enabled": False}, ("GET", "p/profile/webhooks"), "WEBHOOKS_DISABLED"),
    ],
)
def test_what_is_not_enabled(
    api: Api, sandbox: Sandbox, account: dict[str, Any], call: tuple[str, str], code: str
) -> None:
    sandbox.vinoshipper.account(**account)
    refused = api.call(*call)
    assert (refused.status_code, refused.json()["error"]["errors"][0]["code"]) == (403, code)


def test_cash_payment_not_enabled(api: Api, sandbox: Sandbox) -> None:
    sandbox.vinoshipper.account(cash_payment=False)
    refused = api.put("HO-1")
    assert (refused.status_code, refused.json()["error"]["type"]) == (400, "PAYMENT_FAILURE")
    assert sandbox.vinoshipper.orders() == []
