"""Access tokens that end: renewed in time by one worker, and never lost."""

import io
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from crushsync.lib.queue import Done, Job, claim, clock, drain
from fulfillment.models import SyncStatus
from fulfillment.pipeline import lanes
from orders.connecting import connect, keep
from orders.models import Store, StoreToken, TokenKind
from orders.stores import storefront, webhook_secrets
from orders.tokens import LOST, TokenLane
from sandbox.shopify.samples import order_body
from tests.flow.conftest import SECRET, World

APP = {"client_id": "app", "client_secret": SECRET}


@pytest.fixture
def shop(world: World) -> World:
    """The fixed token is no longer good: only what the token address issues is."""
    world.shop.configure(client_id="app", token="shpat_nobody_knows")
    return world


def enter(world: World, **credentials: str) -> Store:
    world.store.credentials = credentials
    return world.store


def with_pair(world: World, seconds: float = 3600) -> StoreToken:
    """The store has an expiring token and the refresh token that came with it, which nobody has used."""
    pair = world.shop.tokens(seconds)
    keep(enter(world, **APP, access_token=pair["access_token"], refresh_token=pair["refresh_token"]))
    return StoreToken.objects.get()


def make_due() -> None:
    StoreToken.objects.update(due_at=clock() - timedelta(seconds=1))


def requests_made(world: World) -> list[dict[str, Any]]:
    calls = world.sandbox.log(system="shopify", direction="in")
    return [json.loads(call["request"]) for call in calls if call["path"].endswith("/oauth/access_token")]


def finish(job: Job) -> Done:
    return Done(job, job.call(), None, 0.1)


def issued(world: World) -> dict[str, str]:
    world.store.refresh_from_db()
    return dict(world.store.issued)


def lives(minutes: float) -> Callable[[], bool]:
    """Whether the present token ends in so many minutes, more or less one."""

    def holds() -> bool:
        row = StoreToken.objects.get()
        left = (row.expires_at or clock()) - clock()
        return row.open_claims == 0 and abs(left - timedelta(minutes=minutes)) < timedelta(minutes=1)

    return holds


def margin() -> timedelta | None:
    """How long before its end the present token is renewed."""
    row = StoreToken.objects.get()
    return row.expires_at - row.due_at if row.expires_at and row.due_at else None


def test_client_credentials_connect_a_store_and_are_renewed(shop: World) -> None:
    connect(enter(shop, **APP))
    assert (StoreToken.objects.get().kind, lives(24 * 60)()) == (TokenKind.CLIENT, True)
    assert margin() == timedelta(hours=2)
    shop.shop.place(order_body(number=1001))
    shop.run(shop.is_sent)
    before = issued(shop)["access_token"]
    make_due()
    shop.run(lambda: issued(shop)["access_token"] != before)
    assert [call["grant_type"] for call in requests_made(shop)] == ["client_credentials"] * 2


def test_a_refresh_token_buys_the_next_pair(shop: World) -> None:
    row = with_pair(shop)
    assert row.kind == TokenKind.REFRESH
    first = issued(shop)
    shop.run(lives(60))
    second = issued(shop)
    assert margin() == timedelta(minutes=15)
    make_due()
    shop.run(lambda: issued(shop) != second)
    spent = [call["refresh_token"] for call in requests_made(shop)]
    assert spent == [first["refresh_token"], second["refresh_token"]]
    assert len({first["access_token"], second["access_token"], issued(shop)["access_token"]}) == 3
    shop.shop.place(order_body(number=1001))
    shop.run(shop.is_sent)


def test_short_tokens_never_end_in_use(shop: World) -> None:
    """Orders all the while, tokens of four seconds: no call is refused."""
    shop.shop.switch(token_seconds=4)
    connect(enter(shop, **APP))
    for number in range(1001, 1009):
        shop.shop.place(order_body(number=number))
        drain(lanes(), seconds=1)
    assert shop.orders_known() == 8
    refused = [call for call in shop.sandbox.log(system="shopify", direction="in") if call["status"] == 401]
    assert (refused, len(requests_made(shop)) >= 3) == ([], True)


def test_a_token_that_ends_early_is_replaced_and_the_store_goes_on(shop: World) -> None:
    connect(enter(shop, **APP))
    StoreToken.objects.update(refreshed_at=clock() - timedelta(hours=3))
    Store.objects.update(issued={"access_token": "shpat_revoked"})
    shop.shop.place(order_body(number=1001))
    shop.run(shop.is_sent)
    shop.store.refresh_from_db()
    assert not shop.store.is_paused
    assert len(requests_made(shop)) == 2


@pytest.mark.parametrize("kind", ["accept_then_reset", "accept_then_status", "garbage", "truncated"])
def test_a_lost_answer_is_asked_for_again_with_the_old_refresh_token(shop: World, kind: str) -> None:
    shop.sandbox.add_fault(kind, system="shopify", match="POST *access_token", status=502)
    with_pair(shop)
    old = issued(shop)["refresh_token"]
    shop.run(lambda: StoreToken.objects.get().sentence == LOST)
    assert issued(shop)["refresh_token"] == old
    shop.run(lives(60))
    assert [call["refresh_token"] for call in requests_made(shop)] == [old, old]
    assert StoreToken.objects.get().sentence == ""


