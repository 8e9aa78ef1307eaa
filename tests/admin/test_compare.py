"""Comparing is asked for by a person, shows what came, and is nobody else's business."""

import pytest
from django.test import Client
from django.urls import reverse

from crushsync.accounts.models import Winery
from fulfillment.models import FulfillmentOrder, SyncAttempt, SyncStatus
from tests.factories import FulfillmentOrderFactory

pytestmark = pytest.mark.django_db


def address(work: FulfillmentOrder) -> str:
    return reverse("admin:orders_order_compare", args=[work.order_id, work.pk])


def test_looking_is_asked_for_by_post(viewer: Client, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery, status=SyncStatus.SENT)
    page = viewer.get(address(work))
    assert page.status_code == 200
    assert "Look at Vinoshipper now" in page.content.decode()
    assert not SyncAttempt.objects.exists()


def test_nobody_answers_there(viewer: Client, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery, status=SyncStatus.SENT)
    page = viewer.post(address(work))
    assert page.status_code == 200
    tried = SyncAttempt.objects.get()
    assert (tried.kind, tried.actor) == ("compare", "viewer")
    assert tried.sentence in page.content.decode()
    work.refresh_from_db()
    assert (work.status, work.attention_code, work.due_at) == (SyncStatus.SENT, "", None)


def test_another_winerys_order_is_not_there(owner: Client) -> None:
    work = FulfillmentOrderFactory.create()
    assert owner.get(address(work)).status_code == 404
    assert owner.post(address(work)).status_code == 404
    assert not SyncAttempt.objects.exists()


def test_what_goes_nowhere_cannot_be_compared(owner: Client, winery: Winery) -> None:
    work = FulfillmentOrderFactory.create(order__store__winery=winery, account=None)
    assert owner.post(address(work)).status_code == 404
