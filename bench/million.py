"""As many orders as asked for, and all that comes of them: copied inside the database, in minutes."""

import os
from typing import Any

from django.db import connection
from django.db.models import Model

import bench.ready  # noqa: F401
from bench.rows import SECRET, make_store, new_ids, take_in
from compliance.models import CatalogProduct, ComplianceEvent
from crushsync.accounts.models import Winery
from fulfillment.models import (
    Fulfillment,
    FulfillmentOrder,
    Listing,
    Problem,
    StockLevel,
    StockMovement,
    SyncAttempt,
)
from notifications.models import Delivery, Endpoint, Message
from orders.models import Order, OrderEvent, OrderLine, Store

ORDERS = int(os.environ.get("ORDERS", "1000000"))


def build() -> tuple[Winery, Winery]:
    """A winery with nearly all of the orders, and one with every thousandth."""
    store = make_store("http://127.0.0.1:9")
    small = Winery.objects.create(name="Small", slug="small")
    theirs = Store.objects.create(
        winery=small,
        name="Small shop",
        platform="shopify",
        base_url="http://127.0.0.1:9/small",
        credentials={"access_token": "shpat_bench", "webhook_secret": SECRET},
        vinoshipper_account=store.vinoshipper_account,
        starts_at=store.starts_at,
    )
    take_in(store, new_ids(1))
    order = Order.objects.get()
    _orders(order, theirs)
    _shipments(order)
    _history(order)
    _stock(store.winery)
    _catalog(store)
    _deliveries(store.winery)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return store.winery, small


def _orders(order: Order, theirs: Store) -> None:
    """One in a thousand failed, is on hold, or goes to Alaska; all were changed when they were placed."""
    small = "n % 1000 = 1"
    _copy(order, f"generate_series(1, {ORDERS - 1}) AS n", {
        "external_id": "'B' || n",
        "name": "'#' || n",
        "winery_id": f"CASE WHEN {small} THEN {theirs.winery_id} ELSE t.winery_id END",
        "store_id": f"CASE WHEN {small} THEN {theirs.pk} ELSE t.store_id END",
        "placed_at": f"t.placed_at - ({ORDERS} - n) * interval '1 minute'",
        "store_updated_at": f"t.placed_at - ({ORDERS} - n) * interval '1 minute'",
        "ship_to_state": "CASE WHEN n % 1000 = 2 THEN 'AK' ELSE 'TX' END",
        "payment": "CASE WHEN n % 1000 = 3 THEN 'pending' ELSE t.payment END",
    })  # fmt: skip
    others = _each(Order, order.pk)
    for line in order.lines.all():
        _copy(line, others, {"order_id": "n"})
    work = FulfillmentOrder.objects.get()
    _copy(work, others, {
        "winery_id": f"(SELECT winery_id FROM {_table(Order)} WHERE id = n)",
        "order_id": "n",
        "number": "'N' || n",
        "status": "CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'sent' END",
        "attention_code": "CASE WHEN n % 1000 = 0 THEN 'unknown_sku' ELSE '' END",
        "is_held": "n % 1000 = 4",
        "due_at": "NULL",
    })  # fmt: skip
    _parts(work.lines.all()[0], work)


def _shipments(order: Order) -> None:
    """Each order was shipped; one in a thousand waits for the carrier, or the store refused to hear of it."""
    made = Fulfillment.objects.create(
        winery=order.winery,
        order=order,
        fulfillment_order=FulfillmentOrder.objects.get(order=order),
        status="shipped",
        carrier="UPS",
        tracking_numbers=["1Z999AA10123456784"],
        shipped_at=order.placed_at,
        created_at=order.placed_at,
        report_status="reported",
    )
    works = f"(SELECT id AS n, order_id AS m, winery_id AS w FROM {_table(FulfillmentOrder)}) AS works"
    _copy(made, works, {
        "winery_id": "w",
        "order_id": "m",
        "fulfillment_order_id": "n",
        "status": "CASE WHEN n % 1000 = 5 THEN 'pending' ELSE t.status END",
        "report_status": "CASE WHEN n % 1000 = 6 THEN 'failed' ELSE t.report_status END",
        "created_at": f"t.created_at - ({ORDERS} - m) * interval '1 minute'",
        "shipped_at": f"t.created_at - ({ORDERS} - m) * interval '1 minute'",
    }, but="m <> t.order_id")  # fmt: skip
    _parts(made.lines.create(order_line=order.lines.all()[0], quantity=1), made)


