"""A world in which many stories happen at once: each brings one order, or one connection, to its trouble."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from django.db.models import Model
from django.utils import timezone

from compliance.catalog import client
from compliance.connecting import hint_url
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.queue import CRASH_LIMIT, DueRow
from fulfillment import stock
from fulfillment.models import Fulfillment, FulfillmentOrder, ReportStatus, StockLocation, SyncStatus
from orders.models import Order, Store
from orders.stores import webhook_url
from sandbox.client import ShopControl
from sandbox.shopify.samples import Address, order_body
from tests.factories import StockLocationFactory, StoreFactory, VinoshipperAccountFactory
from tests.flow.conftest import SECRET, TOKEN, World

OREGON = Address(city="Portland", state="OR", zip="97201")
LONG_AGO = timedelta(days=10)
WORN_OUT = 20  # tries; more than there are waits

# A story does something, and says what it waits for before it goes on.
Story = Iterator[Callable[[], Any]]
Tell = Callable[["Told"], Story | None]


class Stage:
    """The winery's shop, a second one that shows marks, and a cellar of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shops: dict[int, ShopControl] = {world.store.pk: world.shop}
        Store.objects.update(shows_marks=False)
        self.marked = self.store("marked", shows_marks=True, vinoshipper_account=world.account)
        self.cellar: StockLocation = StockLocationFactory.create(winery=world.store.winery, name="Cellar")

    def store(self, name: str, **fields: Any) -> Store:
        """Another store of the winery, whose shop of the same name is in the sandbox."""
        shop = self.world.sandbox.shop(name)
        made: Store = StoreFactory.create(
            **{
                "winery": self.world.store.winery,
                "name": name,
                "vinoshipper_account": None,
                "base_url": shop.url,
                "credentials": {"access_token": TOKEN, "webhook_secret": SECRET},
                "starts_at": self.world.store.starts_at,
                "shows_marks": False,
                "due_at": timezone.now(),
                **fields,
            }
        )
        shop.configure(token=TOKEN, secret=SECRET, webhook_url=webhook_url(made))
        self.shops[made.pk] = shop
        return made

    def account(self, name: str, **fields: Any) -> VinoshipperAccount:
        """Another Vinoshipper account of the winery."""
        control = self.world.sandbox.vinoshipper
        products: dict[str, Any] = {"HO-PN23-750": {}}
        there = control.account(name, key=f"key-{name}", secret="secret", products=products)
        made: VinoshipperAccount = VinoshipperAccountFactory.create(
            **{
                "winery": self.world.store.winery,
                "name": name,
                "base_url": control.url,
                "credentials": {"api_key": f"key-{name}", "api_secret": "secret"},
                "producer_id": str(there["producer_id"]),
                **fields,
            }
        )
        client(made).add_webhook("ORDER", hint_url(made))
        return made

    def play(self, stories: Sequence["Told"]) -> None:
        """Let all stories go on side by side, each as soon as what it waits for is so, to their ends."""
        under_way = {one: story for one in stories if (story := one.begin()) is not None}
        Store.objects.filter(due_at__isnull=True).update(due_at=timezone.now())
        waits = {one: next(story, None) for one, story in under_way.items()}
        while waiting := {one: wait for one, wait in waits.items() if wait is not None}:
            self._wait_for_one_of(waiting)
            waits = {one: next(under_way[one], None) if wait() else wait for one, wait in waiting.items()}

    def _wait_for_one_of(self, waiting: Mapping["Told", Callable[[], Any]]) -> None:
        try:
            self.world.run(lambda: any(wait() for wait in waiting.values()), seconds=60)
        except AssertionError as late:
            raise AssertionError("nothing moves: " + "; ".join(map(str, waiting))) from late


