"""Whatever Shopify answers, an order comes out that says what was wrong with it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.storefronts.shopify.payloads import to_order
from orders.storefronts.shopify.values import NEVER, ZERO
from orders.storefronts.types import OrderData
from tests.storefronts.answers import CONNECTION, line, money, nodes, recorded_order

WHAT = "the line 'Estate Pinot Noir'"


def _line_defects(**changes: Any) -> tuple[str, ...]:
    return to_order(recorded_order(lineItems=nodes(line(1, **changes)), closed=True), CONNECTION).defects


@pytest.mark.parametrize(
    ("quantity", "fault"),
    [
        (-1, "is negative"),
        (1.5, "is not a whole number"),
        ("2", "is not a whole number"),
        (True, "is not a whole number"),
        (None, "is not a whole number"),
        (100_001, "is more than 100,000"),
        (10**400, "is more than 100,000"),
    ],
)
def test_a_quantity_that_cannot_be_shipped_is_none(quantity: Any, fault: str) -> None:
    raw = recorded_order(lineItems=nodes(line(1, quantity=quantity, currentQuantity=quantity)), closed=True)
    order = to_order(raw, CONNECTION)
    assert order.lines[0].quantity == 0
    assert order.defects == (f"The quantity of {WHAT} {fault}.",)


def test_more_left_than_ordered() -> None:
    assert _line_defects(currentQuantity=2) == (f"Shopify gave more pieces left than ordered for {WHAT}.",)


@pytest.mark.parametrize(
    ("bag", "fault"),
    [
        (None, "no readable amount for the price of"),
        ({}, "no readable amount for the price of"),
        (money("abc"), "no readable amount for the price of"),
        (money("1e5"), "no readable amount for the price of"),
        (money("NaN"), "no readable amount for the price of"),
        (money("9" * 40), "no readable amount for the price of"),
        (money("-1.00"), "a negative amount for the price of"),
    ],
)
def test_a_price_that_is_none(bag: Any, fault: str) -> None:
    assert _line_defects(originalUnitPriceSet=bag) == (f"Shopify gave {fault} {WHAT}.",)


def test_another_currency_is_not_converted_silently() -> None:
    assert _line_defects(originalUnitPriceSet=money("10.00", "CAD")) == (
        f"Shopify gave the price of {WHAT} in another currency than the order's.",
    )


@pytest.mark.parametrize(
    ("changes", "defect"),
    [
        ({"id": None}, "Shopify gave no id for the order."),
        ({"id": "gid://shopify/Order/12x"}, "Shopify gave no id for the order."),
        ({"lineItems": None}, "Shopify gave no lines for the order."),
        ({"processedAt": None}, "Shopify gave no readable date of the order."),
        ({"processedAt": "2026-11-18T16:42:05"}, "Shopify gave no readable date of the order."),
        ({"updatedAt": "yesterday"}, "Shopify gave no readable date of the last change."),
    ],
)
def test_what_an_order_must_have(changes: dict[str, Any], defect: str) -> None:
    assert to_order(recorded_order(**changes), CONNECTION).defects == (defect,)


@pytest.mark.parametrize("currency", [None, "", "usd", "U$D", 42])
def test_a_currency_that_is_none(currency: Any) -> None:
    defects = to_order(recorded_order(currencyCode=currency), CONNECTION).defects
    assert "Shopify gave no readable currency for the order." in defects


def test_a_line_without_an_id() -> None:
    assert _line_defects(id="1") == (f"Shopify gave no id for {WHAT}.",)


def test_nothing_at_all() -> None:
    order = to_order({}, CONNECTION)
    assert (order.external_id, order.lines, order.total) == ("", (), ZERO)
    assert (order.placed_at, order.updated_at) == (NEVER, NEVER)
    assert len(order.defects) == 9


def test_the_list_of_defects_ends() -> None:
    broken = [line(number, quantity=None, title=f"Wine {number}") for number in range(1, 99)]
    assert len(to_order(recorded_order(lineItems=nodes(*broken)), CONNECTION).defects) == 20


def test_defects_name_nobody() -> None:
    raw = recorded_order(customAttributes=[{"key": "Ship date", "value": "for Elena 1984-06-21"}], id=None)
    text = " ".join(to_order(raw, CONNECTION).defects)
    assert [word for word in ("Elena", "Marquez", "1984", "Barton") if word in text] == []


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ORDER_FIELDS = sorted(recorded_order())
LINE_FIELDS = sorted(line())


@given(changes=st.dictionaries(st.sampled_from(ORDER_FIELDS), ANYTHING, max_size=6))
def test_no_value_of_an_order_raises(changes: dict[str, Any]) -> None:
    assert isinstance(to_order(recorded_order(**changes), CONNECTION), OrderData)


@given(changes=st.dictionaries(st.sampled_from(LINE_FIELDS), ANYTHING, max_size=6), included=st.booleans())
def test_no_value_of_a_line_raises(changes: dict[str, Any], included: bool) -> None:
    raw = recorded_order(lineItems=nodes(line(1, **changes)), taxesIncluded=included)
    order = to_order(raw, CONNECTION)
    assert 0 <= order.lines[0].quantity <= 100_000


@given(
    price=st.integers(1, 100_000),
    quantity=st.integers(1, 60),
    discount=st.integers(0, 1_000),
    rate=st.integers(0, 2_500),
)
def test_taking_tax_out_loses_no_cent(price: int, quantity: int, discount: int, rate: int) -> None:
    gross = price * quantity - min(discount, price * quantity - 1)
    tax = gross * rate // (10_000 + rate)
    sold = line(
        1,
        quantity=quantity,
        currentQuantity=quantity,
        originalUnitPriceSet=money(f"{price / 100:.2f}"),
        discountAllocations=[{"allocatedAmountSet": money(f"{(price * quantity - gross) / 100:.2f}")}],
        taxLines=[{"priceSet": money(f"{tax / 100:.2f}")}],
    )
    entry = to_order(recorded_order(lineItems=nodes(sold), taxesIncluded=True), CONNECTION).lines[0]
    assert (entry.unit_price * quantity - entry.discount + entry.tax) * 100 == gross
    assert entry.discount >= 0
