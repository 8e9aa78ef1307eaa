"""What the mail service says afterwards is noted on the mail, and only it may say so."""

import base64
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from crushsync.accounts.models import Winery
from fulfillment.messages import why_not
from fulfillment.models import CustomerMessage, MessageKind, MessageState
from notifications.models import Mail, MailState, Recipient
from tests.factories import FulfillmentOrderFactory, MailFactory

pytestmark = pytest.mark.django_db
# https://postmarkapp.com/developer/webhooks/bounce-webhook
BOUNCE = {
    "RecordType": "Bounce",
    "ID": 42,
    "Type": "HardBounce",
    "MessageID": "00000000-0000-0000-0000-000000000000",
    "Email": "cellar@winery.example",
    "BouncedAt": "2026-11-18T16:33:54.9070259Z",
}


@pytest.fixture
def postmark(settings: Settings) -> None:
    settings.MAIL_PROVIDER = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "user:word"}


@pytest.fixture
def sent() -> Mail:
    made: Mail = MailFactory.create(state=MailState.SENT, provider_id=BOUNCE["MessageID"])
    return made


def tell(client: Client, body: Any, login: str = "user:word") -> int:
    proof = f"Basic {base64.b64encode(login.encode()).decode()}"
    answer = client.post(
        "/webhooks/mail/", body, content_type="application/json", headers={"Authorization": proof}
    )
    return answer.status_code


def test_a_bounce_is_shown_and_ends_writing_there(client: Client, postmark: None, sent: Mail) -> None:
    assert tell(client, BOUNCE) == 200
    sent.refresh_from_db()
    assert (sent.state, sent.sentence) == (MailState.BOUNCED, "The mail service says: bounced.")
    assert Recipient.objects.filter(is_active=False, bounced_at__isnull=False).exists()
    assert tell(client, BOUNCE) == 200, "said twice"


def test_a_message_to_a_customer_that_bounced_is_told_with_the_order(client: Client, postmark: None) -> None:
    work = FulfillmentOrderFactory.create()
    message = CustomerMessage.objects.create(
        fulfillment_order=work,
        kind=MessageKind.ID_SCAN,
        version=work.version,
        content={"subject": "Age", "body": "Please"},
        state=MessageState.SENT,
        provider_id=str(BOUNCE["MessageID"]),
    )
    Winery.objects.update(writes_to_customers=True)
    work.refresh_from_db()
    assert why_not(work, "id_scan") == "It was written already: Sent."
    for _ in range(2):
        assert tell(client, BOUNCE) == 200
    message.refresh_from_db()
    assert message.state == MessageState.BOUNCED
    assert [event.sentence for event in work.order.events.all()] == [
        "Message to the customer, ID scan: bounced. The mail service says: bounced."
    ]
    assert why_not(work, "id_scan") == "", "another try is a person's to make"


def test_a_delivery_changes_nothing(client: Client, postmark: None, sent: Mail) -> None:
    assert tell(client, {**BOUNCE, "RecordType": "Delivery"}) == 200
    assert tell(client, {**BOUNCE, "MessageID": "somebody else's"}) == 200
    sent.refresh_from_db()
    assert (sent.state, sent.recipient.is_active) == (MailState.SENT, True)


@pytest.mark.parametrize("login", ["user:wrong", ""])
def test_who_has_not_the_password_is_refused(client: Client, postmark: None, sent: Mail, login: str) -> None:
    assert tell(client, BOUNCE, login) == 400
    sent.refresh_from_db()
    assert sent.state == MailState.SENT


def test_without_a_password_nobody_may(client: Client, settings: Settings, sent: Mail) -> None:
    settings.MAIL_PROVIDER, settings.ANYMAIL = "postmark", {"WEBHOOK_SECRET": ""}
    assert tell(client, BOUNCE) == 404
    settings.MAIL_PROVIDER, settings.ANYMAIL = "", {"WEBHOOK_SECRET": "user:word"}
    assert tell(client, BOUNCE) == 404
