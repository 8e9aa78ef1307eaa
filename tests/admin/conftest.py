"""Who is logged in, and at which winery."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crushsync.accounts.models import Role, Winery
from tests.factories import MembershipFactory, UserFactory, WineryFactory

LogIn = Callable[[Role], Client]


@pytest.fixture
def winery(db: None) -> Winery:
    return WineryFactory.create(name="Cedar Hollow", time_zone="America/Los_Angeles")


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def log_in(winery: Winery) -> LogIn:
    """`log_in(Role.MANAGER)`: a browser of somebody who is that at the winery. Called after the role."""

    def enter(role: Role, **user: Any) -> Client:
        member = UserFactory.create(**{"username": role.value, **user})
        MembershipFactory.create(winery=winery, user=member, role=role)
        return logged_in(member)

    return enter


@pytest.fixture
def owner(log_in: LogIn) -> Client:
    return log_in(Role.OWNER)


@pytest.fixture
def manager(log_in: LogIn) -> Client:
    return log_in(Role.MANAGER)


@pytest.fixture
def viewer(log_in: LogIn) -> Client:
    return log_in(Role.VIEWER)


@pytest.fixture
def operator(db: None) -> Client:
    return logged_in(UserFactory.create(username="operator", is_superuser=True))
