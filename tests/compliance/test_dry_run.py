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
from crushsync.accounts.models import RateRule, Role
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
    assert [call["path"].rpartition("/")[2] for call in world.calls()] == [
        "check-compliance",
        "estimate-taxes",
        "estimate-shipping",
    ]
    assert not SyncAttempt.objects.filter(kind="send").exists()
    assert (world.work().status, world.work().due_at) == (SyncStatus.WAITING, None)


def test_what_vinoshipper_would_compute_is_told_beside_what_was_charged(world: World) -> None:
    """Two bottles at 38.00, shipping 24.95; Vinoshipper computes 8 % of both, the shop charged 5 %."""
    california = Address(city="Napa", state="CA", zip="94558")
    lines = (Line("HO-PN23-750", quantity=2),)
    world.shop.place(
        order_body(number=1001, lines=lines, address=california, tax_rate="0.05", financial_status="pending")
    )
    world.run()
    told = dry_run(world.order()).estimate
    assert told is not None
    assert (told.taxes_charged, told.taxes) == (Decimal("5.05"), Decimal("8.08"))
    assert (told.fees_charged, told.fees) == (Decimal(0), Decimal("0.20"))
    assert told.shipping_charged == Decimal("24.95")
    assert (told.is_known_customer, told.points, told.refusals) == (False, (), ())
    assert told.sentences == [
        "3.03 less tax charged than Vinoshipper computed: it comes off the payout.",
        "0.20 less state fees charged than Vinoshipper computed: it comes off the payout.",
        f"Shipping: {told.shipping} at Vinoshipper, 24.95 charged.",
        "This customer is new to Vinoshipper.",
    ]
    text = command("#1001", winery=world.account.winery.slug)
    assert "3.03 less tax charged" in text
    # what it computes when the order is sent is the same
    world.shop.mark_paid(world.order().external_id)
    world.run(world.is_sent)
    assert (world.work().taxes_adjusted, world.work().fees_adjusted) == (Decimal("-3.03"), Decimal("-0.20"))
    again = dry_run(world.order()).estimate
    assert again is not None
    assert again.is_known_customer is True


def test_a_rate_code_that_vinoshipper_does_not_offer_is_told(world: World) -> None:
    RateRule.objects.create(account=world.account, contains="Ground", carrier="UPS", rate_code="99")
    world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    told = dry_run(world.order()).estimate
    assert told is not None
    assert (told.shipping, told.not_offered) == (None, "UPS 99")
    assert "Vinoshipper does not offer UPS 99 for this address." in told.sentences


def test_a_sum_that_cannot_be_had_is_left_out_and_says_why(world: World) -> None:
    world.shop.place(order_body(number=1001, financial_status="pending"))
    world.run()
    world.sandbox.add_fault("status", system="vinoshipper", match="POST */estimate-taxes", status=503)
    told = dry_run(world.order()).estimate
    assert told is not None
    assert (told.taxes, told.fees) == (None, None)
    assert told.shipping is not None
    assert told.refusals == ("Vinoshipper had an error of its own (503).",)


def test_a_pickup_point_without_its_id_is_told_which_ones_are_near(world: World) -> None:
    world.shop.place(order_body(number=1001), delivery_method="PICKUP_POINT")
    world.run()
    assert world.work().reason_code == "access_point_unknown"
    told = dry_run(world.order()).estimate
    assert told is not None
    assert [point.id for point in told.points] == ["U00000001"]
    assert told.sentences[-1].startswith("UPS Access Point U00000001: ")
    assert world.at_vinoshipper() == []


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
    assert "This customer is new to Vinoshipper." in text
    assert browsers[Role.VIEWER].post(url).status_code == 403
    assert "Dry run" not in browsers[Role.VIEWER].get(url).content.decode().split("</h1>")[1]
    assert ComplianceEvent.objects.filter(asked="check").count() == 1
    told = command("#1001", winery=world.account.winery.slug, as_json=True)
    vinoshippers = json.loads(told)["vinoshipper"]
    assert vinoshippers.pop("estimate")[-1] == "This customer is new to Vinoshipper."
    assert (vinoshippers, "Elena" in told) == (
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
