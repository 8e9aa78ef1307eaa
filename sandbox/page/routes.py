"""``/``: orders on both sides, switches and the last calls, with buttons for the common moves."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from sandbox.control.shopify import order_row
from sandbox.faults import KINDS
from sandbox.shapes import Json
from sandbox.shopify import moves
from sandbox.shopify.samples import CORKSCREW, GIFT_CARD, PINOT, order_body
from sandbox.world import World

LAST_CALLS = 40
LAST_ORDERS = 60
# Buttons of an order at Vinoshipper, by where it stands.
MOVES = {
    "OPEN": ("LABELS_GENERATED", "SHIPPED", "CANCELLED"),
    "LABELS_GENERATED": ("SHIPPED", "DELIVERED", "CANCELLED"),
    "SHIPPED": ("DELIVERED", "RETURNED"),
    "DELIVERED": ("RETURNED",),
}
WORDS = {
    "LABELS_GENERATED": "Print label",
    "SHIPPED": "Ship",
    "DELIVERED": "Deliver",
    "CANCELLED": "Cancel",
    "RETURNED": "Return",
}


def blueprint(world: World) -> Blueprint:
    routes = Blueprint("page", __name__, template_folder="templates")

    @routes.get("/")
    def page() -> str:
        return render_template("sandbox.html", **_shown(world))

    @routes.post("/sample-order/<shop>")
    def sample(shop: str) -> Redirect:
        """A new order from the page's button."""
        number = 1001 + len(world.shops.ensure(shop).orders)
        lines = (PINOT, CORKSCREW, GIFT_CARD) if request.form.get("mixed") else (PINOT,)
        moves.place(world.shops.ensure(shop), jsonify(order_body(number, lines)).get_data(as_text=True))
        return redirect("/", 303)

    @routes.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    return routes


def _shown(world: World) -> Json:
    with world.vinoshipper.lock:
        sent = [order.summary() for order in world.vinoshipper.orders.values()][-LAST_ORDERS:]
    return {
        "base": world.vinoshipper.base_url.removesuffix("/vinoshipper"),
        "sent": sent[::-1],
        "moves": MOVES,
        "words": WORDS,
        "shops": [_shop(world, shop.name) for shop in world.shops.all()],
        "switches": asdict(world.vinoshipper.switches),
        "faults": world.faults.list(),
        "kinds": sorted(KINDS),
        "calls": world.log.last(LAST_CALLS)[::-1],
    }


def _shop(world: World, name: str) -> Json:
    shop = world.shops.ensure(name)
    with shop.lock:
        orders = [order_row(order) for order in shop.orders.values()][-LAST_ORDERS:]
    return {
        "name": name,
        "orders": orders[::-1],
        "switches": asdict(shop.switches),
        "webhook_url": shop.webhook_url,
        "held": len(shop.held),
    }
