"""Tried again, a problem is the same one until it is known how that ended."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django.fixtures import Settings

from crushsync.accounts.models import VinoshipperAccount
from fulfillment.actions import Asked, run
from fulfillment.models import AttemptKind, Closing, FulfillmentOrder, Outcome, Problem, SyncStatus
from notifications.models import Mail, Sweep
from notifications.sources import begin
from orders.models import OrderEvent, Store
from sandbox.shopify.samples import order_body
from tests.factories import MembershipFactory, RecipientFactory
from tests.flow.conftest import World

NOT_THERE = "Wine License is not active in this state."
LIMIT = "The customer's volume limit of 24 bottles is reached."


@pytest.fixture
def refused(world: World, settings: Settings) -> World:
    """Vinoshipper refuses the order; ana takes care of it, and one mail is out."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Store.objects.update(shows_marks=False)
    ana = MembershipFactory.create(winery=world.store.winery, user__username="ana").user
    RecipientFactory.create(winery=world.store.winery)
    begin()
    world.sandbox.add_fault(
        "status",
        system="vinoshipper",
        match="PUT *",
        status=400,
        type="COMPLIANCE",
        says=NOT_THERE,
        times=None,
    )
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.work().status == SyncStatus.FAILED)
    Problem.objects.update(assigned_to=ana, note="Asked them.")
    tell_all(world)
    assert len(mail.outbox) == 1
    return world


def tell_all(world: World) -> None:
    for _ in range(3):
        Sweep.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        Mail.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(seconds=1))
        world.run()


def press_retry(world: World) -> None:
    run("retry", world.work().pk, Asked("ana"))


def is_answered(world: World, times: int) -> bool:
    sends = world.work().attempts.filter(kind=AttemptKind.SEND).exclude(outcome=Outcome.RUNNING)
    return sends.count() == times


def test_refused_for_the_same_it_is_the_same_problem_and_no_second_mail(refused: World) -> None:
    [before] = Problem.objects.values()
    press_retry(refused)
    [waiting] = Problem.objects.values()
    assert (waiting, refused.work().status) == (before, SyncStatus.WAITING)
    refused.run(lambda: is_answered(refused, 2))
    tell_all(refused)
    [after] = Problem.objects.values()
    assert after == before
    assert refused.work().status == SyncStatus.FAILED
    told = OrderEvent.objects.filter(order=refused.order(), kind="moved").order_by("pk")
    assert [event.sentence for event in told] == [NOT_THERE, f"Tried again, and still so: {NOT_THERE}"]
    assert refused.work().reason == NOT_THERE
    assert len(mail.outbox) == 1


def test_taken_it_is_mended(refused: World) -> None:
    refused.sandbox.clear_faults()
    press_retry(refused)
    refused.run(refused.is_sent)
    [row] = Problem.objects.all()
    assert (row.closed_how, refused.work().attention) == (Closing.MENDED, "")


def test_refused_for_another_cause_who_takes_care_goes_on(refused: World) -> None:
    refused.sandbox.clear_faults()
    refused.sandbox.add_fault(
        "status", system="vinoshipper", match="PUT *", status=400, type="COMPLIANCE", says=LIMIT, times=None
    )
    press_retry(refused)
    refused.run(lambda: is_answered(refused, 2))
    first, second = Problem.objects.order_by("pk")
    assert first.closed_how == Closing.REPLACED
    assert (second.closed_at, second.note, second.assigned_to) == (None, "Asked them.", first.assigned_to)


def test_what_was_changed_is_another_question(refused: World) -> None:
    """An order that staff mend is in trouble no more until Vinoshipper says so again."""
    refused.sandbox.clear_faults()
    VinoshipperAccount.objects.update(hold_until=(timezone.now() + timedelta(days=9)).date())
    refused.shop.edit(refused.order().external_id, {"note": "Leave it at the door."})
    refused.run(lambda: refused.work().reason_code == "ship_hold")
    assert Problem.objects.get().closed_how == Closing.MENDED


def test_it_stays_while_vinoshipper_is_away(refused: World) -> None:
    refused.sandbox.clear_faults()
    refused.sandbox.add_fault("status", system="vinoshipper", match="PUT *", status=429, times=None)
    press_retry(refused)
    refused.run(lambda: is_answered(refused, 3), seconds=30)
    assert Problem.objects.get(order__isnull=False).closed_at is None


def test_after_an_unknown_outcome_it_stays_through_the_look(world: World) -> None:
    """Nobody knew whether they had it; they have not, it is sent, and refused."""
    Store.objects.update(shows_marks=False)
    world.sandbox.add_fault("reset", system="vinoshipper", match="PUT *", times=None)
    world.shop.place(order_body(number=1001))
    world.run(lambda: world.work().status == SyncStatus.UNKNOWN)
    FulfillmentOrder.objects.update(tries=20, due_at=timezone.now() - timedelta(seconds=1))
    world.run(lambda: world.work().attention_code == "gave_up")
    first = Problem.objects.get()
    press_retry(world)
    assert Problem.objects.get().closed_at is None
    FulfillmentOrder.objects.update(tries=20, due_at=timezone.now() - timedelta(seconds=1))
    sent = world.work().attempts.count()
    world.run(lambda: world.work().attempts.count() > sent and world.work().due_at is None, seconds=30)
    assert list(Problem.objects.all()) == [first]
    assert world.work().attention_code == "gave_up"