def test_a_refused_refresh_token_is_told_and_nothing_is_asked_again(shop: World) -> None:
    shop.shop.switch(spent_refresh="refused")
    shop.sandbox.add_fault("accept_then_reset", system="shopify", match="POST *access_token")
    with_pair(shop)
    shop.run(lambda: StoreToken.objects.get().sentence.startswith("Shopify no longer accepts"))
    shop.run()
    row = StoreToken.objects.get()
    shop.store.refresh_from_db()
    assert (row.due_at, shop.store.is_paused, len(requests_made(shop))) == (None, True, 2)
    assert shop.store.pause_sentence.endswith("Install the app in the shop again.")
    with_pair(shop)
    shop.run(lives(60))
    shop.store.refresh_from_db()
    assert not shop.store.is_paused


def test_a_wrong_secret_leaves_the_present_token_in_use(shop: World) -> None:
    connect(enter(shop, **APP))
    shop.shop.configure(secret="rotated")
    make_due()
    shop.run(lambda: StoreToken.objects.get().sentence.startswith("Shopify does not know this client id"))
    shop.store.refresh_from_db()
    row = StoreToken.objects.get()
    assert (shop.store.is_paused, row.due_at) == (False, row.expires_at)
    keep(enter(shop, client_id="app", client_secret="rotated"))
    shop.run(lambda: StoreToken.objects.get().sentence == "")


def test_wrong_credentials_are_not_connected(shop: World) -> None:
    with pytest.raises(Exception, match="does not know this client id"):
        connect(enter(shop, client_id="app", client_secret="wrong"))
    assert (StoreToken.objects.count(), issued(shop)) == (0, {})


def test_one_worker_refreshes(shop: World) -> None:
    with_pair(shop)
    first, second = claim(StoreToken, 10, 45), claim(StoreToken, 10, 45)
    assert (len(first), second) == (1, [])


def test_the_pair_of_a_worker_that_came_late_is_kept(shop: World) -> None:
    """Its lease was over and another worker had claimed; but only its answer came."""
    with_pair(shop)
    make_due()
    late = TokenLane()
    done = [finish(job) for job in late.prepare(claim(StoreToken, 1, 0))]
    make_due()
    [other] = claim(StoreToken, 1, 45)
    late.settle(done)
    other.refresh_from_db()
    assert issued(shop)["refresh_token"] == done[0].result.refresh_token
    assert other.open_claims == 2  # the other worker's claim is its own to end


def test_a_result_that_nobody_waits_for_replaces_nothing(shop: World) -> None:
    """A person entered another pair while the old one was being refreshed."""
    with_pair(shop)
    done = [finish(job) for job in TokenLane().prepare(claim(StoreToken, 1, 45))]
    entered = with_pair(shop)
    newest = issued(shop)
    TokenLane().settle(done)
    entered.refresh_from_db()
    assert issued(shop) == newest
    shop.run(lives(60))


def test_saving_the_settings_does_not_undo_a_refresh(shop: World) -> None:
    with_pair(shop)
    page = Store.objects.get()  # an open page, read before
    shop.run(lives(60))
    newest = issued(shop)
    page.notify_customer = False
    keep(page)
    assert issued(shop) == newest
    assert not Store.objects.get().notify_customer


def test_the_connector_gets_the_access_token_and_nothing_that_buys_one(shop: World) -> None:
    with_pair(shop)
    shop.store.refresh_from_db()
    held = dict(storefront(shop.store).connection.credentials)
    assert held == {"access_token": shop.store.issued["access_token"], "client_id": "app"}
    assert webhook_secrets(shop.store) == [SECRET]


def test_a_fixed_token_has_nothing_to_renew(world: World) -> None:
    connect(world.store)
    assert StoreToken.objects.count() == 0


def test_from_a_fixed_token_to_client_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.shop.configure(client_id="app")
    asked = ["connect_store", "--winery", world.store.winery.slug, "--platform", "shopify"]
    asked += ["--name", world.store.name, "--credentials-stdin", "--forget", "access_token"]
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(APP)))
    call_command(*asked)
    assert StoreToken.objects.get().kind == TokenKind.CLIENT
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps({"client_secret": "wrong"})))
    with pytest.raises(CommandError, match="does not know this client id"):
        call_command(*asked)
    assert world.works() == []
    world.shop.place(order_body(number=1001))
    world.run(lambda: [work.status for work in world.works()] == [SyncStatus.SENT])


def test_no_token_is_in_a_log_or_a_page(shop: World, caplog: pytest.LogCaptureFixture) -> None:
    row = with_pair(shop)
    held = [*issued(shop).values(), SECRET]
    shop.run(lives(60))
    told = f"{caplog.text}{row}{storefront(shop.store)!r}{vars(row)}"
    assert [secret for secret in held if secret in told] == []
