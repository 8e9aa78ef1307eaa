"""What happens in the shop without us: orders placed, edited, paid, refunded, canceled."""

import json
import time

from sandbox.clock import now_iso
from sandbox.shapes import ControlError, Json
from sandbox.shopify.fulfillment import LOCATION
from sandbox.shopify.gid import gid, inventory_item_of
from sandbox.shopify.orders import ShopOrder, current_quantity, make_fulfillment_orders, money, total
from sandbox.shopify.shop import Shop
from sandbox.shopify.stock import Variant

METHODS = ("SHIPPING", "PICK_UP", "LOCAL", "PICKUP_POINT", "RETAIL", "NONE")


def place(
    shop: Shop,
    body: str,
    *,
    delivery_method: str = "SHIPPING",
    delivery_by_sku: Json | None = None,
    birth_date_metafield: str | None = None,
    at_service: bool = False,
    deliver: list[str] | None = None,
) -> ShopOrder:
    """A customer buys. ``body`` is kept byte for byte and sent as each topic of ``deliver``, in order."""
    rest = _order_object(body)
    if delivery_method not in METHODS:
        raise ControlError(f"delivery_method must be one of {', '.join(METHODS)}")
    with shop.lock:
        order = ShopOrder(rest, body.encode("utf-8", errors="surrogatepass"))
        order.birth_date_metafield = birth_date_metafield
        order.routed_at = time.monotonic() + shop.switches.routing_delay
        order.fulfillment_orders = make_fulfillment_orders(
            order, shop.counters, delivery_method, delivery_by_sku or {}, at_service
        )
        shop.orders[order.id] = order
        for row in order.lines:
            _know_variant(shop, row)
        for topic in ["orders/create"] if deliver is None else deliver:
            shop.announce(topic, order.raw)
    return order


def _order_object(body: str) -> Json:
    try:
        rest = json.loads(body)
    except ValueError as error:
        raise ControlError(f"body is not JSON: {error}") from None
    if not isinstance(rest, dict) or "id" not in rest:
        raise ControlError("body must be an order object with an id; use the raw webhook for anything else")
    return rest


IN_STOCK = 100  # of what was never counted


def _know_variant(shop: Shop, row: Json) -> None:
    """Whatever is sold exists in the catalogue."""
    key = str(row.get("variant_id") or "")
    if key and key not in shop.stock.variants and not shop.stock.by_sku(str(row.get("sku") or "")):
        shop.stock.variants[key] = Variant(
            id=key,
            product_id=str(row.get("product_id") or key),
            inventory_item_id=inventory_item_of(key),
            sku=str(row.get("sku") or ""),
            title=str(row.get("title") or ""),
            price=str(row.get("price") or "0.00"),
        )
        shop.stock.on_hand[inventory_item_of(key), LOCATION] = IN_STOCK


def edit(
    shop: Shop, order_id: str, patch: Json, lines: list[Json] | None = None, deliver: list[str] | None = None
) -> ShopOrder:
    """Merges ``patch`` into the order and ``lines`` into its lines by id; null is a value like others."""
    with shop.lock:
        order = shop.order(order_id)
        _merge(order.rest, patch)
        for change in lines or []:
            line = order.line(str(change["id"]))
            _merge(line, change)
            order.follow(line)
        order.touch()
        _announce(shop, order, ["orders/updated"] if deliver is None else deliver)
    return order


def _merge(target: Json, patch: Json) -> None:
    for name, value in patch.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = value


def cancel(
    shop: Shop, order_id: str, reason: str = "customer", deliver: list[str] | None = None
) -> ShopOrder:
    """The order is canceled and refunded whole."""
    with shop.lock:
        order = shop.order(order_id)
        zero = {"current_subtotal_price": "0.00", "current_total_price": "0.00", "current_total_tax": "0.00"}
        order.rest |= {"cancelled_at": now_iso(), "cancel_reason": reason, "closed_at": now_iso(), **zero}
        order.rest["financial_status"] = (
            "refunded" if order.rest.get("financial_status") == "paid" else "voided"
        )
        for row in order.lines:
            row["current_quantity"] = 0
        for fulfillment_order in order.fulfillment_orders:
            if fulfillment_order.status != "CLOSED":
                fulfillment_order.status = "CANCELLED"
                fulfillment_order.updated_at = now_iso()
        order.touch()
        _announce(shop, order, ["orders/cancelled", "orders/updated"] if deliver is None else deliver)
    return order


def mark_paid(shop: Shop, order_id: str, deliver: list[str] | None = None) -> ShopOrder:
    with shop.lock:
        order = shop.order(order_id)
        order.rest |= {"financial_status": "paid", "total_outstanding": "0.00"}
        order.touch()
        _announce(shop, order, ["orders/paid", "orders/updated"] if deliver is None else deliver)
    return order


def refund(
    shop: Shop, order_id: str, line_item_id: str, quantity: int, deliver: list[str] | None = None
) -> ShopOrder:
    """Takes pieces of one line out of the order and gives their price and tax back."""
    with shop.lock:
        order = shop.order(order_id)
        row = next((r for r in order.lines if line_item_id in (str(r["id"]), r.get("sku"))), None)
        if row is None or not 0 < quantity <= current_quantity(row):
            raise ControlError(f"order {order_id} has no {quantity} pieces of line {line_item_id} to refund")
        record = _refund_record(shop, order, row, quantity)
        row["current_quantity"] = current_quantity(row) - quantity
        order.rest.setdefault("refunds", []).append(record)
        left = any(current_quantity(r) for r in order.lines)
        order.rest["financial_status"] = "partially_refunded" if left else "refunded"
        _lower_totals(order.rest, record["refund_line_items"][0])
        order.follow(row)
        order.touch()
        topics = ["refunds/create", "orders/updated"] if deliver is None else deliver
        for topic in topics:
            shop.announce(topic, json.dumps(record).encode() if topic == "refunds/create" else order.raw)
    return order


def _refund_record(shop: Shop, order: ShopOrder, row: Json, quantity: int) -> Json:
    ordered = int(row["quantity"])
    discount = total(row.get("discount_allocations"), "amount")
    tax = total(row.get("tax_lines"), "price")
    subtotal = round((money(row["price"]) * ordered - discount) * quantity / ordered, 2)
    tax_share = round(tax * quantity / ordered, 2)
    number = int(shop.counters.next("Refund"))
    transaction = int(shop.counters.next("OrderTransaction"))
    return {
        "id": number,
        "admin_graphql_api_id": gid("Refund", number),
        "order_id": order.rest["id"],
        "created_at": now_iso(),
        "note": None,
        "restock": True,
        "refund_line_items": [
            {
                "line_item_id": row["id"],
                "quantity": quantity,
                "restock_type": "cancel",
                "subtotal": float(subtotal),
                "total_tax": float(tax_share),
            }
        ],
        "transactions": [
            {"id": transaction, "kind": "refund", "status": "success", "amount": str(subtotal + tax_share)}
        ],
    }


def _lower_totals(rest: Json, returned: Json) -> None:
    subtotal, tax = money(returned["subtotal"]), money(returned["total_tax"])
    for name, amount in (("subtotal_price", subtotal), ("total_tax", tax), ("total_price", subtotal + tax)):
        rest[f"current_{name}"] = str(money(rest.get(f"current_{name}", rest.get(name))) - amount)


def _announce(shop: Shop, order: ShopOrder, topics: list[str]) -> None:
    for topic in topics:
        shop.announce(topic, order.raw)
