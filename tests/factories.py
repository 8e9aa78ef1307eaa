# mypy: disable-error-code="no-untyped-call"
"""Rows for tests, with what a plain day looks like as their defaults. Made with `SomeFactory.create(...)`.

Everything of one tree belongs to one winery: `StoreFactory.create()` makes its winery and its Vinoshipper
account, `FulfillmentOrderFactory.create(order=order)` covers the order's lines. Nothing is due unless asked.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from factory.declarations import (
    LazyAttribute,
    LazyFunction,
    PostGeneration,
    SelfAttribute,
    Sequence,
    SubFactory,
)
from factory.django import DjangoModelFactory

from compliance.models import Asked, CatalogProduct, ComplianceEvent
from compliance.problems import Family
from crushsync.accounts.models import Membership, RateRule, Role, VinoshipperAccount, Winery
from fulfillment.models import (
    AttemptKind,
    Destination,
    Fulfillment,
    FulfillmentLine,
    FulfillmentOrder,
    FulfillmentOrderLine,
    FulfillmentStatus,
    Listing,
    Outcome,
    OwnCarrier,
    Problem,
    StockLocation,
    SyncAttempt,
    SyncStatus,
)
from notifications.models import Delivery, Endpoint, Kind, Mail, MailKind, Message, Recipient
from orders.models import EventKind, HintSource, InboundHint, Order, OrderEvent, OrderLine, Store
from orders.storefronts.types import (
    BirthDateState,
    DeliveryMethod,
    LineKind,
    OrderKind,
    PaymentStatus,
)

PLACED_AT = datetime(2026, 11, 18, 16, 42, 7, tzinfo=UTC)
ADDRESS = {
    "first_name": "Elena",
    "last_name": "Marquez",
    "company": "",
    "street1": "12 Harbor Road",
    "street2": "",
    "city": "Sacramento",
    "state": "CA",
    "postal_code": "95814",
    "country": "US",
    "phone": "+19165550123",
}


def add_lines(order: Order, create: bool, count: int | None, **fields: Any) -> None:
    if create:
        OrderLineFactory.create_batch(1 if count is None else count, order=order, **fields)


def cover_all_lines(row: FulfillmentOrder, create: bool, _given: None, **_: Any) -> None:
    if create:
        for line in row.order.lines.filter(kind=LineKind.GOODS, quantity__gt=0):
            FulfillmentOrderLine.objects.create(
                fulfillment_order=row, order_line=line, quantity=line.quantity
            )


def pack_all_lines(row: Fulfillment, create: bool, _given: None, **_: Any) -> None:
    if create and row.fulfillment_order:
        for line in row.fulfillment_order.lines.all():
            FulfillmentLine.objects.create(
                fulfillment=row, order_line=line.order_line, quantity=line.quantity
            )


class WineryFactory(DjangoModelFactory[Winery]):
    class Meta:
        model = Winery

    name = Sequence(lambda n: f"Winery {n}")
    slug = Sequence(lambda n: f"winery-{n}")


class UserFactory(DjangoModelFactory[User]):
    """Somebody who may log in to the admin; what they may see there comes from a Membership."""

    class Meta:
        model = User

    username = Sequence(lambda n: f"person{n}")
    email = LazyAttribute(lambda user: f"{user.username}@winery.example")
    is_staff = True


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    winery = SubFactory(WineryFactory)
    user = SubFactory(UserFactory)
    role = Role.MANAGER


class VinoshipperAccountFactory(DjangoModelFactory[VinoshipperAccount]):
    class Meta:
        model = VinoshipperAccount

    winery = SubFactory(WineryFactory)
    name = Sequence(lambda n: f"Vinoshipper {n}")
    base_url = "http://127.0.0.1:9/vinoshipper"  # nobody listens there
    credentials = LazyFunction(lambda: {"key_id": "test-key", "secret": "test-secret"})
    ship_to_states = LazyFunction(lambda: ["CA", "NY", "OR", "TX", "WA"])


class RateRuleFactory(DjangoModelFactory[RateRule]):
    class Meta:
        model = RateRule

    account = SubFactory(VinoshipperAccountFactory)
    contains = "ground"
    carrier = "UPS"
    rate_code = "03"


class StoreFactory(DjangoModelFactory[Store]):
    class Meta:
        model = Store

    winery = SubFactory(WineryFactory)
    name = Sequence(lambda n: f"Store {n}")
    platform = "shopify"
    base_url = "http://127.0.0.1:9/shop"
    credentials = LazyFunction(lambda: {"access_token": "test-token", "webhook_secret": "test-secret"})
    vinoshipper_account = SubFactory(VinoshipperAccountFactory, winery=SelfAttribute("..winery"))
    starts_at = PLACED_AT - timedelta(days=30)


class OrderFactory(DjangoModelFactory[Order]):
    """Two bottles, paid, to be shipped within California. `lines=0` makes no line, `lines=3` three."""

    class Meta:
        model = Order
        skip_postgeneration_save = True

    store = SubFactory(StoreFactory)
    winery = SelfAttribute("store.winery")
    external_id = Sequence(lambda n: f"{6_411_000_000_000 + n}")
    name = Sequence(lambda n: f"#{1001 + n}")
    kind = OrderKind.SALE
    placed_at = PLACED_AT
    store_updated_at = SelfAttribute("placed_at")
    payment = PaymentStatus.PAID
    currency = "USD"
    email = "elena.marquez@example.com"
    phone = "+19165550123"
    first_name = "Elena"
    last_name = "Marquez"
    birth_date = date(1980, 4, 5)
    birth_date_state = BirthDateState.KNOWN
    ship_to = LazyFunction(lambda: dict(ADDRESS))
    bill_to = LazyFunction(lambda: dict(ADDRESS))
    ship_to_state = LazyAttribute(lambda order: (order.ship_to or {}).get("state", ""))
    shipping_method = "UPS Ground"
    shipping_price = Decimal("15.00")
    tax = Decimal("5.80")
    tip = Decimal("0.00")
    total = Decimal("84.80")
    content_hash = Sequence(lambda n: f"{n:064x}")

    lines = PostGeneration(add_lines)


class OrderLineFactory(DjangoModelFactory[OrderLine]):
    class Meta:
        model = OrderLine

    order = SubFactory(OrderFactory, lines=0)
    external_id = Sequence(lambda n: f"{7_000_000_000 + n}")
    position = LazyAttribute(lambda line: line.order.lines.count())
    sku = "ESTATE-PN-22"
    title = "Estate Pinot Noir 2022"
    kind = LineKind.GOODS
    delivery_method = DeliveryMethod.SHIPPING
    quantity = 2
    unit_price = Decimal("32.00")
    discount = Decimal("0.00")
    tax = Decimal("5.80")


class OrderEventFactory(DjangoModelFactory[OrderEvent]):
    class Meta:
        model = OrderEvent

    order = SubFactory(OrderFactory)
    kind = EventKind.RECEIVED
    sentence = "The order came from the store."


class InboundHintFactory(DjangoModelFactory[InboundHint]):
    """A webhook as it came from the store."""

    class Meta:
        model = InboundHint

    store = SubFactory(StoreFactory)
    winery = SelfAttribute("store.winery")
    source = HintSource.WEBHOOK
    topic = "orders/create"
    delivery_id = Sequence(lambda n: f"delivery-{n}")
    body = b"{}"


class FulfillmentOrderFactory(DjangoModelFactory[FulfillmentOrder]):
    """The whole order goes to the store's Vinoshipper account. Waiting, and not due."""

    class Meta:
        model = FulfillmentOrder
        skip_postgeneration_save = True

    order = SubFactory(OrderFactory)
    winery = SelfAttribute("order.winery")
    destination = Destination.VINOSHIPPER
    account = SelfAttribute("order.store.vinoshipper_account")
    number = LazyAttribute(lambda row: f"{row.order.store.number_prefix}-{row.order.external_id}")
    status = SyncStatus.WAITING

    lines = PostGeneration(cover_all_lines)


