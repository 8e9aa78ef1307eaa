"""The calls to Vinoshipper's v3 API: values in, values out, errors as crushsync.lib.errors classes them.

Production is https://vinoshipper.com, the address is a setting of each connection.

orders.py    bringing orders there, reading, canceling, marking as shipped, searching
quotes.py    what can be asked before an order exists
account.py   products, shipping methods, profile, webhooks
base.py      what every call needs
"""

from functools import lru_cache

from crushsync.vinoshipper.client.account import AccountCalls
from crushsync.vinoshipper.client.orders import OrderCalls
from crushsync.vinoshipper.client.quotes import QuoteCalls
from crushsync.vinoshipper.types import VinoshipperConnection

__all__ = ["Vinoshipper", "connect"]


class Vinoshipper(OrderCalls, QuoteCalls, AccountCalls):
    """One account at Vinoshipper. Thread-safe; make it by `connect` so that its connections are kept open."""


@lru_cache(maxsize=512)
def connect(connection: VinoshipperConnection) -> Vinoshipper:
    """The one client of an account in this process, with its open connections."""
    return Vinoshipper(connection)
