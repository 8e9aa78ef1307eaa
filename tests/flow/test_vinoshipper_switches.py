"""The core flows under each behaviour that Vinoshipper leaves open.

Combinations that cannot meet are left out:

- `duplicate_post`, `put_on_accepted`: they decide about a number in use. CrushSync only ever puts a number
  again after an unknown outcome, so they are combined there, and shown not to matter after a change.
- `envelope`: only a refusal has one; a rejection by HTTP 200 and a good answer have none.
- `read_lag`: only where something is read soon after it was written. A rejected order is not read back.
- `webhook_event`: only where a webhook brings news.
- `late_cancel`: only a cancellation that comes too late. `bad_credentials`: a call that gets no further.
- `search_wrapper`: no flow searches; tests/vinoshipper/test_operations.py has each.
"""

from itertools import product

import pytest

from fulfillment.actions import Asked, run
from fulfillment.models import FulfillmentStatus, SyncStatus
from sandbox.shopify.samples import Address, Line, order_body
from tests.flow.conftest import World
from tests.sandbox.outside import Api

UTAH = Address(city="Salt Lake City", state="UT", zip="84101")
LAG = 5.0 * 0.1  # their five seconds, in shortened time
LAGS, ENVELOPES, CODES = (0.0, LAG), ("full", "absent", "bare"), (400, 409)
PUTS = ("refuses", "ignores", "accepts")
REJECTIONS = [("200", "full"), *(("400", envelope) for envelope in ENVELOPES)]


def place_and_send(world: World) -> str:
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)
    return world.work().number


def change_address(world: World) -> None:
    before = world.shop.orders()[0]["rest"]["shipping_address"]
    changed = {**before, "address1": "1 Other Street"}
    world.shop.edit(world.order().external_id, {"shipping_address": changed})


@pytest.mark.parametrize(("lag", "key"), list(product(LAGS, ("event", "event:"))))
def test_sending_and_hearing_of_the_parcel(world: World, lag: float, key: str) -> None:
    world.sandbox.vinoshipper.switch(read_lag=lag, webhook_event=key)
    number = place_and_send(world)
    world.sandbox.vinoshipper.move(number, "SHIPPED")
    world.run(world.is_reported)
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]
    assert not world.work().needs_attention


@pytest.mark.parametrize(("policy", "lag", "code"), list(product(PUTS, LAGS, CODES)))
def test_a_lost_answer_is_looked_for(world: World, policy: str, lag: float, code: int) -> None:
    world.sandbox.vinoshipper.switch(put_on_accepted=policy, read_lag=lag, duplicate_post=code)
    world.sandbox.add_fault("accept_then_reset", system="vinoshipper", match="PUT *")
    place_and_send(world)
    [there] = world.at_vinoshipper()
    assert (there["accepted"], there["acceptances"]) == (True, 1)
    assert not world.work().needs_attention


LOST_AND_CHANGED = [
    *((policy, lag, 409, "full") for policy in ("ignores", "accepts") for lag in LAGS),
    *(("refuses", lag, code, envelope) for lag in LAGS for code in CODES for envelope in ENVELOPES),
]


@pytest.mark.parametrize(("policy", "lag", "code", "envelope"), LOST_AND_CHANGED)
def test_a_lost_answer_and_a_change_meanwhile(
    world: World, policy: str, lag: float, code: int, envelope: str
) -> None:
    """Nothing is sent twice: what stands there and differs is a person's, unless they took the change."""
    world.sandbox.vinoshipper.switch(
        put_on_accepted=policy, read_lag=lag, duplicate_post=code, envelope=envelope
    )
    world.sandbox.add_fault("accept_then_reset", system="vinoshipper", match="PUT *")
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.work().status == SyncStatus.UNKNOWN or world.is_sent())
    change_address(world)
    world.run(lambda: world.is_sent() and street(world) == "1 Other Street")
    world.run(lambda: world.work().needs_attention or takes_the_change(world))
    [there] = world.at_vinoshipper()
    assert there["acceptances"] == 1
    if takes_the_change(world):
        assert policy == "accepts"
    else:
        assert world.work().attention_code in ("conflict", "changed_after_sending")


def street(world: World) -> str:
    ship_to: dict[str, str] = world.work().order.ship_to or {}
    return ship_to["street1"]


def takes_the_change(world: World) -> bool:
    sent: str = world.at_vinoshipper()[0]["request"]["shipToAddress"]["street1"]
    return sent == "1 Other Street"


@pytest.mark.parametrize(("rejection", "envelope"), REJECTIONS)
def test_a_forbidden_state_and_a_mended_address(world: World, rejection: str, envelope: str) -> None:
    world.account.ship_to_states = ["UT", "TX"]
    world.account.save()
    world.sandbox.vinoshipper.switch(rejection=rejection, envelope=envelope)
    placed = world.shop.place(order_body(number=1001, address=UTAH))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    assert world.work().attention_code == "not_compliant"
    assert ("UT" in world.work().attention) == (envelope != "absent")
    assert world.work().due_at is None
    world.shop.edit(placed["id"], {"shipping_address": Address().rest()})
    world.run(world.is_sent)
    assert not world.work().needs_attention
    assert [there["acceptances"] for there in world.at_vinoshipper()] == [1]


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_an_unknown_sku_and_a_mended_one(world: World, envelope: str) -> None:
    world.sandbox.vinoshipper.switch(envelope=envelope)
    placed = world.shop.place(order_body(number=1001, lines=(Line("HO-TYPO"),)))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    assert world.work().attention_code == ("refused" if envelope == "absent" else "unknown_sku")
    assert world.at_vinoshipper() == []
    line = world.shop.orders()[0]["rest"]["line_items"][0]["id"]
    world.shop.edit(placed["id"], lines=[{"id": line, "sku": "HO-PN23-750"}])
    world.run(world.is_sent)
    assert not world.work().needs_attention


@pytest.mark.parametrize(("lag", "key"), list(product(LAGS, ("event", "event:"))))
def test_void_and_send_again(world: World, lag: float, key: str) -> None:
    world.sandbox.vinoshipper.switch(read_lag=lag, webhook_event=key)
    first = place_and_send(world)
    run("void-sync", world.work().pk, Asked("ana", "wrong address"))
    world.run(lambda: world.work().status == SyncStatus.VOIDED)
    run("retry", world.work().pk, Asked("ana"))
    world.run(lambda: world.is_sent() and world.work().number == f"{first}-2")
    assert {there["number"]: there["orderStatus"] for there in world.at_vinoshipper()} == {
        first: "CANCELLED",
        f"{first}-2": "OPEN",
    }


@pytest.mark.parametrize(("code", "envelope", "lag"), list(product(CODES, ENVELOPES, LAGS)))
def test_void_too_late(world: World, code: int, envelope: str, lag: float) -> None:
    world.sandbox.vinoshipper.switch(late_cancel=code, envelope=envelope, read_lag=lag, lose_webhooks=True)
    number = place_and_send(world)
    world.sandbox.vinoshipper.move(number, "SHIPPED")
    run("void-sync", world.work().pk, Asked("ana", "changed their mind"))
    world.run(lambda: not world.work().void_reason)
    assert (world.work().status, world.work().attention_code) == (SyncStatus.SENT, "void_too_late")
    world.run(lambda: world.work().fulfillments.exists())
    assert world.shipment().status == FulfillmentStatus.SHIPPED


@pytest.mark.parametrize("policy", PUTS)
def test_a_change_after_sending_is_not_put(world: World, policy: str) -> None:
    world.sandbox.vinoshipper.switch(put_on_accepted=policy)
    place_and_send(world)
    change_address(world)
    world.run(lambda: world.work().attention_code == "changed_after_sending")
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]


@pytest.mark.parametrize(("answer", "envelope"), [("401", "full"), ("401", "bare"), ("html", "full")])
def test_wrong_keys_pause_the_account_alone(world: World, answer: str, envelope: str) -> None:
    world.sandbox.vinoshipper.switch(bad_credentials=answer, envelope=envelope)
    world.sandbox.vinoshipper.account(secret="changed")
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.paused() and world.orders_known() == 1)
    assert world.work().status == SyncStatus.WAITING
    assert not world.work().needs_attention
    world.sandbox.vinoshipper.account(secret="secret")
    world.run(world.is_sent, seconds=30)
    assert [there["puts"] for there in world.at_vinoshipper()] == [1]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_the_number_is_somebody_elses(world: World, code: int, envelope: str) -> None:
    """It goes to a person with their words, and what the other account has is not touched."""
    world.sandbox.vinoshipper.account("other", key="o", secret="o", products={"HO-PN23-750": {}})
    world.sandbox.vinoshipper.switch(duplicate_post=code, envelope=envelope)
    placed = world.shop.place(order_body(number=1001), deliver=[])
    number = f"{world.store.number_prefix}-{placed['id']}"
    Api(world.sandbox.vinoshipper.url, "o", "o").put(number)
    world.shop.tell(placed["id"], "orders/create")
    world.run(lambda: bool(world.works()) and world.work().status == SyncStatus.FAILED)
    # Without its type, a refusal is one like any other.
    assert world.work().attention_code == ("refused" if envelope == "bare" else "number_taken")
    [there] = world.at_vinoshipper()
    assert (there["account"], there["puts"]) == ("other", 1)
