"""Compliance as far as a stand-in can judge it. The codes are ours: Vinoshipper publishes no list."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from sandbox.clock import now
from sandbox.shapes import Json
from sandbox.vinoshipper.accounts import PROHIBITED, Account, Product
from sandbox.vinoshipper.orders import ACCEPTED

LEGAL_AGE = 21
PO_BOX = re.compile(r"\b(p\.?\s*o\.?\s*box|post office box)\b", re.IGNORECASE)

Line = tuple[Product, int]


def problem(code: str, description: str, kind: str = "COMPLIANCE") -> Json:
    return {"code": code, "description": description, "type": kind}


def lines_of(account: Account, body: Json) -> list[Line]:
    """Products and quantities of a valid body."""
    id_type = body.get("productIdType") or "SKU"
    found = ((account.product(id_type, row["productId"]), row["quantity"]) for row in body["products"])
    return [(product, quantity) for product, quantity in found if product]


def problems(account: Account, body: Json, bottles_before: float) -> list[Json]:
    """Why this order may not be shipped; empty when it may. ``bottles_before``: the person's, in 750 ml."""
    state = (body.get("shipToAddress") or {}).get("stateCode")
    lines = lines_of(account, body)
    found = [*_age(body), *_stock(lines)]
    if state and any(product.alcohol for product, _ in lines):
        found += _state(account, state, lines)
        found += _volume(account, state, bottles_before + bottles(lines))
        found += _po_box(body)
    return found


def bottles(lines: Iterable[Line]) -> float:
    """The amount of alcohol in bottles of 750 ml."""
    return sum(quantity * product.ml / 750 for product, quantity in lines if product.alcohol)


def status(account: Account, body: Json) -> str:
    """What they say of an order without problems: SUCCESS, but for some people."""
    customer = body.get("customer") or {}
    name = str(customer.get("lastName", ""))
    is_verified = str(customer.get("email", "")).lower() in account.verified
    if not is_verified and name.lower() in {known.lower() for known in account.age_fails}:
        return "AGE_VERIFICATION_FAILED"
    return account.statuses.get(name, ACCEPTED)


def age_on(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_po_box(address: Json) -> bool:
    return bool(PO_BOX.search(f"{address.get('street1') or ''} {address.get('street2') or ''}"))


def _age(body: Json) -> Iterator[Json]:
    born = (body.get("customer") or {}).get("dateOfBirth")
    if born and age_on(date(born["year"], born["month"], born["day"]), now().date()) < LEGAL_AGE:
        yield problem("CUSTOMER_UNDER_21", "The customer is younger than 21 years.", "AGE")


def _stock(lines: list[Line]) -> Iterator[Json]:
    for product, quantity in lines:
        if quantity > product.inventory:
            yield problem(
                "INSUFFICIENT_INVENTORY",
                f"{product.sku}: {quantity} ordered, {product.inventory} in stock.",
                "INVENTORY",
            )


def _state(account: Account, state: str, lines: list[Line]) -> Iterator[Json]:
    if state in PROHIBITED:
        yield problem("STATE_PROHIBITED", f"Wine may not be shipped to {state}.")
    elif state not in account.states:
        yield problem("STATE_NOT_SELECTED", f"The producer does not ship to {state}.")
    for product, _ in lines:
        if state in product.not_available_in:
            yield problem("PRODUCT_NOT_AVAILABLE", f"{product.sku} is not available in {state}.")


def _volume(account: Account, state: str, total: float) -> Iterator[Json]:
    limit = account.volume_limits.get(state)
    if limit is not None and total > limit:
        yield problem("VOLUME_LIMIT", f"{total:g} bottles are more than the {limit} allowed in {state}.")


def _po_box(body: Json) -> Iterator[Json]:
    if is_po_box(body["shipToAddress"]):
        yield problem("PO_BOX", "Wine cannot be delivered to a PO box.", "ADDRESS")
