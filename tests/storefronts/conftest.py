"""A shop of the sandbox, over real HTTP."""

from collections.abc import Iterator

import pytest

from sandbox.client import Sandbox, ShopControl
from sandbox.server import SandboxServer
from tests.storefronts.answers import webhook

TOKEN = "shpat_test"


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with SandboxServer() as server:
        yield Sandbox(server.url)


@pytest.fixture
def shop(sandbox: Sandbox) -> ShopControl:
    sandbox.reset()
    shop = sandbox.shop("hollow-oak")
    shop.configure(token=TOKEN)
    return shop


@pytest.fixture
def order_1042(shop: ShopControl) -> None:
    """Exactly as its webhook has it."""
    shop.place(webhook("orders_create").decode(), deliver=[])
