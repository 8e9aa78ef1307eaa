"""Everything one sandbox holds in memory, and starting it over."""

import threading

from sandbox.faults import FaultBook
from sandbox.log import CallLog
from sandbox.outbox import Outbox
from sandbox.shopify.shops import Shops
from sandbox.vinoshipper.service import Vinoshipper


class World:
    """The state behind all addresses. ``reset`` keeps the sandbox's own address and nothing else."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.log = CallLog()
        self.faults = FaultBook()
        self.outbox = Outbox(self.log)
        self.vinoshipper = Vinoshipper(self.outbox)
        self.shops = Shops(self.outbox)

    def set_address(self, url: str) -> None:
        self.vinoshipper.base_url = f"{url}/vinoshipper"

    def reset(self) -> None:
        """Back to the first moment: sample account and shop, no orders, no faults, an empty log."""
        self.outbox.settle(5.0)
        self.faults.clear()
        self.log.clear()
        self.vinoshipper.reset()
        self.shops.reset()
