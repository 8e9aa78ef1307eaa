"""Control over the Shopify stand-in."""

from base64 import b64decode
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from sandbox.control.body import given
from sandbox.shapes import ControlError, Json
from sandbox.shopify import moves, staff
from sandbox.shopify.inventory import quantities
from sandbox.shopify.orders import ShopOrder
from sandbox.shopify.shop import Shop
from sandbox.shopify.shops import Shops


def shopify_routes(routes: Blueprint, shops: Shops) -> None:
    _shop_routes(routes, shops)
    _order_routes(routes, shops)
    _webhook_routes(routes, shops)


def _shop_routes(routes: Blueprint, shops: Shops) -> None:
    @routes.put("/shopify/<name>")
    def configure_shop(name: str) -> Json:
        return shop_row(shops.configure(name, given()))

    @routes.patch("/shopify/<name>/switches")
    def switch_shop(name: str) -> Json:
        shop = _shop(shops, name)
        shop.switches = shop.switches.changed(given())
        return asdict(shop.switches)

    @routes.put("/shopify/<name>/stock/<sku>")
    def stock(name: str, sku: str) -> Json:
        """``available``, and if need be ``location`` and fields of a variant."""
        return asdict(_shop(shops, name).set_stock(sku, **given()))

    @routes.get("/shopify/<name>/stock")
    def stock_rows(name: str) -> Json:
        """SKU -> location -> its numbers."""
        shop = _shop(shops, name)
        rows: dict[str, Json] = {}
        with shop.lock:
            for item, location in shop.stock.on_hand:
                if variant := shop.stock.by_item(item):
                    rows.setdefault(variant.sku, {})[location] = quantities(shop, variant, location)
        return rows

    @routes.post("/shopify/<name>/tokens")
    def tokens(name: str) -> Json:
        """A new pair of access and refresh token, as an installation long ago would have left it."""
        return _shop(shops, name).desk.issue(float(given().get("seconds", 0)))

    @routes.post("/shopify/<name>/uninstall")
    def uninstall(name: str) -> Json:
        _shop(shops, name).uninstall()
        return {}

    @routes.get("/shopify")
    def all_shops() -> Response:
        return jsonify([shop_row(shop) for shop in shops.all()])


def _order_routes(routes: Blueprint, shops: Shops) -> None:
    @routes.get("/shopify/<name>/orders")
    def shop_orders(name: str) -> Response:
        """All of them, or the one whose `id` is asked for."""
        shop, only = _shop(shops, name), request.args.get("id")
        with shop.lock:
            found = [order for key, order in shop.orders.items() if only in (None, key)]
            return jsonify([order_row(order) for order in found])

    @routes.post("/shopify/<name>/orders")
    def place(name: str) -> Json:
        data = given()
        return order_row(moves.place(_shop(shops, name), data.pop("body"), **data))

    @routes.patch("/shopify/<name>/orders/<order_id>")
    def edit(name: str, order_id: str) -> Json:
        return order_row(moves.edit(_shop(shops, name), order_id, **given()))

    @routes.post("/shopify/<name>/orders/<order_id>/cancel")
    def cancel(name: str, order_id: str) -> Json:
        return order_row(moves.cancel(_shop(shops, name), order_id, **given()))

    @routes.delete("/shopify/<name>/orders/<order_id>")
    def delete(name: str, order_id: str) -> Json:
        shop = _shop(shops, name)
        with shop.lock:
            del shop.orders[shop.order(order_id).id]
        return {}

    @routes.post("/shopify/<name>/orders/<order_id>/paid")
    def paid(name: str, order_id: str) -> Json:
        return order_row(moves.mark_paid(_shop(shops, name), order_id, **given()))

    @routes.post("/shopify/<name>/orders/<order_id>/refund")
    def refund(name: str, order_id: str) -> Json:
        return order_row(moves.refund(_shop(shops, name), order_id, **given()))

    @routes.post("/shopify/<name>/orders/<order_id>/fulfill")
    def fulfill(name: str, order_id: str) -> Json:
        """The shop's staff ship pieces: lines, location, company, numbers."""
        return staff.fulfill(_shop(shops, name), order_id, **given())

    @routes.post("/shopify/<name>/fulfillments/<fulfillment_id>/cancel")
    def cancel_fulfillment(name: str, fulfillment_id: str) -> Json:
        return staff.cancel(_shop(shops, name), fulfillment_id)


