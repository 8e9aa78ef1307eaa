"""Idempotency-Key: an effect once, whatever how often and how badly it is asked for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from crushsync.accounts.keys import rotate
from crushsync.accounts.models import CallCount, IdempotentCall, Winery
from crushsync.api import racing
from crushsync.api.once import KEPT, sweep
from fulfillment.models import FulfillmentOrder, Listing
from orders.models import OrderEvent, Store
from tests.api.conftest import MakeProgram, Program
from tests.factories import FulfillmentOrderFactory, StoreFactory


def listing(store: Store, sku: str = "PN22") -> dict[str, Any]:
    return {"store": store.pk, "sku": sku, "destination_sku": "ESTATE"}


@pytest.fixture
def store(winery: Winery) -> Store:
    return StoreFactory.create(winery=winery)


@pytest.mark.django_db
def test_the_first_answer_again(program: Program, store: Store) -> None:
    first = program.post("listings", listing(store), once="k1")
    again = program.post("listings", listing(store), once="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert again["ETag"] == first["ETag"]
    assert Listing.objects.count() == 1
    assert program.post("listings", listing(store), once="k2").status_code == 409


@pytest.mark.django_db
def test_another_body_or_address_is_refused(program: Program, store: Store) -> None:
    program.post("listings", listing(store), once="k1")
    work = FulfillmentOrderFactory.create(order__store=store)
    for answer in (
        program.post("listings", listing(store, "OTHER"), once="k1"),
        program.post(f"orders/{work.order_id}/actions/hold", once="k1"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Listing.objects.count() == 1
    assert not FulfillmentOrder.objects.get().is_held


@pytest.mark.django_db
def test_a_refusal_is_kept_like_any_answer(program: Program, store: Store) -> None:
    work = FulfillmentOrderFactory.create(order__store=store, status="sent")
    url = f"orders/{work.order_id}/actions/retry"
    first = program.post(url, once="k1")
    FulfillmentOrder.objects.update(status="failed")
    again = program.post(url, once="k1")
    assert (first.status_code, again.status_code, again.content) == (409, 409, first.content)
    assert again["Content-Type"] == "application/problem+json"
    assert not OrderEvent.objects.exists()


@pytest.mark.django_db
def test_keys_of_two_callers_do_not_meet(winery: Winery, store: Store, program_of: MakeProgram) -> None:
    assert program_of(winery).post("listings", listing(store), once="k1").status_code == 201
    assert program_of(winery).post("listings", listing(store, "OTHER"), once="k1").status_code == 201


@pytest.mark.django_db
def test_a_key_that_takes_anothers_place_is_the_same_caller(
    program: Program, store: Store, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-18T16:45:10Z", tick=False)
    first = program.post("listings", listing(store), once="k1")
    second = Program(*rotate(program.key, by="ana"))
    third = Program(*rotate(second.key, by="ana"))
    for later in (second, third):
        again = later.post("listings", listing(store), once="k1")
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert int(again["RateLimit-Remaining"]) == int(first["RateLimit-Remaining"]) - 2
    assert CallCount.objects.count() == 1
    assert Listing.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["a b", "é", "x" * 201])
def test_a_key_that_is_none(program: Program, store: Store, key: str) -> None:
    answer = program.post("listings", listing(store), once=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert not Listing.objects.exists()


@pytest.mark.django_db
def test_a_call_under_way_and_one_whose_holder_died(program: Program, store: Store) -> None:
    program.post("listings", listing(store), once="k1")
    Listing.objects.all().delete()  # it died before anything was committed
    IdempotentCall.objects.update(status=None, answer=None, held_until=timezone.now() + timedelta(minutes=1))
    running = program.post("listings", listing(store), once="k1")
    assert (running.status_code, running.json()["code"]) == (409, "idempotency_running")
    assert running["Retry-After"] == "2"
    assert not Listing.objects.exists()
    IdempotentCall.objects.update(held_until=timezone.now())
    assert program.post("listings", listing(store), once="k1").status_code == 201
    assert IdempotentCall.objects.get().fence == 2


@pytest.mark.django_db
def test_whoever_was_too_slow_undoes_what_it_did(
    program: Program, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = FulfillmentOrderFactory.create(order__store=store)
    real = FulfillmentOrder.save

    def taken_over(self: FulfillmentOrder, *args: Any, **kwargs: Any) -> None:
        IdempotentCall.objects.update(fence=7)
        real(self, *args, **kwargs)

    monkeypatch.setattr(FulfillmentOrder, "save", taken_over)
    answer = program.post(f"orders/{work.order_id}/actions/hold", once="k1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_running")
    work.refresh_from_db()
    assert not work.is_held


@pytest.mark.django_db
def test_a_connection_that_is_cut_in_the_commit_does_nothing_twice(
    program: Program, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All was written, only nobody was told."""

    class Cut:
        @contextmanager
        def atomic(self) -> Iterator[None]:
            with transaction.atomic():
                yield
            raise OperationalError("connection lost")

    monkeypatch.setattr(racing, "transaction", Cut())
    lost = program.post("listings", listing(store), once="k1")
    assert (lost.status_code, lost.json()["code"]) == (503, "busy")
    again = program.post("listings", listing(store), once="k1")
    assert (again.status_code, again["Idempotent-Replayed"]) == (201, "true")
    assert Listing.objects.count() == 1


@pytest.mark.django_db
def test_what_is_kept_names_nobody_in_the_clear(program: Program, store: Store) -> None:
    work = FulfillmentOrderFactory.create(order__store=store)
    assert b"Elena" in program.post(f"orders/{work.order_id}/actions/hold").content
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_idempotentcall")
        assert "Elena" not in str(cursor.fetchall())


@pytest.mark.django_db
def test_answers_are_forgotten_in_time(program: Program, store: Store) -> None:
    program.post("listings", listing(store), once="k1")
    assert sweep() == 0
    IdempotentCall.objects.update(created_at=timezone.now() - KEPT - timedelta(minutes=1))
    assert sweep() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_have_one_effect(winery: Winery, program_of: MakeProgram, store: Store) -> None:
    caller, codes = program_of(winery), []
    start = threading.Barrier(6)

    def call() -> None:
        start.wait()
        codes.append(Program(caller.key, caller.text).post("listings", listing(store), once="k1").status_code)
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert Listing.objects.count() == 1
