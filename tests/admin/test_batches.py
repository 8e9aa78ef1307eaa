"""One act on many orders: asked first, done once to each, told one by one."""

import csv
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crushsync.accounts.models import Role, Winery
from crushsync.lib.queue import drain
from fulfillment import batches
from fulfillment.actions import FOR_MANY, Asked
from fulfillment.batches import BatchLane, TooMany, cancel, progress, start, starting
from fulfillment.models import Batch, BatchRow, FulfillmentOrder, Problem, RowState, SyncStatus
from fulfillment.problems.noting import note_problems
from fulfillment.refusals import NotAllowed
from orders.models import EventKind, Order, OrderEvent
from tests.factories import FulfillmentOrderFactory, OrderFactory, StoreFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/orders/order/"


@pytest.fixture
def works(winery: Winery) -> list[FulfillmentOrder]:
    store = StoreFactory.create(winery=winery)
    return FulfillmentOrderFactory.create_batch(3, order__store=store, status=SyncStatus.FAILED)


def begin(client: Client, name: str, query: str = "", **data: Any) -> Any:
    address = reverse("admin:orders_order_batch", args=[name])
    return client.post(f"{address}{query}", {"token": "t1", "scope": "chosen", **data})


def do(until_idle: bool = True) -> None:
    assert drain([BatchLane()], seconds=10, until_idle=until_idle) is not None


def acted() -> list[str]:
    acts = OrderEvent.objects.filter(kind=EventKind.ACTED).order_by("pk")
    return [f"{event.order.name} {event.code} {event.actor}" for event in acts]


def ids(works: list[FulfillmentOrder]) -> list[int]:
    return [work.order_id for work in works]


def test_the_ticked_ones(manager: Client, works: list[FulfillmentOrder]) -> None:
    question = manager.post(
        LIST, {"action": "dont-send", "index": "0", "_selected_action": ids(works[:2]), "select_across": "0"}
    )
    text = question.content.decode()
    assert "The 2 orders I chose" in text
    assert "does not cancel or refund it in the store" in text
    assert not Batch.objects.exists()
    answer = begin(manager, "dont-send", chosen=ids(works[:2]))
    batch = Batch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/fulfillment/batch/{batch.pk}/change/")
    assert not acted()
    do()
    assert acted() == [f"{work.order.name} dont-send manager" for work in works[:2]]
    assert progress(batch).done == 2
    statuses = FulfillmentOrder.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["dont_send", "dont_send", "failed"]


def test_what_is_missing_is_said_in_our_words(manager: Client, works: list[FulfillmentOrder]) -> None:
    answer = manager.post(f"{LIST}?view=attention", {"action": "hold", "index": "0"})
    assert answer["Location"] == f"{LIST}?view=attention"
    page = manager.post(LIST, {"action": "hold", "index": "0"}, follow=True).text
    assert "Tick the orders first. Nothing was done." in page
    page = manager.post(LIST, {"action": "", "index": "0", "_selected_action": ids(works)}, follow=True).text
    assert "Choose what to do with the ticked orders. Nothing was done." in page
    assert not Batch.objects.exists()


def test_all_that_match(manager: Client, winery: Winery, works: list[FulfillmentOrder]) -> None:
    FulfillmentOrder.objects.filter(pk=works[0].pk).update(attention_code="unknown_sku")
    FulfillmentOrderFactory.create(attention_code="unknown_sku")  # another winery's
    OrderFactory.create(store=works[0].order.store)  # nothing decided yet
    begin(manager, "hold", "?view=attention", scope="matching")
    do()
    assert acted() == [f"{works[0].order.name} hold manager"]
    assert FulfillmentOrder.objects.filter(is_held=True).count() == 1


def test_voided_ones_go_again_only_where_that_was_said(
    manager: Client, works: list[FulfillmentOrder]
) -> None:
    FulfillmentOrder.objects.filter(pk=works[0].pk).update(status=SyncStatus.VOIDED)
    ticked = {"action": "retry", "index": "0", "_selected_action": ids(works[:2]), "select_across": "0"}
    question = manager.post(LIST, ticked).content.decode()
    assert question.count("1 of them voided") == 2  # of the ticked ones, and of all
    assert 'name="doubtful" value="yes"> Send those that are voided' in question
    begin(manager, "retry", chosen=ids(works[:2]))
    do()
    assert acted() == [f"{works[1].order.name} retry manager"]
    row = BatchRow.objects.get(fulfillment_order=works[0])
    assert (row.state, row.sentence) == (
        RowState.REFUSED,
        "It is voided in Vinoshipper. To send it again, press Retry on its own page.",
    )
    begin(manager, "retry", chosen=ids(works[:1]), doubtful="yes", token="t2")
    do()
    assert acted()[1:] == [f"{works[0].order.name} retry manager"]


