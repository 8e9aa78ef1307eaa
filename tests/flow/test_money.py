"""What was charged is sent, what Vinoshipper computed is kept, and the difference is told."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError
from django.test import Client

from crushsync.accounts.models import Membership, Role
from fulfillment.models import FulfillmentOrder, SyncStatus
from fulfillment.money import AccountMonth, of_month
from sandbox.shopify.samples import CHARDONNAY, PINOT, Address, Line, order_body
from tests.commands.conftest import Run, run
from tests.factories import MembershipFactory, UserFactory
from tests.flow.conftest import World

__all__ = ["run"]
CALIFORNIA = Address(city="Napa", state="CA", zip="94558")
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC).date()
# Two bottles at 38.00, shipping 24.95; Vinoshipper computes 8 % of both, the shop charges 8.25 %.
COMPUTED, CHARGED = Decimal("8.08"), Decimal("8.33")


def send(world: World, number: int = 1001, **body: object) -> FulfillmentOrder:
    options: dict[str, object] = {"lines": (Line("HO-PN23-750", quantity=2),), **body}
    world.shop.place(order_body(number=number, **options))  # type: ignore[arg-type]
    world.run(lambda: FulfillmentOrder.objects.filter(order__name=f"#{number}", status="sent").exists())
    return world.work(f"#{number}")


def test_more_tax_than_they_compute(world: World) -> None:
    work = send(world)
    [there] = world.at_vinoshipper()
    assert there["request"]["taxes"] == float(CHARGED)
    assert (work.taxes_adjusted, work.fees_adjusted) == (CHARGED - COMPUTED, Decimal("0.00"))


def test_less_tax_and_a_state_fee_that_the_shop_did_not_charge(world: World) -> None:
    work = send(world, address=CALIFORNIA, tax_rate="0.05")
    assert (work.taxes_adjusted, work.fees_adjusted) == (Decimal("-3.03"), Decimal("-0.20"))


def test_the_page_of_the_order_tells(world: World, client: Client) -> None:
    work = send(world, address=CALIFORNIA, tax_rate="0.05")
    client.force_login(UserFactory.create(is_superuser=True))
    page = client.get(f"/admin/orders/order/{work.order_id}/change/").content.decode()
    assert "3.03 less tax charged than Vinoshipper computed: it comes off the payout." in page
    assert "0.20 less state fees charged than Vinoshipper computed: it comes off the payout." in page


def test_a_months_sums(world: World, run: Run, client: Client) -> None:
    send(world, 1001)
    send(world, 1002, address=CALIFORNIA, tax_rate="0.05")
    voided = send(world, 1003)
    FulfillmentOrder.objects.update(
        sent_at=datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    )  # November in California
    FulfillmentOrder.objects.filter(pk=voided.pk).update(status=SyncStatus.VOIDED)
    expected = AccountMonth(
        account=world.account.name,
        orders=2,
        taxes_charged=Decimal("13.38"),
        taxes_difference=Decimal("-2.78"),
        fees_difference=Decimal("-0.20"),
        differing=["#1001", "#1002"],
    )
    assert of_month(world.account.winery, NOVEMBER) == [expected]
    assert of_month(world.account.winery, datetime(2026, 12, 1, tzinfo=UTC).date()) == []
    asked = ["money_report", "--winery", world.account.winery.slug, "--month"]
    assert run(*asked, "2026-11") == (
        f"{world.account.name}: 2 orders, 13.38 tax charged. Charged less computed: tax -2.78, "
        "state fees -0.20. Orders that differ: #1001, #1002."
    )
    [told] = json.loads(run(*asked, "2026-11", "--json"))
    assert (told["taxes_difference"], told["differing"]) == ("-2.78", ["#1001", "#1002"])
    assert run(*asked, "2026-10") == "No order was sent in that month."
    with pytest.raises(CommandError, match="November is no month"):
        run(*asked, "November")
    the_page_has_them(world, client)


def the_page_has_them(world: World, client: Client) -> None:
    """For managers of the winery; another winery's see none of it."""
    here, elsewhere = (UserFactory.create(username=name) for name in ("here", "elsewhere"))
    MembershipFactory.create(winery=world.account.winery, user=here, role=Role.MANAGER)
    MembershipFactory.create(user=elsewhere, role=Role.MANAGER)
    client.force_login(here)
    page = client.get("/admin/money/?month=2026-11").text
    for told in ("November 2026", "13.38 USD", "-2.78 USD", "-0.20 USD", "?q=%231001", "October 2026"):
        assert told in page
    assert "No order was sent in that month." in client.get("/admin/money/?month=2026-10").text
    assert client.get("/admin/money/?month=soon").status_code == 200
    client.force_login(elsewhere)
    assert "13.38" not in client.get("/admin/money/?month=2026-11").text
    Membership.objects.update(role=Role.VIEWER)
    assert client.get("/admin/money/").status_code == 403


@pytest.mark.parametrize(
    ("percent", "code"), [(61, "discount_too_large"), (99, "discount_too_large"), (100, "nothing_charged")]
)
def test_a_discount_that_they_would_refuse_is_told_before_sending(
    world: World, percent: int, code: str
) -> None:
    placed = world.shop.place(order_body(number=1001, lines=(PINOT, CHARDONNAY), discount_percent=percent))
    world.run()
    work = world.work()
    assert (work.status, work.attention_code) == (SyncStatus.FAILED, code)
    assert world.calls() == []
    mended = order_body(number=1001, lines=(PINOT, CHARDONNAY), discount_percent=60)
    lines = [
        {
            "id": line["id"],
            "discount_allocations": line["discount_allocations"],
            "total_discount": line["total_discount"],
        }
        for line in mended["line_items"]
    ]
    world.shop.edit(placed["id"], lines=lines)
    world.run(world.is_sent)
    assert not world.work().needs_attention
    [there] = world.at_vinoshipper()
    assert there["request"]["discount"]["productDiscount"] == {"type": "DOLLAR", "value": 66.0}


def test_sixty_percent_goes(world: World) -> None:
    assert send(world, discount_percent=60).status == SyncStatus.SENT


def test_goods_at_no_price(world: World) -> None:
    world.shop.place(order_body(number=1001, lines=(Line("HO-PN23-750", price="0.00"),)))
    world.run()
    assert (world.work().status, world.work().attention_code) == (SyncStatus.FAILED, "nothing_charged")
    assert world.calls() == []
