"""The flow's world: shop and Vinoshipper are the sandbox, over real HTTP."""

from tests.flow.conftest import sandbox_server, world

__all__ = ["sandbox_server", "world"]
