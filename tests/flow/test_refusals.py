"""What Vinoshipper refuses: said with its reason, and going by itself once it is mended."""

import pytest

from compliance.models import ComplianceEvent
from fulfillment.models import SyncStatus
from sandbox.shopify.samples import Address, Line, order_body
from tests.flow.conftest import World

UTAH = Address(city="Salt Lake City", state="UT", zip="84101")


def test_an_unknown_sku_is_said_and_goes_when_corrected_in_the_shop(world: World) -> None:
    placed = world.shop.place(order_body(number=1001, lines=(Line("HO-TYPO"),)))
    world.run()
    work = world.work()
    assert (work.status, work.attention_code) == (SyncStatus.FAILED, "unknown_sku")
    assert "HO-TYPO" in work.attention
    assert world.accepted() == []
    line = world.shop.orders()[0]["rest"]["line_items"][0]["id"]
    world.shop.edit(placed["id"], lines=[{"id": line, "sku": "HO-PN23-750"}])
    world.run(world.is_sent)
    assert not world.work().needs_attention


@pytest.mark.parametrize("way", ["200", "400"])
def test_a_state_where_nothing_may_go(world: World, way: str) -> None:
    world.account.ship_to_states = ["UT"]
    world.account.save()
    world.sandbox.vinoshipper.switch(rejection=way)
    world.shop.place(order_body(number=1001, address=UTAH))
    world.run()
    work = world.work()
    assert (work.status, work.attention_code) == (SyncStatus.FAILED, "not_compliant")
    event = ComplianceEvent.objects.get()
    assert (event.asked, event.is_compliant) == ("sending", False)
    assert event.problems[0]["description"]
    assert work.due_at is None  # never retried blindly


def test_age_is_proved_later(world: World) -> None:
    world.sandbox.vinoshipper.account(age_fails=["Marquez"])
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    work = world.work()
    assert work.attention_code == "age_failed"
    assert work.id_scan_url.startswith("http")
    world.sandbox.vinoshipper.approve(work.number)
    world.run(world.is_sent)
    assert not world.work().needs_attention
    assert list(ComplianceEvent.objects.order_by("pk").values_list("asked", "is_compliant")) == [
        ("age", False),
        ("webhook", True),
        ("sending", True),
    ]


def test_age_is_proved_later_and_the_webhook_is_lost(world: World) -> None:
    world.sandbox.vinoshipper.switch(lose_webhooks=True)
    world.sandbox.vinoshipper.account(age_fails=["Marquez"])
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    world.sandbox.vinoshipper.approve(world.work().number)
    world.run(world.is_sent)
    assert not world.work().needs_attention
    assert list(ComplianceEvent.objects.order_by("pk").values_list("asked", "is_compliant")) == [
        ("age", False),
        ("age", True),
        ("sending", True),
    ]