def test_where_none_is_voided_nobody_asks_about_it(manager: Client, works: list[FulfillmentOrder]) -> None:
    ticked = {"action": "retry", "index": "0", "_selected_action": ids(works), "select_across": "0"}
    assert "voided" not in manager.post(LIST, ticked).content.decode()


def test_a_ship_date_for_many(manager: Client, works: list[FulfillmentOrder]) -> None:
    begin(manager, "ship-date", chosen=ids(works[:2]), day="2199-12-01")
    do()
    chosen = Order.objects.order_by("pk").values_list("chosen_ship_date", flat=True)
    assert list(chosen) == [date(2199, 12, 1), date(2199, 12, 1), None]


def test_twice_the_same_click_is_one_batch(manager: Client, works: list[FulfillmentOrder]) -> None:
    first = begin(manager, "hold", chosen=ids(works))
    second = begin(manager, "hold", chosen=ids(works))
    assert first["Location"] == second["Location"]
    do()
    assert len(acted()) == 3


def test_what_makes_no_sense_is_left_alone(manager: Client, works: list[FulfillmentOrder]) -> None:
    FulfillmentOrder.objects.filter(pk=works[1].pk).update(status=SyncStatus.SENT)
    begin(manager, "hold", chosen=ids(works))
    do()
    batch = Batch.objects.get()
    assert progress(batch) == batches.Progress(3, waiting=0, done=2, refused=1, failed=0, cancelled=0)
    page = manager.get(f"/admin/fulfillment/batch/{batch.pk}/change/").content.decode()
    assert "a hold here would not stop it" in page
    assert "http-equiv" not in page
    answer = manager.get(f"/admin/fulfillment/batch/{batch.pk}/results.csv")
    rows = list(csv.reader(b"".join(answer).decode("utf-8-sig").splitlines()))
    assert [row[3] for row in rows] == ["Result", "Done", "Not done", "Done"]


def test_a_page_that_shows_how_far_it_is(manager: Client, works: list[FulfillmentOrder]) -> None:
    begin(manager, "hold", chosen=ids(works))
    url = f"/admin/fulfillment/batch/{Batch.objects.get().pk}/change/"
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in manager.get(url).content.decode()
    part = manager.get(url, {"part": "live"})
    assert (part.headers["X-Look-Again"], "0 of 3" in part.content.decode()) == ("2", True)
    do()
    part = manager.get(url, {"part": "live"})
    assert (part.headers["X-Look-Again"], "3 of 3" in part.content.decode()) == ("0", True)


def test_cancel_leaves_the_rest_alone(manager: Client, works: list[FulfillmentOrder]) -> None:
    begin(manager, "hold", chosen=ids(works))
    batch = Batch.objects.get()
    BatchRow.objects.filter(batch=batch).exclude(fulfillment_order=works[0]).update(
        due_at=timezone.now() + timedelta(hours=1)
    )
    do()
    url = reverse("admin:fulfillment_batch_cancel", args=[batch.pk])
    assert manager.get(url).status_code == 405
    assert manager.post(url).status_code == 302
    BatchRow.objects.filter(state=RowState.WAITING).update(due_at=timezone.now())
    do()
    assert acted() == [f"{works[0].order.name} hold manager"]
    batch.refresh_from_db()
    assert (batch.cancelled_by, progress(batch).cancelled) == ("manager", 2)
    assert cancel(batch, actor="somebody else") == 0


def test_cancel_that_comes_too_late_says_so(manager: Client, works: list[FulfillmentOrder]) -> None:
    begin(manager, "hold", chosen=ids(works))
    batch = Batch.objects.get()
    do()
    page = manager.post(reverse("admin:fulfillment_batch_cancel", args=[batch.pk]), follow=True).text
    assert "Nothing was left to cancel." in page
    assert "Canceled by" not in page
    batch.refresh_from_db()
    assert (batch.cancelled_at, progress(batch).done) == (None, 3)


def test_a_worker_that_died_between_two_orders(works: list[FulfillmentOrder]) -> None:
    """Claimed and not settled: after its lease the row comes back, and the act is done once."""
    [batch] = start("hold", Order.objects.all(), Asked("ana"), token="t")
    BatchRow.objects.update(open_claims=1, fence=1, tries=1)
    do()
    assert len(acted()) == 3
    assert progress(batch).is_over


def test_a_row_that_kills_its_worker_is_given_up(works: list[FulfillmentOrder]) -> None:
    [batch] = start("hold", Order.objects.all(), Asked("ana"), token="t")
    BatchRow.objects.filter(fulfillment_order=works[0]).update(open_claims=3)
    do()
    assert (progress(batch).failed, progress(batch).done) == (1, 2)
    assert len(acted()) == 2


