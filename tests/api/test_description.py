"""The OpenAPI document: committed, complete, and never broken for who builds on it."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from crushsync.accounts.models import Winery
from crushsync.api.describing import IF_MATCH, as_yaml, document
from crushsync.api.explorer import CODES
from crushsync.csp import POLICY
from tests.api.breaking import broken
from tests.api.conftest import Program
from tests.factories import FulfillmentOrderFactory, StoreFactory

COMMITTED = Path(settings.BASE_DIR) / "docs/openapi.yaml"
# The document as it was when version 1 was given out: whatever it promised stays.
PROMISED = Path(settings.BASE_DIR) / "tests/fixtures/api/openapi-v1.yaml"


def properties(part: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in part.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from properties(inner, f"{path}.{name}")


def test_the_committed_document_is_the_code() -> None:
    assert COMMITTED.read_text() == as_yaml(), "run `manage.py openapi docs/openapi.yaml`"


def test_every_field_is_described() -> None:
    bare = [
        path
        for name, schema in document()["components"]["schemas"].items()
        for path, inner in properties(schema, name)
        if not inner.get("description") and "$ref" not in inner
    ]
    assert bare == []


def test_every_text_and_number_has_an_example() -> None:
    simple = {"string", "integer", "number"}
    bare = [
        path
        for name, schema in document()["components"]["schemas"].items()
        for path, inner in properties(schema, name)
        if simple & set(inner["type"] if isinstance(inner.get("type"), list) else [inner.get("type")])
        and "enum" not in inner
        and not inner.get("examples")
        and not path.endswith((".next", "url", "_note", "confirm", "description"))
    ]
    assert bare == []


def test_every_parameter_and_answer_is_described() -> None:
    for path, operations in document()["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, path)
            assert {"400", "401", "403", "404", "429", "default"} <= set(operation["responses"]), path
            for parameter in operation.get("parameters", []):
                assert parameter.get("description"), (method, path, parameter["name"])


def test_answers_have_the_headers_that_are_described(program: Program, winery: Winery) -> None:
    """What an edit and a repeated call go by."""
    paths = document()["paths"]
    listing = {"store": StoreFactory.create(winery=winery).pk, "sku": "A", "destination_sku": "B"}
    made = [program.post("listings", listing, once="one") for _ in range(2)]
    assert "Idempotent-Replayed" in paths["/api/v1/listings"]["post"]["responses"]["201"]["headers"]
    assert [answer.get("Idempotent-Replayed") for answer in made] == [None, "true"]
    url, told = f"listings/{made[0].json()['id']}", paths["/api/v1/listings/{id}"]
    shown = program.get(url)
    assert program.get(url, **{"If-None-Match": shown["ETag"]}).status_code == 304
    assert program.patch(url, {"destination_sku": "C"}, shown["ETag"])["ETag"] != shown["ETag"]
    for method, status in (("get", "200"), ("get", "304"), ("patch", "200")):
        assert list(told[method]["responses"][status]["headers"]) == ["ETag"]
    assert "headers" not in told["delete"]["responses"]["204"]


def test_what_was_promised_is_kept() -> None:
    assert broken(yaml.safe_load(PROMISED.read_text()), document()) == []


ERRORS_RAISED = "".join(
    path.read_text() for path in (Path(settings.BASE_DIR) / "crushsync/api").rglob("*.py")
)
SCHEMAS = ("components", "schemas")


def _change(*way: str, to: Any = None) -> dict[str, Any]:
    """The document with one place changed; None takes it away."""
    changed: dict[str, Any] = deepcopy(document())
    part = changed
    for name in way[:-1]:
        part = part[name]
    if to is None:
        del part[way[-1]]
    else:
        part[way[-1]] = to
    return changed


@pytest.mark.parametrize(
    ("way", "to", "told"),
    [
        (("paths", "/api/v1/orders"), None, "GET /api/v1/orders is gone"),
        (("paths", "/api/v1/listings", "post"), None, "POST /api/v1/listings is gone"),
        (("paths", "/api/v1/listings", "post", "responses", "201"), None, "answer 201 is gone"),
        (
            ("paths", "/api/v1/me", "get", "parameters"),
            [IF_MATCH],
            "the header parameter If-Match is required",
        ),
        ((*SCHEMAS, "Order", "properties", "name"), None, "Order.name is gone"),
        ((*SCHEMAS, "Order", "properties", "name", "type"), "integer", "Order.name: type was string"),
        ((*SCHEMAS, "ActBody", "required"), ["reason"], "ActBody.reason is required now"),
        (("webhooks", "order.moved"), None, "the event order.moved is gone"),
        (("webhooks", "order.moved", "post", "requestBody"), {}, "order.moved tells something else"),
        ((*SCHEMAS, "ListingChange", "properties", "destination_sku"), None, "destination_sku is gone"),
    ],
)
def test_a_breaking_change_is_told(way: tuple[str, ...], to: Any, told: str) -> None:
    found = broken(document(), _change(*way, to=to))
    assert [fault for fault in found if told in fault], found


def test_an_addition_breaks_nothing() -> None:
    more = _change(*SCHEMAS, "Order", "properties", "new_field", to={"type": "string"})
    more["paths"]["/api/v1/new"] = more["paths"]["/api/v1/me"]
    assert broken(document(), more) == []


@pytest.mark.django_db(transaction=True)
def test_a_generated_client_works(
    program: Program, winery: Winery, live_server: LiveServer, tmp_path: Path
) -> None:
    """Generated by openapi-python-client from the committed document, and used as anybody would."""
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    config = tmp_path / "config.yaml"
    config.write_text("post_hooks: []")  # its taste in formatting is of no interest
    subprocess.run(
        [
            Path(sys.executable).parent / "openapi-python-client",
            *("generate", "--path", COMMITTED, "--config", config),
            *("--meta", "none", "--output-path", tmp_path / "crushsync_client"),
        ],
        check=True,
        capture_output=True,
    )
    for file in tmp_path.rglob("*.py"):
        ast.parse(file.read_text())
    sys.path.insert(0, str(tmp_path))
    try:
        client = importlib.import_module("crushsync_client").AuthenticatedClient(
            base_url=live_server.url, token=program.text
        )
        listed = importlib.import_module("crushsync_client.api.orders.orders_list").sync(client=client)
        act = importlib.import_module("crushsync_client.api.orders.orders_actions_create")
        body = importlib.import_module("crushsync_client.models").ActBody(reason="Customer travels")
        done = act.sync(work.order_id, "hold", client=client, body=body, idempotency_key="one")
    finally:
        sys.path.remove(str(tmp_path))
    (order,) = listed.results
    assert (order.id, order.total, order.fulfillment_orders[0].number) == (
        work.order_id,
        "84.80",
        work.number,
    )
    assert done.sentence == "On hold: Customer travels"


def test_the_explorer_keeps_the_policy_and_explains_every_refusal(client: Client) -> None:
    answer = client.get("/api/docs")
    text = answer.content.decode()
    assert answer["Content-Security-Policy"] == POLICY
    assert not re.findall(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", text)
    for path in document()["paths"]:
        assert f"<code>{path}</code>" in text
    for event in document()["webhooks"]:
        assert f"<code>{event}</code>" in text
    kinds = "ApiError|Conflict|OtherBody|Outdated|TagMissing|TooLarge|NoLength|Busy|AlreadyRunning|NotAsked"
    codes = {
        *re.findall(rf'(?:{kinds})\(\s*"([a-z_]+)"', ERRORS_RAISED),
        "not_found",
        "throttled",
        "internal",
    }
    assert len(codes) > 10
    assert codes <= set(CODES)
    for code in codes:
        assert f'id="error-{code}"' in text
    assert client.get("/api/openapi.yaml").content.decode() == as_yaml()
