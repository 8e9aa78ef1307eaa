"""Fulfillment orders and fulfillments in GraphQL's shape. Dicts with callables: graphql-core calls them."""

from collections.abc import Callable
from typing import Any

from sandbox.shapes import Json
from sandbox.shopify.connection import connection
from sandbox.shopify.fulfillment import LOCATION, Event, Fulfillment, FulfillmentOrder, Hold
from sandbox.shopify.gid import gid
from sandbox.shopify.orders import ShopOrder

LineOf = Callable[[str], Json]

LOCATION_NODE: Json = {
    "__typename": "Location",
    "id": gid("Location", LOCATION),
    "legacyResourceId": LOCATION,
    "name": "Hollow Oak Cellar",
    "isActive": True,
    "isFulfillmentService": False,
    "fulfillsOnlineOrders": True,
    "shipsInventory": True,
    "fulfillmentService": None,
    "address": {
        "address1": "9000 Silverado Trail",
        "city": "Napa",
        "provinceCode": "CA",
        "zip": "94558",
        "countryCode": "US",
    },
}
SERVICE_LOCATION: Json = {
    **LOCATION_NODE,
    "id": gid("Location", "81000000002"),
    "legacyResourceId": "81000000002",
    "name": "Other fulfillment service",
    "isFulfillmentService": True,
    "fulfillmentService": {"handle": "other-3pl", "serviceName": "Other 3PL", "type": "THIRD_PARTY"},
}

TASTING_ROOM: Json = {
    **LOCATION_NODE,
    "id": gid("Location", "81000000003"),
    "legacyResourceId": "81000000003",
    "name": "Hollow Oak Tasting Room",
}
POP_UP: Json = {
    **LOCATION_NODE,
    "id": gid("Location", "81000000004"),
    "legacyResourceId": "81000000004",
    "name": "Hollow Oak Pop-up",
}
# By REST id.
LOCATIONS: dict[str, Json] = {
    node["legacyResourceId"]: node for node in (LOCATION_NODE, SERVICE_LOCATION, TASTING_ROOM, POP_UP)
}


def fulfillment_order_node(fo: FulfillmentOrder, order: ShopOrder, line_node: LineOf) -> Json:
    location = SERVICE_LOCATION if fo.service_location else LOCATIONS[fo.location]
    return {
        "__typename": "FulfillmentOrder",
        "id": gid("FulfillmentOrder", fo.id),
        "status": fo.status,
        "requestStatus": "UNSUBMITTED",
        "createdAt": fo.created_at,
        "updatedAt": fo.updated_at,
        "orderId": gid("Order", order.id),
        "orderName": order.name,
        "assignedLocation": {"name": location["name"], "location": location},
        "deliveryMethod": _delivery_method(fo, order),
        "destination": _destination(fo, order),
        "fulfillmentHolds": [hold_node(hold) for hold in fo.holds],
        "supportedActions": [{"action": action} for action in fo.actions],
        "lineItems": connection(
            [
                {
                    "id": gid("FulfillmentOrderLineItem", line.id),
                    "sku": line.sku,
                    "totalQuantity": line.total,
                    "remainingQuantity": line.remaining if fo.status != "CANCELLED" else 0,
                    "requiresShipping": line.requires_shipping,
                    "inventoryItemId": None,
                    "lineItem": lambda _info, key=line.line_item_id: line_node(key),
                }
                for line in fo.lines
            ]
        ),
    }


def hold_node(hold: Hold) -> Json:
    return {
        "id": gid("FulfillmentHold", hold.id),
        "handle": hold.handle or None,
        "reason": hold.reason,
        "reasonNotes": hold.notes,
        "displayReason": hold.reason.replace("_", " ").capitalize(),
        "heldByRequestingApp": True,
    }


def _delivery_method(fo: FulfillmentOrder, order: ShopOrder) -> Json:
    shipping = (order.rest.get("shipping_lines") or [{}])[0]
    return {
        "id": gid("DeliveryMethod", fo.id),
        "methodType": fo.method,
        "presentedName": shipping.get("title"),
        "serviceCode": shipping.get("code"),
        "additionalInformation": None,
    }


def _destination(fo: FulfillmentOrder, order: ShopOrder) -> Json | None:
    address = order.rest.get("shipping_address")
    if not isinstance(address, dict) or fo.method in ("PICK_UP", "RETAIL", "NONE"):
        return None
    return {
        "id": gid("FulfillmentOrderDestination", fo.id),
        "firstName": address.get("first_name"),
        "lastName": address.get("last_name"),
        "company": address.get("company"),
        "address1": address.get("address1"),
        "address2": address.get("address2"),
        "city": address.get("city"),
        "province": address.get("province"),
        "zip": address.get("zip"),
        "countryCode": address.get("country_code"),
        "email": order.rest.get("email"),
        "phone": address.get("phone"),
    }


def fulfillment_node(fulfillment: Fulfillment, line_node: LineOf, order_node: Callable[..., Json]) -> Json:
    tracking = fulfillment.tracking.rows()
    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", fulfillment.id),
        "legacyResourceId": fulfillment.id,
        "name": fulfillment.name,
        "status": fulfillment.status,
        "displayStatus": fulfillment.display_status,
        "createdAt": fulfillment.created_at,
        "updatedAt": fulfillment.updated_at,
        "inTransitAt": fulfillment.first_event("IN_TRANSIT"),
        "deliveredAt": fulfillment.first_event("DELIVERED"),
        "estimatedDeliveryAt": None,
        "totalQuantity": sum(line.quantity for line in fulfillment.lines),
        "location": LOCATIONS[fulfillment.location],
        "trackingInfo": lambda _info, first=None: tracking[:first],
        "order": order_node,
        "events": _events(fulfillment),
        "fulfillmentLineItems": connection(
            [
                {
                    "id": gid("FulfillmentLineItem", f"{fulfillment.id}{place:03d}"),
                    "quantity": shipped.quantity,
                    "lineItem": lambda _info, key=shipped.line_item_id: line_node(key),
                }
                for place, shipped in enumerate(fulfillment.lines, start=1)
            ]
        ),
    }


def _events(fulfillment: Fulfillment) -> Callable[..., Json]:
    def resolve(_info: object, sortKey: str = "HAPPENED_AT", **arguments: Any) -> Json:
        events = fulfillment.events
        if sortKey == "HAPPENED_AT":
            events = sorted(events, key=lambda event: event.happened_at)
        return connection([event_node(event) for event in events])(_info, **arguments)

    return resolve


def event_node(event: Event) -> Json:
    return {
        "__typename": "FulfillmentEvent",
        "id": gid("FulfillmentEvent", event.id),
        "status": event.status,
        "happenedAt": event.happened_at,
        "message": event.message,
        **{name: event.place.get(name) for name in ("city", "province", "zip", "country")},
    }
