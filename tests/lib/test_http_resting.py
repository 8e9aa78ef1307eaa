"""Connections that rest between calls: reused when sound, replaced when not; no write is ever repeated."""

import itertools
import threading
import time
from collections.abc import Callable
from unittest import mock

import pytest

from crushsync.lib.errors import OutcomeUnknown, SyncError
from crushsync.lib.http import Client
from crushsync.lib.http import wire as wire_module
from tests.lib.conftest import Handler, RawServer, Visit, always, answer

Start = Callable[[Handler], RawServer]
DEADLINE = 0.6


def failed(client: Client, *, writes: bool) -> SyncError:
    with pytest.raises(SyncError) as caught:
        client.call("PUT" if writes else "GET", "/", writes=writes)
    return caught.value


def once_then_closes(visit: Visit) -> None:
    visit.read()
    visit.say(answer())


@pytest.mark.parametrize("writes", [True, False])
def test_a_connection_closed_while_resting_is_replaced(raw_server: Start, writes: bool) -> None:
    server = raw_server(once_then_closes)
    client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
    for _ in range(3):
        assert client.call("PUT", "/", writes=writes).status == 200
        time.sleep(0.05)
    assert (server.visits, len(server.requests)) == (3, 3)


def closes_on_the_second(visit: Visit) -> None:
    """Answer once, take the second request on the same connection, and hang up without a word."""
    visit.read()
    visit.say(answer())
    visit.read()


def test_a_read_is_repeated_once_when_the_peer_closes(raw_server: Start) -> None:
    server = raw_server(closes_on_the_second)
    client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
    assert [client.call("GET", "/", writes=False).status for _ in range(2)] == [200, 200]
    assert (server.visits, len(server.requests)) == (2, 3)


def test_a_write_is_never_repeated_once_sent(raw_server: Start) -> None:
    server = raw_server(closes_on_the_second)
    client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
    client.call("PUT", "/", writes=True)
    error = failed(client, writes=True)
    assert (type(error), error.code, server.visits, len(server.requests)) == (OutcomeUnknown, "closed", 1, 2)


def test_a_write_of_which_no_byte_left_goes_on_a_new_connection(raw_server: Start) -> None:
    server = raw_server(always(answer()))
    client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
    client.call("PUT", "/", writes=True)
    failures = itertools.chain([BrokenPipeError()], itertools.repeat(None))
    send = wire_module.TimedSocket.sendall

    def first_send_fails(timed: wire_module.TimedSocket, data: bytes) -> None:
        failure = next(failures)
        if failure:
            raise failure
        send(timed, data)

    with mock.patch.object(wire_module.TimedSocket, "sendall", first_send_fails):
        assert client.call("PUT", "/", writes=True).status == 200
    assert (server.visits, len(server.requests)) == (2, 2)


def test_a_read_that_times_out_is_not_repeated(raw_server: Start) -> None:
    def handler(visit: Visit) -> None:
        visit.read()
        visit.say(answer())
        visit.read()
        visit.server.closing.wait(10)

    server = raw_server(handler)
    client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
    client.call("GET", "/", writes=False)
    assert failed(client, writes=False).code == "timeout"
    assert (server.visits, len(server.requests)) == (1, 2)


def test_words_nobody_asked_for_end_a_connection(raw_server: Start) -> None:
    """An answer too many would otherwise be taken for the answer to the next request."""

    def handler(visit: Visit) -> None:
        visit.read()
        visit.say(answer(b'{"order":1}'))
        time.sleep(0.02)
        visit.say(answer(b'{"order":"not yours"}'))
        visit.server.closing.wait(5)

    server = raw_server(handler)
    client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
    for _ in range(2):
        assert client.call("GET", "/", writes=False).json() == {"order": 1}
        time.sleep(0.1)
    assert server.visits == 2


def test_an_old_resting_connection_is_not_trusted(raw_server: Start) -> None:
    server = raw_server(always(answer()))
    client = Client(server.url, partner="Vinoshipper", timeout=DEADLINE)
    client.call("PUT", "/", writes=True)
    with mock.patch.object(wire_module, "IDLE_SECONDS", 0.0):
        client.call("PUT", "/", writes=True)
    assert server.visits == 2


def test_no_more_connections_rest_than_the_pool_may_hold(raw_server: Start) -> None:
    everybody_is_here, ended = threading.Barrier(3), []

    def handler(visit: Visit) -> None:
        visit.read()
        everybody_is_here.wait(5)
        visit.say(answer())
        ended.append(visit.socket.recv(1))

    client = Client(raw_server(handler).url, partner="Vinoshipper", pool_size=2)
    threads = [
        threading.Thread(target=client.call, args=("GET", "/"), kwargs={"writes": False}) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(0.1)
    assert ended == [b""]


def test_threads_share_a_client_and_no_answer_is_mixed_up(raw_server: Start) -> None:
    def handler(visit: Visit) -> None:
        while request := visit.read():
            visit.say(answer(request.split(b" ")[1].lstrip(b"/")))

    server = raw_server(handler)
    client = Client(server.url, partner="Vinoshipper", pool_size=4)
    wrong: list[int] = []

    def work(first: int) -> None:
        for number in range(first, first + 40):
            if client.call("GET", f"/{number}", writes=False).json() != number:
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(100 * n + 1,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(server.requests)) == ([], 320)
    client.close()
    assert client.call("GET", "/7", writes=False).json() == 7
