"""The connection is watched: webhooks that vanish come back, missing permissions and versions are told."""

import io
import sys
from collections import Counter
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from pytest_django import Settings

from crushsync.accounts import connections
from crushsync.lib.errors import ConnectionProblem
from crushsync.lib.queue import clock
from orders.connecting import connect, rotate_secret
from orders.models import HintState, InboundHint, Store, StoreWatch
from orders.storefronts.shopify.connector import Shopify
from orders.stores import webhook_secrets, webhook_url
from orders.watch import REMOVED, notes
from sandbox.shopify.samples import order_body
from tests.flow.conftest import SECRET, TOKEN, World


@pytest.fixture
def connected(world: World) -> World:
    connect(world.store)
    return world


def watch() -> StoreWatch:
    return StoreWatch.objects.get()


def look_now() -> None:
    StoreWatch.objects.update(due_at=clock(), checked_at=clock())


def looked_at_since(moment: Any) -> bool:
    row = watch()
    return row.checked_at is not None and row.checked_at > moment and not row.is_in_flight


def look(world: World) -> None:
    look_now()
    before = clock()
    world.run(lambda: looked_at_since(before))


def ask(world: World, text: str, **variables: Any) -> dict[str, Any]:
    answer = requests.post(
        f"{world.shop.url}/admin/api/2026-07/graphql.json",
        json={"query": text, "variables": variables},
        headers={"X-Shopify-Access-Token": TOKEN},
        timeout=5,
    )
    data: dict[str, Any] = answer.json()["data"]
    return data


def subscriptions(world: World) -> dict[str, list[str]]:
    """Topic -> addresses, as the shop has them."""
    found: dict[str, list[str]] = {}
    text = "{ webhookSubscriptions(first: 100) { nodes { topic uri } } }"
    for row in ask(world, text)["webhookSubscriptions"]["nodes"]:
        found.setdefault(row["topic"], []).append(row["uri"])
    return found


def delete(world: World, topic: str) -> None:
    text = """query ($topics: [WebhookSubscriptionTopic!]) {
        webhookSubscriptions(first: 9, topics: $topics) { nodes { id } } }"""
    [row] = ask(world, text, topics=[topic])["webhookSubscriptions"]["nodes"]
    ask(
        world,
        "mutation ($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId } }",
        id=row["id"],
    )


def test_connecting_subscribes_and_looks_again_in_a_day(connected: World) -> None:
    row = watch()
    assert len(subscriptions(connected)) == len(Shopify.topics)
    assert (row.missing, row.made_again, notes(connected.store)) == ([], [], [])
    assert row.due_at
    assert row.checked_at
    assert (row.due_at - row.checked_at).total_seconds() == pytest.approx(24 * 36, abs=1)  # time runs 100 x


def test_a_deleted_webhook_is_made_again_and_told(connected: World) -> None:
    delete(connected, "ORDERS_CREATE")
    delete(connected, "REFUNDS_CREATE")
    look(connected)
    assert subscriptions(connected)["ORDERS_CREATE"] == [webhook_url(connected.store)]
    assert (watch().made_again, watch().made_again_at is not None) == (
        ["orders/create", "refunds/create"],
        True,
    )
    look(connected)
    assert watch().made_again == ["orders/create", "refunds/create"]  # the last mending stays to be read
    connected.shop.place(order_body(number=1001))
    connected.run(connected.is_sent)
    assert InboundHint.objects.filter(topic="orders/create").count() == 1


def test_webhooks_that_lead_elsewhere_are_made_for_our_address(connected: World) -> None:
    there = watch()
    connected.store.key = "moved"
    connected.store.save(update_fields=["key"])
    look(connected)
    there.refresh_from_db()
    assert there.made_again == list(Shopify.topics)
    assert webhook_url(connected.store) in subscriptions(connected)["ORDERS_PAID"]


def test_missing_permissions_are_told_with_what_they_are_for(connected: World) -> None:
    connected.shop.configure(scopes=["write_orders", "read_products", "read_locations", "write_inventory"])
    connected.shop.send_raw(b'{"previous":[],"current":[]}', topic="app/scopes_update")
    connected.run(lambda: watch().missing)
    hint = InboundHint.objects.get(topic="app/scopes_update")
    assert hint.state == HintState.DONE
    told = notes(connected.store)
    named = "The permission read_customers is missing: "
    assert told[0] == f"{named}to read a birth date that the shop keeps with the customer."
    assert len(told) == 3
    connected.shop.configure(scopes=[*Shopify.permissions])
    connected.shop.send_raw(b"{}", topic="app/scopes_update")
    connected.run(lambda: not watch().missing)
    assert notes(connected.store) == []


def test_another_api_version_is_told(connected: World) -> None:
    connected.shop.switch(api_version="2027-01")
    look(connected)
    assert notes(connected.store)[0].startswith("The shop answers with version 2027-01 of its API")
    connected.shop.switch(api_version="2026-07")
    look(connected)
    assert notes(connected.store) == []


def test_the_app_is_removed(connected: World) -> None:
    connected.shop.uninstall()
    connected.run(lambda: Store.objects.get().is_paused)
    connected.run(lambda: watch().notice)
    assert (watch().notice, notes(connected.store)) == (REMOVED, [REMOVED])
    assert Store.objects.get().is_paused


