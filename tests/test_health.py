"""What a monitor is answered."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from crushsync import health
from crushsync.lib.models import DrainSlot
from crushsync.lib.queue import clock
from crushsync.lib.schema import NotReady
from tests.factories import InboundHintFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    health._schema_fits.cache_clear()


def beat(ago: timedelta) -> None:
    DrainSlot.objects.create(name="drain-1", holder="w:1:x", beat_at=clock() - ago)


def test_a_web_server_that_can_work_says_so_without_a_login(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/health/")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_database_of_another_version_is_asked_about_until_it_fits(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> None:
        raise NotReady("The database lacks migrations of this version: 1, the first is orders.0007_more.")

    with monkeypatch.context() as patch:
        patch.setattr(health, "verify_schema", refuse)
        answer = client.get("/health/")
        assert (answer.status_code, answer.json()["ok"]) == (503, False)
        assert "0007" not in answer.text
        assert "orders.0007_more" in caplog.text
    assert client.get("/health/").status_code == 200


def test_a_database_that_is_away_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "clock", refuse)
    assert client.get("/health/worker/").status_code == 503


def test_a_worker_that_never_ran_is_503(client: Client) -> None:
    answer = client.get("/health/worker/")
    told = {"ok": False, "heard_of_seconds_ago": None, "work_waits_seconds": 0.0}
    assert (answer.status_code, answer.json()) == (503, told)


def test_a_worker_that_is_silent_is_503(client: Client) -> None:
    beat(timedelta(minutes=3))
    answer = client.get("/health/worker/")
    assert answer.status_code == 503
    assert 180 <= answer.json()["heard_of_seconds_ago"] < 190


def test_a_worker_at_work_is_200_and_tells_what_waits(client: Client) -> None:
    beat(timedelta(seconds=1))
    InboundHintFactory.create(due_at=clock() - timedelta(minutes=4))
    InboundHintFactory.create(due_at=clock() + timedelta(hours=1))
    answer = client.get("/health/worker/")
    assert (answer.status_code, answer.json()["ok"]) == (200, True)
    assert 240 <= answer.json()["work_waits_seconds"] < 250
