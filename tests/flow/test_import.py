"""A store's past is taken in by Shopify's bulk export; what is before its start is known and never sent."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from crushsync.lib.queue import clock
from fulfillment.models import Fulfillment, SyncStatus
from fulfillment.rereading import read_again
from orders.exporting import begin, progress
from orders.models import ExportState, HintSource, InboundHint, Order, Store, StoreExport
from orders.storefronts.shopify import export
from sandbox.shopify.samples import PINOT, ROSE, order_body
from tests.flow.conftest import World

LONG_AGO = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def old_shop(world: World) -> World:
    """Two orders of before the store's start, one since, and no word of any."""
    for number, placed in ((1001, "2025-03-01"), (1002, "2025-11-01"), (1003, "2026-02-01")):
        when = f"{placed}T12:00:00Z"
        body = order_body(number=number) | {"created_at": when, "processed_at": when}
        world.shop.place(body, deliver=[])
    return world


def row() -> StoreExport:
    found: StoreExport = StoreExport.objects.select_related("store").get()
    return found


def is_done() -> bool:
    return row().state == ExportState.DONE


def test_the_past_is_known_and_only_what_is_since_the_start_is_sent(old_shop: World) -> None:
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: is_done() and old_shop.orders_known() == 3)
    old_shop.run(old_shop.is_sent)
    statuses = {work.order.name: work.status for work in old_shop.works()}
    assert statuses["#1003"] == SyncStatus.SENT
    assert SyncStatus.SENT not in (statuses["#1001"], statuses["#1002"])
    assert [there["number"][-4:] for there in old_shop.at_vinoshipper()] == ["1003"]
    assert progress(row()) == f"{row().store.name} has 3 orders since 2024-01-01; 0 are still to be read."
    assert len(old_shop.calls("shopify", "BulkOrdersExport")) == 1


def test_the_past_is_taken_from_the_list_as_reading_would_tell_it(old_shop: World) -> None:
    """Shipped once is concluded from the list; shipped in parts has to be read, as what may be sent has."""
    pinot_and_rose = order_body(number=1000, lines=(PINOT, ROSE), attributes={"Gift note": "Zum Wohl\u2028"})
    body = pinot_and_rose | {"created_at": LONG_AGO.isoformat(), "processed_at": LONG_AGO.isoformat()}
    in_parts = old_shop.shop.place(body, deliver=[])
    there = {order["name"]: order["id"] for order in old_shop.shop.orders()}
    old_shop.shop.fulfill(there["#1001"], {PINOT.sku: 1}, company="UPS", numbers=["1Z999AA10123456784"])
    for sku in (PINOT.sku, ROSE.sku):
        old_shop.shop.fulfill(in_parts["id"], {sku: 1})
    old_shop.sandbox.settle()
    InboundHint.objects.all().delete()  # no word came of it
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: is_done() and Fulfillment.objects.count() == 3)
    old_shop.run(old_shop.is_sent)
    [shipped] = Fulfillment.objects.filter(order__name="#1001")
    assert shipped.tracking_numbers == ["1Z999AA10123456784"]
    assert [line.quantity for line in shipped.lines.all()] == [1]
    read = old_shop.calls("shopify", "OrderForSync")
    asked = {json.loads(call["request"])["variables"]["id"].rpartition("/")[2] for call in read}
    assert asked == {str(there["#1003"]), str(in_parts["id"])}
    for order in Order.objects.exclude(name="#1003"):
        read_again(order, "ana")
    old_shop.run()
    said = set(InboundHint.objects.filter(source=HintSource.STAFF).values_list("sentence", flat=True))
    assert said == {f"Nothing that matters changed in #{number}." for number in (1000, 1001, 1002)}


def test_a_long_list_is_read_in_pieces(old_shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PIECE", 1_500)  # less than one order, so larger ones are asked for
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: is_done() and old_shop.orders_known() == 3)
    assert row().read == row().size > 3_000
    assert len(old_shop.calls("shopify", "BulkOperation")) > 1


def test_only_orders_since_the_day_named_are_taken_in(old_shop: World) -> None:
    begin(old_shop.store, datetime(2025, 6, 1, tzinfo=UTC))
    old_shop.run(lambda: is_done() and old_shop.orders_known() == 2)
    assert set(Order.objects.values_list("name", flat=True)) == {"#1002", "#1003"}


def test_a_list_in_the_making_is_looked_at_again(old_shop: World) -> None:
    old_shop.shop.switch(bulk_seconds=0.5)
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: row().export_id != "")
    assert row().state == ExportState.LISTING
    assert "lists its orders since 2024-01-01: 0 so far." in progress(row())
    old_shop.run(is_done)
    assert row().count == 3


def test_a_list_that_fails_says_so(old_shop: World) -> None:
    old_shop.shop.switch(bulk_error="INTERNAL_SERVER_ERROR")
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: row().state == ExportState.FAILED)
    assert "Shopify did not finish the list of orders: INTERNAL_SERVER_ERROR." in progress(row())
    assert row().due_at is None
    assert old_shop.orders_known() == 0
    old_shop.shop.switch(bulk_error="")
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: is_done() and old_shop.orders_known() == 3)


def test_what_got_lost_is_asked_for_again(old_shop: World) -> None:
    """The answer to the start, and pieces of the list."""
    old_shop.sandbox.add_fault("accept_then_reset", system="shopify", match="BulkOrdersExport")
    for kind in ("garbage", "truncated"):
        old_shop.sandbox.add_fault(kind, system="shopify", match="GET *bulk*")
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: is_done() and old_shop.orders_known() == 3)
    assert [fault["hits"] for fault in old_shop.sandbox.faults()] == [1, 1, 1]
    assert row().sentence == ""


def test_a_shop_without_orders(world: World) -> None:
    begin(world.store, LONG_AGO)
    world.run(is_done)
    assert row().count == 0


def test_a_paused_store_is_listed_when_it_goes_on(old_shop: World) -> None:
    old_shop.shop.configure(token="another")
    begin(old_shop.store, LONG_AGO)
    old_shop.run(lambda: Store.objects.get().is_paused and row().is_parked)
    assert (old_shop.orders_known(), row().count) == (0, 0)
    old_shop.shop.configure(token="shpat_flow")
    old_shop.run(lambda: is_done() and old_shop.orders_known() == 3)
    assert not Store.objects.get().is_paused
    assert row().count == 3


def test_the_command_begins_and_tells(old_shop: World) -> None:
    options = {"winery": old_shop.store.winery.slug, "store": old_shop.store.name}
    out = io.StringIO()
    call_command("import_orders", **options, stdout=out)
    assert "was not listed yet" in out.getvalue()
    call_command("import_orders", **options, since=LONG_AGO, stdout=out)
    assert StoreExport.objects.filter(due_at__lte=clock()).exists()
    assert "lists its orders since 2024-01-01: 0 so far." in out.getvalue()
    call_command("import_orders", **options, since=datetime(2025, 2, 3), stdout=out)  # noqa: DTZ001
    assert "lists its orders since 2025-02-03: 0 so far." in out.getvalue()
