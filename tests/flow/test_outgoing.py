"""What is sent, and how it is known again."""

from decimal import Decimal

from fulfillment.outgoing import fingerprint


def test_a_sum_is_the_same_before_and_after_it_is_stored() -> None:
    """Who pushes an order says 0; the database says 0.00. That is no change after sending."""
    told, stored = {"tipAmount": Decimal(0)}, {"tipAmount": Decimal("0.00")}
    assert fingerprint(told) == fingerprint(stored)
    assert fingerprint(told) != fingerprint({"tipAmount": Decimal("0.01")})


def test_the_number_is_no_content() -> None:
    body = {"taxes": Decimal("1.25")}
    assert fingerprint({**body, "orderNumber": "A-1"}) == fingerprint({**body, "orderNumber": "A-1-2"})
