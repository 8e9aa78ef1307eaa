"""The addresses of Vinoshipper's v3 API."""

from dataclasses import asdict
from uuid import uuid4

from flask import Blueprint, Response, jsonify, request

from sandbox.shapes import Json
from sandbox.vinoshipper.accounts import Account, Product
from sandbox.vinoshipper.answers import search_row
from sandbox.vinoshipper.catalog import feed_product, private_product, state_refs
from sandbox.vinoshipper.guard import Guard, body_object, guard_of
from sandbox.vinoshipper.orders import Order
from sandbox.vinoshipper.quotes import quote_routes
from sandbox.vinoshipper.refusals import Refusal, refusal
from sandbox.vinoshipper.service import Vinoshipper

PAGE = 25
STATUSES = [
    "OPEN", "LABELS_GENERATED", "SHIPPED", "RETURNED", "DELIVERED", "PICKED_UP", "CANCELLED", "UNPAID",
    "PROBLEM", "NEW_MEMBER",
]  # fmt: skip


def blueprint(vinoshipper: Vinoshipper) -> Blueprint:
    """All operations under ``/vinoshipper``."""
    routes = Blueprint("vinoshipper", __name__, url_prefix="/vinoshipper/api/v3")

    guarded = guard_of(vinoshipper)

    @routes.errorhandler(Refusal)
    def envelope(error: Refusal) -> tuple[Response, int]:
        return jsonify(error.body(vinoshipper.switches.envelope)), error.status

    @routes.after_request
    def trace(response: Response) -> Response:
        response.headers["vs-trace-id"] = uuid4().hex
        return response

    _order_routes(routes, vinoshipper, guarded)
    quote_routes(routes, vinoshipper, guarded)
    _profile_routes(routes, vinoshipper, guarded)
    _product_routes(routes, vinoshipper, guarded)
    return routes


def _order_routes(routes: Blueprint, vinoshipper: Vinoshipper, guarded: Guard) -> None:
    @routes.post("/p/orders")
    @guarded
    def create(account: Account) -> Json:
        return vinoshipper.post(account, body_object())

    @routes.get("/p/orders/<number>")
    @guarded
    def read(account: Account, number: str) -> Json:
        return vinoshipper.get(account, number)

    @routes.put("/p/orders/<number>")
    @guarded
    def update(account: Account, number: str) -> Json:
        return vinoshipper.put(account, number, body_object())

    @routes.post("/p/orders/<number>/cancel")
    @guarded
    def cancel(account: Account, number: str) -> Json:
        return vinoshipper.cancel(account, number, body_object() if request.get_data() else {})

    @routes.post("/p/orders/<number>/shipped")
    @guarded
    def shipped(account: Account, number: str) -> Json:
        vinoshipper.shipped(account, number)
        return {}

    @routes.post("/p/orders/search")
    @guarded
    def search(account: Account) -> Response:
        found, wrapper = _found(vinoshipper, account, body_object()), vinoshipper.switches.search_wrapper
        return jsonify(found if wrapper == "list" else {wrapper: found})

    @routes.get("/p/orders/search/ui-options")
    @guarded
    def ui_options(account: Account) -> Json:
        return {"orderStatuses": STATUSES, "sortFields": ["ORDER_DATE", "ORDER_NUMBER"]}


def _found(vinoshipper: Vinoshipper, account: Account, body: Json) -> list[Json]:
    """At most 25 accepted orders, newest first unless asked otherwise; date filters are ignored."""
    ascending = (body.get("sort") or {}).get("direction") == "ASC"
    with vinoshipper.lock:
        own = [o for o in vinoshipper.orders.values() if o.account == account.name and o.is_accepted]
        ordered: list[Order] = own if ascending else own[::-1]
        start = max(0, int(body.get("offset") or 0))
        limit = min(PAGE, int(body.get("limit") or PAGE))
        return [search_row(order, account) for order in ordered[start : start + limit]]


