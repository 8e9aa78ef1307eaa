"""A winery whose shop and Vinoshipper are the sandbox, over real HTTP both ways."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from compliance.catalog import client
from compliance.connecting import hint_url
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.queue import drain
from crushsync.schedules import lanes
from fulfillment.models import Fulfillment, FulfillmentOrder, ReportStatus, SyncStatus
from orders.models import Order, Store
from orders.stores import webhook_url
from sandbox.client import Sandbox, ShopControl
from sandbox.server import SandboxServer
from tests.factories import StoreFactory, VinoshipperAccountFactory

TOKEN, SECRET = "shpat_flow", "shpss_flow"


@dataclass
class World:
    """Both sides of the winery, and our own rows between them."""

    sandbox: Sandbox
    shop: ShopControl
    store: Store
    account: VinoshipperAccount

    def run(self, until: Callable[[], Any] | None = None, seconds: float = 15.0) -> None:
        """Let webhooks arrive and drain the queue until `until` holds; without it, until all is quiet."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.sandbox.settle()
            report = drain(lanes(), seconds=5, until_idle=True)
            assert report is not None, "another drain holds the slot"
            if until() if until else report.claimed == 0:
                return
            time.sleep(0.05)
        raise AssertionError("it did not come to pass in time")

    def order(self, name: str = "") -> Order:
        found: Order = Order.objects.filter(**({"name": name} if name else {})).latest("pk")
        return found

    def work(self, name: str = "") -> FulfillmentOrder:
        return FulfillmentOrder.objects.get(**({"order__name": name} if name else {}))

    def shipment(self) -> Fulfillment:
        return Fulfillment.objects.get()

    def hold_in_shop(self, fulfillment_order_id: str) -> None:
        """The shop's staff put the order on hold, in the shop's own admin."""
        asked = """mutation ($id: ID!) { fulfillmentOrderHold(
            id: $id, fulfillmentHold: { reason: HIGH_RISK_OF_FRAUD }) { userErrors { message } } }"""
        answer = requests.post(
            f"{self.shop.url}/admin/api/2026-07/graphql.json",
            json={
                "query": asked,
                "variables": {"id": f"gid://shopify/FulfillmentOrder/{fulfillment_order_id}"},
            },
            headers={"X-Shopify-Access-Token": TOKEN},
            timeout=5,
        )
        assert answer.json()["data"]["fulfillmentOrderHold"]["userErrors"] == []

    def works(self) -> list[FulfillmentOrder]:
        return list(FulfillmentOrder.objects.all())

    def orders_known(self) -> int:
        return Order.objects.count()

    def is_sent(self) -> bool:
        return FulfillmentOrder.objects.filter(status=SyncStatus.SENT).exists()

    def is_reported(self) -> bool:
        return Fulfillment.objects.filter(report_status=ReportStatus.REPORTED).exists()

    def paused(self) -> bool:
        self.account.refresh_from_db()
        return self.account.is_paused

    def accepted(self) -> list[str]:
        """The numbers Vinoshipper accepted, in the order in which they came."""
        return [there["number"] for there in self.at_vinoshipper() if there["accepted"]]

    def at_vinoshipper(self) -> list[dict[str, Any]]:
        return self.sandbox.vinoshipper.orders()

    def calls(self, system: str = "vinoshipper", operation: str | None = None) -> list[dict[str, Any]]:
        """Calls made there about orders, oldest first; those of setting up are left out."""
        made = self.sandbox.log(system=system, direction="in", operation=operation)
        return [call for call in made if system != "vinoshipper" or "/p/orders" in call["path"]]


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[SandboxServer]:
    with SandboxServer(port=0) as server:
        yield server


@pytest.fixture
def world(sandbox_server: SandboxServer, live_server: LiveServer, settings: Settings) -> Iterator[World]:
    settings.WAIT_FACTOR = 0.01
    settings.CALL_DEADLINE = 2.0
    settings.BASE_URL = live_server.url
    sandbox = Sandbox(sandbox_server.url)
    sandbox.reset()
    vinoshipper = sandbox.vinoshipper.account(key="key", secret="secret")
    account = VinoshipperAccountFactory.create(
        base_url=sandbox.vinoshipper.url,
        credentials={"api_key": "key", "api_secret": "secret"},
        producer_id=str(vinoshipper["producer_id"]),
    )
    shop = sandbox.shop()
    store = StoreFactory.create(
        winery=account.winery,
        vinoshipper_account=account,
        base_url=shop.url,
        credentials={"access_token": TOKEN, "webhook_secret": SECRET},
        starts_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    shop.configure(token=TOKEN, secret=SECRET, webhook_url=webhook_url(store))
    client(account).add_webhook("ORDER", hint_url(account))
    yield World(sandbox, shop, store, account)
    sandbox.settle()  # a late webhook would reach the next test
