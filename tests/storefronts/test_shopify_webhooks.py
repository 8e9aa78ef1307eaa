"""Webhooks: authentic or not, and which order they point at."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crushsync.lib.signing import hmac_sha256_base64
from orders.storefronts.shopify.connector import Shopify
from orders.storefronts.shopify.webhooks import APP_NEWS, IGNORED, ORDER_ID_KEYS
from orders.storefronts.types import Hint, HintedShipment, HintKind, WebhookHeaders
from tests.storefronts.answers import ORDER_ID, webhook

SECRET = "shpss_test_secret_for_fixtures"


def test_the_published_signature_of_the_sample_order() -> None:
    headers = {"X-Shopify-Hmac-Sha256": "bKU6IckIKq34zXNqIlKaTlOSpe1Ow49vRSWGsGMQdt4="}
    assert Shopify.verify(headers, webhook("orders_create"), [SECRET]).topic == ""


def test_headers_are_read_whatever_their_case() -> None:
    body = b'{"id":1,"name":"#1001"}'
    headers = {
        "x-shopify-hmac-sha256": "ybi5GMyq3UlgsyWLTJU1wvBRjL3uJyvuWTBki5k2cJY=",
        "X-SHOPIFY-TOPIC": "orders/create",
        "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5",
        "X-Shopify-Triggered-At": "2026-11-18T16:42:08.123Z",
    }
    assert Shopify.verify(headers, body, ["hush"]) == WebhookHeaders(
        "orders/create",
        "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "98880550-7158-44d4-b7cd-2c97c8a091b5",
        "2026-11-18T16:42:08.123Z",
    )


def _delivery_id(topic: str, body: bytes, **headers: str) -> str:
    signed = {"X-Shopify-Hmac-Sha256": hmac_sha256_base64(SECRET, body), "X-Shopify-Topic": topic}
    return Shopify.verify({**signed, **headers}, body, [SECRET]).delivery_id


@pytest.mark.parametrize("odd", [None, "", "é", "x" * 101, "two words", "\x00"])
def test_without_a_usable_id_the_content_is_the_delivery(odd: str | None) -> None:
    headers = {} if odd is None else {"X-Shopify-Webhook-Id": odd}
    first = _delivery_id("orders/create", b"{}", **headers)
    assert first == _delivery_id("orders/create", b"{}")
    assert len(first) == 64
    assert first != _delivery_id("orders/updated", b"{}")
    assert first != _delivery_id("orders/create", b"{ }")


def test_deliveries_of_one_event_are_told_apart() -> None:
    """One act of the merchant makes several deliveries that share X-Shopify-Event-Id."""
    shared = {"X-Shopify-Event-Id": "98880550-7158-44d4-b7cd-2c97c8a091b5"}
    ids = {
        _delivery_id(topic, b"{}", **shared, **{"X-Shopify-Webhook-Id": own})
        for topic, own in (("orders/create", "w-1"), ("orders/paid", "w-2"))
    }
    assert ids == {"w-1", "w-2"}


@pytest.mark.parametrize(
    ("topic", "name", "order_id"),
    [
        ("orders/create", "orders_create", ORDER_ID),
        ("orders/create", "orders_create_local_pickup", "6411122233345"),
        ("orders/updated", "orders_updated", ORDER_ID),
        ("orders/cancelled", "orders_cancelled", ORDER_ID),
        ("refunds/create", "refunds_create", ORDER_ID),
        ("fulfillments/create", "fulfillments_create", ORDER_ID),
        ("fulfillments/update", "fulfillments_update", ORDER_ID),
        ("fulfillments/update", "fulfillments_update_cancelled", ORDER_ID),
        ("fulfillment_events/create", "fulfillment_events_create", ORDER_ID),
    ],
)
def test_the_sample_bodies_name_their_order(topic: str, name: str, order_id: str) -> None:
    hint = Shopify.read_hint(topic, webhook(name))
    assert (hint.kind, hint.order_id, hint.sentence) == (HintKind.ORDER, order_id, "")


def changed(**fields: Any) -> Hint:
    return Shopify.read_hint(
        "orders/updated", json.dumps({**json.loads(webhook("orders_create")), **fields}).encode()
    )


def test_an_orders_body_tells_its_version() -> None:
    hint = Shopify.read_hint("orders/create", webhook("orders_create"))
    assert hint.changed_at == datetime.fromisoformat(json.loads(webhook("orders_create"))["updated_at"])
    assert changed().content == hint.content


@pytest.mark.parametrize(
    "fields",
    [
        {"updated_at": "2026-11-19T10:00:00-06:00"},
        {"tags": "vinoshipper-sent"},
        {
            "fulfillment_status": "fulfilled",
            "fulfillments": [{"id": 1}],
            "closed_at": "2026-11-19T10:00:00-06:00",
        },
    ],
)
def test_what_our_own_writing_changes_is_the_same_content(fields: dict[str, Any]) -> None:
    assert changed(**fields).content == changed().content


@pytest.mark.parametrize(
    "fields",
    [
        {"note": "Ring twice."},
        {"shipping_address": None},
        {"line_items": []},
        {"financial_status": "refunded"},
    ],
)
def test_what_others_change_is_other_content(fields: dict[str, Any]) -> None:
    assert changed(**fields).content != changed().content


def test_a_shipment_is_told_with_its_numbers_and_whether_it_is_alive() -> None:
    told = Shopify.read_hint("fulfillments/create", webhook("fulfillments_create"))
    assert told.shipments == (HintedShipment("5600000000001", True, ("1Z999AA10123456784",)),)
    [cancelled] = Shopify.read_hint("fulfillments/update", webhook("fulfillments_update_cancelled")).shipments
    assert not cancelled.is_live


def test_an_order_tells_its_shipments() -> None:
    shipped = json.loads(webhook("orders_updated"))
    shipped["fulfillments"] = [json.loads(webhook("fulfillments_create")), None]
    told = Shopify.read_hint("orders/updated", json.dumps(shipped).encode())
    assert [made.id for made in told.shipments] == ["5600000000001", "None"]  # odd ones are news


def test_an_edited_order_is_named_inside() -> None:
    assert Shopify.read_hint("orders/edited", b'{"order_edit":{"id":7,"order_id":42}}') == Hint(
        HintKind.ORDER, "42"
    )


def test_a_routed_fulfillment_order_names_no_order() -> None:
    hint = Shopify.read_hint(
        "fulfillment_orders/order_routing_complete", webhook("fulfillment_orders_order_routing_complete")
    )
    assert (hint.kind, hint.order_id) == (HintKind.IGNORED, "")
    named = b'{"fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/1","order_id":42}}'
    assert Shopify.read_hint("fulfillment_orders/moved", named) == Hint(HintKind.ORDER, "42")


@pytest.mark.parametrize("topic", sorted(IGNORED))
def test_ignored_by_name_with_a_reason(topic: str) -> None:
    hint = Shopify.read_hint(topic, b"not even JSON")
    assert (hint.kind, hint.order_id) == (HintKind.IGNORED, "")
    assert hint.sentence.endswith(".")


def test_a_topic_is_known_once() -> None:
    assert len(IGNORED | ORDER_ID_KEYS | APP_NEWS) == len(IGNORED) + len(ORDER_ID_KEYS) + len(APP_NEWS)
    known = {*IGNORED, *ORDER_ID_KEYS, *APP_NEWS}
    assert [topic for topic in Shopify.topics if topic not in known] == []


def test_an_unknown_topic_is_said_to_be_unknown() -> None:
    hint = Shopify.read_hint("orders/teleported", b'{"id":42}')
    assert (hint.kind, hint.order_id) == (HintKind.UNKNOWN, "")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff\xfe", b"[]", b"null", b"42", b'"42"', b"{}", b'{"id":null}', b'{"id":true}'),
        *(b'{"id":-1}', b'{"id":0}', b'{"id":1.5}', b'{"id":"1; drop"}', b'{"id":{"id":1}}', b'{"id":NaN}'),
        *(b'{"id":' + b"9" * 21 + b"}", b'{"id":"gid://shopify/Order/"}', b"[" * 5_000, b'{"id":"\\ud800"}'),
        b'{"id":"\xd9\xa1"}',  # an Arabic one
    ],
)
def test_a_body_without_an_order_is_malformed(body: bytes) -> None:
    hint = Shopify.read_hint("orders/create", body)
    assert (hint.kind, hint.order_id) == (HintKind.MALFORMED, "")
    assert hint.sentence


def test_a_large_id_is_kept_to_its_last_digit() -> None:
    assert Shopify.read_hint("orders/create", b'{"id":820982911946154508}').order_id == "820982911946154508"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "order_id", "x"]), inner)
    ),
    max_leaves=8,
)


@given(topic=st.sampled_from([*ORDER_ID_KEYS, "fulfillment_orders/moved"]) | st.text(), content=JSON)
def test_no_content_raises(topic: str, content: Any) -> None:
    hint = Shopify.read_hint(topic, json.dumps(content).encode())
    assert (hint.kind is HintKind.ORDER) == bool(hint.order_id)


@given(topic=st.sampled_from(sorted(ORDER_ID_KEYS)), body=st.binary())
def test_no_bytes_raise(topic: str, body: bytes) -> None:
    assert isinstance(Shopify.read_hint(topic, body), Hint)
