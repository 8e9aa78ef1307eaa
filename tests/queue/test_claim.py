"""Claiming: nobody gets a row twice, nobody keeps one for ever, and who came late writes nothing."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connection, transaction

from crushsync.lib.queue import SETTLED_FIELDS, claim, clock, keep_ours, save_many
from crushsync.lib.queue.rows import as_claimed, count_due, put_back, still_ours
from orders.models import HintState, InboundHint, Store
from tests.factories import InboundHintFactory
from tests.queue.conftest import MakeHints

LEASE = 40.0


def due_at(row: InboundHint) -> datetime:
    row.refresh_from_db()
    assert row.due_at is not None
    return row.due_at


def lease_ends(*rows: InboundHint) -> None:
    InboundHint.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=clock() - timedelta(seconds=1))


def test_a_claim_takes_the_oldest_and_counts_before_anything_is_sent(make_hints: MakeHints) -> None:
    hints = make_hints(5)
    claimed = claim(InboundHint, 3, LEASE)
    assert [row.pk for row in claimed] == [hint.pk for hint in hints[:3]]
    for row in InboundHint.objects.filter(pk__in=[hint.pk for hint in hints[:3]]):
        assert (row.tries, row.open_claims, row.fence, row.is_in_flight) == (1, 1, 1, True)
    for row in InboundHint.objects.filter(pk__in=[hint.pk for hint in hints[3:]]):
        assert (row.tries, row.open_claims, row.fence, row.is_in_flight) == (0, 0, 0, False)
    assert [row.pk for row in claim(InboundHint, 9, LEASE)] == [hint.pk for hint in hints[3:]]
    assert claim(InboundHint, 9, LEASE) == []


def test_what_is_not_due_is_left_alone(store: Store) -> None:
    later = InboundHintFactory.create(store=store, due_at=clock() + timedelta(seconds=30))
    never = InboundHintFactory.create(store=store, due_at=None)
    assert claim(InboundHint, 9, LEASE) == []
    assert count_due([InboundHint], 9) == [0]
    assert [later.fence, never.fence] == [0, 0]


def test_what_is_due_this_very_moment_is_due(store: Store) -> None:
    """A clock that counts milliseconds hardly moves between the two statements."""
    hint = InboundHintFactory.create(store=store, due_at=None)
    for _ in range(50):
        InboundHint.objects.filter(pk=hint.pk).update(due_at=clock())
        assert claim(InboundHint, 1, LEASE) == [hint]


def test_a_lease_runs_by_the_databases_clock(make_hints: MakeHints) -> None:
    [hint] = make_hints(1)
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC)):
        assert len(claim(InboundHint, 1, LEASE)) == 1
        assert claim(InboundHint, 1, LEASE) == []
    left = (due_at(hint) - clock()).total_seconds()
    assert LEASE - 10 < left <= LEASE


def test_due_is_judged_by_the_databases_clock(store: Store) -> None:
    InboundHintFactory.create(store=store, due_at=clock() + timedelta(hours=1))
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC)):
        assert claim(InboundHint, 1, LEASE) == []


def test_a_row_whose_worker_is_gone_comes_back_after_its_lease(make_hints: MakeHints) -> None:
    [hint] = make_hints(1)
    claim(InboundHint, 1, LEASE)
    lease_ends(hint)
    [again] = claim(InboundHint, 1, LEASE)
    assert (again.pk, again.tries, again.open_claims, again.fence) == (hint.pk, 2, 2, 2)


def test_threads_share_the_rows_without_taking_one_twice(make_hints: MakeHints) -> None:
    hints = make_hints(200)
    start = Barrier(4)

    def take_all() -> list[int]:
        try:
            start.wait()
            taken: list[int] = []
            while rows := claim(InboundHint, 7, LEASE):
                taken += [row.pk for row in rows]
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for job in [pool.submit(take_all) for _ in range(4)] for pk in job.result()]
    assert Counter(taken) == Counter({hint.pk: 1 for hint in hints})
    assert set(InboundHint.objects.values_list("fence", flat=True)) == {1}


def test_only_the_newest_claim_may_write(make_hints: MakeHints) -> None:
    slow, healthy = make_hints(2)
    late = claim(InboundHint, 2, LEASE)
    lease_ends(slow)
    [newer] = claim(InboundHint, 1, LEASE)
    with transaction.atomic():
        assert keep_ours(late) == {healthy.pk}
        assert [row.pk for row in still_ours(late)] == [healthy.pk]
        assert keep_ours([newer]) == {slow.pk}
        assert keep_ours([]) == set()


def test_reading_a_row_anew_does_not_make_it_ours_again(make_hints: MakeHints) -> None:
    lost, gone = make_hints(2)
    rows = claim(InboundHint, 2, LEASE)
    lease_ends(lost)
    claim(InboundHint, 1, LEASE)
    InboundHint.objects.filter(pk=gone.pk).delete()
    [found] = as_claimed(rows)
    assert (found.pk, found.open_claims, found.fence) == (lost.pk, 2, 1)
    with transaction.atomic():
        assert keep_ours([found]) == set()


def test_what_is_put_back_was_never_claimed(make_hints: MakeHints) -> None:
    [hint] = make_hints(1)
    put_back(claim(InboundHint, 1, LEASE))
    assert due_at(hint) <= clock()
    assert (hint.tries, hint.open_claims, hint.is_in_flight) == (0, 0, False)
    put_back([])


def test_rows_cut_off_twice_can_be_left_out(make_hints: MakeHints) -> None:
    suspect, other = make_hints(2)
    InboundHint.objects.filter(pk=suspect.pk).update(open_claims=2)
    [row] = claim(InboundHint, 9, LEASE, suspects=False)
    assert (row.pk, row.was_cut_off_twice) == (other.pk, False)
    [row] = claim(InboundHint, 9, LEASE)
    assert (row.pk, row.was_cut_off_twice) == (suspect.pk, True)


def test_settling_ends_the_claim(make_hints: MakeHints) -> None:
    [hint] = make_hints(1)
    [row] = claim(InboundHint, 1, LEASE)
    row.settle(None)
    row.state = HintState.DONE
    save_many([row], [*SETTLED_FIELDS, "state"])
    hint.refresh_from_db()
    assert (hint.due_at, hint.tries, hint.open_claims, hint.state) == (None, 0, 0, HintState.DONE)
    assert hint.fence == 1


def test_parking_costs_no_try(make_hints: MakeHints) -> None:
    [hint] = make_hints(1)
    [row] = claim(InboundHint, 1, LEASE)
    until = clock() + timedelta(minutes=5)
    row.park(until)
    save_many([row], SETTLED_FIELDS)
    assert abs((due_at(hint) - until).total_seconds()) < 0.01
    assert (hint.tries, hint.open_claims, hint.is_parked) == (0, 0, True)
    hint.settle(None)
    assert hint.is_parked is False


def test_many_rows_are_saved_each_with_its_own_values(make_hints: MakeHints) -> None:
    hints = make_hints(3)
    for place, hint in enumerate(hints):
        hint.sentence, hint.body = f"sentence {place}", bytes([place]) * 3
        hint.topic = "not saved"
    save_many(hints, ["sentence", "body"])
    rows = InboundHint.objects.order_by("pk")
    assert [(row.sentence, bytes(row.body or b""), row.topic) for row in rows] == [
        (f"sentence {place}", bytes([place]) * 3, "orders/create") for place in range(3)
    ]
    save_many([], ["sentence"])


def test_what_did_not_change_is_not_written_over(make_hints: MakeHints) -> None:
    """Another process may have changed it meanwhile."""
    [hint] = make_hints(1)
    [row] = claim(InboundHint, 1, LEASE)
    InboundHint.objects.update(topic="theirs", sentence="theirs")
    row.settle(None)
    row.sentence = "ours"
    save_many([row], [*SETTLED_FIELDS, "topic", "sentence"])
    hint.refresh_from_db()
    assert (hint.topic, hint.sentence, hint.due_at) == ("theirs", "ours", None)
    row.sentence = ""
    row.save(update_fields=["sentence"])
    row.sentence = "ours"
    save_many([row], ["sentence"])
    hint.refresh_from_db()
    assert hint.sentence == "ours"


def test_due_rows_are_counted_up_to_a_limit(make_hints: MakeHints) -> None:
    make_hints(5)
    assert count_due([InboundHint, Store], 3) == [3, 0]


@pytest.mark.postgres
def test_a_claim_takes_no_more_whatever_the_plan(make_hints: MakeHints) -> None:
    """Planned as a loop over the table, a sub-query with a limit is asked again for each row."""
    hints = make_hints(5)
    with connection.cursor() as cursor:
        for way in ("hashjoin", "hashagg", "mergejoin", "material", "memoize", "sort"):
            cursor.execute(f"SET enable_{way} = off")
        try:
            claimed = claim(InboundHint, 3, LEASE)
        finally:
            cursor.execute("RESET ALL")
    assert [row.pk for row in claimed] == [hint.pk for hint in hints[:3]]
