"""A winery that tells, and the other end of what it tells: a real web server and a real mail server."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from crushsync.accounts.models import Winery
from crushsync.lib.queue import Lane, clock, drain
from notifications.lanes import lanes
from notifications.mails.recipients import keep
from notifications.models import Endpoint, Recipient, Sweep
from notifications.webhooks import endpoints
from tests.factories import RecipientFactory, WineryFactory

Run = Callable[..., None]
SECONDS = 20.0


@pytest.fixture
def winery(transactional_db: None) -> Winery:
    return WineryFactory.create(name="Cedar Hollow", slug="cedar-hollow", time_zone="America/Los_Angeles")


@pytest.fixture(autouse=True)
def _short_waits(settings: Settings) -> None:
    settings.WAIT_FACTOR = 0.001
    settings.WEBHOOKS_TO_LOOPBACK = True


@pytest.fixture
def recipient(winery: Winery) -> Recipient:
    made = RecipientFactory.build(winery=winery, address="cellar@winery.example")
    keep(made)
    return made


def sweep_now() -> None:
    Sweep.objects.filter(open_claims=0).update(due_at=clock())


@pytest.fixture
def run() -> Run:
    """Look for news and drain until the condition holds; without one, until nothing is due."""

    def until(holds: Callable[[], Any] | None = None, among: list[Lane] | None = None) -> None:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            sweep_now()
            report = drain(among or lanes(), seconds=5, until_idle=True)
            assert report is not None, "another drain holds the slot"
            if holds() if holds else report.claimed <= 1:
                return
            time.sleep(0.02)
        raise AssertionError("it did not come to pass in time")

    return until


@dataclass
class Receiver:
    """Somebody's program: answers as told, and keeps what it got."""

    server: HTTPServer
    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[Request], Response] | None = None

    def take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), request.get_data()))
        if self.answer:
            return self.answer(request)
        return Response('{"ok": true}', self.status, self.headers, content_type="application/json")


@pytest.fixture
def receiver(httpserver: HTTPServer) -> Receiver:
    made = Receiver(httpserver, httpserver.url_for("/hook"))
    httpserver.expect_request("/hook").respond_with_handler(made.take)
    return made


@pytest.fixture
def endpoint(winery: Winery, receiver: Receiver) -> Endpoint:
    made, _secret = endpoints.create(winery, "Warehouse", receiver.url, ["*"])
    Endpoint.objects.update(created_at=made.created_at - timedelta(days=30))
    made.refresh_from_db()
    return made


class MailServer:
    """Keeps what it gets; `refuse` is said to every recipient, `refuse_data` to every mail."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.refuse = self.refuse_data = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_data:
            return self.refuse_data
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


class AnyPort(Controller):
    """On a port that is free."""

    def _trigger_server(self) -> None:
        """By now the server has its port; the controller is about to try it."""
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    handler = MailServer()
    controller = AnyPort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    yield handler
    controller.stop()
