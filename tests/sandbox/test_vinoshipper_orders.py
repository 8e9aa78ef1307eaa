"""Orders at the Vinoshipper stand-in: accepted, refused, corrected, cancelled."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.client import Sandbox
from tests.sandbox.outside import Api, order


def errors(answer: dict[str, dict[str, list[dict[str, str]]]]) -> list[tuple[str, str]]:
    return [(row["field"], row["code"]) for row in answer["error"]["errors"]]


def test_put_accepts_and_get_reads_the_same(api: Api, sandbox: Sandbox) -> None:
    answer = api.put("HO-1")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["orderStatus"]) == ("SUCCESS", "OPEN")
    assert answer.json()["total"] == 109.28
    assert answer.json()["taxesTotal"] == 8.33
    assert len(answer.headers["vs-trace-id"]) == 32
    assert api.read("HO-1").json() == answer.json()
    row = sandbox.vinoshipper.order("HO-1")
    assert row is not None
    assert (row["puts"], row["posts"], row["acceptances"]) == (1, 0, 1)


def test_put_again_with_equal_content_changes_nothing(api: Api, sandbox: Sandbox) -> None:
    first = api.put("HO-1").json()
    assert api.put("HO-1").json() == first
    row = sandbox.vinoshipper.order("HO-1")
    assert row is not None
    assert (row["puts"], row["acceptances"]) == (2, 1)


@pytest.mark.parametrize(
    ("switch", "status", "taxes"), [("refuses", 409, 8.33), ("ignores", 200, 8.33), ("accepts", 200, 9.0)]
)
def test_put_of_other_content_on_an_accepted_order(
    api: Api, sandbox: Sandbox, switch: str, status: int, taxes: float
) -> None:
    sandbox.vinoshipper.switch(put_on_accepted=switch)
    api.put("HO-1")
    assert api.put("HO-1", taxes=9.0).status_code == status
    assert api.read("HO-1").json()["taxesTotal"] == taxes


@pytest.mark.parametrize("status", [409, 400])
def test_post_of_a_taken_number_is_a_conflict(api: Api, sandbox: Sandbox, status: int) -> None:
    sandbox.vinoshipper.switch(duplicate_post=status)
    assert api.call("POST", "p/orders", order(orderNumber="HO-1")).status_code == 200
    answer = api.call("POST", "p/orders", order(orderNumber="HO-1"))
    assert answer.status_code == status
    assert answer.json()["error"]["type"] == "CONFLICT"
    assert errors(answer.json()) == [("orderNumber", "ORDER_NUMBER_TAKEN")]
    assert len(sandbox.vinoshipper.orders()) == 1


def test_post_without_a_number_gets_one(api: Api) -> None:
    number = api.call("POST", "p/orders", order()).json()["orderNumber"]
    assert number.startswith("VS")
    assert api.read(number).status_code == 200


def test_numbers_are_one_space_for_all_accounts(api: Api, sandbox: Sandbox) -> None:
    other = sandbox.vinoshipper.account("other", products={"HO-PN23-750": {}})
    api.put("HO-1")
    foreign = Api(sandbox.vinoshipper.url, other["key"], other["secret"])
    assert foreign.put("HO-1").status_code == 409
    assert foreign.read("HO-1").status_code == 404
    assert [row["account"] for row in sandbox.vinoshipper.orders()] == ["hollow-oak"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"customer": None}, "customer", "REQUIRED"),
        ({"taxes": None}, "taxes", "REQUIRED"),
        ({"taxes": "8.33"}, "taxes", "INVALID_TYPE"),
        ({"paid": "yes"}, "paid", "INVALID_TYPE"),
        ({"products": []}, "products", "REQUIRED"),
        (
            {"products": [{"productId": "NO-SUCH", "quantity": 1}]},
            "products[0].productId",
            "PRODUCT_NOT_FOUND",
        ),
        (
            {"products": [{"productId": "HO-NEW25-750", "quantity": 1}]},
            "products[0].productId",
            "PRODUCT_NOT_APPROVED",
        ),
        (
            {"products": [{"productId": "HO-PN23-750", "quantity": 0}]},
            "products[0].quantity",
            "INVALID_VALUE",
        ),
        (
            {"products": [{"productId": "HO-PN23-750", "quantity": 1.5}]},
            "products[0].quantity",
            "INVALID_TYPE",
        ),
        ({"productIdType": "UPC"}, "productIdType", "INVALID_VALUE"),
        ({"shippingRate": {"carrier": "DHL", "rateCode": "1"}}, "shippingRate.carrier", "INVALID_VALUE"),
        ({"metaFields": {"source": 1}}, "metaFields.source", "INVALID_TYPE"),
        ({"specialInstructions": {"shipDate": "soon"}}, "specialInstructions.shipDate", "INVALID_VALUE"),
        ({"state": "XX"}, "shipToAddress.stateCode", "INVALID_VALUE"),
    ],
)
def test_invalid_bodies_name_the_field_and_keep_nothing(
    api: Api, sandbox: Sandbox, changes: dict[str, object], field: str, code: str
) -> None:
    answer = api.put("HO-1", **changes)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "VALIDATION")
    assert (field, code) in errors(answer.json())
    assert sandbox.vinoshipper.orders() == []


def test_birth_date_must_be_an_object_of_numbers(api: Api) -> None:
    body = order()
    for wrong in (
        "1984-06-21",
        {"day": "21", "month": 6, "year": 1984},
        {"day": 31, "month": 2, "year": 1984},
    ):
        body["customer"]["dateOfBirth"] = wrong
        answer = api.call("PUT", "p/orders/HO-1", body)
        assert answer.status_code == 400
        assert errors(answer.json())[0][0].startswith("customer.dateOfBirth")


def test_a_body_that_is_no_json_object(api: Api, sandbox: Sandbox) -> None:
    assert api.call("PUT", "p/orders/HO-1", [1]).json()["error"]["errors"][0]["code"] == "MALFORMED"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "UT"}, "STATE_PROHIBITED"),
        ({"state": "OK"}, "STATE_NOT_SELECTED"),
        ({"state": "MN", "products": [{"productId": "HO-RS24-750", "quantity": 1}]}, "PRODUCT_NOT_AVAILABLE"),
        ({"products": [{"productId": "HO-PN23-750", "quantity": 10_001}]}, "INSUFFICIENT_INVENTORY"),
    ],
)
def test_problems_come_as_200_or_as_400(
    api: Api, sandbox: Sandbox, changes: dict[str, object], code: str
) -> None:
    answer = api.put("HO-1", **changes)
    assert (answer.status_code, answer.json()["status"]) == (200, "PROBLEM")
    assert answer.json()["isCompliant"] is False
    assert [row["code"] for row in answer.json()["orderProblems"]] == [code]
    sandbox.vinoshipper.switch(rejection="400")
    answer = api.put("HO-2", **changes)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "COMPLIANCE")
    assert [row["code"] for row in answer.json()["error"]["errors"]] == [code]
    assert api.read("HO-2").status_code == 404
    assert [row["accepted"] for row in sandbox.vinoshipper.orders()] == [False, False]


def test_under_21_is_a_problem(api: Api) -> None:
    body = order()
    body["customer"]["dateOfBirth"] = {"day": 1, "month": 1, "year": 2015}
    problems = api.call("PUT", "p/orders/HO-1", body).json()["orderProblems"]
    assert [row["code"] for row in problems] == ["CUSTOMER_UNDER_21"]


def test_a_corrected_order_is_accepted(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1", state="UT")
    assert api.put("HO-1", state="TX").json()["status"] == "SUCCESS"
    row = sandbox.vinoshipper.order("HO-1")
    assert row is not None
    assert (row["puts"], row["acceptances"], row["problems"]) == (2, 1, [])


def test_volume_limit_counts_the_persons_other_orders(api: Api, sandbox: Sandbox) -> None:
    sandbox.vinoshipper.account(volume_limits={"TX": 3})
    assert api.put("HO-1").json()["status"] == "SUCCESS"
    assert [row["code"] for row in api.put("HO-2").json()["orderProblems"]] == ["VOLUME_LIMIT"]


def test_a_failed_age_check_is_mended_by_an_id(api: Api, sandbox: Sandbox) -> None:
    sandbox.vinoshipper.account(age_fails=["Doubtful"])
    answer = api.put("HO-1", last_name="Doubtful").json()
    assert (answer["status"], answer["isCompliant"]) == ("AGE_VERIFICATION_FAILED", False)
    assert answer["ageVerification"] == {
        "verified": False,
        "idScanUrl": "https://vinoshipper.com/id-scan/HO-1",
    }
    sandbox.vinoshipper.approve("HO-1")
    assert api.read("HO-1").json()["status"] == "AGE_VERIFICATION_FAILED"
    assert api.put("HO-1", last_name="Doubtful").json()["status"] == "SUCCESS"


def test_cancel_needs_a_reason_and_an_open_order(api: Api, sandbox: Sandbox) -> None:
    api.put("HO-1")
    assert errors(api.call("POST", "p/orders/HO-1/cancel", {}).json()) == [("reason", "REQUIRED")]
    answer = api.call("POST", "p/orders/HO-1/cancel", {"reason": "Customer changed his mind"})
    assert (answer.json()["orderStatus"], answer.json()["cancelReason"]) == (
        "CANCELLED",
        "Customer changed his mind",
    )
    assert api.call("POST", "p/orders/HO-1/cancel", {"reason": "again"}).status_code == 400


@pytest.mark.parametrize("status", [400, 409])
def test_cancel_is_too_late_once_labels_are_printed(api: Api, sandbox: Sandbox, status: int) -> None:
    sandbox.vinoshipper.switch(late_cancel=status)
    api.put("HO-1")
    sandbox.vinoshipper.move("HO-1", "LABELS_GENERATED")
    assert api.call("POST", "p/orders/HO-1/cancel", {"reason": "late"}).status_code == status
    assert api.read("HO-1").json()["orderStatus"] == "LABELS_GENERATED"


def test_stock_goes_down_and_comes_back(api: Api) -> None:
    api.put("HO-1")
    assert api.call("GET", "p/products/342001").json()["inventory"]["amount"] == 9_998
    api.call("POST", "p/orders/HO-1/cancel", {"reason": "broken", "restoreInventory": True})
    assert api.call("GET", "p/products/342001").json()["inventory"]["amount"] == 10_000


@pytest.mark.parametrize(
    ("switch", "status", "kind"), [("401", 401, "application/json"), ("html", 200, "text/html")]
)
def test_bad_credentials(sandbox: Sandbox, switch: str, status: int, kind: str) -> None:
    sandbox.vinoshipper.switch(bad_credentials=switch)
    answer = Api(sandbox.vinoshipper.url, secret="wrong").put("HO-1")
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(kind)
    assert sandbox.vinoshipper.orders() == []


def test_read_lag_hides_a_fresh_order(api: Api, sandbox: Sandbox) -> None:
    sandbox.vinoshipper.switch(read_lag=0.3)
    api.put("HO-1")
    assert api.read("HO-1").status_code == 404
    sandbox.vinoshipper.switch(read_lag=0.0)
    assert api.read("HO-1").status_code == 200


def test_a_required_birth_date(api: Api, sandbox: Sandbox) -> None:
    sandbox.vinoshipper.switch(birth_date_required=True)
    body = order()
    del body["customer"]["dateOfBirth"]
    answer = api.call("PUT", "p/orders/HO-1", body)
    assert errors(answer.json()) == [("customer.dateOfBirth", "REQUIRED")]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a body."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in rows:
        yield value, key
        yield from places(inner)


@pytest.mark.parametrize("odd", [None, [], {}, "", "\x00", "\ud800", -1, 1.5, True, 10**30, [None]], ids=repr)
def test_odd_values_are_answered_never_a_crash(api: Api, odd: Any) -> None:
    body = order(metaFields={"a": "b"}, specialInstructions={"shipDate": "2026-12-01"})
    for place, (holder, key) in enumerate(list(places(body))):
        kept, holder[key] = holder[key], odd
        for path in (f"p/orders/HO-{place}", "p/orders/estimate-shipping", "p/orders/estimate-taxes"):
            method = "POST" if "estimate" in path else "PUT"
            assert api.call(method, path, body).status_code in (200, 400), (path, key)
        holder[key] = kept
