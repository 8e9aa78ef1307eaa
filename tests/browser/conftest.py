"""Debian's Chromium, driven against a live server. Nothing is downloaded: the browser is the system's own."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

from crushsync.accounts.models import Role, Winery
from tests.factories import MembershipFactory, UserFactory
from tests.flow.conftest import sandbox_server, world

__all__ = ["sandbox_server", "world"]

PASSWORD = "correct horse battery"
DESK: ViewportSize = {"width": 1360, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.fail("No Chromium is installed. Get one with: apt-get install chromium", pytrace=False)
    # Playwright's loop runs in this thread beside plain Django code, which is what Django warns of.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, as in most containers.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@dataclass
class Desk:
    """One person's browser; `errors` is whatever the console complained of."""

    page: Page
    url: str
    errors: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def text(self) -> str:
        return self.page.inner_text("body")


SitDown = Callable[..., Desk]


def person(name: str, winery: Winery | None, role: Role = Role.OWNER) -> User:
    user = UserFactory.create(username=name, first_name=name.title(), is_superuser=winery is None)
    user.set_password(PASSWORD)
    user.save()
    if winery:
        MembershipFactory.create(winery=winery, user=user, role=role)
    return user


@pytest.fixture
def sit_down(chromium: Browser, live_server: LiveServer) -> Iterator[SitDown]:
    """`sit_down(user)`: somebody who is logged in; without a user, somebody who is not yet."""
    contexts = []

    def sit(
        user: User | None = None, *, dark: bool = False, phone: bool = False, scripts: bool = True
    ) -> Desk:
        context = chromium.new_context(
            viewport=PHONE if phone else DESK,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        if user:
            client = Client()
            client.force_login(user)
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        desk = Desk(page, live_server.url)
        page.on("console", lambda told: desk.errors.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: desk.errors.append(str(error)))
        page.on("dialog", lambda dialog: desk.errors.append(f"dialog: {dialog.message}"))
        return desk

    yield sit
    for context in contexts:
        context.close()
