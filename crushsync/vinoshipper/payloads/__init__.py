"""Vinoshipper's JSON and our values, both ways, without any network."""

from crushsync.vinoshipper.payloads.answers import (
    ACCEPTANCE,
    PROGRESS,
    envelope,
    order_answer,
    problem_sentence,
    refusal,
    verdict,
)
from crushsync.vinoshipper.payloads.catalogue import (
    product_feed,
    profile,
    rate_codes,
    registration,
    registrations,
)
from crushsync.vinoshipper.payloads.comparison import (
    Difference,
    differences,
    goods_differences,
    side_by_side,
)
from crushsync.vinoshipper.payloads.hints import read_hint
from crushsync.vinoshipper.payloads.orders import compliance_body, order_body
from crushsync.vinoshipper.payloads.quotes import (
    access_points,
    access_points_body,
    customer_ids,
    found_orders,
    quotes,
    shippers,
    shipping_body,
    tax_estimate,
    taxes_body,
    word_lists,
)

__all__ = [
    "ACCEPTANCE",
    "PROGRESS",
    "Difference",
    "access_points",
    "access_points_body",
    "compliance_body",
    "customer_ids",
    "differences",
    "envelope",
    "found_orders",
    "goods_differences",
    "order_answer",
    "order_body",
    "problem_sentence",
    "product_feed",
    "profile",
    "quotes",
    "rate_codes",
    "read_hint",
    "refusal",
    "registration",
    "registrations",
    "shippers",
    "shipping_body",
    "side_by_side",
    "tax_estimate",
    "taxes_body",
    "verdict",
    "word_lists",
]
