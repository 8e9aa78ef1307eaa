"""A dry run asks everything and sends nothing."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from compliance.catalog import keep_feed
from compliance.checks import Level
from compliance.models import ComplianceEvent
from crushsync.accounts.models import Role
from crushsync.lib.queue import clock
from crushsync.vinoshipper.client import connect
from crushsync.vinoshipper.types import VinoshipperConnection
from fulfillment.dry_run import dry_run
from fulfillment.models import SyncAttempt, SyncStatus
from sandbox.shopify.samples import Address, Line, order_body
from tests.compliance.test_verdicts import feed
from tests.factories import MembershipFactory, OrderFactory, UserFactory
from tests.flow.conftest import World, sandbox_server, world

__all__ = ["sandbox_server", "world"]
UTAH = Address(city="Salt Lake City", state="UT", zip="84101")


def test_an_order_that_may_go(world: World) -> None:
    world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    told = dry_run(world.order())
    assert (told.decision.verdict, told.decision.code) == ("wait", "unpaid")
    assert told.verdict is not None
    assert (told.verdict.is_compliant, told.not_asked) == (True, "")
    assert {item.level for item in told.checks} == {Level.PASSES}
    [event] = ComplianceEvent.objects.filter(asked="check")
    assert (event.is_compliant, event.problems, event.trace_id) == (True, [], told.verdict.trace_id)
    # nothing was sent or begun: not there, and not here
    assert world.at_vinoshipper() == []
    assert [call["path"].rpartition("/")[2] for call in world.calls()] == ["check-compliance"]
    assert not SyncAttempt.objects.filter(kind="send").exists()
    assert (world.work().status, world.work().due_at) == (SyncStatus.WAITING, None)


def test_the_payload_is_what_is_sent_then(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    shown = json.loads(dry_run(world.order()).payload_text, parse_float=Decimal)
    world.shop.mark_paid(placed["id"])
    world.run(world.is_sent)
    [there] = world.at_vinoshipper()
    sent = json.loads(json.dumps(there["request"]), parse_float=Decimal)
    assert {key: value for key, value in shown.items() if key != "orderNumber"} == {
        key: value for key, value in sent.items() if key != "orderNumber"
    }
    assert shown["orderNumber"] == there["number"]


def test_a_no_of_vinoshippers_names_the_line(world: World) -> None:
    world.account.ship_to_states = ["NH"]
    world.account.save()
    address = Address(city="Concord", state="NH", zip="03301")
    body = order_body(number=1001, address=address, lines=(Line("HO-RS24-750"),), financial_status="pending")
    world.shop.place(body)
    world.run()
    told = dry_run(world.order())
    assert told.verdict is not None
    assert not told.verdict.is_compliant
    [event] = ComplianceEvent.objects.filter(asked="check")
    assert (event.problems[0]["code"], event.problems[0]["line"]) == ("PRODUCT_NOT_AVAILABLE", "HO-RS24-750")
    assert "Elena" not in json.dumps([event.problems, event.answer])


def test_the_page_shows_it_to_who_may_act_and_the_command_to_who_is_at_the_machine(world: World) -> None:
    world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    url = reverse("admin:orders_order_compliance", args=[world.order().pk])
    browsers = {}
    for role in (Role.MANAGER, Role.VIEWER):
        person = UserFactory.create(username=role.value)
        MembershipFactory.create(winery=world.account.winery, user=person, role=role)
        browsers[role] = Client(enforce_csrf_checks=False)
        browsers[role].force_login(person)
    assert "What would be sent" not in browsers[Role.MANAGER].get(url).content.decode()
    text = browsers[Role.MANAGER].post(url).content.decode()
    assert "What would be sent, to the letter" in text
    assert "&quot;firstName&quot;: &quot;Elena&quot;" in text
    assert "Vinoshipper&#x27;s check" in text
    assert browsers[Role.VIEWER].post(url).status_code == 403
    assert "Dry run" not in browsers[Role.VIEWER].get(url).content.decode().split("</h1>")[1]
    assert ComplianceEvent.objects.filter(asked="check").count() == 1
    told = command("#1001", winery=world.account.winery.slug, as_json=True)
    assert (json.loads(told)["vinoshipper"], "Elena" in told) == (
        {"is_compliant": True, "problems": [], "not_asked": ""},
        False,
    )
    shown = command("#1001", winery=world.account.winery.slug, payload=True)
    assert "Vinoshipper says: compliant." in shown
    assert '"firstName": "Elena"' in shown


def command(order: str, **options: object) -> str:
    out = StringIO()
    call_command("dry_run", order, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_why_vinoshipper_is_not_asked() -> None:
    order = OrderFactory.create(store__vinoshipper_account=None)
    told = dry_run(order)
    assert (told.decision.code, told.payload) == ("no_account", None)
    assert told.not_asked == "The store has no Vinoshipper account to ask."
    order = OrderFactory.create(lines__delivery_method="pickup")
    assert dry_run(order).not_asked == "Nothing in it travels in a box."
    account = OrderFactory.create().store.vinoshipper_account
    assert account is not None
    account.paused_since, account.pause_sentence = timezone.now(), "Keys: not accepted."
    account.save()
    assert dry_run(account.stores.get().orders.get()).not_asked == "Keys: not accepted."
    assert not ComplianceEvent.objects.exists()


@pytest.mark.django_db
def test_nobody_there_is_an_answer_too() -> None:
    told = dry_run(OrderFactory.create())
    assert told.verdict is None
    assert "Vinoshipper" in told.not_asked
    assert told.payload is not None
    assert '"price": 32.00' in told.payload_text
    assert not ComplianceEvent.objects.exists()


@pytest.mark.django_db
def test_own_checks_are_all_told_with_what_they_found() -> None:
    order = OrderFactory.create()
    account = order.store.vinoshipper_account
    assert account is not None
    account.check_levels = {"phone_odd": "passes"}
    account.save()
    keep_feed(account, feed("OTHER"), clock() - timedelta(minutes=1))
    told = {item.code: item for item in dry_run(type(order).objects.get()).checks}
    assert (told["unknown_sku"].level, told["unknown_sku"].sentences) == (
        Level.BLOCKS,
        ("Vinoshipper has no approved product with the SKU ESTATE-PN-22.",),
    )
    assert (told["phone_odd"].is_off, told["po_box"].is_off) == (True, False)


def test_after_purchase_a_refund_in_the_store_closes_it(world: World) -> None:
    world.account.ship_to_states = ["UT"]
    world.account.save()
    placed = world.shop.place(order_body(number=1001, address=UTAH))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    order = world.order()
    assert order.problems.filter(closed_at=None, family="after_purchase").count() == 1
    world.shop.cancel(placed["id"])
    world.run(lambda: world.work().status == SyncStatus.NOT_REQUIRED)
    assert (world.work().reason_code, world.work().attention) == ("cancelled", "")
    assert not order.problems.filter(closed_at=None).exists()


def test_a_feed_that_has_it_now_lets_the_order_go(world: World) -> None:
    connection = VinoshipperConnection(world.account.base_url, "key", "secret", world.account.producer_id)
    keep_feed(world.account, connect(connection).product_feed(), clock())
    world.shop.place(order_body(number=1001, lines=(Line("HO-LATE-750"),)))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    assert (world.work().reason_code, world.calls()) == ("unknown_sku", [])
    world.sandbox.vinoshipper.product("HO-LATE-750", name="Late Harvest", price=30.0)
    type(world.account).objects.update(due_at=clock())
    world.run(world.is_sent)
    assert [(event.asked, event.is_compliant) for event in ComplianceEvent.objects.order_by("pk")] == [
        ("ourselves", False),
        ("ourselves", True),
        ("sending", True),
    ]
