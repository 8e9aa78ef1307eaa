"""A session that ended in the middle of a form, and pages that are not there, not allowed or too old."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from orders.models import OrderEvent
from tests.factories import FulfillmentOrderFactory

pytestmark = pytest.mark.django_db

TESTSERVER = "http://testserver"


def test_a_form_sent_after_the_session_ended_leads_back_to_the_form() -> None:
    work = FulfillmentOrderFactory.create()
    form = reverse("admin:orders_order_confirm", args=[work.order_id, work.pk, "note"])
    sent = reverse("admin:orders_order_act", args=[work.order_id, work.pk, "note"])
    answer = Client().post(
        sent, {"confirmed": "yes", "reason": "Kept"}, headers={"referer": TESTSERVER + form}
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{reverse('admin:login')}?next={form}"
    assert [str(told) for told in get_messages(answer.wsgi_request)] == [
        "You had been logged out, and nothing was done. Log in and do it again."
    ]
    assert not OrderEvent.objects.filter(code="note").exists()


def test_what_the_form_was_asked_about_is_kept() -> None:
    page = "/admin/fulfillment/problem/cause/1/unknown_sku/"
    answer = Client().post(f"{page}map/", headers={"referer": f"{TESTSERVER}{page}?about=PN%2023"})
    assert answer.headers["Location"] == f"{reverse('admin:login')}?next={page}%3Fabout%3DPN%252023"


@pytest.mark.parametrize("referer", ["https://elsewhere.example/admin/orders/", "", "http://[broken"])
def test_another_site_is_nothing_to_lead_back_to(referer: str) -> None:
    answer = Client().post("/admin/fulfillment/batch/1/cancel/", headers={"referer": referer})
    assert answer.headers["Location"] == f"{reverse('admin:login')}?next={reverse('admin:index')}"


def test_who_is_logged_out_may_log_out() -> None:
    answer = Client().post(reverse("admin:logout"))
    assert answer.headers["Location"] == reverse("admin:index")


def test_a_page_that_is_too_old_says_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("admin:login"))
    assert answer.status_code == 403
    assert "This page is too old" in answer.text
    assert "CSRF" not in answer.text


def test_a_page_that_is_not_there_leads_to_today(manager: Client) -> None:
    answer = manager.get("/admin/orders/order/999/work/999/act/note/confirm/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert f'href="{reverse("admin:index")}"' in answer.text


def test_what_a_role_does_not_allow_names_who_can_change_it(viewer: Client) -> None:
    answer = viewer.get(reverse("admin:fulfillment_stockimport_add"))
    assert answer.status_code == 403
    assert "an owner of the winery can change that under Winery, People" in answer.text
