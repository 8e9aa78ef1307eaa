"""Calls made before an order exists: compliance, rates, taxes."""

from flask import Blueprint, Response, jsonify

from sandbox.shapes import Json
from sandbox.vinoshipper import rules, validation
from sandbox.vinoshipper.accounts import Account
from sandbox.vinoshipper.answers import access_point, extra_fees, goods_value, taxes
from sandbox.vinoshipper.catalog import rates
from sandbox.vinoshipper.guard import Guard, body_object
from sandbox.vinoshipper.refusals import Refusal
from sandbox.vinoshipper.service import Vinoshipper


def quote_routes(routes: Blueprint, vinoshipper: Vinoshipper, guarded: Guard) -> None:
    @routes.post("/p/orders/check-compliance")
    @guarded
    def check(account: Account) -> Json:
        body = body_object()
        _valid(account, body, validation.REQUIRED_ON_CHECK)
        with vinoshipper.lock:
            found = rules.problems(account, body, 0)
        return {"isCompliant": not found, "problems": found}

    @routes.post("/p/orders/estimate-shipping")
    @guarded
    def estimate_shipping(account: Account) -> Json:
        body = body_object()
        _valid_quote(account, body, ("shipToAddress", "productIdType", "products"))
        return {"rates": rates(sum(row["quantity"] for row in body["products"]))}

    @routes.post("/p/orders/estimate-taxes")
    @guarded
    def estimate_taxes(account: Account) -> Json:
        body = body_object()
        _valid_quote(account, body, ("shipToAddress", "productIdType"))
        return _tax_estimate(account, {**body, "products": body.get("products") or []})

    @routes.get("/p/shipment/rate-codes")
    @guarded
    def rate_codes(account: Account) -> Response:
        return jsonify(rates())

    @routes.get("/p/shippers/active")
    @guarded
    def shippers(account: Account) -> Response:
        return jsonify([{"carrier": "UPS", "active": True}, {"carrier": "FEDEX", "active": True}])

    @routes.post("/p/addresses/access-points")
    @guarded
    def access_points(account: Account) -> Json:
        return {"locations": [access_point(body_object(), "U00000001")]}


def _valid(account: Account, body: Json, required: tuple[str, ...]) -> None:
    if errors := validation.order_errors(account, body, required):
        raise Refusal(400, "VALIDATION", [error.row() for error in errors])


def _valid_quote(account: Account, body: Json, required: tuple[str, ...]) -> None:
    """Quotes need of the address only its postal code, and not always products."""
    body = {**body, "products": [] if body.get("products") is None else body["products"]}
    address = body.get("shipToAddress")
    if isinstance(address, dict) and address.get("postalCode"):
        filled = {"street1": "-", "city": "-", "stateCode": "CA", **address}
        body = {**body, "shipToAddress": filled}
    errors = validation.order_errors(account, body, required)
    wrong = [e for e in errors if "products" in required or (e.field, e.code) != ("products", "REQUIRED")]
    if wrong:
        raise Refusal(400, "VALIDATION", [error.row() for error in wrong])


def _tax_estimate(account: Account, body: Json) -> Json:
    lines = rules.lines_of(account, body)
    value = goods_value(body, account) + float((body.get("shippingRate") or {}).get("price") or 0)
    computed, fees = taxes(body, value), extra_fees(body, lines)
    fee_total = round(sum(fee["amount"] for fee in fees), 2)
    return {
        "taxesTotal": round(computed["stateTaxes"] + fee_total, 2),
        "taxesTotalWithoutFees": computed["stateTaxes"],
        "extraFeesTotal": fee_total,
        "extraFees": fees,
        "taxes": computed,
        "products": body["products"],
        "shipping": body.get("shippingRate") or {},
    }
