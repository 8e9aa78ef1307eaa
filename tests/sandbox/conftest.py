"""One sandbox for all these tests, started over before each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from sandbox.server import SandboxServer
from tests.sandbox.outside import Admin, Api, Listener

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture(scope="package")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> Sandbox:
    control = Sandbox(server.url)
    control.reset()
    return control


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    """Vinoshipper as our account sees it."""
    return Api(sandbox.vinoshipper.url)


@pytest.fixture
def admin(sandbox: Sandbox) -> Admin:
    """The shop as an app sees it."""
    return Admin(sandbox.shop().url)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """An address that receives webhooks."""
    with Listener() as listening:
        yield listening


@pytest.fixture
def pinot_order() -> str:
    """Shopify's sample order #1042, byte for byte."""
    return (FIXTURES / "shopify/webhooks/orders_create.json").read_text()