class FulfillmentFactory(DjangoModelFactory[Fulfillment]):
    """Everything in one package that the carrier has."""

    class Meta:
        model = Fulfillment
        skip_postgeneration_save = True

    fulfillment_order = SubFactory(FulfillmentOrderFactory, status=SyncStatus.SENT)
    order = SelfAttribute("fulfillment_order.order")
    winery = SelfAttribute("order.winery")
    status = FulfillmentStatus.SHIPPED
    carrier = "UPS"
    tracking_numbers = LazyFunction(lambda: ["1Z999AA10123456784"])
    shipped_at = PLACED_AT + timedelta(days=1)

    lines = PostGeneration(pack_all_lines)


class SyncAttemptFactory(DjangoModelFactory[SyncAttempt]):
    class Meta:
        model = SyncAttempt

    fulfillment_order = SubFactory(FulfillmentOrderFactory)
    order = SelfAttribute("fulfillment_order.order")
    kind = AttemptKind.SEND
    outcome = Outcome.OK
    seconds = 0.4
    sentence = "Vinoshipper accepted the order."


class ComplianceEventFactory(DjangoModelFactory[ComplianceEvent]):
    class Meta:
        model = ComplianceEvent

    order = SubFactory(OrderFactory)
    asked = Asked.SENDING
    is_compliant = True