def _webhook_routes(routes: Blueprint, shops: Shops) -> None:
    @routes.post("/shopify/<name>/orders/<order_id>/webhook")
    def tell(name: str, order_id: str) -> Json:
        """Sends a topic about an order, with its present body."""
        shop, data = _shop(shops, name), given()
        raw = shop.order(order_id).raw
        return {"webhook_ids": shop.announce(data["topic"], raw, copies=data.get("copies"))}

    @routes.post("/shopify/<name>/webhooks")
    def raw(name: str) -> Json:
        """Any bytes with a valid signature: ``body`` as text or ``body_base64``; ``headers`` replace ours."""
        shop, data = _shop(shops, name), given()
        text = data.get("body")
        body = b64decode(data["body_base64"]) if text is None else str(text).encode()
        uri = data.get("uri") or shop.webhook_url
        if not uri:
            raise ControlError(f"{name} has no webhook_url and no uri was given")
        delivery = shop.send_to(
            uri,
            data.get("topic", "orders/create"),
            body,
            webhook_id=data.get("webhook_id", ""),
            headers=data.get("headers"),
            copies=data.get("copies"),
        )
        return {"webhook_ids": [delivery.webhook_id]}

    @routes.post("/shopify/<name>/webhooks/<webhook_id>/redeliver")
    def redeliver(name: str, webhook_id: str) -> Json:
        _shop(shops, name).redeliver(webhook_id, int(given().get("copies", 1)))
        return {}

    @routes.post("/shopify/<name>/webhooks/release")
    def release(name: str) -> Json:
        return {"released": _shop(shops, name).release(bool(given().get("newest_first")))}


def _shop(shops: Shops, name: str) -> Shop:
    shop = shops.get(name)
    if shop is None:
        raise ControlError(f"no shop {name}", 404)
    return shop


def shop_row(shop: Shop) -> Json:
    """A shop as control shows it."""
    return {
        "name": shop.name,
        "token": shop.token,
        "secret": shop.secret,
        "client_id": shop.client_id,
        "domain": shop.domain,
        "webhook_url": shop.webhook_url,
        "switches": asdict(shop.switches),
        "subscriptions": [asdict(row) for row in shop.subscriptions.values()],
        "held": len(shop.held),
    }


def order_row(order: ShopOrder) -> Json:
    """The row of the oracle: an order with its work, fulfillments, events and tracking."""
    return {
        "id": order.id,
        "name": order.name,
        "financial_status": order.rest.get("financial_status"),
        "fulfillment_status": order.rest.get("fulfillment_status"),
        "cancelled_at": order.rest.get("cancelled_at"),
        "updated_at": order.rest.get("updated_at"),
        "tags": order.tags,
        "metafields": {f"{m.namespace}.{m.key}": m.value for m in order.metafields.values()},
        "fulfillment_orders": [
            {
                "id": fo.id,
                "status": fo.status,
                "method": fo.method,
                "location": fo.location,
                "holds": [asdict(hold) for hold in fo.holds],
                "lines": [asdict(line) for line in fo.lines],
            }
            for fo in order.fulfillment_orders
        ],
        "fulfillments": [
            {
                "id": f.id,
                "name": f.name,
                "status": f.status,
                "display_status": f.display_status,
                "notify_customer": f.notify_customer,
                "location": f.location,
                "company": f.tracking.company,
                "numbers": list(f.tracking.numbers),
                "urls": [row["url"] for row in f.tracking.rows()],
                "lines": f.pieces,
                "events": [{"status": e.status, "happened_at": e.happened_at} for e in f.events],
            }
            for f in order.fulfillments
        ],
        "rest": order.rest,
    }
