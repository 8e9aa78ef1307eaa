"""Authentic and stored is 200, whatever it says; each body gets a state and a reason; nothing else stops."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from compliance.connecting import hint_url
from fulfillment.models import SyncStatus
from orders.models import HintState, InboundHint, Order
from orders.stores import webhook_url
from orders.webhooks import LARGEST_BODY
from sandbox.shopify.samples import order_body
from tests.bad_input.conftest import OWN_FAULTS, Poster, newest
from tests.bad_input.corpus import CORPUS
from tests.factories import StoreFactory
from tests.flow.conftest import World


def test_each_body_is_stored_answered_200_and_explained(
    world: World, poster: Poster, caplog: pytest.LogCaptureFixture
) -> None:
    world.store.name = "Hollow Oak"
    world.store.save()
    rows = {}
    for case in CORPUS:
        assert poster.post(case.body, case.topic) == 200, case.name
        rows[case.name] = newest().pk
        assert bytes(newest().body or b"") == case.body, case.name
    world.shop.place(order_body(number=1001))
    world.run(world.is_sent)

    hints = InboundHint.objects.in_bulk(list(rows.values()))
    verdicts = {name: (hints[pk].state, hints[pk].sentence) for name, pk in rows.items()}
    assert verdicts == {case.name: (case.state, case.sentence) for case in CORPUS}
    assert {(hint.due_at, hint.open_claims) for hint in hints.values()} == {(None, 0)}
    assert [work.status for work in world.works()] == [SyncStatus.SENT]
    assert not [fault for fault in OWN_FAULTS if fault in caplog.text]


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"[]", b'{"event": "\\u0000"}', b"[" * 50_000, b"null"])
def test_vinoshippers_bodies_are_stored_and_explained_too(world: World, body: bytes) -> None:
    assert Poster(hint_url(world.account)).send(body, {}) == 200
    world.run(lambda: newest().state != HintState.WAITING)
    assert bytes(newest().body or b"") == body
    assert (newest().state, bool(newest().sentence)) == (HintState.MALFORMED, True)


def test_unproven_ones_are_refused_and_leave_nothing(world: World, poster: Poster) -> None:
    body = b'{"id": 7}'
    other = StoreFactory.create(credentials={"webhook_secret": "another secret"})
    good = poster.headers(body)
    assert poster.post(body, X_Shopify_Hmac_Sha256="") == 401
    assert poster.post(body, X_Shopify_Hmac_Sha256="bm90IGl0") == 401
    assert poster.post(body, X_Shopify_Hmac_Sha256="not base64 at all") == 401
    assert poster.send(body, {**good, "X-Shopify-Hmac-Sha256": "ü".encode()}) == 401
    assert poster.send(body.replace(b"7", b"8"), good) == 401
    assert poster.send(b"", good) == 401
    assert Poster(webhook_url(other)).send(body, good) == 401
    assert Poster(poster.url, secret="").post(body) == 401
    assert InboundHint.objects.count() == 0
    assert poster.send(body, good) == 200
    assert InboundHint.objects.count() == 1


def test_a_store_without_a_secret_believes_nobody(world: World) -> None:
    bare = StoreFactory.create(credentials={})
    assert Poster(webhook_url(bare), secret="").post(b"{}") == 401
    assert InboundHint.objects.count() == 0


def test_unknown_and_switched_off_addresses(world: World, poster: Poster) -> None:
    assert Poster(poster.url.replace(world.store.key, "nobody")).post(b"{}") == 404
    assert Poster(poster.url.replace("/shopify/", "/etsy/")).post(b"{}") == 404
    world.store.is_active = False
    world.store.save()
    assert poster.post(b"{}") == 404
    assert InboundHint.objects.count() == 0


def test_too_large_is_refused_before_it_is_read(world: World, poster: Poster) -> None:
    assert poster.post(b"x" * LARGEST_BODY) == 200
    head = f"POST {urlsplit(poster.url).path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    assert raw_status(poster.url, head + f"Content-Length: {LARGEST_BODY + 1}\r\n\r\n") == 413
    assert raw_status(poster.url, head + f"Content-Length: {10**15}\r\n\r\n") == 413
    assert InboundHint.objects.count() == 1


def test_a_body_in_chunks_is_refused_instead_of_read_as_empty(world: World, poster: Poster) -> None:
    head = (
        f"POST {urlsplit(poster.url).path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
    )
    assert raw_status(poster.url, head + "9\r\n" + '{"id": 7}' + "\r\n0\r\n\r\n") == 411
    assert InboundHint.objects.count() == 0


@pytest.mark.parametrize("length", ["many", "-1", "1_0", "²"])
def test_a_length_that_is_none_is_refused(world: World, poster: Poster, length: str) -> None:
    head = f"POST {urlsplit(poster.url).path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    assert raw_status(poster.url, head + f"Content-Length: {length}\r\n\r\n") == 400
    assert InboundHint.objects.count() == 0


def raw_status(url: str, request: str) -> int:
    """Send these very bytes; the status that comes back."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.connect()
    connection.sock.sendall(request.encode("latin-1"))
    answer = http.client.HTTPResponse(connection.sock)
    answer.begin()
    connection.close()
    return answer.status


def test_one_delivery_ten_times_at_once_is_one_row(world: World, poster: Poster, settings: Settings) -> None:
    world.shop.place(order_body(number=1001), deliver=[])
    [placed] = world.shop.orders()
    body = f'{{"id": {placed["id"]}}}'.encode()
    headers = poster.headers(body)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: poster.send(body, headers), range(10)))
    assert answers == [200] * 10
    assert InboundHint.objects.count() == 1
    world.run(world.is_sent)
    assert poster.send(body, headers) == 200
    # our marks in the shop come back as orders/updated
    assert InboundHint.objects.filter(store=world.store, topic="orders/create").count() == 1
    assert (Order.objects.count(), len(world.accepted())) == (1, 1)


def test_deliveries_without_an_id_are_told_apart_by_their_bytes(world: World, poster: Poster) -> None:
    for body in (b'{"id": 7}', b'{"id": 7}', b'{"id": 8}'):
        assert poster.post(body, X_Shopify_Webhook_Id="") == 200
    assert InboundHint.objects.count() == 2
