"""The stand-in is held to the reconstructed contract of Vinoshipper's API, field by field."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.client import Sandbox
from tests.sandbox.outside import Api, order

CONTRACT = yaml.safe_load((Path(__file__).parents[1] / "fixtures/vinoshipper/contract.yaml").read_text())
KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return dict(CONTRACT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    return schema


def differences(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Fields that are missing and values of the wrong kind; extra fields are allowed."""
    schema = resolved(schema)
    if "oneOf" in schema:
        found = [differences(value, option, path) for option in schema["oneOf"]]
        return min(found, key=len)
    kinds = schema.get("type")
    names = kinds if isinstance(kinds, list) else [kinds] if kinds else []
    if names and not any(isinstance(value, KINDS[name]) for name in names):
        return [f"{path} is {value!r}, not {names}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{path} is {value!r}"]
    if isinstance(value, list):
        return [line for one in value for line in differences(one, schema.get("items", {}), f"{path}[]")]
    if isinstance(value, dict):
        return object_differences(value, schema.get("properties", {}), path)
    return []


def object_differences(value: dict[str, Any], properties: dict[str, Any], path: str) -> list[str]:
    lines = []
    for name, inner in properties.items():
        if name in value:
            lines += differences(value[name], inner, f"{path}.{name}")
        elif name not in OPTIONAL:
            lines.append(f"{path}.{name} is missing")
    return lines


# Only there when the request gave them, or read-only in the request's schema.
OPTIONAL = {"street2", "country", "extension", "fullName", "clubMember"}


def schema(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize("changes", [{}, {"state": "UT"}, {"last_name": "Doubtful"}, {"state": "CO"}])
def test_orders(api: Api, sandbox: Sandbox, changes: dict[str, Any]) -> None:
    sandbox.vinoshipper.account(age_fails=["Doubtful"])
    answer = api.put("HO-1", **changes).json()
    assert differences(answer, schema("Order")) == []
    sandbox.vinoshipper.move("HO-1", "SHIPPED", packages=2)
    assert differences(api.read("HO-1").json(), schema("Order")) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("p/profile", "Profile"),
        ("p/products/342001", "Product"),
        ("feeds/vs/342/products", "ProductFeed"),
        ("feeds/vs/342/products/342001", "FeedProduct"),
    ],
)
def test_reads(api: Api, path: str, name: str) -> None:
    answer = api.call("GET", path)
    assert answer.status_code == 200
    assert differences(answer.json(), schema(name)) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("check-compliance", "ComplianceCheckResponse"),
        ("estimate-shipping", "EstimateShippingResponse"),
        ("estimate-taxes", "EstimateTaxesResponse"),
    ],
)
def test_quotes(api: Api, path: str, name: str) -> None:
    answer = api.call("POST", f"p/orders/{path}", order())
    assert answer.status_code == 200
    assert differences(answer.json(), schema(name)) == []


def test_lists(api: Api) -> None:
    api.put("HO-1")
    rows = {"type": "array", "items": schema("OrderSearchRow")}
    assert differences(api.call("POST", "p/orders/search", {}).json(), rows) == []
    codes = {"type": "array", "items": schema("Rate")}
    assert differences(api.call("GET", "p/shipment/rate-codes").json(), codes) == []
    webhook = api.call("POST", "p/profile/webhooks", {"subject": "ORDER", "url": "http://127.0.0.1:1/x"})
    assert differences(webhook.json(), schema("WebhookRegistration")) == []
    people = {"type": "array", "items": schema("Customer")}
    found = api.call("POST", "p/customers/exists", {"email": "elena@example.com"}).json()
    assert len(found) == 1
    assert differences(found, people) == []
    assert "OPEN" in api.call("GET", "p/orders/search/ui-options").json()["orderStatuses"]
    assert api.call("GET", "p/shippers/active").json()[0]["carrier"] == "UPS"


@pytest.mark.parametrize("path", ["p/orders/NO-SUCH", "p/products/1", "feeds/vs/1/products"])
def test_errors(api: Api, path: str) -> None:
    answer = api.call("GET", path)
    assert answer.status_code == 404
    assert differences(answer.json(), schema("ErrorEnvelope")) == []


def test_every_operation_of_the_contract_has_an_address(api: Api) -> None:
    """Those left out are not used: access points, customer list and pages."""
    left_out = {"listCustomers", "getCustomer", "listCustomerMemberships"}
    wanted = {
        (method.upper(), path): operation["operationId"]
        for path, methods in CONTRACT["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "post", "put", "delete")
    }
    missing = set()
    for (method, path), operation in wanted.items():
        for name, value in {"orderNumber": "X", "productId": "342001", "producerId": "342"}.items():
            path = path.replace(f"{{{name}}}", value)
        answer = api.call(method, path.removeprefix("/api/v3/"), {} if method in ("POST", "PUT") else None)
        if "text/html" in answer.headers.get("Content-Type", ""):
            missing.add(operation)
    assert missing == left_out