class ProblemFactory(DjangoModelFactory[Problem]):
    """One open problem of an order that never reached Vinoshipper."""

    class Meta:
        model = Problem

    fulfillment_order = SubFactory(FulfillmentOrderFactory, status=SyncStatus.FAILED)
    order = SelfAttribute("fulfillment_order.order")
    winery = SelfAttribute("order.winery")
    code = "unknown_sku"
    subject = "ESTATE-PN-22"
    family = Family.NEVER_REACHED
    sentence = "Vinoshipper does not know the SKU ESTATE-PN-22."


class ListingFactory(DjangoModelFactory[Listing]):
    class Meta:
        model = Listing

    store = SubFactory(StoreFactory)
    sku = Sequence(lambda n: f"SHOP-{n}")
    destination_sku = Sequence(lambda n: f"WINE-{n}")


class StockLocationFactory(DjangoModelFactory[StockLocation]):
    class Meta:
        model = StockLocation

    winery = SubFactory(WineryFactory)
    name = Sequence(lambda n: f"Cellar {n}")


class OwnCarrierFactory(DjangoModelFactory[OwnCarrier]):
    class Meta:
        model = OwnCarrier

    winery = SubFactory(WineryFactory)
    name = Sequence(lambda n: f"Courier {n}")


class CatalogProductFactory(DjangoModelFactory[CatalogProduct]):
    class Meta:
        model = CatalogProduct

    account = SubFactory(VinoshipperAccountFactory)
    product_id = Sequence(lambda n: f"{5000 + n}")
    sku = Sequence(lambda n: f"WINE-{n}")
    name = "Estate Pinot Noir 2022"
    category = "wine"
    inventory = 120


class RecipientFactory(DjangoModelFactory[Recipient]):
    """An address that gets everything but the daily summary."""

    class Meta:
        model = Recipient

    winery = SubFactory(WineryFactory)
    address = Sequence(lambda n: f"cellar{n}@winery.example")
    kinds = LazyFunction(lambda: [Kind.PROBLEM, Kind.SOLVED, Kind.CONNECTION])


class MailFactory(DjangoModelFactory[Mail]):
    class Meta:
        model = Mail

    recipient = SubFactory(RecipientFactory)
    winery = SelfAttribute("recipient.winery")
    kind = MailKind.TEST


class EndpointFactory(DjangoModelFactory[Endpoint]):
    class Meta:
        model = Endpoint

    winery = SubFactory(WineryFactory)
    name = Sequence(lambda n: f"Endpoint {n}")
    url = "http://127.0.0.1:9/hook"  # nobody listens there
    event_types = LazyFunction(lambda: ["*"])
    secrets = LazyFunction(lambda: {"current": "whsec_" + "A" * 43 + "="})


class MessageFactory(DjangoModelFactory[Message]):
    class Meta:
        model = Message

    winery = SubFactory(WineryFactory)
    message_id = Sequence(lambda n: f"msg_{n}")
    type = "order.received"
    about = "order:1"
    body = '{"type": "order.received"}'


class DeliveryFactory(DjangoModelFactory[Delivery]):
    """Waits, and is not due."""

    class Meta:
        model = Delivery

    endpoint = SubFactory(EndpointFactory)
    message = SubFactory(MessageFactory, winery=SelfAttribute("..endpoint.winery"))
    about = SelfAttribute("message.about")
