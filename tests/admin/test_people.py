"""Who works for a winery: an owner gives roles and takes them, and one owner always stays."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from crushsync.accounts.models import Membership, Role, Winery
from tests.admin.conftest import logged_in
from tests.factories import MembershipFactory, UserFactory

STAYS = "A winery keeps at least one owner."


def page(membership: Membership, kind: str = "change") -> str:
    return reverse(f"admin:accounts_membership_{kind}", args=[membership.pk])


def roles(winery: Winery) -> list[str]:
    return sorted(winery.memberships.values_list("role", flat=True))


@pytest.mark.django_db
def test_the_last_owner_stays(owner: Client, winery: Winery) -> None:
    mine = Membership.objects.get()
    assert STAYS in owner.post(page(mine), {"role": Role.VIEWER}).content.decode()
    assert owner.post(page(mine, "delete"), {"post": "yes"}).status_code == 403
    assert roles(winery) == ["owner"]


@pytest.mark.django_db
@pytest.mark.parametrize(("written", "kept"), [("ca", "CA"), ("", ""), ("ZZ", None)])
def test_the_state_of_the_holidays_is_one(
    owner: Client, winery: Winery, written: str, kept: str | None
) -> None:
    address = reverse("admin:accounts_winery_change", args=[winery.pk])
    given = {"name": winery.name, "time_zone": winery.time_zone, "holiday_state": written}
    given |= {"send_within": "30", "ship_within": "3", "report_within": "60"}
    answer = owner.post(address, given)
    winery.refresh_from_db()
    assert winery.holiday_state == (kept or "")
    refused = "There is no state ZZ. Write two letters, such as CA."
    assert (answer.status_code == 200 and refused in answer.text) is (kept is None)


@pytest.mark.django_db
def test_one_of_two_owners_may_go(owner: Client, winery: Winery) -> None:
    other = MembershipFactory.create(winery=winery, role=Role.OWNER)
    assert owner.post(page(other), {"role": Role.MANAGER}).status_code == 302
    assert roles(winery) == ["manager", "owner"]
    assert owner.post(page(other, "delete"), {"post": "yes"}).status_code == 302
    assert roles(winery) == ["owner"]


@pytest.mark.django_db
def test_what_becomes_of_who_is_taken_off_is_said_first(owner: Client, winery: Winery) -> None:
    gone = MembershipFactory.create(winery=winery, role=Role.VIEWER)
    text = owner.get(page(gone, "delete")).text
    assert f"<h1>Delete: {gone}</h1>" in text
    assert "The login stays, and so does what they did under their name." in text
    assert "All that goes:" not in text
    assert Membership.objects.filter(pk=gone.pk).exists()
    owner.post(page(gone, "delete"), {"post": "yes"})
    assert not Membership.objects.filter(pk=gone.pk).exists()
    assert User.objects.filter(pk=gone.user_id).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "data"), [("change", {"role": Role.VIEWER}), ("delete", {"post": "yes"})])
def test_of_two_owners_who_step_down_at_once_one_stays(
    owner: Client, winery: Winery, kind: str, data: dict[str, str]
) -> None:
    """The first has stepped down and not committed when the second asks: it waits, and is the last."""
    first = Membership.objects.get()
    second = MembershipFactory.create(winery=winery, role=Role.OWNER, user=UserFactory.create())
    with transaction.atomic():
        Membership.objects.select_for_update().get(pk=first.pk)
        Membership.objects.filter(pk=first.pk).update(role=Role.VIEWER)
        waiting = _in_background(lambda: logged_in(second.user).post(page(second, kind), data))
        waiting.join(1)
        assert waiting.is_alive()
    waiting.join(20)
    assert not waiting.is_alive()
    assert roles(winery) == ["owner", "viewer"]


def _in_background(work: Callable[[], object]) -> Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread
