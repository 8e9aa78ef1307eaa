"""Orders in the shape of Vinoshipper's answers.

Fields as on https://developer.vinoshipper.com/reference/createorder ; Vinoshipper's own taxes and charges are
computed with one plain rate, for nothing but their relation to each other is meant.
"""

from typing import Any

from sandbox.shapes import Json
from sandbox.vinoshipper.accounts import Account
from sandbox.vinoshipper.orders import Order
from sandbox.vinoshipper.rules import Line, is_po_box, lines_of

UNTAXED = {"AK", "DC", "MA", "DE", "MT", "NH", "OR"}
RATE = 0.08
CELLAR: Json = {"street1": "9000 Silverado Trail", "city": "Napa", "postalCode": "94558", "stateCode": "CA"}
BOX = {"weight": {"lbs": 9.5}, "dimensions": {"widthInches": 8, "heightInches": 14, "depthInches": 12}}


def order_answer(order: Order, account: Account) -> Json:
    """The whole order as create, update and read answer it."""
    return {
        "orderNumber": order.number,
        "cartType": "RETAIL",
        "sourceUrl": order.request.get("sourceUrl"),
        "status": order.status,
        "orderStatus": order.order_status,
        "customer": _customer(order.request.get("customer") or {}),
        "shipToAddress": _ship_to(order.request.get("shipToAddress")),
        **_goods(order, account),
        **_money(order, account),
        **_verdict(order, account),
        "purchasedAt": order.purchased_at,
        "canceledAt": order.canceled_at,
        "shippedAt": order.shipped_at,
        "deliveredAt": order.delivered_at,
        "cancelReason": order.cancel_reason,
        "paymentMethod": "CASH" if order.request.get("paid") else None,
        "paymentMethodDisplayName": "Cash" if order.request.get("paid") else None,
        "store": {"id": account.producer_id, "name": account.name},
        "saleLocation": {"name": account.name, "address": _ship_to(CELLAR)},
        "metaFields": order.request.get("metaFields") or {},
    }


def search_row(order: Order, account: Account) -> Json:
    """The slimmer row of a search: ``saleAmount`` instead of ``total``."""
    return {
        "orderNumber": order.number,
        "orderStatus": order.order_status,
        "saleAmount": _money(order, account)["total"],
        "purchasedAt": order.purchased_at,
        "shippedAt": order.shipped_at,
    }


def _customer(given: Json) -> Json:
    return {
        "id": None,
        "email": given.get("email"),
        "firstName": given.get("firstName"),
        "lastName": given.get("lastName"),
        "fullName": _full_name(given),
        "company": None,
        "wholesale": False,
        "address": given.get("address"),
        "dateOfBirth": given.get("dateOfBirth"),
    }


def _ship_to(given: Json | None) -> Json | None:
    if given is None:
        return None
    phone = given.get("phone") or {}
    po_box, point = is_po_box(given), given.get("upsAccessPointId")
    names = ("firstName", "lastName", "businessName", "street1", "street2", "city", "postalCode", "stateCode")
    return {
        "id": None,
        "salutation": _full_name(given),
        **{name: given.get(name) for name in names},
        "fullName": _full_name(given),
        "country": given.get("country") or "US",
        "phoneNumber": phone.get("number"),
        "phone": {"number": phone.get("number"), "country": phone.get("country", 1), "extension": None},
        "accessPoint": access_point(given, point) if point else None,
        "description": None,
        "suspectedPOBox": po_box,
        "poBox": po_box,
        "linkedAddress": None,
    }


def access_point(near: Json, location_id: str) -> Json:
    """A made-up UPS Access Point of that id at the address."""
    place = {name: near.get(name) for name in ("city", "stateCode", "postalCode")}
    return {
        "id": "1",
        "locationId": location_id,
        "businessName": "Corner Store",
        "street1": "1 Main St",
        **place,
    }


def _full_name(given: Json) -> str:
    return f"{given.get('firstName') or ''} {given.get('lastName') or ''}".strip()


def _goods(order: Order, account: Account) -> Json:
    rate = order.request.get("shippingRate") or {}
    price = float(rate["price"]) if rate.get("price") is not None else None
    tax_rate = _tax_rate(order.request)
    return {
        "products": [_product(row, account, order.request, tax_rate) for row in order.request["products"]],
        "packs": [],
        "shipping": {
            "carrier": rate.get("carrier"),
            "rateCode": rate.get("rateCode"),
            "price": price,
            "rateDescription": rate.get("rateDescription"),
            "taxes": _line_tax(price or 0.0, tax_rate),
            "packages": [{"trackingNumber": number, "box": BOX} for number in order.packages],
        },
        "specialInstructions": {
            "producerNote": None,
            "giftNote": None,
            "shipDate": None,
            "wineryNote": None,
            **(order.request.get("specialInstructions") or {}),
        },
    }