def _profile_routes(routes: Blueprint, vinoshipper: Vinoshipper, guarded: Guard) -> None:
    @routes.get("/p/profile")
    @guarded
    def profile(account: Account) -> Json:
        classes = [{"shippingClassCode": "UPS", "shippingClassName": "UPS"}]
        return {**_producer(account), "enabledShippingClasses": classes}

    @routes.get("/p/profile/webhooks")
    @guarded
    def webhooks(account: Account) -> Response:
        _webhooks_enabled(account)
        return jsonify([_registration(row) for row in [*account.webhooks.values()]])

    @routes.post("/p/profile/webhooks")
    @guarded
    def register(account: Account) -> Json:
        _webhooks_enabled(account)
        body = body_object()
        if body.get("subject") not in ("ORDER", "CUSTOMER", "CLUB_MEMBERSHIP"):
            raise refusal(400, "VALIDATION", "INVALID_VALUE", "subject is not known", "subject")
        if not str(body.get("url", "")).startswith(("http://", "https://")):
            raise refusal(400, "VALIDATION", "INVALID_VALUE", "url must be an address", "url")
        record = vinoshipper.register(account, body["subject"], body["url"], body.get("description"))
        return _registration(record)

    @routes.delete("/p/profile/webhooks/<webhook_id>")
    @guarded
    def unregister(account: Account, webhook_id: str) -> tuple[str, int]:
        if not vinoshipper.unregister(account, webhook_id):
            raise refusal(404, "VALIDATION", "NOT_FOUND", f"Webhook {webhook_id} was not found.")
        return "", 204

    @routes.post("/p/customers/exists")
    @guarded
    def exists(account: Account) -> Response:
        return jsonify(_customers(vinoshipper, account, str(body_object().get("email", ""))))


def _webhooks_enabled(account: Account) -> None:
    if not account.webhooks_enabled:
        raise refusal(403, "ACCESS_DENIED", "WEBHOOKS_DISABLED", "Webhooks are not enabled.")


def _registration(record: object) -> Json:
    row = asdict(record)  # type: ignore[call-overload]
    row["createdAt"] = row.pop("created_at")
    return dict(row)


def _producer(account: Account) -> Json:
    return {
        "id": account.producer_id,
        "name": account.name,
        "img": None,
        "website": None,
        "allowsPickup": True,
        "allowsLocalDelivery": True,
        "minimumOrderQuantity": 1,
    }


def _customers(vinoshipper: Vinoshipper, account: Account, email: str) -> list[Json]:
    with vinoshipper.lock:
        orders = [o for o in vinoshipper.orders.values() if o.account == account.name and o.is_accepted]
    matches = [c for o in orders if (c := o.request.get("customer") or {}).get("email") == email]
    return [_customer(row) for row in matches[-1:]]


def _customer(given: Json) -> Json:
    return {
        "id": abs(hash(given["email"])) % 10**6,
        "email": given["email"],
        "firstName": given["firstName"],
        "lastName": given["lastName"],
        "primaryPhone": None,
        "dateOfBirth": given.get("dateOfBirth"),
        "shippingAddress": None,
        "optedIntoMarketingEmails": False,
        "clubMember": False,
        "clubsOnHold": False,
        "memberships": [],
    }


def _product_routes(routes: Blueprint, vinoshipper: Vinoshipper, guarded: Guard) -> None:
    @routes.get("/p/products/<product_id>")
    @guarded
    def product(account: Account, product_id: str) -> Json:
        return private_product(_product(account, product_id))

    @routes.get("/feeds/vs/<producer_id>/products")
    def feed(producer_id: str) -> Json:
        account = _by_producer(vinoshipper, producer_id)
        sold_out_too = request.args.get("soldOut") == "true"
        products = [
            p for p in [*account.products.values()] if p.approved and (sold_out_too or p.inventory > 0)
        ]
        return {
            "producer": _producer(account),
            "products": [feed_product(p) for p in products],
            "states": state_refs(account.states),
        }

    @routes.get("/feeds/vs/<producer_id>/products/<product_id>")
    def feed_one(producer_id: str, product_id: str) -> Json:
        return feed_product(_product(_by_producer(vinoshipper, producer_id), product_id))


def _product(account: Account, product_id: str) -> Product:
    product = account.product("VS_ID", product_id)
    if product is None:
        raise refusal(404, "VALIDATION", "NOT_FOUND", f"Product {product_id} was not found.")
    return product


def _by_producer(vinoshipper: Vinoshipper, producer_id: str) -> Account:
    for account in [*vinoshipper.accounts.values()]:
        if str(account.producer_id) == producer_id:
            return account
    raise refusal(404, "VALIDATION", "NOT_FOUND", f"Producer {producer_id} was not found.")
