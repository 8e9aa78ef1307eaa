"""The order of these tests, and Vinoshipper's recorded words about it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from crushsync.lib.http import Answer
from crushsync.lib.text import parse_json
from crushsync.vinoshipper.payloads import order_answer
from crushsync.vinoshipper.types import (
    Destination,
    OrderAnswer,
    OrderInput,
    Person,
    ProductLine,
    ShippingRate,
)

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "vinoshipper"
NUMBER = "HOLLOW-1001"

JANE = Person(
    first_name="Jane",
    last_name="Doe",
    email="jane.doe@example.com",
    phone="(916) 555-0100",
    date_of_birth=date(1980, 7, 4),
    street1="123 Fake St",
    street2="",
    city="Sacramento",
    state="CA",
    postal_code="95814",
    country="US",
)
HOME = Destination(
    first_name="Jane",
    last_name="Doe",
    company="",
    street1="123 Fake St",
    street2="",
    city="Sacramento",
    state="CA",
    postal_code="95814",
    country="US",
    phone="+1 916-555-0100",
)
ORDER = OrderInput(
    number=NUMBER,
    source_url="https://shop.example.com/orders/1001",
    customer=JANE,
    ship_to=HOME,
    lines=(ProductLine("RED-2020", 2, Decimal("25.00")), ProductLine("ROSE-24", 1, Decimal("19.50"))),
    rate=ShippingRate("UPS", "03", Decimal("27.25")),
    taxes=Decimal("4.10"),
    fees=Decimal("0.20"),
    tip=Decimal("2.00"),
    discount=Decimal("5.00"),
    producer_note="Leave with an adult",
    gift_note="Cheers!",
    ship_date=date(2026, 12, 1),
    paid=True,
    silent=True,
    meta=(("shop", "hollow-oak"),),
)


def recorded(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def body(name: str = "order__accepted", **changes: Any) -> dict[str, Any]:
    """A recorded answer, read as the client reads it, with some fields changed."""
    return {**parse_json(recorded(name)), **changes}


def read(payload: Any, status: int = 200) -> OrderAnswer:
    return order_answer(payload, http_status=status, trace_id="trace-1", number=NUMBER)


def answer(status: int, content: bytes | Mapping[str, Any]) -> Answer:
    return Answer(status, {}, content if isinstance(content, bytes) else json.dumps(content).encode(), 0.1)


def moved_to(order: OrderInput, **changes: str) -> OrderInput:
    return replace(order, ship_to=replace(order.ship_to, **changes))