class Told:
    """One story: its order in the shop, at Vinoshipper and here."""

    def __init__(self, stage: Stage, number: int, codes: str, tell: Tell) -> None:
        self.codes = codes
        self.stage, self.world, self.sandbox = stage, stage.world, stage.world.sandbox
        self.there = self.sandbox.vinoshipper
        self.name, self.id = f"#{number}", str(6_500_000_000_000 + number)
        self.number, self.store, self._tell = number, stage.world.store, tell
        self.tracking = f"1Z999AA1{number:010d}"

    def __str__(self) -> str:
        fields = ("status", "reason_code", "attention_code", "due_at", "tries", "open_claims", "is_parked")
        works = FulfillmentOrder.objects.filter(order__external_id=self.id)
        return f"{self.codes} {self.name} {list(works.values(*fields))}"

    def begin(self) -> Story | None:
        return self._tell(self)

    @property
    def shop(self) -> ShopControl:
        return self.stage.shops[self.store.pk]

    @property
    def their_number(self) -> str:
        return f"{self.store.number_prefix}-{self.id}"

    @property
    def work(self) -> FulfillmentOrder:
        return FulfillmentOrder.objects.get(order__external_id=self.id)

    @property
    def order(self) -> Order:
        return Order.objects.get(external_id=self.id)

    @property
    def made(self) -> Fulfillment:
        return Fulfillment.objects.get(order__external_id=self.id)

    def place(self, store: Store | None = None, options: dict[str, Any] | None = None, **what: Any) -> None:
        """The customer buys, in a shop that tells nobody: the order is found by looking."""
        self.store = store or self.store
        self.shop.place(order_body(number=self.number, **what), deliver=[], **(options or {}))

    def fault(self, kind: str = "status", **options: Any) -> None:
        self.sandbox.add_fault(kind, **{"times": None, **options})

    def send_fault(self, **options: Any) -> None:
        """Whatever is sent under its number is answered so."""
        self.fault(system="vinoshipper", match=f"PUT */{self.their_number}", **options)

    def is_known(self) -> bool:
        return Order.objects.filter(external_id=self.id).exists()

    def stands(self, status: SyncStatus) -> Callable[[], bool]:
        return FulfillmentOrder.objects.filter(order__external_id=self.id, status=status).exists

    def needs(self, code: str) -> Callable[[], bool]:
        return FulfillmentOrder.objects.filter(order__external_id=self.id, attention_code=code).exists

    def sent(self, store: Store | None = None, **what: Any) -> Story:
        self.place(store, **what)
        yield self.stands(SyncStatus.SENT)

    def ship(self) -> None:
        self.there.move(self.their_number, "SHIPPED", tracking=[self.tracking])

    def shipped(self) -> Story:
        """Until the store knows it."""
        yield from self.sent()
        self.ship()
        yield Fulfillment.objects.filter(
            order__external_id=self.id, report_status=ReportStatus.REPORTED
        ).exists

    def own(self, **what: Any) -> Story:
        """The winery's own to ship: the order goes where Vinoshipper is not asked to send."""
        self.place(address=OREGON, **what)
        yield self.stands(SyncStatus.NOT_REQUIRED)

    def refuse_reports(self, **options: Any) -> None:
        self.fault(system="shopify", match="FulfillmentCreate", about=self.tracking, **options)

    def put_there(self, account: str, secret: str) -> None:
        """Somebody else's order stands at Vinoshipper under this number."""
        other = next(row for row in self.there.orders() if row["accepted"])
        body = {**other["request"], "products": [{"productId": "HO-PN23-750", "quantity": 3, "price": 38}]}
        answer = requests.put(
            f"{self.there.url}/api/v3/p/orders/{self.their_number}",
            json=body,
            auth=(account, secret),
            timeout=5,
        )
        assert answer.json()["status"] == "SUCCESS"

    def receive(self, sku: str, quantity: int) -> None:
        stock.receive(self.stage.cellar, sku, quantity, f"delivery:{self.name}")


def due_now(row: DueRow, **values: Any) -> None:
    """Its time has come, and with `values` it has a past."""
    type(row)._default_manager.filter(pk=row.pk).update(due_at=timezone.now(), **values)


def crashed(row: DueRow) -> None:
    """Three workers died of it."""
    due_now(row, open_claims=CRASH_LIMIT)


def aged(row: Model, field: str) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**{field: datetime.now(UTC) - LONG_AGO})
