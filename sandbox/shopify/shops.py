"""All shops of one sandbox. A shop exists from the moment control speaks of it."""

from threading import Lock

from sandbox.outbox import Outbox
from sandbox.shapes import ControlError, Json
from sandbox.shopify.execution import Executor
from sandbox.shopify.shop import Shop

SETTABLE = {"token", "secret", "client_id", "domain", "webhook_url", "scopes"}


class Shops:
    """Shops by name, each with its GraphQL executor."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = Lock()
        self._shops: dict[str, Shop] = {}
        self._executors: dict[str, Executor] = {}
        self.ensure("hollow-oak")

    def reset(self) -> None:
        """Only the sample shop, empty."""
        with self._lock:
            self._shops.clear()
            self._executors.clear()
        self.ensure("hollow-oak")

    def get(self, name: str) -> Shop | None:
        return self._shops.get(name)

    def all(self) -> list[Shop]:
        return list(self._shops.values())

    def ensure(self, name: str) -> Shop:
        with self._lock:
            if name not in self._shops:
                self._shops[name] = shop = Shop(name, self._outbox)
                self._executors[name] = Executor(shop)
            return self._shops[name]

    def executor(self, name: str) -> Executor:
        return self._executors[name]

    def configure(self, name: str, data: Json) -> Shop:
        """Makes the shop if needed and sets token, secret, client_id, domain, webhook_url, scopes."""
        if unknown := set(data) - SETTABLE:
            raise ControlError(f"unknown shop field: {', '.join(sorted(unknown))}")
        shop = self.ensure(name)
        for key, value in data.items():
            setattr(shop, key, value)
        return shop
