"""Each fault does what it says, and the log tells the truth about it."""

import time
from collections.abc import Callable

import pytest
import requests

from sandbox.client import Sandbox, SandboxError
from tests.sandbox.outside import Admin, Api, order


def accepted(sandbox: Sandbox) -> list[str]:
    return [row["number"] for row in sandbox.vinoshipper.orders() if row["accepted"]]


def put_call(sandbox: Sandbox) -> dict[str, object]:
    return next(row for row in sandbox.log(system="vinoshipper") if row["method"] == "PUT")


def test_delay_holds_every_matching_call(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("delay", seconds=0.2, match="PUT *")
    start = time.monotonic()
    assert api.put("HO-1").status_code == 200
    assert time.monotonic() - start >= 0.2
    api.read("HO-1")
    faults = [(row["method"], row["fault"]) for row in sandbox.log(system="vinoshipper")]
    assert faults == [("PUT", "delay"), ("GET", "")]


def test_timeout_after_accept_does_the_work_and_never_answers(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("timeout_after_accept", seconds=5)
    with pytest.raises(requests.ReadTimeout):
        api.call("PUT", "p/orders/HO-1", order(), timeout=0.3)
    assert accepted(sandbox) == ["HO-1"]
    assert (put_call(sandbox)["status"], put_call(sandbox)["fault"]) == (200, "timeout_after_accept")
    assert api.put("HO-1").status_code == 200


def test_timeout_before_the_work_does_nothing(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("timeout", seconds=5)
    with pytest.raises(requests.ReadTimeout):
        api.call("PUT", "p/orders/HO-1", order(), timeout=0.3)
    assert sandbox.vinoshipper.orders() == []
    assert put_call(sandbox)["status"] is None


@pytest.mark.parametrize(("kind", "numbers"), [("reset", []), ("accept_then_reset", ["HO-1"])])
def test_resets_are_real(api: Api, sandbox: Sandbox, kind: str, numbers: list[str]) -> None:
    sandbox.add_fault(kind)
    with pytest.raises(requests.ConnectionError) as caught:
        api.put("HO-1")
    assert "ConnectionResetError" in repr(caught.value)
    assert accepted(sandbox) == numbers


def test_status_with_retry_after(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("status", status=429, retry_after=7, times=2)
    answers = [api.put("HO-1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert [row["status"] for row in sandbox.log(system="vinoshipper")] == [429, 429, 200]


def test_error_status_after_the_work(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("accept_then_status", status=502)
    assert api.put("HO-1").status_code == 502
    assert accepted(sandbox) == ["HO-1"]


def test_html_login_page(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("html")
    answer = api.put("HO-1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert sandbox.vinoshipper.orders() == []


def is_no_json(answer: requests.Response) -> bool:
    try:
        answer.json()
    except ValueError:
        return True
    return False


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("garbage", is_no_json),
        ("empty", lambda answer: answer.content == b""),
        ("oversized", lambda answer: len(answer.content) == 2_000_015),
        ("wrong_order_number", lambda answer: answer.json()["orderNumber"] == "HO-1-X"),
    ],
)
def test_spoiled_bodies_come_after_the_work(
    api: Api, sandbox: Sandbox, kind: str, check: Callable[[requests.Response], bool]
) -> None:
    sandbox.add_fault(kind, size=2_000_000)
    answer = api.put("HO-1")
    assert answer.status_code == 200
    assert check(answer)
    assert accepted(sandbox) == ["HO-1"]
    assert '"orderNumber":"HO-1"' in str(put_call(sandbox)["answer"])


def test_truncated_body_ends_too_soon(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api.put("HO-1")
    assert accepted(sandbox) == ["HO-1"]


def test_slow_drip_arrives_whole_but_late(api: Api, sandbox: Sandbox) -> None:
    sandbox.add_fault("drip", seconds=0.4)
    start = time.monotonic()
    assert api.put("HO-1").json()["orderNumber"] == "HO-1"
    assert time.monotonic() - start >= 0.4


def test_faults_are_chosen_by_system_operation_and_count(api: Api, admin: Admin, sandbox: Sandbox) -> None:
    sandbox.add_fault("status", system="shopify", match="Locations", status=500, skip=1)
    assert api.put("HO-1").status_code == 200
    texts = ["query Locations { shop { name } }"] * 3
    assert [admin.post({"query": text}).status_code for text in texts] == [200, 500, 200]
    assert sandbox.faults()[0]["hits"] == 1


def test_throttled_answer_of_shopify(admin: Admin, sandbox: Sandbox) -> None:
    sandbox.add_fault("throttled", system="shopify")
    answer = admin.post({"query": "{ shop { name } }"})
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in answer.json()
    assert "data" in admin.query("{ shop { name } }")


def test_faults_are_cleared_one_by_one_or_all(sandbox: Sandbox) -> None:
    first = sandbox.add_fault("reset")
    sandbox.add_fault("html")
    sandbox.clear_faults(first)
    assert [fault["kind"] for fault in sandbox.faults()] == ["html"]
    sandbox.clear_faults()
    assert sandbox.faults() == []


@pytest.mark.parametrize("wrong", [{"kind": "earthquake"}, {"kind": "delay", "minutes": 3}])
def test_unknown_faults_are_refused(sandbox: Sandbox, wrong: dict[str, object]) -> None:
    with pytest.raises(SandboxError):
        sandbox.add_fault(**wrong)  # type: ignore[arg-type]
    assert sandbox.faults() == []
