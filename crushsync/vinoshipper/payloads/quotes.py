"""Estimates, searches and other questions, both ways. https://developer.vinoshipper.com/reference

Every reading function returns None for an answer of another shape: an unreadable list is not an empty one.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crushsync.vinoshipper.payloads.answers import PROGRESS
from crushsync.vinoshipper.payloads.orders import compliance_body, rate_body, ship_to_body
from crushsync.vinoshipper.payloads.reading import distinct, mapping, mappings, moment, money, text
from crushsync.vinoshipper.types import (
    AccessPoint,
    Destination,
    FoundOrder,
    OrderInput,
    Progress,
    Quote,
    TaxEstimate,
)

# The wrapper of a search is not documented: a bare list, or an object with the list under one of these.
SEARCH_LISTS = ("results", "orders", "data")


def taxes_body(order: OrderInput) -> dict[str, Any]:
    """The JSON of estimate-taxes. Shipping is taxed in some states, so its rate goes along."""
    return {**shipping_body(order), "shippingRate": rate_body(order.rate)}


def shipping_body(order: OrderInput, *, is_residential: bool | None = None) -> dict[str, Any]:
    """The JSON of estimate-shipping: the order without customer and money."""
    asked = {key: value for key, value in compliance_body(order).items() if key != "customer"}
    return asked if is_residential is None else {**asked, "isResidential": is_residential}


def access_points_body(near: Destination) -> dict[str, Any]:
    """The JSON of access-points."""
    names = ("street1", "city", "stateCode", "postalCode", "country")
    return {name: value for name, value in ship_to_body(near).items() if name in names}


def tax_estimate(body: Any) -> TaxEstimate | None:
    """Read estimate-taxes: the sum, of which the fees are named apart."""
    answer = mapping(body)
    total, fees = money(answer.get("taxesTotal")), money(answer.get("extraFeesTotal")) or Decimal(0)
    taxes = money(answer.get("taxesTotalWithoutFees"))
    if taxes is None and total is None:
        return None
    return TaxEstimate(taxes=taxes if taxes is not None else (total or Decimal(0)) - fees, fees=fees)


def quotes(body: Any) -> tuple[Quote, ...] | None:
    """Read estimate-shipping, in their order; a rate without a price is none."""
    rates = mapping(body).get("rates")
    if not isinstance(rates, list):
        return None
    return tuple(
        Quote(
            carrier=text(item.get("carrier"), 50).upper(),
            code=text(item.get("rateCode") or item.get("code"), 50),
            price=price,
            description=text(item.get("rateDescription") or item.get("description")),
        )
        for item in mappings(rates)
        if (price := money(item.get("price"))) is not None
    )


def found_orders(body: Any) -> tuple[FoundOrder, ...] | None:
    """Read a page of a search, in whatever wrapper."""
    answer = mapping(body)
    wrapped = next((answer[name] for name in SEARCH_LISTS if isinstance(answer.get(name), list)), None)
    rows = body if isinstance(body, list) else wrapped
    return None if rows is None else tuple(_found(row) for row in mappings(rows))


def word_lists(body: Any) -> dict[str, tuple[str, ...]] | None:
    """Read the options of a search: each list of words, by the name it has there."""
    if not isinstance(body, Mapping):
        return None
    lists = {text(name, 50): value for name, value in body.items() if isinstance(value, list)}
    return {name: distinct(text(word, 50) for word in words) for name, words in lists.items()}


def access_points(body: Any) -> tuple[AccessPoint, ...] | None:
    """Read the access points near an address."""
    locations = mapping(body).get("locations")
    if not isinstance(locations, list):
        return None
    return tuple(_access_point(item) for item in mappings(locations))


def customer_ids(body: Any) -> tuple[str, ...] | None:
    """Read the ids of the customers found."""
    return distinct(text(item.get("id"), 50) for item in mappings(body)) if isinstance(body, list) else None


def shippers(body: Any) -> tuple[str, ...] | None:
    """Read the carriers; one that does not say whether it is active is, as the list is of those."""
    if not isinstance(body, list):
        return None
    active = (item for item in mappings(body) if item.get("active") is not False)
    return distinct(text(item.get("carrier"), 50).upper() for item in active)


def _found(row: Mapping[str, Any]) -> FoundOrder:
    status = text(row.get("orderStatus"), 50).upper()
    return FoundOrder(
        number=text(row.get("orderNumber")),
        progress=PROGRESS.get(status, Progress.UNKNOWN),
        order_status=status,
        amount=money(row.get("saleAmount") if "saleAmount" in row else row.get("total")),
        purchased_at=moment(row.get("purchasedAt")),
        shipped_at=moment(row.get("shippedAt")),
    )


def _access_point(item: Mapping[str, Any]) -> AccessPoint:
    return AccessPoint(
        id=text(item.get("locationId") or item.get("id"), 50),
        name=text(item.get("businessName")),
        street1=text(item.get("street1")),
        city=text(item.get("city")),
        state=text(item.get("stateCode"), 2).upper(),
        postal_code=text(item.get("postalCode"), 20),
    )
