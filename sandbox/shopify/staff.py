"""What the shop's own staff do in its admin: fulfil from a location, and cancel a fulfillment."""

from sandbox.shapes import ControlError, Json
from sandbox.shopify.fulfillment import LOCATION
from sandbox.shopify.gid import gid, number_of
from sandbox.shopify.graph_fulfillment import LOCATIONS
from sandbox.shopify.mutations_fulfillment import FulfillmentMutations, Refused
from sandbox.shopify.orders import ShopOrder, split
from sandbox.shopify.shop import Shop


def fulfill(
    shop: Shop,
    order_id: str,
    lines: dict[str, int],
    *,
    location: str = LOCATION,
    company: str | None = None,
    numbers: list[str] | None = None,
) -> Json:
    """Pieces by the line's id or SKU, shipped from any location; the new fulfillment's id."""
    if location not in LOCATIONS:
        raise ControlError(f"no location {location}")
    with shop.lock:
        order = shop.order(order_id)
        wanted = {_line_id(order, name): count for name, count in lines.items()}
        groups = _assign(shop, order, wanted, location)
        given: Json = {"lineItemsByFulfillmentOrder": groups, "notifyCustomer": True}
        if numbers:
            given["trackingInfo"] = {"company": company, "numbers": numbers}
        try:
            made = FulfillmentMutations(shop).create(given)
        except Refused as refusal:
            raise ControlError(str(refusal)) from None
        return {"id": number_of(made["fulfillment"]["id"])}


def cancel(shop: Shop, fulfillment_id: str) -> Json:
    with shop.lock:
        try:
            FulfillmentMutations(shop).cancel(gid("Fulfillment", fulfillment_id))
        except Refused as refusal:
            raise ControlError(str(refusal)) from None
    return {}


def _line_id(order: ShopOrder, name: str) -> str:
    found = next((row for row in order.lines if name in (str(row["id"]), row.get("sku"))), None)
    if found is None:
        raise ControlError(f"order {order.id} has no line {name}", 404)
    return str(found["id"])


def _assign(shop: Shop, order: ShopOrder, wanted: dict[str, int], location: str) -> list[Json]:
    """The wanted pieces as FulfillmentInput groups, moved to the location first where they are not."""
    groups: list[Json] = []
    for fo in list(order.fulfillment_orders):
        taken = {
            line.id: min(wanted.get(line.line_item_id, 0), line.remaining)
            for line in fo.lines
            if "CREATE_FULFILLMENT" in fo.actions
        }
        for line in fo.lines:
            wanted[line.line_item_id] = wanted.get(line.line_item_id, 0) - taken.get(line.id, 0)
        taken = {key: count for key, count in taken.items() if count}
        if not taken:
            continue
        source = fo
        if fo.location != location:
            moved = split(order, shop.counters, fo, location, taken)
            source, taken = moved or fo, {line.id: line.remaining for line in (moved or fo).lines}
        rows = [{"id": gid("FulfillmentOrderLineItem", key), "quantity": n} for key, n in taken.items()]
        groups.append(
            {"fulfillmentOrderId": gid("FulfillmentOrder", source.id), "fulfillmentOrderLineItems": rows}
        )
    if any(count > 0 for count in wanted.values()):
        raise ControlError(f"order {order.id} has not so many pieces left to fulfil")
    return groups
