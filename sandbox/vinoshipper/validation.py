"""What Vinoshipper calls a VALIDATION error: absent fields, wrong types, unknown products.

Fields and types as on https://developer.vinoshipper.com/reference/updateorder
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.shapes import Json
from sandbox.vinoshipper.accounts import STATES, Account


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with a request; ``field`` is the path in the body."""

    field: str
    code: str
    description: str

    def row(self) -> Json:
        return {
            "description": self.description,
            "code": self.code,
            "field": self.field,
            "shortDescription": None,
        }


@dataclass(frozen=True)
class Many:
    """A list whose members all have one shape."""

    of: Any


TEXT, NUMBER, WHOLE, YES_NO = "a string", "a number", "a whole number", "true or false"
PRICE = "a number or a numeric string"

ADDRESS = {
    "street1": TEXT, "street2": TEXT, "city": TEXT, "postalCode": TEXT, "stateCode": TEXT, "country": TEXT,
}  # fmt: skip
SHAPE: Json = {
    "orderNumber": TEXT,
    "sourceUrl": TEXT,
    "customer": {
        "email": TEXT,
        "firstName": TEXT,
        "lastName": TEXT,
        "address": ADDRESS,
        "dateOfBirth": {"day": WHOLE, "month": WHOLE, "year": WHOLE},
    },
    "shipToAddress": {
        **ADDRESS,
        "firstName": TEXT,
        "lastName": TEXT,
        "businessName": TEXT,
        "phone": {},
        "upsAccessPointId": TEXT,
    },
    "productIdType": TEXT,
    "products": Many({"productId": TEXT, "quantity": WHOLE, "price": NUMBER}),
    "shippingRate": {"carrier": TEXT, "rateCode": TEXT, "price": PRICE, "rateDescription": TEXT},
    "taxes": NUMBER,
    "fees": NUMBER,
    "tipAmount": NUMBER,
    "discount": {"productDiscount": {"value": NUMBER}, "shippingDiscount": {"value": NUMBER}},
    "specialInstructions": {"producerNote": TEXT, "giftNote": TEXT, "shipDate": TEXT},
    "metaFields": {},
    "disableCustomerNotifications": YES_NO,
    "paid": YES_NO,
}
REQUIRED_ON_POST = ("products",)
REQUIRED_ON_PUT = ("customer", "productIdType", "products", "shippingRate", "taxes")
REQUIRED_ON_CHECK = ("customer", "shipToAddress", "productIdType", "products")
REQUIRED_WITHIN = {
    "customer": ("email", "firstName", "lastName"),
    "shipToAddress": ("street1", "city", "postalCode", "stateCode"),
    "shippingRate": ("rateCode",),
}
CHOICES = {
    "productIdType": {"SKU", "VS_ID"},
    "shippingRate.carrier": {"UPS", "FEDEX", "GLS", "SELF"},
}


def order_errors(account: Account, body: Json, required: tuple[str, ...]) -> list[FieldError]:
    """Everything wrong with an order body, by field; empty when it can be looked at for compliance."""
    errors = [*_absent(body, required), *_types(body, SHAPE, "")]
    if errors:
        return errors
    return [*_values(body), *_birth_date(body), *_ship_date(body), *_products(account, body)]


def _absent(body: Json, required: tuple[str, ...]) -> Iterator[FieldError]:
    for name in required:
        if body.get(name) is None:
            yield FieldError(name, "REQUIRED", f"{name} is required")
    for name, inner in REQUIRED_WITHIN.items():
        holder = body.get(name)
        if isinstance(holder, dict):
            for key in inner:
                if not holder.get(key):
                    yield FieldError(f"{name}.{key}", "REQUIRED", f"{name}.{key} is required")
    if body.get("products") == []:
        yield FieldError("products", "REQUIRED", "at least one product is required")


def _types(value: object, shape: Any, path: str) -> Iterator[FieldError]:
    if value is None:
        return
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield FieldError(path, "INVALID_TYPE", f"{path} must be an object")
            return
        for name, inner in shape.items():
            yield from _types(value.get(name), inner, f"{path}.{name}".lstrip("."))
    elif isinstance(shape, Many):
        if not isinstance(value, list):
            yield FieldError(path, "INVALID_TYPE", f"{path} must be a list")
            return
        for place, member in enumerate(value):
            if member is None:
                yield FieldError(f"{path}[{place}]", "REQUIRED", f"{path}[{place}] is empty")
            yield from _types(member, shape.of, f"{path}[{place}]")
    elif not _fits(value, shape):
        yield FieldError(path, "INVALID_TYPE", f"{path} must be {shape}")


def _fits(value: object, kind: str) -> bool:
    if kind == TEXT:
        return isinstance(value, str)
    if kind == YES_NO:
        return isinstance(value, bool)
    if kind == WHOLE:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == PRICE and isinstance(value, str):
        return re.fullmatch(r"\d+(\.\d+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _values(body: Json) -> Iterator[FieldError]:
    rate, ship_to = body.get("shippingRate") or {}, body.get("shipToAddress") or {}
    for path, value in (
        ("productIdType", body.get("productIdType")),
        ("shippingRate.carrier", rate.get("carrier")),
    ):
        if value is not None and value not in CHOICES[path]:
            yield FieldError(
                path, "INVALID_VALUE", f"{path} must be one of {', '.join(sorted(CHOICES[path]))}"
            )
    if ship_to.get("country") not in (None, "US"):
        yield FieldError(
            "shipToAddress.country", "INVALID_VALUE", "only addresses in the US can be shipped to"
        )
    if ship_to and ship_to.get("stateCode") not in STATES:
        yield FieldError("shipToAddress.stateCode", "INVALID_VALUE", "stateCode is not a US state")
    for name, value in (body.get("metaFields") or {}).items():
        if not isinstance(value, str):
            yield FieldError(f"metaFields.{name}", "INVALID_TYPE", "metaFields values must be strings")


def _birth_date(body: Json) -> Iterator[FieldError]:
    born = (body.get("customer") or {}).get("dateOfBirth")
    if born is None:
        return
    try:
        date(born["year"], born["month"], born["day"])
    except (KeyError, OverflowError, TypeError, ValueError):
        yield FieldError(
            "customer.dateOfBirth", "INVALID_VALUE", "dateOfBirth needs a real day, month and year"
        )


def _ship_date(body: Json) -> Iterator[FieldError]:
    text = (body.get("specialInstructions") or {}).get("shipDate")
    if text is None:
        return
    try:
        date.fromisoformat(text)
    except ValueError:
        yield FieldError("specialInstructions.shipDate", "INVALID_VALUE", "shipDate must be YYYY-MM-DD")


def _products(account: Account, body: Json) -> Iterator[FieldError]:
    for place, line in enumerate(body["products"]):
        path = f"products[{place}]"
        if line.get("quantity") is None or line["quantity"] < 1:
            yield FieldError(f"{path}.quantity", "INVALID_VALUE", "quantity must be at least 1")
        product = account.product(body.get("productIdType") or "SKU", line.get("productId"))
        if product is None:
            yield FieldError(
                f"{path}.productId", "PRODUCT_NOT_FOUND", f"product {line.get('productId')} was not found"
            )
        elif not product.approved:
            yield FieldError(
                f"{path}.productId", "PRODUCT_NOT_APPROVED", f"product {product.sku} is not approved"
            )
