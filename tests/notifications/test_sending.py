"""What a mail service's answer means: try later, never, or nobody knows."""

import pytest
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from crushsync.lib.errors import OutcomeUnknown, PermanentError, SyncError, TemporaryError
from notifications.mails.sending import send

REFUSED = '{"ErrorCode": 300, "Message": "Invalid To address elena.marquez@example.com"}'


def mail() -> EmailMultiAlternatives:
    return EmailMultiAlternatives("Age", "Please", to=["elena.marquez@example.com"])


def use(settings: Settings, url: str) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": url}


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (401, "{}", TemporaryError, "mail_login"),  # the operator mends the key, and the mail goes
        (403, "{}", TemporaryError, "mail_login"),
        (429, "{}", TemporaryError, "mail_server"),
        (503, "{}", TemporaryError, "mail_server"),
        (422, REFUSED, PermanentError, "mail_refused"),
        (500, "{}", OutcomeUnknown, "mail_unknown"),
        (200, "<html>", OutcomeUnknown, "mail_unknown"),
    ],
)
def test_by_status(
    settings: Settings, httpserver: HTTPServer, status: int, body: str, error: type[SyncError], code: str
) -> None:
    httpserver.expect_request("/email").respond_with_data(body, status, content_type="application/json")
    use(settings, httpserver.url_for("/"))
    with pytest.raises(error) as caught:
        send(mail())
    assert caught.value.code == code
    assert "elena" not in str(caught.value) + caught.value.sentence


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://no-such-host.invalid/"])
def test_a_service_that_cannot_be_reached_got_nothing(settings: Settings, url: str) -> None:
    use(settings, url)
    with pytest.raises(TemporaryError) as caught:
        send(mail())
    assert caught.value.code == "mail_server"


def test_what_was_taken_has_the_services_id(settings: Settings, httpserver: HTTPServer) -> None:
    taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "abc", "To": "elena.marquez@example.com"}
    httpserver.expect_request("/email").respond_with_json(taken)
    use(settings, httpserver.url_for("/"))
    assert send(mail()) == "abc"