def _history(order: Order) -> None:
    others = _each(Order, order.pk)
    attempt = SyncAttempt.objects.create(order=order, kind="send", outcome="ok", seconds=0.4)
    verdict = ComplianceEvent.objects.create(order=order, asked="sending", is_compliant=True)
    entry = OrderEvent.objects.create(order=order, kind="moved", code="sent", sentence="Sent.")
    for row in (attempt, verdict, entry):
        _copy(row, others, {"order_id": "n"})
    problem = Problem.objects.create(
        winery=order.winery,
        order=order,
        code="unknown_sku",
        subject="SKU-1",
        family="has_issue",
        sentence="No.",
    )
    _copy(problem, f"(SELECT id AS n, winery_id AS m FROM {_table(Order)} WHERE id % 20 = 0) AS others", {
        "order_id": "n",
        "winery_id": "m",
        "opened_at": f"t.opened_at - ({ORDERS} - n) * interval '1 minute'",
        "closed_at": "CASE WHEN n % 1000 = 0 THEN NULL ELSE t.opened_at END",
        "code": "CASE WHEN n % 1000 = 20 THEN 'address' ELSE t.code END",
    }, but="n <> t.order_id")  # fmt: skip


def _stock(winery: Winery) -> None:
    """One movement for each order, of a thousand SKUs; one in a thousand was a breakage."""
    place = winery.stock_locations.create(name="Cellar")
    level = StockLevel.objects.create(location=place, sku="W0", on_hand=12)
    _copy(level, "generate_series(1, 999) AS n", {"sku": "'W' || n"})
    moved = StockMovement.objects.create(
        location=place, sku="W0", delta=-1, reason="shipped", reference="0", level_after=1
    )
    _copy(moved, f"generate_series(1, {ORDERS - 1}) AS n", {
        "sku": "'W' || n % 1000",
        "reason": "CASE WHEN n % 1000 = 7 THEN 'broken' ELSE t.reason END",
        "reference": "'n' || n",
        "at": f"t.at - ({ORDERS} - n) * interval '1 minute'",
    })  # fmt: skip


def _catalog(store: Store) -> None:
    listing = Listing.objects.create(store=store, sku="S0", destination_sku="D0")
    _copy(listing, "generate_series(1, 4999) AS n", {"sku": "'S' || n"})
    assert store.vinoshipper_account is not None
    product = CatalogProduct.objects.create(
        account=store.vinoshipper_account, product_id="0", sku="D0", name="Wine", inventory=12
    )
    _copy(product, "generate_series(1, 4999) AS n", {"product_id": "n", "sku": "'D' || n"})


def _deliveries(winery: Winery) -> None:
    """A month of them, for one order in three; one in a thousand was given up."""
    endpoint = Endpoint.objects.create(
        winery=winery, name="Books", url="https://books.example/", event_types=["*"]
    )
    told = Message.objects.create(
        winery=winery, message_id="m0", type="order.moved", about="order:0", body="{}"
    )
    sent = Delivery.objects.create(endpoint=endpoint, message=told, about="order:0", state="delivered")
    _copy(told, f"generate_series(1, {ORDERS // 3}) AS n", {
        "message_id": "'m' || n",
        "about": "'order:' || n",
        "source": "'test:' || n",
        "at": f"t.at - ({ORDERS // 3} - n) * interval '5 seconds'",
    })  # fmt: skip
    _copy(sent, f"(SELECT id AS n, at AS m FROM {_table(Message)}) AS messages", {
        "message_id": "n",
        "state": "CASE WHEN n % 1000 = 8 THEN 'failed' ELSE t.state END",
        "created_at": "m",
    }, but="n <> t.message_id")  # fmt: skip


def _table(model: type[Model]) -> str:
    return model._meta.db_table


def _each(model: type[Model], but: int) -> str:
    return f"(SELECT id AS n FROM {_table(model)} WHERE id <> {but}) AS others"


def _copy(row: Any, source: str, changed: dict[str, str], but: str = "TRUE") -> None:
    """The row again for each of the source's, where `n` (and `m`) are its values; `t` is the row itself."""
    table = _table(type(row))
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS t, {source}"
            f" WHERE t.id = {row.pk} AND {but}"
        )


def _parts(part: Any, whole: Any) -> None:
    """The part again for each line of each order and its row of the whole's kind."""
    column = f"{type(whole)._meta.model_name}_id".replace("fulfillmentorder", "fulfillment_order")
    pairs = (
        f"(SELECT line.id AS n, whole.id AS m FROM {_table(OrderLine)} AS line"
        f" JOIN {_table(type(whole))} AS whole USING (order_id)) AS pairs"
    )
    _copy(part, pairs, {"order_line_id": "n", column: "m"}, but=f"m <> {whole.pk}")
