"""What every call has: keys, errors in one form, request ids, limits, entity tags, compression."""

import gzip
import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from crushsync.accounts.keys import find_key, make_key, revoke, rotate
from crushsync.accounts.models import ApiKey, CallCount, Role, Winery
from crushsync.api.pace import PerCaller, Share
from crushsync.api.views.catalog import OneListing
from fulfillment import actions
from fulfillment.models import Listing
from orders.models import Store
from tests.api.conftest import MakeProgram, Program
from tests.factories import (
    FulfillmentOrderFactory,
    ListingFactory,
    MembershipFactory,
    OrderFactory,
    StoreFactory,
    UserFactory,
    VinoshipperAccountFactory,
)

pytestmark = pytest.mark.django_db


# ------------------------------------------------------------------------------------------------- keys


def test_a_key_is_kept_as_a_hash_alone(winery: Winery) -> None:
    key, text = make_key(winery, "warehouse", ["orders:read"], by="ana")
    stored = json.dumps(ApiKey.objects.values().get(), default=str)
    assert text.startswith(f"cs_{key.prefix}_")
    assert text not in stored
    assert text.split("_", 2)[2] not in stored
    assert find_key(text) == key


@pytest.mark.parametrize(
    "change",
    [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "x" + t, lambda t: t + "x", str.upper],
)
def test_another_text_is_no_key(program: Program, change: Any) -> None:
    assert find_key(change(program.text)) is None


def test_a_key_says_why_it_no_longer_works(program: Program) -> None:
    def code() -> tuple[int, str]:
        answer = program.get("me")
        return answer.status_code, answer.json().get("code", "")

    assert code() == (200, "")
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert code() == (401, "expired_key")
    revoke(program.key)
    assert code() == (401, "revoked_key")
    ApiKey.objects.all().delete()
    assert code() == (401, "unknown_key")


def test_a_key_is_changed_with_an_overlap(program: Program) -> None:
    new, text = rotate(program.key, by="ana", overlap=timedelta(hours=1))
    assert (new.scopes, new.winery) == (sorted(program.key.scopes), program.key.winery)
    assert Program(new, text).get("me").status_code == program.get("me").status_code == 200
    ApiKey.objects.filter(pk=program.key.pk).update(expires_at=timezone.now())
    assert program.get("me").status_code == 401
    assert Program(new, text).get("me").status_code == 200


def test_use_is_noted_once_a_minute(
    program: Program, django_assert_num_queries: Any, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-18T16:44:10Z", tick=False)
    program.get("me")
    used = ApiKey.objects.get().last_used_at
    assert used is not None
    with django_assert_num_queries(2):  # the key, and its winery for the answer
        program.get("me")
    assert ApiKey.objects.get().last_used_at == used


def test_who_is_calling(program: Program, client: Client, winery: Winery) -> None:
    told = program.get("me").json()
    assert (told["kind"], told["name"], told["wineries"][0]["slug"]) == ("key", "API key test", winery.slug)
    user = UserFactory.create(username="ana")
    MembershipFactory.create(user=user, winery=winery, role=Role.VIEWER)
    client.force_login(user)
    assert client.get("/api/v1/me").json()["kind"] == "person"


def test_a_session_writes_only_with_the_csrf_token(winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    user = UserFactory.create()
    MembershipFactory.create(user=user, winery=winery, role=Role.MANAGER)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    url, headers = f"/api/v1/orders/{work.order_id}/actions/hold", {"Idempotency-Key": "a"}
    refused = browser.post(url, {}, content_type="application/json", headers=headers)
    assert refused.status_code == 403
    work.refresh_from_db()
    assert not work.is_held
    browser.cookies["csrftoken"] = "a" * 32
    headers["X-CSRFToken"] = "a" * 32
    assert browser.post(url, {}, content_type="application/json", headers=headers).status_code == 200


# ----------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "nothing", 404, "not_found"),
        ("GET", "orders/", 404, "not_found"),
        ("GET", "orders/99999999999999999999", 404, "not_found"),
        ("PUT", "orders", 405, "method_not_allowed"),
        ("OPTIONS", "orders", 405, "method_not_allowed"),
        ("TRACE", "orders", 405, "method_not_allowed"),
    ],
)
def test_refusals_have_one_form(program: Program, method: str, path: str, status: int, code: str) -> None:
    headers = {"Authorization": f"Bearer {program.text}", "X-Request-ID": "mine-1"}
    answer = Client().generic(method, f"/api/v1/{path}", headers=headers)
    told = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert set(told) == {"type", "title", "status", "code", "detail", "fields", "request_id"}
    assert told["type"].endswith(f"/api/docs#error-{code}")
    assert answer["X-Request-ID"] == told["request_id"] == "mine-1"