def _product(row: Json, account: Account, body: Json, tax_rate: float) -> Json:
    product = account.product(body.get("productIdType") or "SKU", row["productId"])
    assert product is not None, "validated before"  # noqa: S101
    price = row["price"] if row.get("price") is not None else product.price
    return {
        "packProductId": None,
        "productId": product.id,
        "productName": product.name,
        "productVintage": product.vintage,
        "productTaxonomy": None,
        "sku": product.sku,
        "upc": None,
        "category": product.category,
        "quantity": row["quantity"],
        "price": price,
        "discount": 0,
        "alcoholPercentage": product.abv,
        "taxes": _line_tax(price * row["quantity"], tax_rate),
        "cogs": None,
        "grossCogs": None,
    }


def _money(order: Order, account: Account) -> Json:
    body, lines = order.request, lines_of(account, order.request)
    goods, shipping = goods_value(body, account), float((body.get("shippingRate") or {}).get("price") or 0)
    computed, fees = taxes(body, goods + shipping), extra_fees(body, lines)
    fee_total = round(sum(fee["amount"] for fee in fees), 2)
    submitted, submitted_fees = body.get("taxes") or 0, body.get("fees") or 0
    discount = _discount_value(body, goods)
    total = round(goods - discount + shipping + submitted + submitted_fees + (body.get("tipAmount") or 0), 2)
    return {
        "productDiscount": discount,
        "shippingDiscount": 0,
        "packaging": 0,
        "tipAmount": body.get("tipAmount") or 0,
        "extraFee": 0,
        "extraFeeDetails": fees,
        "extraFees": fees,
        "extraFeesTotal": 0,  # always 0 on orders: clients sum extraFees
        "extraFeesAdjusted": round(submitted_fees - fee_total, 2),
        "taxes": computed,
        "taxesTotal": submitted,  # an echo, not the computed tax
        "taxesAdjusted": round(submitted - computed["stateTaxes"], 2),
        "total": total,
        "platformCharges": _charges(total, computed["stateTaxes"], fee_total, shipping),
    }


def goods_value(body: Json, account: Account) -> float:
    """The products at the prices charged, else at their list price."""
    total = 0.0
    for row, (product, quantity) in zip(body["products"], lines_of(account, body), strict=True):
        price = row.get("price")
        total += (product.price if price is None else price) * quantity
    return round(total, 2)


def _discount_value(body: Json, goods: float) -> float:
    given = (body.get("discount") or {}).get("productDiscount") or {}
    value = given.get("value") or 0
    return round(goods * value / 100 if given.get("type") == "PERCENT" else value, 2)


def _charges(total: float, tax: float, fees: float, shipping: float) -> Json:
    charges = {
        "creditCardFee": 0,
        "pickPackFee": 0,
        "vinoshipperFee": -round(total * 0.01, 2),
        "shipping": -shipping,
        "taxExcise": 0,
        "taxSales": -tax,
        "stateFees": -fees,
    }
    return {"fundsReceived": 0, **charges, "amountDue": round(sum(charges.values()), 2)}


def _verdict(order: Order, account: Account) -> Json:
    email = str((order.request.get("customer") or {}).get("email", "")).lower()
    failed = order.status.startswith("AGE_VERIFICATION")
    return {
        "orderProblems": order.problems,
        "isCompliant": not order.problems and not failed,
        "ageVerification": {
            "verified": order.is_accepted or email in account.verified,
            "idScanUrl": f"https://vinoshipper.com/id-scan/{order.number}" if failed else None,
        },
    }


def _state(body: Json) -> str | None:
    return (body.get("shipToAddress") or {}).get("stateCode")


def _tax_rate(body: Json) -> float:
    return 0.0 if _state(body) in UNTAXED else RATE


def _line_tax(value: float, rate: float) -> Json:
    return {"taxRate": rate, "taxableValue": round(value, 2), "taxes": round(value * rate, 2)}


def taxes(body: Json, value: float) -> Json:
    """Vinoshipper's own tax: one state rate, no county or city share."""
    rate = _tax_rate(body)
    nothing: dict[str, Any] = {}
    for place in ("county", "city"):
        nothing |= {place: None, f"{place}TaxRate": 0, f"{place}Taxes": 0, f"{place}ReportingCode": None}
    return {
        "state": _state(body),
        "stateTaxRate": rate,
        "stateTaxes": round(value * rate, 2),
        **nothing,
        "otherTaxRate": 0,
        "otherTaxes": 0,
        "customStateTaxes": 0,
    }


def extra_fees(body: Json, lines: list[Line]) -> list[Json]:
    """State fees: Colorado's retail delivery fee and California's container deposit."""
    state = _state(body)
    if state == "CO":
        return [{"label": "Retail Delivery Fee", "amount": 0.28, "description": "Colorado"}]
    containers = sum(quantity for product, quantity in lines if product.alcohol)
    if state == "CA" and containers:
        return [
            {"label": "Container Deposit", "amount": round(0.1 * containers, 2), "description": "California"}
        ]
    return []
