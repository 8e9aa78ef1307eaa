"""Amounts in GraphQL's shape: strings, with at least one decimal place."""

from decimal import Decimal

from sandbox.shapes import Json
from sandbox.shopify.orders import money


def amount(value: Decimal) -> str:
    """38.00 -> "38.0", 24.95 -> "24.95": the API drops the last zero."""
    text = f"{value:.2f}"
    return text[:-1] if text.endswith("0") else text


def bag(holder: Json, value: Decimal) -> Json:
    """A MoneyBag in the currency of ``holder``; both currencies the same."""
    pair = {"amount": amount(value), "currencyCode": holder.get("currency") or "USD"}
    return {"shopMoney": pair, "presentmentMoney": pair}


def of_set(holder: Json, name: str, fallback: str = "") -> Json:
    """The MoneyBag of ``<name>_set``; where the body has none, of ``name``, else of ``fallback``."""
    given = holder.get(f"{name}_set")
    plain = holder.get(name)
    if plain is not None or not isinstance(given, dict):
        if plain is None and fallback:
            return of_set(holder, fallback)
        if not isinstance(given, dict) or money(plain) != money(given["shop_money"]["amount"]):
            return bag(holder, money(plain))
    return {"shopMoney": _pair(given["shop_money"]), "presentmentMoney": _pair(given["presentment_money"])}


def _pair(given: Json) -> Json:
    return {"amount": amount(money(given["amount"])), "currencyCode": given["currency_code"]}


def tax_line(row: Json) -> Json:
    return {"title": row.get("title") or "Tax", "rate": row.get("rate"), "priceSet": of_set(row, "price")}
