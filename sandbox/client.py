"""Control of a running sandbox, for tests and for the demo."""

import base64
import json
from typing import Any
from urllib.parse import quote

import requests

from sandbox.shapes import Json

TIMEOUT = 70.0  # longer than the longest wait that control allows


class SandboxError(Exception):
    """Control refused; the message is its own."""


class Control:
    """The few HTTP verbs of the control API. ``url`` is the sandbox's address."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False

    def call(self, method: str, path: str, body: Json | None = None, **query: object) -> Any:
        """The decoded answer; SandboxError for anything but 2xx."""
        address = f"{self.url}/control/{path}"
        params = {name: str(value) for name, value in query.items() if value is not None}
        answer = self._session.request(method, address, json=body, params=params, timeout=TIMEOUT)
        if not answer.ok:
            raise SandboxError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()


class Sandbox:
    """The whole sandbox: faults, log, and one object per stand-in."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._control = Control(url)
        self.vinoshipper = VinoshipperControl(self._control)

    def shop(self, name: str = "hollow-oak") -> "ShopControl":
        return ShopControl(self._control, name)

    def reset(self) -> None:
        """Back to the first moment."""
        self._control.call("DELETE", "state")

    def add_fault(self, kind: str, **options: object) -> int:
        """Switches a fault on (fields of sandbox.faults.Fault); its id."""
        return int(self._control.call("POST", "faults", {"kind": kind, **options})["id"])

    def clear_faults(self, fault_id: int | None = None) -> None:
        self._control.call("DELETE", "faults", id=fault_id)

    def faults(self) -> list[Json]:
        return list(self._control.call("GET", "faults"))

    def log(
        self,
        since: int = 0,
        *,
        system: str | None = None,
        account: str | None = None,
        direction: str | None = None,
        operation: str | None = None,
    ) -> list[Json]:
        """Calls in and webhooks out after number ``since``, oldest first."""
        wanted = {"system": system, "account": account, "direction": direction, "operation": operation}
        return list(self._control.call("GET", "log", None, since=since, **wanted))

    def settle(self, seconds: float = 10.0) -> bool:
        """Waits until no webhook is on its way; false when ``seconds`` ran out."""
        return bool(self._control.call("POST", "settle", {"seconds": seconds})["settled"])


class VinoshipperControl:
    """Moves at Vinoshipper."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.url = f"{control.url}/vinoshipper"

    def account(self, name: str = "hollow-oak", **fields: object) -> Json:
        """Makes or changes an account.

        key, secret, producer_id, states, age_fails, verified, statuses (by last name), volume_limits,
        permitted, cash_payment, webhooks_enabled, products (by SKU).
        """
        return self._dict("PUT", f"accounts/{_part(name)}", fields)

    def product(self, sku: str, account: str = "hollow-oak", **fields: object) -> Json:
        """Registers or changes: name, price, inventory, category, approved, not_available_in, ml."""
        return self._dict("PUT", f"accounts/{_part(account)}/products/{_part(sku)}", fields)

    def switch(self, **switches: object) -> Json:
        """Sets switches, the fields of sandbox.vinoshipper.accounts.Switches."""
        return self._dict("PATCH", "switches", switches)

    def orders(self) -> list[Json]:
        """All orders of all accounts, accepted and rejected, with their counts of POST and PUT."""
        return list(self._control.call("GET", "vinoshipper/orders"))

    def order(self, number: str) -> Json | None:
        return next((row for row in self.orders() if row["number"] == number), None)

    def move(
        self,
        number: str,
        to: str,
        *,
        packages: int = 1,
        tracking: list[str] | None = None,
        reason: str = "",
    ) -> Json:
        """To LABELS_GENERATED, SHIPPED, DELIVERED (by the states between), CANCELLED, RETURNED, PICKED_UP."""
        body = {"to": to, "packages": packages, "tracking": tracking, "reason": reason}
        return self._dict("POST", f"orders/{_part(number)}/move", body)

    def say(self, number: str, *, status: str | None = None, order_status: str | None = None) -> Json:
        """Any text as Vinoshipper's `status` and `orderStatus`; UPDATED goes out."""
        return self._dict(
            "POST", f"orders/{_part(number)}/say", {"status": status, "order_status": order_status}
        )

    def relabel(self, number: str, old: str, new: str) -> Json:
        """A box gets another label: the number takes the place of the old one."""
        body = {"tracking": [new], "instead_of": old}
        return self._dict("POST", f"orders/{_part(number)}/packages", body)

    def add_packages(self, number: str, packages: int = 1, tracking: list[str] | None = None) -> Json:
        body = {"packages": packages, "tracking": tracking}
        return self._dict("POST", f"orders/{_part(number)}/packages", body)

    def approve(self, number: str) -> Json:
        """The customer proved the age: APPROVED goes out, the next submission is accepted."""
        return self._dict("POST", f"orders/{_part(number)}/approve", {})

    def notify(self, number: str, event: str, copies: int = 1) -> None:
        self._dict("POST", f"orders/{_part(number)}/webhook", {"event": event, "copies": copies})

    def _dict(self, method: str, path: str, body: Json) -> Json:
        return dict(self._control.call(method, f"vinoshipper/{path}", body))


