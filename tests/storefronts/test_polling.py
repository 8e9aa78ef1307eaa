"""The poll gets past a crowd of changes, however many fall within the time it looks back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crushsync.accounts.connections import keep
from crushsync.lib.queue import Done, Job, claim, clock, drain
from orders import polling
from orders.models import InboundHint, Store
from tests.factories import StoreFactory
from tests.storefronts.answers import as_json

TAGGED = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
PAGE = 5


def shop_with(count: int, server: HTTPServer, apart: timedelta = timedelta(seconds=1)) -> list[datetime]:
    """A shop whose staff tagged so many orders, one each second; from when on each look asked is noted."""
    orders = {number: TAGGED + number * apart for number in range(1, count + 1)}
    looks: list[datetime] = []

    def answer(request: Request) -> Response:
        asked = request.json["variables"]
        if request.json["operationName"] != "OrdersUpdatedSince":
            granted = {"accessScopes": [{"handle": "read_all_orders"}]}
            return Response(as_json({"data": {"shop": {}, "currentAppInstallation": granted}}))
        since = datetime.fromisoformat(asked["query"].split("'")[1])
        start = int(asked["after"] or 0)
        if not start:
            looks.append(since)
        found = [(number, when) for number, when in orders.items() if when >= since]
        nodes = [
            {"id": f"gid://shopify/Order/{number}", "updatedAt": when.isoformat()}
            for number, when in found[start : start + PAGE]
        ]
        info = {"hasNextPage": len(found) > start + PAGE, "endCursor": str(start + PAGE)}
        return Response(as_json({"data": {"orders": {"nodes": nodes, "pageInfo": info}}}))

    server.expect_request(re.compile(".*")).respond_with_handler(answer)
    return looks


def look() -> None:
    Store.objects.update(due_at=clock() - timedelta(seconds=1))
    drain([polling.PollLane()], seconds=20, until_idle=True)


@pytest.mark.django_db(transaction=True)
def test_more_changes_at_once_than_a_look_takes(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "MOST_PAGES", 2)
    looks = shop_with(24, httpserver)
    StoreFactory.create(base_url=httpserver.url_for(""), starts_at=TAGGED)
    for _ in range(3):
        look()
    assert set(InboundHint.objects.values_list("order_number", flat=True)) == {str(n) for n in range(1, 25)}
    # Cut at the 10th and at the 19th change; the last look saw the end, so the next one looks back again.
    cut = [TAGGED + timedelta(seconds=10), TAGGED + timedelta(seconds=19)]
    assert looks == [TAGGED - polling.OVERLAP, *cut]
    assert Store.objects.get().polled_to == TAGGED + timedelta(seconds=24)
    assert InboundHint.objects.count() == 24


@pytest.mark.django_db(transaction=True)
def test_an_earlier_start_finds_the_orders_since_then(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They were changed before what the last look saw; also if a look is under way."""
    monkeypatch.setattr(polling, "OVERLAP", timedelta(0))
    shop_with(5, httpserver)
    store = StoreFactory.create(base_url=httpserver.url_for(""), starts_at=TAGGED + timedelta(seconds=4))
    look()
    store = Store.objects.get()
    [under_way] = due_soon()
    store.starts_at = TAGGED
    keep(store)
    polling.PollLane().settle([Done(under_way, under_way.call(), None, 0.1)])
    look()
    assert set(InboundHint.objects.values_list("order_number", flat=True)) == {"1", "2", "3", "4", "5"}


def due_soon() -> list[Job]:
    """A look that has begun."""
    Store.objects.update(due_at=clock() - timedelta(seconds=1))
    return polling.PollLane().prepare(claim(Store, 1, 60))


@pytest.mark.django_db(transaction=True)
def test_more_changes_of_one_second_than_a_look_takes(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app tagged them all at once: a look that went no further in time would see the same for ever."""
    monkeypatch.setattr(polling, "MOST_PAGES", 2)
    shop_with(24, httpserver, apart=timedelta(0))
    StoreFactory.create(base_url=httpserver.url_for(""), starts_at=TAGGED)
    for _ in range(3):
        look()
    assert InboundHint.objects.count() == 24


def refuse(server: HTTPServer, code: str) -> None:
    told = {"errors": [{"message": "No.", "extensions": {"code": code}}]}
    server.clear_all_handlers()
    server.expect_request(re.compile(".*")).respond_with_json(told)


@pytest.mark.django_db(transaction=True)
def test_after_a_long_outage_it_is_looked_again_within_minutes(httpserver: HTTPServer) -> None:
    """Other calls are tried ever later; the shop's webhooks of that time may be gone for good."""
    refuse(httpserver, "INTERNAL_SERVER_ERROR")
    StoreFactory.create(base_url=httpserver.url_for(""), starts_at=TAGGED)
    Store.objects.update(tries=8)
    look()
    store = Store.objects.get()
    assert store.due_at is not None
    assert store.due_at - clock() <= polling.PollLane.every


@pytest.mark.django_db(transaction=True)
def test_a_look_that_is_refused_is_told_until_one_is_not(httpserver: HTTPServer) -> None:
    refuse(httpserver, "undefinedField")
    StoreFactory.create(base_url=httpserver.url_for(""), starts_at=TAGGED)
    look()
    assert Store.objects.get().poll_note == (
        "The shop refuses to list changed orders: Shopify did not accept the question: No."
    )
    httpserver.clear_all_handlers()
    shop_with(2, httpserver)
    look()
    assert (Store.objects.get().poll_note, InboundHint.objects.count()) == ("", 2)
