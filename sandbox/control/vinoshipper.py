"""Control over the Vinoshipper stand-in."""

from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from sandbox.control.body import given
from sandbox.shapes import ControlError, Json
from sandbox.vinoshipper.accounts import Account
from sandbox.vinoshipper.service import Vinoshipper

PLAIN = {
    "key", "secret", "producer_id", "statuses", "volume_limits", "permitted", "cash_payment",
    "webhooks_enabled",
}  # fmt: skip
SETS = {"states", "age_fails", "verified"}


def vinoshipper_routes(routes: Blueprint, vinoshipper: Vinoshipper) -> None:
    _account_routes(routes, vinoshipper)
    _order_routes(routes, vinoshipper)


def _account_routes(routes: Blueprint, vinoshipper: Vinoshipper) -> None:
    @routes.put("/vinoshipper/accounts/<name>")
    def configure(name: str) -> Json:
        with vinoshipper.lock:
            return account_row(_configured(vinoshipper, name, given()))

    @routes.put("/vinoshipper/accounts/<name>/products/<sku>")
    def put_product(name: str, sku: str) -> Json:
        with vinoshipper.lock:
            product = _account(vinoshipper, name).put_product(sku, given())
            return {**asdict(product), "not_available_in": sorted(product.not_available_in)}

    @routes.get("/vinoshipper/accounts")
    def accounts() -> Response:
        return jsonify([account_row(account) for account in vinoshipper.accounts.values()])

    @routes.patch("/vinoshipper/switches")
    def switch() -> Json:
        vinoshipper.switches = vinoshipper.switches.changed(given())
        return asdict(vinoshipper.switches)


def _order_routes(routes: Blueprint, vinoshipper: Vinoshipper) -> None:
    @routes.get("/vinoshipper/orders")
    def orders() -> Response:
        with vinoshipper.lock:
            return jsonify([order.summary() for order in vinoshipper.orders.values()])

    @routes.post("/vinoshipper/orders/<number>/move")
    def move(number: str) -> Json:
        return vinoshipper.move(number, **given())

    @routes.post("/vinoshipper/orders/<number>/say")
    def say(number: str) -> Json:
        return vinoshipper.say(number, **given())

    @routes.post("/vinoshipper/orders/<number>/packages")
    def add_packages(number: str) -> Json:
        return vinoshipper.add_packages(number, **given())

    @routes.post("/vinoshipper/orders/<number>/approve")
    def approve(number: str) -> Json:
        return vinoshipper.approve(number)

    @routes.post("/vinoshipper/orders/<number>/webhook")
    def notify(number: str) -> Json:
        vinoshipper.notify(number, **given())
        return {}


def _account(vinoshipper: Vinoshipper, name: str) -> Account:
    if name not in vinoshipper.accounts:
        raise ControlError(f"no account {name}", 404)
    return vinoshipper.accounts[name]


def _configured(vinoshipper: Vinoshipper, name: str, data: Json) -> Account:
    """Makes or changes an account; ``products`` is an object of products by SKU."""
    if unknown := set(data) - PLAIN - SETS - {"products"}:
        raise ControlError(f"unknown account field: {', '.join(sorted(unknown))}")
    account = vinoshipper.accounts.get(name)
    if account is None:
        number = int(data.get("producer_id") or 400 + len(vinoshipper.accounts))
        account = Account(name, key=f"{number}.{name}", secret=f"secret-{name}", producer_id=number)
        vinoshipper.accounts[name] = account
    for key in PLAIN & set(data):
        setattr(account, key, data[key])
    for key in SETS & set(data):
        setattr(account, key, set(data[key]))
    for sku, product in data.get("products", {}).items():
        account.put_product(sku, product)
    return account


def account_row(account: Account) -> Json:
    """An account as control shows it."""
    return {
        "name": account.name,
        "key": account.key,
        "secret": account.secret,
        "producer_id": account.producer_id,
        "states": sorted(account.states),
        "age_fails": sorted(account.age_fails),
        "verified": sorted(account.verified),
        "statuses": account.statuses,
        "volume_limits": account.volume_limits,
        "permitted": account.permitted,
        "cash_payment": account.cash_payment,
        "webhooks_enabled": account.webhooks_enabled,
        "products": {
            sku: {
                "inventory": p.inventory,
                "approved": p.approved,
                "not_available_in": sorted(p.not_available_in),
            }
            for sku, p in account.products.items()
        },
        "webhooks": [asdict(row) for row in account.webhooks.values()],
    }
