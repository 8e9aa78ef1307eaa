"""What people do with problems, and how many of one cause are mended at once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.problems import Family
from crushsync.accounts.models import Winery
from fulfillment.actions import Asked, run
from fulfillment.models import Closing, FulfillmentOrder, Listing, Problem, SyncStatus
from fulfillment.problems.grouping import awake, groups, map_group, suggestions
from fulfillment.problems.handling import assign, note, resolve, snooze
from fulfillment.problems.noting import note_problems
from fulfillment.problems.retrying import retry
from fulfillment.refusals import NotAllowed
from fulfillment.routing import decide
from tests.commands.conftest import Run
from tests.commands.conftest import run as run_command
from tests.factories import (
    CatalogProductFactory,
    FulfillmentOrderFactory,
    MembershipFactory,
    OrderFactory,
    ProblemFactory,
    StoreFactory,
    UserFactory,
    WineryFactory,
)

__all__ = ["run_command"]
pytestmark = pytest.mark.django_db


def waiting_for(sku: str, count: int, store: object = None) -> list[FulfillmentOrder]:
    """Orders that Vinoshipper refused for a SKU it does not know."""
    store = store or StoreFactory.create()
    works = []
    for _ in range(count):
        order = OrderFactory.create(store=store, lines__sku=sku)
        words = f"product {sku} was not found"
        works.append(
            FulfillmentOrderFactory.create(
                order=order,
                status=SyncStatus.FAILED,
                reason_code="unknown_sku",
                attention_code="unknown_sku",
                attention=words,
            )
        )
    note_problems(works, timezone.now(), {work.pk: work.attention for work in works})
    return works


def open_rows() -> list[Problem]:
    return list(Problem.objects.filter(closed_at__isnull=True).order_by("pk"))


def test_the_problem_says_it_in_our_words_and_keeps_theirs() -> None:
    [work] = waiting_for("PN-22", 1)
    [row] = open_rows()
    assert (row.order, row.fulfillment_order, row.winery) == (work.order, work, work.order.winery)
    assert (row.code, row.subject, row.family) == ("unknown_sku", "PN-22", Family.NEVER_REACHED)
    assert row.sentence == "Vinoshipper does not know the SKU PN-22."
    assert row.said == "product PN-22 was not found"


def test_nothing_wrong_costs_nothing(django_assert_num_queries: object) -> None:
    works = [FulfillmentOrderFactory.create() for _ in range(3)]
    with django_assert_num_queries(0):  # type: ignore[operator]
        note_problems([], timezone.now())
    with django_assert_num_queries(1):  # type: ignore[operator]
        note_problems(works, timezone.now())


def test_the_same_again_changes_nothing(django_assert_num_queries: object) -> None:
    works = waiting_for("PN-22", 3)
    before = [(row.pk, row.sentence, row.said) for row in open_rows()]
    loaded = FulfillmentOrder.objects.select_related("order").prefetch_related("order__lines")
    again = list(loaded.filter(pk__in=[work.pk for work in works]))
    with django_assert_num_queries(1):  # type: ignore[operator]
        note_problems(again, timezone.now())
    assert [(row.pk, row.sentence, row.said) for row in open_rows()] == before


def test_a_newer_cause_replaces_the_older_and_calm_closes() -> None:
    [work] = waiting_for("PN-22", 1)
    work.attention_code, work.attention = "payment_missing", "Cash payment is not enabled."
    note_problems([work], timezone.now(), {work.pk: work.attention})
    assert [row.code for row in open_rows()] == ["payment_missing"]
    work.attention_code = work.attention = ""
    note_problems([work], timezone.now())
    assert open_rows() == []
    how = Problem.objects.order_by("pk").values_list("closed_how", flat=True)
    assert list(how) == [Closing.REPLACED, Closing.MENDED]


def test_who_takes_care_goes_on_with_the_next_of_the_same_kind() -> None:
    [work] = waiting_for("PN-22", 1)
    ana = MembershipFactory.create(winery=work.order.winery, user__username="ana").user
    tomorrow = timezone.now() + timedelta(days=1)
    Problem.objects.update(assigned_to=ana, note="Asked the importer.", snoozed_until=tomorrow)
    for code, kept in [
        ("payment_missing", (ana.pk, "Asked the importer.", tomorrow)),
        ("not_compliant", (None, "", None)),
    ]:
        work.attention_code, work.attention = code, "So."
        note_problems([work], timezone.now())
        [row] = open_rows()
        assert (row.code, row.assigned_to_id, row.note, row.snoozed_until) == (code, *kept)
    [first, *_] = Problem.objects.order_by("pk")
    assert (first.code, first.note, first.closed_how) == (
        "unknown_sku",
        "Asked the importer.",
        Closing.REPLACED,
    )


def test_one_sku_mended_is_not_replaced_by_the_other() -> None:
    [work] = waiting_for("PN-22", 1)
    line = work.order.lines.get()
    line.pk, line.sku, line.external_id = None, "ZN-21", "another"
    line.save()
    work = FulfillmentOrder.objects.get(pk=work.pk)
    for text, subjects in [("PN-22 and ZN-21", ["PN-22", "ZN-21"]), ("ZN-21", ["ZN-21"])]:
        work.attention = f"Not known: {text}."
        note_problems([work], timezone.now())
        assert [row.subject for row in open_rows()] == subjects
    assert Problem.objects.get(subject="PN-22").closed_how == Closing.MENDED


def test_one_open_problem_per_cause_by_the_database() -> None:
    row = ProblemFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        ProblemFactory.create(fulfillment_order=row.fulfillment_order)
    Problem.objects.update(closed_at=timezone.now())
    ProblemFactory.create(fulfillment_order=row.fulfillment_order)


def test_a_group_is_mended_at_once() -> None:
    store = StoreFactory.create()
    waiting_for("PN-22", 3, store)
    waiting_for("ZN-21", 1, store)
    CatalogProductFactory.create(account=store.vinoshipper_account, sku="PN-2022", inventory=99)
    first, second = groups(Problem.objects.all())
    assert (first.title, first.count) == ("3 orders: Vinoshipper does not know the SKU PN-22.", 3)
    assert second.title == "Vinoshipper does not know the SKU ZN-21."
    assert suggestions(store.winery, "PN-22") == ["PN-2022"]
    with pytest.raises(NotAllowed, match="no product with the SKU PN-2023"):
        map_group(store.winery, "PN-22", "PN-2023", actor="ana")
    assert not Listing.objects.exists()
    assert map_group(store.winery, "PN-22", " PN-2022 ", actor="ana") == 3
    assert Listing.objects.get().destination_sku == "PN-2022"
    assert [row.subject for row in open_rows()] == ["ZN-21"]
    waiting = FulfillmentOrder.objects.filter(status=SyncStatus.WAITING, due_at__isnull=False)
    assert waiting.count() == 3


def test_a_sku_of_several_products_is_neither_offered_nor_taken() -> None:
    store = StoreFactory.create()
    works = waiting_for("PN-22", 1, store)
    Problem.objects.update(code="ambiguous_sku")
    for number, sku in enumerate(("PN-22", "PN-22", "PN-22-750"), 1):
        CatalogProductFactory.create(account=store.vinoshipper_account, sku=sku, product_id=str(number))
    assert suggestions(store.winery, "PN-22") == ["PN-22-750"]
    with pytest.raises(NotAllowed, match="2 products with the SKU PN-22"):
        map_group(store.winery, "PN-22", "PN-22", actor="ana")
    assert not Listing.objects.exists()
    assert map_group(store.winery, "PN-22", "PN-22-750", actor="ana") == len(works)


def test_people_assign_note_and_snooze() -> None:
    [work] = waiting_for("PN-22", 1)
    rows = Problem.objects.all()
    ana = MembershipFactory.create(winery=work.order.winery, user__username="ana").user
    assert assign(rows, ana, actor="ben") == 1
    assert note(rows, "Asked the importer.", actor="ana") == 1
    tomorrow = timezone.now() + timedelta(days=1)
    assert snooze(rows, tomorrow, actor="ana") == 1
    [row] = open_rows()
    assert (row.assigned_to, row.note, row.snoozed_until) == (ana, "Asked the importer.", tomorrow)
    assert not awake(rows, timezone.now()).exists()
    assert awake(rows, tomorrow).exists()
    told = work.order.events.order_by("pk").values_list("code", "actor")
    assert list(told) == [("assign", "ben"), ("note", "ana"), ("snooze", "ana")]


def test_nobody_of_another_winery_is_assigned() -> None:
    waiting_for("PN-22", 1)
    with pytest.raises(NotAllowed, match="does not work for this winery"):
        assign(Problem.objects.all(), UserFactory.create(), actor="ben")
    assert open_rows()[0].assigned_to is None


def test_what_closes_by_itself_is_not_settled_by_hand() -> None:
    waiting_for("PN-22", 2)
    handled = resolve(Problem.objects.all(), actor="ana")
    assert handled.done == 0
    assert len(handled.refusals) == 1
    assert len(open_rows()) == 2


def test_a_settled_difference_is_asked_about_again_only_when_it_changes() -> None:
    work = FulfillmentOrderFactory.create(status=SyncStatus.SENT, sent_hash="sent so")
    order = work.order
    decide(order)
    assert [row.code for row in open_rows()] == ["changed_after_sending"]
    assert resolve(Problem.objects.all(), actor="ana").done == 1
    decide(order)
    assert open_rows() == []
    assert not FulfillmentOrder.objects.get().needs_attention
    [row] = Problem.objects.all()
    assert (row.closed_how, row.closed_by) == (Closing.SETTLED, "ana")
    order.content_hash = "f" * 64
    order.save()
    decide(order)
    assert [row.code for row in open_rows()] == ["changed_after_sending"]


def test_nothing_is_settled_while_a_call_is_out() -> None:
    work = FulfillmentOrderFactory.create(
        status=SyncStatus.SENT, attention_code="returned", attention="The parcel was returned.", open_claims=1
    )
    note_problems([work], timezone.now())
    assert resolve(Problem.objects.all(), actor="ana").refusals == (
        "A call about it is under way. Wait a moment.",
    )
    assert FulfillmentOrder.objects.get().attention_code == "returned"


def test_many_are_tried_again_at_once() -> None:
    waiting_for("PN-22", 2)
    held = waiting_for("PN-22", 1)[0]
    FulfillmentOrder.objects.filter(pk=held.pk).update(is_held=True)
    handled = retry(Problem.objects.all(), actor="ana")
    assert (handled.done, handled.refusals) == (2, ("It is on hold. Release it first.",))


def test_a_voided_order_is_not_tried_again_with_others() -> None:
    works = waiting_for("PN-22", 2)
    FulfillmentOrder.objects.filter(pk=works[0].pk).update(status=SyncStatus.VOIDED)
    handled = retry(Problem.objects.all(), actor="ana")
    assert handled.done == 1
    assert handled.refusals == (
        "It is voided in Vinoshipper. To send it again, press Retry on its own page.",
    )
    works[0].refresh_from_db()
    assert works[0].status == SyncStatus.VOIDED


def test_dont_send_closes_the_problem() -> None:
    [work] = waiting_for("PN-22", 1)
    run("dont-send", work.pk, Asked("ana"))
    assert open_rows() == []


def test_the_command_lists_by_cause_and_as_json(run_command: Run) -> None:
    [work, _] = waiting_for("PN-22", 2, StoreFactory.create())
    slug = Winery.objects.get(pk=work.order.winery_id).slug
    WineryFactory.create(slug="other")
    assert run_command("problems", "--winery", slug) == (
        "2 orders: Vinoshipper does not know the SKU PN-22. [unknown_sku]"
    )
    assert '"about": "PN-22"' in run_command("problems", "--winery", slug, "--json")
    assert run_command("problems", "--winery", "other") == "There are no problems."
