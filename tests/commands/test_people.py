"""add_winery and add_person"""

import re

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError

from crushsync.accounts.models import Membership, Role, Winery
from tests.commands.conftest import Run
from tests.factories import UserFactory, WineryFactory

pytestmark = pytest.mark.django_db


def test_a_winery_and_its_owner(run: Run) -> None:
    user = UserFactory.create(username="ada")
    told = run("add_winery", "Hollow Oak", "--slug", "oak", "--time-zone", "Europe/Paris", "--owner", "ada")
    assert told == "Hollow Oak is set up as oak, owned by ada."
    assert Winery.objects.values_list("name", "slug", "time_zone").get() == (
        "Hollow Oak", "oak", "Europe/Paris",
    )  # fmt: skip
    assert Membership.objects.get().user == user
    assert Membership.objects.get().role == Role.OWNER


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Oak", "--slug", "oak"], "slug: Winery with this Short name already exists."),
        (["Oak", "--slug", "no blanks"], "slug: Enter a valid “slug”"),
        (["Oak", "--slug", "new", "--time-zone", "Napa"], "'Napa' is no time zone."),
        (["Oak", "--slug", "new", "--owner", "nobody"], "There is no login 'nobody'."),
    ],
)
def test_a_winery_that_makes_no_sense(run: Run, arguments: list[str], sentence: str) -> None:
    WineryFactory.create(slug="oak")
    with pytest.raises(CommandError) as refused:
        run("add_winery", *arguments)
    assert str(refused.value).casefold().startswith(sentence.casefold())
    assert Winery.objects.count() == 1


def test_a_new_person_with_a_given_password(run: Run) -> None:
    WineryFactory.create(slug="oak", name="Oak")
    told = run(
        "add_person", "ada", "--winery", "oak", "--role", "manager", CRUSHSYNC_PASSWORD="corked-4-ever"
    )
    assert told == "ada is Manager of Oak."
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.check_password("corked-4-ever")) == (True, False, True)


def test_a_password_is_made_up_and_told_once(run: Run) -> None:
    WineryFactory.create(slug="oak")
    told = run("add_person", "ada", "--winery", "oak", "--role", "owner")
    match = re.search(r"shown only now: (\S{20})$", told)
    assert match
    assert User.objects.get().check_password(match[1])
    assert "shown" not in run("add_person", "ada", "--winery", "oak", "--role", "viewer")
    assert User.objects.get().check_password(match[1])
    assert Membership.objects.get().role == Role.VIEWER


def test_a_password_from_standard_input(run: Run) -> None:
    WineryFactory.create(slug="oak")
    run(
        "add_person", "ada", "--winery", "oak", "--role", "owner", "--password-stdin", stdin="corked-4-ever\n"
    )
    assert User.objects.get().check_password("corked-4-ever")


@pytest.mark.parametrize(
    ("winery", "password", "sentence"),
    [
        ("oak", "short", "This password is too short."),
        ("elm", "corked-4-ever", "There is no winery 'elm'. There are: oak."),
    ],
)
def test_a_person_who_cannot_be_added(run: Run, winery: str, password: str, sentence: str) -> None:
    WineryFactory.create(slug="oak")
    with pytest.raises(CommandError, match=re.escape(sentence)):
        run("add_person", "ada", "--winery", winery, "--role", "owner", CRUSHSYNC_PASSWORD=password)
    assert User.objects.count() == 0
