"""check_connection names what is wrong with a Vinoshipper account."""

from typing import Any

import pytest
from django.core.management import CommandError

from compliance.connecting import connect
from fulfillment.actions import Asked
from fulfillment.actions import run as act
from fulfillment.models import SyncStatus
from sandbox.shopify.samples import order_body
from tests.commands.conftest import Run, run
from tests.flow.conftest import World

__all__ = ["run"]
KEYS = "Keys: Vinoshipper did not accept the API key and secret."
SIGN_IN = "Keys: Vinoshipper showed its sign-in page: the API key or secret is wrong, or the address."


def checked(world: World, run: Run) -> str:
    return run("check_connection", "--winery", world.account.winery.slug, "--name", world.account.name)


def test_in_order(world: World, run: Run) -> None:
    assert checked(world, run) == f"{world.account.name} is in order: hollow-oak, 5 products."
    asked = world.sandbox.log(system="vinoshipper", direction="in")[1:]
    assert [call["path"] for call in asked if call["method"] != "GET"] == [
        "/vinoshipper/api/v3/p/orders/search"
    ]


@pytest.mark.parametrize(
    ("there", "switches", "sentence"),
    [
        ({"secret": "other"}, {}, KEYS),
        ({"secret": "other"}, {"bad_credentials": "html"}, SIGN_IN),
        (
            {"permitted": False},
            {},
            "Permission: the API key is right and is not permitted to read the account.",
        ),
        ({"webhooks_enabled": False}, {}, "Webhooks are not enabled for this account"),
        (
            {"states": ["CA"]},
            {},
            "States: selected here and not at Vinoshipper: New York, Oregon, Texas, Washington.",
        ),
    ],
)
def test_what_is_wrong_there(
    world: World, run: Run, there: dict[str, Any], switches: dict[str, Any], sentence: str
) -> None:
    world.sandbox.vinoshipper.account(**there)
    world.sandbox.vinoshipper.switch(**switches)
    with pytest.raises(CommandError) as caught:
        checked(world, run)
    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value).splitlines()) == 1


def test_no_products_no_states_and_no_webhook(world: World, run: Run) -> None:
    world.sandbox.vinoshipper.account("empty", key="e", secret="e", producer_id=77)
    world.account.credentials = {"api_key": "e", "api_secret": "e"}
    world.account.producer_id, world.account.ship_to_states = "", []
    world.account.save()
    with pytest.raises(CommandError) as caught:
        checked(world, run)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "Vinoshipper does not send its webhooks to http",
        "Products",
        "States",
    ]


def test_cash_payment_shows_with_the_first_order(world: World, run: Run) -> None:
    world.sandbox.vinoshipper.account(cash_payment=False)
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    assert world.work().attention_code == "payment_missing"
    with pytest.raises(CommandError, match=r"Payment: Vinoshipper did not take 1 of the orders as paid"):
        checked(world, run)


def test_orders_that_stand_there_and_count_as_not_sent_here(world: World, run: Run) -> None:
    """As after a restored backup: a search tells which of ours are there, and Retry takes them over."""
    for number in (1001, 1002):
        world.shop.place(order_body(number=number))
    world.run(lambda: [work.status for work in world.works()] == [SyncStatus.SENT] * 2)
    assert checked(world, run).endswith("5 products.")
    lost, kept = world.work("#1001"), world.work("#1002")
    type(lost).objects.filter(pk=lost.pk).update(status=SyncStatus.FAILED, due_at=None, sent_at=None)
    with pytest.raises(CommandError) as caught:
        checked(world, run)
    assert str(caught.value).startswith(f"Orders: {lost.number} stand at Vinoshipper")
    assert kept.number not in str(caught.value)
    act("retry", lost.pk, Asked("ana"))
    world.run(lambda: world.work("#1001").status == SyncStatus.SENT)
    assert [there["acceptances"] for there in world.at_vinoshipper()] == [1, 1]
    assert checked(world, run).endswith("5 products.")


def test_connecting_goes_on_without_webhooks_and_says_so(world: World) -> None:
    world.sandbox.vinoshipper.account(webhooks_enabled=False)
    [told] = connect(world.account).wrong
    assert told.startswith("Webhooks are not enabled for this account")