class ShopControl:
    """Moves in one shop."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self.name = name
        self.url = f"{control.url}/shopify/{name}"

    def configure(self, **fields: object) -> Json:
        """Makes or changes the shop: token, secret, client_id, domain, webhook_url, scopes."""
        return dict(self._control.call("PUT", f"shopify/{_part(self.name)}", fields))

    def switch(self, **switches: object) -> Json:
        """Sets switches, the fields of sandbox.shopify.shop.Switches."""
        return self._dict("PATCH", "switches", switches)

    def tokens(self, seconds: float = 0) -> Json:
        """A new pair: access_token, which lives so long, and refresh_token."""
        return self._dict("POST", "tokens", {"seconds": seconds})

    def uninstall(self) -> None:
        """The app is removed from the shop."""
        self._dict("POST", "uninstall", {})

    def place(self, body: Json | str, **options: object) -> Json:
        """An order is bought: delivery_method, delivery_by_sku, birth_date_metafield, at_service, deliver.

        A string is kept byte for byte; ``deliver`` are the topics sent, ``["orders/create"]`` unless given.
        """
        text = body if isinstance(body, str) else json.dumps(body)
        return self._dict("POST", "orders", {"body": text, **options})

    def orders(self) -> list[Json]:
        """All orders with their fulfillment orders, fulfillments, events and tracking."""
        return list(self._control.call("GET", f"shopify/{_part(self.name)}/orders"))

    def order(self, order_id: object) -> Json | None:
        found = self._control.call("GET", f"shopify/{_part(self.name)}/orders", id=order_id)
        return next(iter(found), None)

    def edit(
        self,
        order_id: object,
        patch: Json | None = None,
        lines: list[Json] | None = None,
        deliver: list[str] | None = None,
    ) -> Json:
        """Merges fields into the REST body, and ``lines`` (each with its id) into its lines."""
        body = {"patch": patch or {}, "lines": lines, "deliver": deliver}
        return self._dict("PATCH", f"orders/{order_id}", body)

    def cancel(self, order_id: object, reason: str = "customer", deliver: list[str] | None = None) -> Json:
        return self._dict("POST", f"orders/{order_id}/cancel", {"reason": reason, "deliver": deliver})

    def delete(self, order_id: object) -> None:
        """The order is deleted, and nobody is told."""
        self._control.call("DELETE", f"shopify/{_part(self.name)}/orders/{order_id}")

    def mark_paid(self, order_id: object, deliver: list[str] | None = None) -> Json:
        return self._dict("POST", f"orders/{order_id}/paid", {"deliver": deliver})

    def refund(self, order_id: object, line: object, quantity: int, deliver: list[str] | None = None) -> Json:
        """Takes pieces of one line (its id or SKU) out of the order."""
        body = {"line_item_id": str(line), "quantity": quantity, "deliver": deliver}
        return self._dict("POST", f"orders/{order_id}/refund", body)

    def set_stock(self, sku: str, available: int, **fields: object) -> Json:
        """``location`` (a REST id), ``is_tracked``, ``is_bundle``; an unknown SKU becomes a product."""
        return self._dict("PUT", f"stock/{_part(sku)}", {"available": available, **fields})

    def stock(self) -> Json:
        """SKU -> location's REST id -> {on_hand, committed, available}."""
        return dict(self._control.call("GET", f"shopify/{_part(self.name)}/stock"))

    def fulfill(
        self,
        order_id: object,
        lines: dict[str, int],
        *,
        location: str | None = None,
        company: str | None = None,
        numbers: list[str] | None = None,
    ) -> str:
        """The shop's staff ship pieces, by the line's id or SKU; the new fulfillment's id."""
        body = {"lines": lines, "company": company, "numbers": numbers}
        place = {"location": location} if location else {}
        return str(self._dict("POST", f"orders/{order_id}/fulfill", {**body, **place})["id"])

    def cancel_fulfillment(self, fulfillment_id: str) -> None:
        """The shop's staff cancel a shipment."""
        self._dict("POST", f"fulfillments/{fulfillment_id}/cancel", {})

    def tell(self, order_id: object, topic: str, copies: int | None = None) -> list[str]:
        """Sends a topic with the order's present body; the webhook ids."""
        body = {"topic": topic, "copies": copies}
        return list(self._dict("POST", f"orders/{order_id}/webhook", body)["webhook_ids"])

    def send_raw(self, body: bytes, topic: str = "orders/create", **options: object) -> str:
        """Any bytes, rightly signed: uri, webhook_id, headers (they replace ours), copies. The webhook id."""
        text = base64.b64encode(body).decode()
        answer = self._dict("POST", "webhooks", {"body_base64": text, "topic": topic, **options})
        return str(answer["webhook_ids"][0])

    def redeliver(self, webhook_id: str, copies: int = 1) -> None:
        """The same webhook again with the same X-Shopify-Webhook-Id."""
        self._dict("POST", f"webhooks/{webhook_id}/redeliver", {"copies": copies})

    def release(self, newest_first: bool = False) -> int:
        """Sends what the switch ``webhooks: hold`` kept back."""
        return int(self._dict("POST", "webhooks/release", {"newest_first": newest_first})["released"])

    def _dict(self, method: str, path: str, body: Json) -> Json:
        return dict(self._control.call(method, f"shopify/{_part(self.name)}/{path}", body))


def _part(text: str) -> str:
    return quote(text, safe="")
