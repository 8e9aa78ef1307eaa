"""What is written to customers: drafted, shown, and sent only when a person says so."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from crushsync.accounts.models import Winery
from crushsync.lib.queue import drain
from fulfillment.messages import OF_ADDRESSES, NotSent, draft, fitting, send
from fulfillment.models import CustomerMessage, FulfillmentOrder, MessageState, SyncStatus
from notifications.lanes import lanes
from tests.factories import FulfillmentOrderFactory

pytestmark = pytest.mark.django_db
SCAN = "https://vinoshipper.example/id/abc"


@pytest.fixture
def refused(winery: Winery) -> FulfillmentOrder:
    return failed(winery, "age_failed", id_scan_url=SCAN)


def failed(winery: Winery, code: str, **fields: Any) -> FulfillmentOrder:
    return FulfillmentOrderFactory.create(
        order__store__winery=winery,
        order__first_name="Zoë O'Neil",
        status=SyncStatus.FAILED,
        reason_code=code,
        attention_code=code,
        attention="It failed.",
        **fields,
    )


def address(work: FulfillmentOrder, kind: str = "id_scan") -> str:
    return reverse("admin:orders_order_message", args=[work.order_id, work.pk, kind])


def words(client: Client, work: FulfillmentOrder) -> dict[str, str]:
    shown = client.get(address(work)).context["draft"]
    return {"subject": shown.subject, "body": shown.body}


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("age_failed", ["id_scan"]),
        ("not_compliant", ["not_compliant"]),
        ("not_available", ["not_compliant"]),
        ("po_box", ["address"]),
        ("zip_elsewhere", ["address"]),
        ("unknown_sku", []),
    ],
)
def test_which_message_fits(winery: Winery, code: str, kinds: list[str]) -> None:
    assert fitting(failed(winery, code, id_scan_url=SCAN)) == kinds


def test_drafts_are_plain_words(winery: Winery, refused: FulfillmentOrder) -> None:
    scan = draft(refused, "id_scan")
    assert (scan.to, scan.subject) == (
        "elena.marquez@example.com",
        f"Please confirm your age for order {refused.order.name}",
    )
    assert scan.body.startswith("Dear Zoë O'Neil,\n")
    assert f"\n{SCAN}\n" in scan.body
    sorry = draft(failed(winery, "not_compliant"), "not_compliant")
    assert "the law of your state" in sorry.body
    assert not any(text in scan.body + sorry.body for text in ("1980", "&#", "{{", "Harbor"))


def test_each_wrong_address_is_told_in_its_own_words(winery: Winery) -> None:
    drafts = [draft(failed(winery, code), "address") for code in sorted(OF_ADDRESSES)]
    assert {shown.subject.partition(" #")[0] for shown in drafts} == {"Where may we deliver your order"}
    words = [shown.body.splitlines()[3] for shown in drafts]
    assert len(set(words)) == len(words) - 1, "the two about ZIP codes say the same"
    assert not any(text in shown.body for shown in drafts for text in ("Harbor", "95814", "{%", "&#"))


def test_off_by_default_only_a_draft(manager: Client, refused: FulfillmentOrder) -> None:
    text = manager.get(address(refused)).content.decode()
    assert "have an owner tick “May write to customers” under Winery." in text
    assert "mailto:elena.marquez%40example.com?subject=" in text
    manager.post(address(refused), words(manager, refused))
    assert not CustomerMessage.objects.exists()


def test_sent_once_in_the_words_a_person_saw(
    manager: Client, winery: Winery, refused: FulfillmentOrder, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Winery.objects.update(writes_to_customers=True)
    sent = words(manager, refused) | {"body": "Please show your ID: " + SCAN}
    for _ in range(2):
        assert manager.post(address(refused), sent).status_code == 302
    message = CustomerMessage.objects.get()
    assert (message.state, message.asked_by) == (MessageState.WAITING, "manager")
    drain(lanes(), seconds=10, until_idle=True)
    drain(lanes(), seconds=10, until_idle=True)
    [letter] = mail.outbox
    assert (letter.to, letter.subject, letter.body) == (
        ["elena.marquez@example.com"],
        f"Please confirm your age for order {refused.order.name}",
        "Please show your ID: " + SCAN,
    )
    message.refresh_from_db()
    assert (message.state, message.due_at) == (MessageState.SENT, None)
    assert [event.sentence for event in refused.order.events.order_by("pk")] == [
        "Wrote to the customer: ID scan.",
        "Message to the customer, ID scan: sent.",
    ]


def test_cut_off_while_it_was_sent_it_is_not_sent_again(
    winery: Winery, refused: FulfillmentOrder, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Winery.objects.update(writes_to_customers=True)
    send(refused.pk, "id_scan", subject="Age", body="Please", actor="sam")
    CustomerMessage.objects.update(is_call_open=True)
    drain(lanes(), seconds=10, until_idle=True)
    assert CustomerMessage.objects.get().state == MessageState.UNKNOWN
    assert mail.outbox == []


def test_what_certainly_failed_may_be_sent_again(refused: FulfillmentOrder, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Winery.objects.update(writes_to_customers=True)
    send(refused.pk, "id_scan", subject="Age", body="Please", actor="sam")
    with pytest.raises(NotSent):
        send(refused.pk, "id_scan", subject="Age", body="Again", actor="sam")
    CustomerMessage.objects.update(state=MessageState.FAILED, due_at=None, sentence="Refused.")
    send(refused.pk, "id_scan", subject="Age", body="Again", actor="sam")
    drain(lanes(), seconds=10, until_idle=True)
    assert [letter.body for letter in mail.outbox] == ["Again"]
    assert CustomerMessage.objects.get().state == MessageState.SENT


def test_a_mail_server_that_is_away_is_tried_again(refused: FulfillmentOrder, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    Winery.objects.update(writes_to_customers=True)
    send(refused.pk, "id_scan", subject="Age", body="Please", actor="sam")
    drain(lanes(), seconds=10, until_idle=True)
    message = CustomerMessage.objects.get()
    assert (message.state, message.due_at is not None) == (MessageState.WAITING, True)
    assert "elena" not in message.sentence


def test_not_when_the_order_was_mended_before_the_mail_server_was(
    refused: FulfillmentOrder, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Winery.objects.update(writes_to_customers=True)
    send(refused.pk, "id_scan", subject="Age", body="Please", actor="sam")
    FulfillmentOrder.objects.update(status=SyncStatus.SENT, reason_code="sent")
    drain(lanes(), seconds=10, until_idle=True)
    message = CustomerMessage.objects.get()
    assert (message.state, message.sentence) == (
        MessageState.FAILED,
        "The order does not need this message any more.",
    )
    assert mail.outbox == []


def test_not_when_the_order_no_longer_asks_for_it(manager: Client, refused: FulfillmentOrder) -> None:
    sent = words(manager, refused)
    Winery.objects.update(writes_to_customers=True)
    FulfillmentOrder.objects.update(status=SyncStatus.SENT)
    manager.post(address(refused), sent)
    with pytest.raises(NotSent):
        send(refused.pk, "id_scan", **sent, actor="sam")
    assert not CustomerMessage.objects.exists()


def test_for_who_may_act_on_the_own_order(
    manager: Client, viewer: Client, winery: Winery, refused: FulfillmentOrder
) -> None:
    theirs = FulfillmentOrderFactory.create(
        status=SyncStatus.FAILED, reason_code="age_failed", id_scan_url=SCAN
    )
    assert manager.get(address(theirs)).status_code == 404
    assert viewer.get(address(refused)).status_code == 403
    assert manager.get(address(refused, "love_letter")).status_code == 302
    page = reverse("admin:orders_order_change", args=[refused.order_id])
    assert 'data-copy="id-scan-' in manager.get(page).content.decode()
    assert address(refused) in manager.get(page).content.decode()
    assert address(refused) not in viewer.get(page).content.decode()