def test_an_old_removal_does_not_stop_a_store_that_works(connected: World) -> None:
    """The webhook came late: the app has been installed again since."""
    before = clock()
    connected.shop.send_raw(b'{"id":1}', topic="app/uninstalled")
    connected.run(lambda: looked_at_since(before))
    assert not Store.objects.get().is_paused
    assert (watch().told, watch().notice) == ("", "")


def test_a_paused_store_is_looked_at_when_it_is_well_again(connected: World) -> None:
    connected.shop.configure(token="another")
    look_now()
    connected.run(lambda: Store.objects.get().is_paused and watch().is_parked)
    assert watch().notice.startswith("Shopify did not accept the access token")
    connected.shop.configure(token=TOKEN)
    connected.run(lambda: watch().notice == "")
    assert not Store.objects.get().is_paused


def test_subscriptions_at_our_old_address_go(connected: World, settings: Settings) -> None:
    topics = len(Shopify.topics)
    foreign = "https://other.example/webhooks/shopify/another-key/"
    text = """mutation ($topic: WebhookSubscriptionTopic!, $uri: String!) { webhookSubscriptionCreate(
        topic: $topic, webhookSubscription: { uri: $uri }) { userErrors { message } } }"""
    ask(connected, text, topic="ORDERS_CREATE", uri=foreign)
    old = webhook_url(connected.store)
    settings.BASE_URL = "https://crushsync.example"
    look(connected)
    new = webhook_url(connected.store)
    found = Counter(uri for uris in subscriptions(connected).values() for uri in uris)
    assert found == {new: topics, foreign: 1}
    assert old not in found


def test_what_later_calls_meet_does_not_hide_that_the_app_was_removed(connected: World) -> None:
    stale = Store.objects.get()
    removed = ConnectionProblem(REMOVED, code=connections.UNINSTALLED)
    connections.pause(Store.objects.get(), removed, clock())
    connections.pause(stale, ConnectionProblem("Not accepted.", code="credentials"), clock())
    assert (Store.objects.get().pause_code, Store.objects.get().pause_sentence) == ("uninstalled", REMOVED)
    connections.pause(stale, ConnectionProblem("The shop is frozen.", code="shop_frozen"), clock())
    assert Store.objects.get().pause_sentence == "The shop is frozen."


def test_a_shop_that_is_away_is_looked_at_later(connected: World) -> None:
    connected.sandbox.add_fault("status", system="shopify", match="ConnectionCheck", status=502)
    Store.objects.update(due_at=None)  # the first poll would ask the same
    look(connected)
    assert len(connected.calls("shopify", "ConnectionCheck")) == 3  # connecting, the bad one, the good one
    assert not Store.objects.get().is_paused


def test_refused_webhooks_are_told(connected: World) -> None:
    delete(connected, "ORDERS_CREATE")
    connected.store.base_url = connected.shop.url
    connected.sandbox.add_fault("status", system="shopify", match="WebhookSubscriptionCreate", status=422)
    look(connected)
    assert notes(connected.store) == [
        "Not all webhooks could be subscribed to. Shopify refused the request (422)."
    ]
    look(connected)
    assert notes(connected.store) == []


def test_a_store_that_is_switched_off_is_left_alone(connected: World) -> None:
    Store.objects.update(is_active=False)
    look_now()
    connected.run()
    assert (watch().due_at, len(connected.calls("shopify", "ConnectionCheck"))) == (None, 1)


def rotate(world: World, monkeypatch: pytest.MonkeyPatch, *more: str, secret: str = "") -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f'{{"webhook_secret": "{secret}"}}'))
    named = ["--winery", world.store.winery.slug, "--store", world.store.name]
    call_command("rotate_webhook_secret", *named, "--credentials-stdin", *more)


def test_the_webhook_secret_rotates(connected: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rotate(connected, monkeypatch, secret="fresh")
    connected.shop.place(order_body(number=1001))  # still signed with the old one
    connected.run(connected.is_sent)
    connected.shop.configure(secret="fresh")
    connected.shop.place(order_body(number=1002))
    connected.run(lambda: connected.orders_known() == 2)
    rotate(connected, monkeypatch, "--drop-old")
    assert webhook_secrets(Store.objects.get()) == ["fresh"]
    connected.shop.configure(secret=SECRET)
    connected.shop.send_raw(b'{"id":1}')
    connected.sandbox.settle()
    assert InboundHint.objects.filter(topic="orders/create").count() == 2
    with pytest.raises(CommandError, match="No new secret"):
        rotate(connected, monkeypatch)


def test_an_apps_client_secret_rotates_with_it(world: World) -> None:
    world.store.credentials = {**world.store.credentials, "client_id": "app", "client_secret": SECRET}
    rotate_secret(world.store, "fresh")
    stored = Store.objects.get()
    assert stored.credentials["client_secret"] == "fresh"
    assert sorted(set(webhook_secrets(stored))) == ["fresh", SECRET]
    rotate_secret(stored, "newest")
    assert sorted(set(webhook_secrets(Store.objects.get()))) == ["fresh", "newest"]
