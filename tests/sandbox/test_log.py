"""The log is the oracle: complete, in order, on both sides."""

import json

from sandbox.client import Sandbox
from tests.sandbox.outside import Admin, Api, Listener, order


def test_every_call_is_written_with_its_answer(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1")
    api.read("NO-SUCH")
    rows = sandbox.log()
    assert [(row["seq"], row["method"], row["status"]) for row in rows] == [(1, "PUT", 200), (2, "GET", 404)]
    assert rows[0]["path"] == "/vinoshipper/api/v3/p/orders/HO-1"
    assert (rows[0]["system"], rows[0]["account"], rows[0]["direction"]) == (
        "vinoshipper",
        "hollow-oak",
        "in",
    )
    assert json.loads(rows[0]["request"]) == order()
    assert json.loads(rows[0]["answer"])["orderNumber"] == "HO-1"
    assert rows[0]["duration"] > 0


def test_since_gives_only_what_is_new(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1")
    api.put("HO-2")
    assert [row["seq"] for row in sandbox.log(since=1)] == [2]


def test_graphql_calls_carry_their_operation(admin: Admin, sandbox: Sandbox) -> None:
    admin.run("ConnectionCheck")
    admin.query("{ shop { name } }")
    assert [row["operation"] for row in sandbox.log(system="shopify")] == ["ConnectionCheck", ""]
    assert sandbox.log(operation="ConnectionCheck")[0]["account"] == "hollow-oak"


def test_webhooks_out_are_written_too(api: Api, sandbox: Sandbox, listener: Listener) -> None:
    api.call("POST", "p/profile/webhooks", {"subject": "ORDER", "url": listener.url})
    api.put("HO-1")
    assert sandbox.settle()
    (row,) = sandbox.log(direction="out")
    assert (row["operation"], row["path"], row["status"]) == ("CREATED", listener.url, 200)
    assert row["attempts"] == 1


def test_a_refused_webhook_is_tried_again_until_somebody_listens(api: Api, sandbox: Sandbox) -> None:
    with Listener() as gone:
        url = gone.url
    api.call("POST", "p/profile/webhooks", {"subject": "ORDER", "url": url})
    api.put("HO-1")
    assert not sandbox.settle(1.0)
    (row,) = sandbox.log(direction="out")
    assert (row["status"], row["answer"]) == (None, "ConnectionError")
    with Listener(gone.port) as back:
        assert sandbox.settle()
        assert back.events == ["CREATED"]
    (row,) = sandbox.log(direction="out")
    assert row["status"] == 200
    assert row["attempts"] > 1


def test_reset_forgets_everything(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1")
    sandbox.add_fault("reset")
    sandbox.vinoshipper.switch(rejection="400")
    sandbox.reset()
    assert sandbox.log() == []
    assert sandbox.faults() == []
    assert sandbox.vinoshipper.orders() == []
    assert api.put("HO-2", state="UT").status_code == 200
