"""A fulfillment as webhook bodies carry it (REST-shaped)."""

from sandbox.shapes import Json
from sandbox.shopify.fulfillment import Fulfillment
from sandbox.shopify.gid import gid
from sandbox.shopify.orders import ShopOrder


def rest_fulfillment(order: ShopOrder, fulfillment: Fulfillment) -> Json:
    rows = fulfillment.tracking.rows()
    numbers = [row["number"] for row in rows if row["number"]]
    urls = [row["url"] for row in rows if row["url"]]
    latest = max(fulfillment.events, key=lambda event: event.happened_at, default=None)
    return {
        "id": int(fulfillment.id),
        "admin_graphql_api_id": gid("Fulfillment", fulfillment.id),
        "created_at": fulfillment.created_at,
        "location_id": int(fulfillment.location),
        "name": fulfillment.name,
        "order_id": order.rest["id"],
        "origin_address": None,
        "receipt": {},
        "service": "manual",
        "shipment_status": latest.status.lower() if latest else None,
        "status": "success" if fulfillment.is_live else "cancelled",
        "tracking_company": fulfillment.tracking.company,
        "tracking_number": numbers[0] if numbers else None,
        "tracking_numbers": numbers,
        "tracking_url": urls[0] if urls else None,
        "tracking_urls": urls,
        "updated_at": fulfillment.updated_at,
        "line_items": [
            {**order.line(line.line_item_id), "quantity": line.quantity} for line in fulfillment.lines
        ],
        "destination": order.rest.get("shipping_address"),
        "email": order.rest.get("email"),
    }
