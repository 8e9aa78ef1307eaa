"""The pages of who is told: acts by POST and role, secrets shown once, previews that send nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from crushsync.accounts.models import Role, Winery
from crushsync.csp import POLICY
from crushsync.lib.queue import clock
from notifications.events import EVENT_TYPES
from notifications.models import (
    Delivery,
    DeliveryState,
    Endpoint,
    Kind,
    Mail,
    MailKind,
    MailState,
    Recipient,
)
from tests.factories import (
    DeliveryFactory,
    EndpointFactory,
    FulfillmentOrderFactory,
    MailFactory,
    MembershipFactory,
    ProblemFactory,
    RecipientFactory,
    UserFactory,
)

LogIn = Callable[[Role], Client]


@pytest.fixture
def log_in(winery: Winery) -> LogIn:
    def enter(role: Role) -> Client:
        member = UserFactory.create()
        MembershipFactory.create(winery=winery, user=member, role=role)
        client = Client()
        client.force_login(member)
        return client

    return enter


def act(row: Any, name: str) -> str:
    return reverse(f"admin:notifications_{row._meta.model_name}_act", args=[row.pk, name])


def test_an_endpoint_is_made_and_its_secret_shown_once(winery: Winery, log_in: LogIn) -> None:
    owner = log_in(Role.OWNER)
    data = {
        "winery": winery.pk,
        "name": "Warehouse",
        "url": "http://127.0.0.1:9/hook",
        "event_types": ["order.moved", "fulfillment.shipped"],
    }
    page = owner.post("/admin/notifications/endpoint/add/", data)
    endpoint = Endpoint.objects.get()
    assert endpoint.event_types == ["fulfillment.shipped", "order.moved"]
    secret = endpoint.secrets["current"]
    assert secret in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    change = f"/admin/notifications/endpoint/{endpoint.pk}/change/"
    assert secret not in owner.get(change).content.decode()
    answer = owner.post(change, {**data, "url": "https://10.0.0.1/"})
    assert "not on the public internet" in answer.content.decode()
    assert Endpoint.objects.get().url == data["url"]


@pytest.mark.parametrize("name", ["rotate", "off"])
def test_a_double_click_does_it_once(winery: Winery, log_in: LogIn, name: str) -> None:
    owner, endpoint = log_in(Role.OWNER), EndpointFactory.create(winery=winery)
    url = act(endpoint, name)
    asked = owner.get(url)
    form = {"confirmed": "yes", "seen": asked.context["seen"]}
    assert owner.post(url, form).status_code in (200, 302)
    after = Endpoint.objects.get()
    assert "Nothing was done again" in owner.post(url, form, follow=True).content.decode()
    again = Endpoint.objects.get()
    assert (again.secrets, again.is_active) == (after.secrets, after.is_active)
    assert (after.secrets, after.is_active) != (endpoint.secrets, True)


@pytest.mark.parametrize("name", ["test", "replay", "rotate", "on", "off"])
def test_acts_are_the_owners_and_by_post(winery: Winery, log_in: LogIn, name: str) -> None:
    endpoint = EndpointFactory.create(winery=winery)
    before = Endpoint.objects.values().get()
    form = {"confirmed": "yes", "seen": "True ", "since": "day"}
    assert log_in(Role.MANAGER).post(act(endpoint, name), form).status_code == 403
    assert log_in(Role.OWNER).get(act(endpoint, name)).status_code in (200, 405)
    theirs = EndpointFactory.create()
    assert log_in(Role.OWNER).post(act(theirs, name), form).status_code == 404
    assert Endpoint.objects.filter(pk=endpoint.pk).values().get() == before
    assert not Delivery.objects.exists()


def test_a_delivery_is_shown_and_delivered_again(winery: Winery, log_in: LogIn) -> None:
    owner = log_in(Role.OWNER)
    delivery = DeliveryFactory.create(endpoint__winery=winery, state=DeliveryState.FAILED)
    page = owner.get(f"/admin/notifications/delivery/{delivery.pk}/change/").content.decode()
    assert "Deliver again" in page
    assert "msg_" in page
    for _ in range(2):
        owner.post(act(delivery, "replay"))
    again = Delivery.objects.exclude(pk=delivery.pk).get()
    assert (again.message_id, again.is_replay) == (delivery.message_id, True)
    Delivery.objects.filter(pk=again.pk).update(next_at=clock() + timedelta(hours=14))
    owner.post(act(again, "replay"))
    again.refresh_from_db()
    assert again.next_at is not None
    assert again.next_at <= clock()
    endpoint = delivery.endpoint
    assert owner.get(f"/admin/notifications/endpoint/{endpoint.pk}/change/").status_code == 200


def test_a_recipient_is_a_person_of_the_winery_or_an_address(winery: Winery, log_in: LogIn) -> None:
    manager, stranger = log_in(Role.MANAGER), UserFactory.create()
    url = "/admin/notifications/recipient/add/"
    data = {"winery": winery.pk, "kinds": [Kind.PROBLEM, Kind.DAILY], "daily_at": "07:00", "is_active": "on"}
    for bad in ({"user": stranger.pk}, {}, {"address": "a@b.example", "quiet_from": "22:00"}):
        assert manager.post(url, {**data, **bad}).status_code == 200
    assert not Recipient.objects.exists()
    assert manager.post(url, {**data, "address": "cellar@winery.example"}).status_code == 302
    recipient = Recipient.objects.get()
    assert recipient.due_at is not None
    manager.post(act(recipient, "test"))
    assert Mail.objects.get().kind == MailKind.TEST
    assert log_in(Role.VIEWER).post(act(recipient, "test")).status_code == 403


def test_what_is_wrong_with_a_recipient_is_said_once_and_in_words(winery: Winery, log_in: LogIn) -> None:
    RecipientFactory.create(winery=winery, user=None, address="cellar@winery.example")
    data = {"winery": winery.pk, "kinds": [Kind.PROBLEM], "daily_at": "07:00", "is_active": "on"}
    manager, url = log_in(Role.MANAGER), "/admin/notifications/recipient/add/"
    for given, told in (
        ({}, {"address": ["Choose a person, or enter an address: one of the two."]}),
        ({"address": "cellar@winery.example"}, {"address": ["This address is on the list already."]}),
    ):
        assert manager.post(url, {**data, **given}).context["adminform"].form.errors == told


def test_the_list_says_who_works_there_no_more(winery: Winery, log_in: LogIn) -> None:
    RecipientFactory.create(winery=winery, user=UserFactory.create(email="a@b.example"), address="")
    page = log_in(Role.VIEWER).get("/admin/notifications/recipient/").content.decode()
    assert "No longer at the winery" in page


def test_a_failed_mail_is_sent_again_by_a_person(winery: Winery, log_in: LogIn) -> None:
    manager = log_in(Role.MANAGER)
    mail = MailFactory.create(recipient__winery=winery, state=MailState.FAILED)
    url = act(mail, "again")
    manager.post(url, {"confirmed": "yes", "seen": manager.get(url).context["seen"]})
    mail.refresh_from_db()
    assert mail.state == MailState.WAITING
    assert mail.due_at is not None


@pytest.mark.parametrize("kind", MailKind.values)
def test_every_mail_can_be_looked_at_and_nothing_is_sent(
    winery: Winery, log_in: LogIn, kind: str, settings: Settings
) -> None:
    recipient = RecipientFactory.create(winery=winery)
    work = FulfillmentOrderFactory.create(order__store__winery=winery)
    problem = ProblemFactory.create(fulfillment_order=work)
    EndpointFactory.create(winery=winery, off_code="gone")
    viewer = log_in(Role.VIEWER)
    query = f"?recipient={recipient.pk}&kind={kind}&problem={problem.pk}"
    page = viewer.get(f"/admin/notifications/recipient/preview/{query}")
    assert page["Content-Security-Policy"] == POLICY
    written = page.context["letter"]
    frame = viewer.get(f"/admin/notifications/recipient/preview/mail/{query}")
    assert frame.content.decode() == written.html
    assert "sandbox" in frame["Content-Security-Policy"]
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert not Mail.objects.exists()
    theirs = RecipientFactory.create()
    assert viewer.get(f"/admin/notifications/recipient/preview/?recipient={theirs.pk}").status_code == 404


def test_the_documentation_names_every_event() -> None:
    with open("docs/webhooks.md") as page:
        text = page.read()
    assert [name for name in EVENT_TYPES if f"| `{name}` |" not in text] == []