@pytest.mark.parametrize("given", ["", "a b", "é", "x" * 101])
def test_a_request_id_that_is_none_is_replaced(program: Program, given: str) -> None:
    assert len(program.get("me", **{"X-Request-ID": given})["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"null", 400),
        (b"[1]", 400),
        (b"{", 400),
        (b'{"a": NaN}', 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b'{"a": "' + b"x" * 2_700_000 + b'"}', 413),
    ],
    ids=lambda value: str(value)[:12],
)
def test_bodies_that_are_none(program: Program, winery: Winery, body: bytes, status: int) -> None:
    headers = {"Authorization": f"Bearer {program.text}", "Idempotency-Key": "a"}
    answer = Client().post("/api/v1/listings", body, content_type="application/json", headers=headers)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert not Listing.objects.exists()


def test_a_body_in_chunks_is_refused_and_not_taken_for_an_empty_one(program: Program, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    url = f"orders/{work.order_id}/actions/hold"
    answer = program.post(url, {"reason": "Storm"}, **{"Transfer-Encoding": "chunked"})
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
    work.refresh_from_db()
    assert not work.is_held


def test_other_kinds_of_bodies_are_refused(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.text}", "Idempotency-Key": "a"}
    assert Client().post("/api/v1/listings", {"sku": "a"}, headers=headers).status_code == 415


def test_what_is_wrong_is_named_by_field(program: Program, winery: Winery) -> None:
    answer = program.post("listings", {"store": 0, "sku": ""})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert set(answer.json()["fields"]) == {"store", "sku", "destination_sku"}


def test_what_nobody_foresaw_is_told_without_details(
    program: Program, winery: Winery, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)

    def break_down(*_: Any) -> str:
        raise RuntimeError(work.order.email)

    broken = actions.Action("hold", "Hold", "", lambda work: "", break_down)
    monkeypatch.setitem(actions.ACTIONS, "hold", broken)
    answer = program.post(f"orders/{work.order_id}/actions/hold", once="k", **{"X-Request-ID": "mine-2"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "elena.marquez" not in answer.content.decode() + caplog.text
    assert "mine-2: RuntimeError" in caplog.text
    monkeypatch.undo()
    assert program.post(f"orders/{work.order_id}/actions/hold", once="k").status_code == 200


def test_a_database_that_cannot_be_asked_is_asked_again_later(
    program: Program, winery: Winery, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)

    def give_way(*_: Any) -> str:
        raise OperationalError("deadlock detected")

    broken = actions.Action("hold", "Hold", "", lambda work: "", give_way)
    monkeypatch.setitem(actions.ACTIONS, "hold", broken)
    answer = program.post(f"orders/{work.order_id}/actions/hold", once="k")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "busy", "5")
    monkeypatch.undo()
    assert program.post(f"orders/{work.order_id}/actions/hold", once="k").status_code == 200


# ----------------------------------------------------------------------------------------------- limits


def test_so_many_calls_a_minute_for_each_key(
    winery: Winery, program_of: MakeProgram, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-18T16:42:10Z", tick=False)
    busy, other = program_of(winery, calls_per_minute=2), program_of(winery, calls_per_minute=2)
    first, second, third = busy.get("me"), busy.get("me"), busy.get("me")
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"], first["RateLimit-Reset"]) == (
        "2",
        "1",
        "51",
    )
    assert (second.status_code, third.status_code) == (200, 429)
    assert (third["Retry-After"], third["RateLimit-Remaining"]) == ("51", "0")
    assert third.json()["code"] == "throttled"
    assert other.get("me").status_code == 200
    time_machine.shift(60)
    assert busy.get("me").status_code == 200


def test_the_limit_holds_over_all_web_processes(
    program: Program, time_machine: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """40 calls a minute are taken from the database two at a time, by each process what it needs."""
    time_machine.move_to("2026-11-18T16:43:10Z", tick=False)
    ApiKey.objects.update(calls_per_minute=40)
    processes: list[dict[str, Share]] = [{}, {}]

    def call(process: int) -> tuple[int, int]:
        monkeypatch.setattr(PerCaller, "_shares", processes[process])
        answer = program.get("me")
        return answer.status_code, int(answer["RateLimit-Remaining"])

    assert [call(0), call(0), call(1), call(0)] == [(200, 39), (200, 38), (200, 37), (200, 35)]
    assert CallCount.objects.get().taken == 6
    with django_assert_num_queries(2):  # the key, and its winery for the answer: the share is not used up
        call(0)
    told = [call(n % 2)[0] for n in range(50)]
    assert (told.count(200), set(told[36:])) == (35, {429})
    with django_assert_num_queries(1):  # who is refused until the minute ends costs no counting
        assert call(0) == (429, 0)
    assert CallCount.objects.get().taken >= 40
    time_machine.shift(60)
    assert call(0) == (200, 39)
    assert CallCount.objects.get().taken == 2


# ------------------------------------------------------------------------------------- tags and transfer


def test_who_has_it_already_gets_nothing(program: Program, winery: Winery) -> None:
    row = ListingFactory.create(store__winery=winery)
    first = program.get(f"listings/{row.pk}")
    again = program.get(f"listings/{row.pk}", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    Listing.objects.update(destination_sku="NEW")
    assert program.get(f"listings/{row.pk}", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_the_tag_of_a_packed_answer_is_as_good(program: Program, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    url = f"stores/{work.order.store_id}"
    tag = program.get(url, **{"Accept-Encoding": "gzip"})["ETag"]
    assert tag.startswith('W/"')
    assert program.get(url, **{"If-None-Match": tag}).status_code == 304
    assert program.patch(url, {"sends_test_orders": True}, tag=tag).status_code == 200
    assert program.patch(url, {"sends_test_orders": False}, tag=tag).status_code == 412


def test_nobodys_change_is_lost(program: Program, winery: Winery) -> None:
    row = ListingFactory.create(store__winery=winery, destination_sku="A")
    tag = program.get(f"listings/{row.pk}")["ETag"]
    assert program.patch(f"listings/{row.pk}", {"destination_sku": "B"}, tag="").status_code == 428
    changed = program.patch(f"listings/{row.pk}", {"destination_sku": "B"}, tag=tag)
    assert (changed.status_code, changed.json()["destination_sku"]) == (200, "B")
    late = program.patch(f"listings/{row.pk}", {"destination_sku": "C"}, tag=tag)
    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert program.delete(f"listings/{row.pk}", tag=tag).status_code == 412
    assert Listing.objects.get().destination_sku == "B"
    assert program.delete(f"listings/{row.pk}", tag=changed["ETag"]).status_code == 204
    assert not Listing.objects.exists()


def test_what_changes_by_itself_outdates_no_edit(program: Program, winery: Winery) -> None:
    store = StoreFactory.create(winery=winery, last_ok_at=None)
    url, tag = f"stores/{store.pk}", program.get(f"stores/{store.pk}")["ETag"]
    Store.objects.update(last_ok_at=timezone.now())
    assert program.get(url, **{"If-None-Match": tag}).status_code == 200, "it is shown otherwise now"
    changed = program.patch(url, {"sends_test_orders": True}, tag=tag)
    assert changed.status_code == 200
    assert program.patch(url, {"sends_test_orders": False}, tag=tag).status_code == 412
    assert program.patch(url, {"sends_test_orders": False}, tag=changed["ETag"]).status_code == 200


def test_what_is_deleted_since_it_was_found_is_not_there(
    program: Program, winery: Winery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else's DELETE comes between the look and the lock."""
    row = ListingFactory.create(store__winery=winery)
    looks = itertools.count(1)
    real = OneListing.get_object

    def look(view: OneListing) -> Listing:
        found = real(view)
        if next(looks) == 2:
            Listing.objects.all().delete()
        return found

    monkeypatch.setattr(OneListing, "get_object", look)
    answer = program.patch(f"listings/{row.pk}", {"destination_sku": "B"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_settings_are_kept_by_the_one_way(program: Program, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(
        order__store__winery=winery,
        order__is_test=True,
        status="not_required",
        reason_code="test_order",
        reason_setting="Store: test orders",
    )
    store = Store.objects.get()
    answer = program.patch(f"stores/{store.pk}", {"sends_test_orders": True})
    assert (answer.status_code, answer.json()["sends_test_orders"]) == (200, True)
    work.refresh_from_db()
    assert work.due_at is not None  # it is decided again
    assert program.patch(f"stores/{store.pk}", {"credentials": {}}).status_code == 400
    assert program.patch(f"stores/{store.pk}", {"base_url": "https://evil.example"}).status_code == 400


def test_states_are_set(program: Program, winery: Winery) -> None:
    account = VinoshipperAccountFactory.create(winery=winery)
    answer = program.patch(f"vinoshipper-accounts/{account.pk}", {"ship_to_states": ["TX", "CA", "TX"]})
    assert answer.json()["ship_to_states"] == ["CA", "TX"]
    assert program.patch(f"vinoshipper-accounts/{account.pk}", {"ship_to_states": ["XX"]}).status_code == 400
    account.refresh_from_db()
    assert account.ship_to_states == ["CA", "TX"]


@pytest.mark.parametrize("path", ["stores", "vinoshipper-accounts", "connections", "orders"])
def test_no_secret_comes_out(program: Program, winery: Winery, path: str) -> None:
    store = StoreFactory.create(winery=winery, issued={"access_token": "shpat_issued"})
    OrderFactory.create(store=store)
    text = program.get(path).content.decode()
    assert '"id":' in text
    for secret in ("test-token", "test-secret", "test-key", "shpat_issued", store.key):
        assert secret not in text


def test_answers_are_packed_on_request(program: Program, winery: Winery) -> None:
    OrderFactory.create_batch(3, store__winery=winery)
    packed = program.get("orders", **{"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(packed.content))["results"]) == 3
    assert "no-store" in packed["Cache-Control"]
