"""Products, rate codes, profile, webhooks and hints."""

from decimal import Decimal
from typing import Any

import pytest

from crushsync.vinoshipper.payloads import (
    product_feed,
    profile,
    rate_codes,
    read_hint,
    registration,
    registrations,
)
from crushsync.vinoshipper.types import FeedProduct, OrderHint, Profile, RateCode, WebhookRegistration
from tests.vinoshipper.samples import body

UNREADABLE = "The body of this webhook is unreadable"
NAMELESS = "This webhook names no order."
UNHEARD_OF = "This webhook is about something Vinoshipper has not told us of, not about an order."
GROUND = {"carrier": "UPS", "rateCode": "03", "price": 18.5, "rateDescription": "UPS Ground"}


def test_the_feed() -> None:
    feed = product_feed(body("feed__mixed"))
    assert feed
    assert (feed.producer, feed.states) == ("Hollow Oak", ("CA", "NY"))
    assert feed.products == (
        FeedProduct("7001", "RED-2020", "Estate Red 2020", "Wine", 144, Decimal("25.0"), ("MN", "NH")),
        FeedProduct("7002", "ROSE-24", "Rosé", "Wine", 0, Decimal("19.5"), ()),
        FeedProduct(
            "7003", "", "Corkscrew", "Merchandise", 0, Decimal(18), (), is_alcohol=False, is_stock_told=False
        ),
    )


def test_stock_that_is_not_told_is_not_none_left() -> None:
    rows: list[Any] = [{"id": 1, "inventory": 12.5}, {"id": 2, "inventory": "x"}, {"id": 3, "inventory": -4}]
    feed = product_feed({"products": [*rows, {"sku": "NO-ID"}, "junk", None]})
    assert feed
    stock = [(product.inventory, product.is_stock_told) for product in feed.products]
    assert stock == [(0, False), (0, False), (-4, True)]


@pytest.mark.parametrize("junk", [None, [], {}, {"products": None}, {"products": {}}, "x"])
def test_an_unreadable_feed_is_not_an_empty_one(junk: Any) -> None:
    assert product_feed(junk) is None


@pytest.mark.parametrize("wrapped", [[GROUND, GROUND], {"rates": [GROUND]}, {"data": [GROUND]}])
def test_rate_codes_in_every_wrapper(wrapped: Any) -> None:
    assert rate_codes(wrapped) == (RateCode("UPS", "03", "UPS Ground"),)


def test_rate_codes_that_are_none() -> None:
    assert rate_codes([{"carrier": "UPS"}, None]) == ()
    assert [rate_codes(junk) for junk in (None, {}, {"rates": "x"}, 5)] == [None] * 4


def test_the_profile() -> None:
    answer = {
        "id": 342,
        "name": "Hollow Oak",
        "website": None,
        "allowsPickup": True,
        "minimumOrderQuantity": 1,
    }
    assert profile(answer) == Profile("342", "Hollow Oak", "", True, None, 1)
    unreadable: tuple[Any, ...] = (None, [], {}, {"name": "x"})
    assert [profile(junk) for junk in unreadable] == [None] * 4


def test_webhook_registrations() -> None:
    row = {"id": 7, "subject": "ORDER", "url": "https://x.example/h", "description": None, "createdAt": "now"}
    ours = WebhookRegistration("7", "ORDER", "https://x.example/h")
    assert registration(row) == ours
    assert registrations([row, {"subject": "ORDER"}, None]) == (ours,)
    assert (registration({}), registrations({"data": []})) == (None, None)


@pytest.mark.parametrize(
    ("sent", "hint"),
    [
        (b'{"identifier": "HO-1", "subject": "ORDER", "event": "UPDATED", "hrefV3": "https://x"}',
         OrderHint("HO-1", "UPDATED")),
        (b'{"identifier": "HO-1", "subject": "ORDER", "event:": "APPROVED", "href": "https://x"}',
         OrderHint("HO-1", "APPROVED")),
        (b'{"identifier": 1001, "subject": "order", "event": "tracking_number_added"}',
         OrderHint("1001", "TRACKING_NUMBER_ADDED")),
        (b'{"identifier": "HO-1"}', OrderHint("HO-1", "")),
        (b'{"identifier": "HO-1", "subject": "ORDER", "event": "BRAND_NEW"}', OrderHint("HO-1", "BRAND_NEW")),
        (b'{"identifier": 5, "subject": "CUSTOMER", "event": "CREATED"}',
         OrderHint("", "CREATED", "This webhook is about a customer, not about an order.")),
        (b'{"identifier": 5, "subject": "CLUB_MEMBERSHIP", "event": "DELETED"}',
         OrderHint("", "DELETED", "This webhook is about a club membership, not about an order.")),
        (b'{"identifier": 5, "subject": "BARREL", "event": "FILLED"}',
         OrderHint("", "FILLED", UNHEARD_OF)),
        (b'{"subject": "ORDER", "event": "UPDATED"}', OrderHint("", "UPDATED", NAMELESS)),
        (b'{"identifier": {"a": 1}, "subject": "ORDER"}', OrderHint("", "", NAMELESS)),
        (b"", OrderHint("", "", f"{UNREADABLE}: empty.")),
        (b'{"identifier": ', OrderHint("", "", f"{UNREADABLE}: not JSON at character 15.")),
        (b"\xff\xfe{", OrderHint("", "", f"{UNREADABLE}: not UTF-8 at byte 0.")),
        (b"[" * 5000, OrderHint("", "", f"{UNREADABLE}: nested deeper than 100 levels.")),
        (b'["HO-1"]', OrderHint("", "", "The body of this webhook is no JSON object.")),
        (b'{"identifier": "HO\\u0000-1\\ud800", "subject": "ORDER"}', OrderHint("HO-1", "")),
    ],
)  # fmt: skip
def test_hints(sent: bytes, hint: OrderHint) -> None:
    assert read_hint(sent) == hint