def test_a_call_under_way_is_waited_for(works: list[FulfillmentOrder]) -> None:
    [batch] = start("hold", Order.objects.all(), Asked("ana"), token="t")
    FulfillmentOrder.objects.filter(pk=works[0].pk).update(open_claims=1)
    do()
    assert (progress(batch).waiting, progress(batch).done) == (1, 2)
    FulfillmentOrder.objects.update(open_claims=0)
    # A moment ago: the database's clock, which decides, may cut off what is less than a millisecond.
    BatchRow.objects.filter(state=RowState.WAITING).update(due_at=timezone.now() - timedelta(seconds=1))
    do()
    assert progress(batch).done == 3


def test_a_row_that_cannot_be_prepared_stops_no_other(
    works: list[FulfillmentOrder], monkeypatch: pytest.MonkeyPatch
) -> None:
    [batch] = start("hold", Order.objects.all(), Asked("ana"), token="t")
    really = batches.acting.run  # type: ignore[attr-defined]

    def run(name: str, pk: int, asked: Asked) -> Any:
        if pk == works[1].pk:
            raise ZeroDivisionError
        return really(name, pk, asked)

    monkeypatch.setattr(batches.acting, "run", run)
    do()
    assert (progress(batch).done, progress(batch).waiting) == (2, 1)
    assert len(acted()) == 2


def test_what_starts_nothing(works: list[FulfillmentOrder], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAllowed, match="say why"):
        start("void-sync", Order.objects.all(), Asked("ana"), token="t")
    with pytest.raises(NotAllowed, match="None of these"):
        start("hold", Order.objects.none(), Asked("ana"), token="t")
    monkeypatch.setattr(starting, "MOST", 2)
    with pytest.raises(TooMany):
        start("hold", Order.objects.all(), Asked("ana"), token="t")
    assert not Batch.objects.exists()


def test_the_reason_is_asked_again(manager: Client, works: list[FulfillmentOrder]) -> None:
    answer = begin(manager, "void-sync", chosen=ids(works))
    assert "Please say why." in answer.content.decode()
    assert not Batch.objects.exists()


def test_a_batch_for_each_winery(operator: Client, works: list[FulfillmentOrder]) -> None:
    FulfillmentOrderFactory.create()
    answer = begin(operator, "hold", scope="matching")
    assert answer["Location"] == "/admin/fulfillment/batch/"
    assert sorted(batch.rows.count() for batch in Batch.objects.all()) == [1, 3]


def test_many_problems_for_one_person(manager: Client, works: list[FulfillmentOrder]) -> None:
    FulfillmentOrder.objects.update(attention_code="unknown_sku", attention="Unknown.")
    note_problems(FulfillmentOrder.objects.filter(pk__in=[work.pk for work in works[:2]]), timezone.now())
    assert "Please say who." in begin(manager, "assign", chosen=ids(works)).content.decode()
    begin(manager, "assign", chosen=ids(works), person="manager")
    do()
    rows = {row.fulfillment_order_id: (row.state, row.sentence) for row in BatchRow.objects.all()}
    assert rows == {
        works[0].pk: ("done", "Assigned to manager."),
        works[1].pk: ("done", "Assigned to manager."),
        works[2].pk: ("refused", "It has no problem."),
    }
    assert {str(row.assigned_to) for row in Problem.objects.all()} == {"manager"}


@pytest.mark.parametrize("name", ["compare", "recheck-compliance", "explode"])
def test_what_is_not_for_many(manager: Client, works: list[FulfillmentOrder], name: str) -> None:
    assert begin(manager, name, chosen=ids(works)).status_code == 404
    assert not Batch.objects.exists()


@pytest.mark.parametrize("name", FOR_MANY)
def test_viewers_start_nothing(viewer: Client, works: list[FulfillmentOrder], name: str) -> None:
    assert begin(viewer, name, chosen=ids(works), reason="x").status_code == 403
    data = {"action": name, "index": "0", "_selected_action": ids(works), "select_across": "0"}
    assert "confirm" not in viewer.post(LIST, data, follow=True).content.decode()
    assert not Batch.objects.exists()


def test_who_manages_one_winery_and_looks_at_another(log_in: Any, works: list[FulfillmentOrder]) -> None:
    client = log_in(Role.VIEWER)
    user = works[0].order.winery.memberships.get().user
    ours = FulfillmentOrderFactory.create()
    ours.order.winery.memberships.create(user=user, role=Role.MANAGER)
    begin(client, "hold", scope="matching")
    assert [row.fulfillment_order_id for row in BatchRow.objects.all()] == [ours.pk]


def test_another_winerys_batch_is_not_there(owner: Client) -> None:
    FulfillmentOrderFactory.create()
    [theirs] = start("hold", Order.objects.all(), Asked("ana"), token="t")
    for name in ("change", "cancel", "results"):
        url = reverse(f"admin:fulfillment_batch_{name}", args=[theirs.pk])
        assert owner.get(url).status_code in (404, 405)
        assert owner.post(url).status_code in (404, 405)
    assert Batch.objects.filter(cancelled_at=None).count() == 1
