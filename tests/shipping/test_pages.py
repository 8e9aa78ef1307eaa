"""The fulfill page and its neighbours: once, by those who may, and never for another winery's order."""

import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from crushsync.accounts.models import Role
from fulfillment.models import Fulfillment
from fulfillment.proposing import Proposal, by_availability, by_location, by_size
from fulfillment.shipping import create_fulfillment
from tests.factories import FulfillmentFactory, MembershipFactory
from tests.shipping.conftest import PINOT, ROSE, Cellar

PLACE = "admin:fulfillment_fulfillment_"


def login(client: Client, cellar: Cellar, role: Role = Role.MANAGER) -> None:
    client.force_login(MembershipFactory.create(winery=cellar.order.winery, role=role).user)


def asked(cellar: Cellar, page: str, **changes: object) -> dict[str, object]:
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    fields = {
        "key": key[1],
        "location": cellar.place.pk,
        "carrier": "",
        "numbers": "1Z999AA10123456784",
        "tracking_url": "",
        "package_count": 1,
        f"line-{cellar.pinot.pk}": 3,
        f"line-{cellar.rose.pk}": 0,
    }
    return {**fields, **changes}


def test_a_double_click_makes_one_fulfillment(client: Client, cellar: Cellar) -> None:
    login(client, cellar)
    address = reverse(f"{PLACE}fulfill", args=[cellar.order.pk])
    page = client.get(address).text
    assert not Fulfillment.objects.exists()
    for _ in range(2):
        client.post(address, asked(cellar, page))
    made = Fulfillment.objects.get()
    assert (made.carrier, made.location, cellar.on_hand()) == ("UPS", cellar.place, 7)


def test_what_is_refused_is_said_on_the_form(client: Client, cellar: Cellar) -> None:
    login(client, cellar)
    address = reverse(f"{PLACE}fulfill", args=[cellar.order.pk])
    page = client.get(address).text
    answer = client.post(address, asked(cellar, page, **{f"line-{cellar.pinot.pk}": 0}))
    assert "Choose at least one piece." in answer.text
    assert not Fulfillment.objects.exists()


def test_a_fulfillment_is_corrected_moved_on_and_canceled_from_its_order(
    client: Client, cellar: Cellar
) -> None:
    login(client, cellar)
    made = create_fulfillment(cellar.order.pk, {cellar.pinot.pk: 2}, location=cellar.place, actor="elena")
    assert "Packing slip" in client.get(reverse("admin:orders_order_change", args=[cellar.order.pk])).text
    slip = client.get(reverse(f"{PLACE}slip", args=[made.pk])).text
    assert "Pinot Noir" in slip
    assert "12 Harbor Road" in slip
    cellar_page = client.get(reverse("admin:fulfillment_cellar_changelist")).text
    assert "2 × Pinot Noir" in cellar_page

    correction = {"carrier": "Pony Express", "numbers": "7", "tracking_url": "", "package_count": 1}
    client.post(reverse(f"{PLACE}correct", args=[made.pk]), correction)
    client.post(reverse(f"{PLACE}move", args=[made.pk, "shipped"]))
    made.refresh_from_db()
    assert (made.carrier, made.tracking_numbers, made.status) == ("Pony Express", ["7"], "shipped")

    address = reverse(f"{PLACE}cancel", args=[made.pk])
    assert "Nothing is refunded" in client.get(address).text
    made.refresh_from_db()
    assert made.is_live
    client.post(address)
    made.refresh_from_db()
    assert (made.status, cellar.on_hand()) == ("canceled", 10)


def test_what_the_store_was_not_told_is_told_again(client: Client, cellar: Cellar) -> None:
    """Of Vinoshipper's shipments, too; a second click asks for nothing."""
    made = FulfillmentFactory.create(fulfillment_order=cellar.work, report_status="failed", tries=9)
    order, again = (
        reverse("admin:orders_order_change", args=[cellar.order.pk]),
        reverse(f"{PLACE}report", args=[made.pk]),
    )
    login(client, cellar)
    assert "Report again" in client.get(order).text
    assert client.get(again).status_code == 405
    assert "The store is told again." in client.post(again, follow=True).text
    made.refresh_from_db()
    due = made.due_at
    assert (made.report_status, made.tries, due is not None) == ("waiting", 0, True)
    assert "is about to be told" in client.post(again, follow=True).text
    made.refresh_from_db()
    assert made.due_at == due
    assert "Report again" not in client.get(order).text


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_who_may_not_act_changes_nothing(client: Client, cellar: Cellar, role: Role | None) -> None:
    made = create_fulfillment(cellar.order.pk, {cellar.pinot.pk: 2}, location=cellar.place, actor="elena")
    if role:
        login(client, cellar, role)
    else:
        client.force_login(MembershipFactory.create().user)
    for name, args in (
        ("fulfill", [cellar.order.pk]),
        ("correct", [made.pk]),
        ("cancel", [made.pk]),
        ("move", [made.pk, "shipped"]),
        ("report", [made.pk]),
    ):
        answer = client.post(reverse(f"{PLACE}{name}", args=args), {"key": "x", "package_count": 1})
        assert answer.status_code == (403 if role else 404)
    if not role:
        assert client.get(reverse(f"{PLACE}slip", args=[made.pk])).status_code == 404
    made.refresh_from_db()
    assert (made.status, Fulfillment.objects.count()) == ("pending", 1)


def test_the_command_ships_and_lists_what_is_left(cellar: Cellar, capsys: pytest.CaptureFixture[str]) -> None:
    order, winery = cellar.order.name, cellar.order.winery.slug
    for _ in range(2):
        call_command("fulfill", order, f"{PINOT}=3", f"{ROSE}=1", winery=winery, location="Cellar", key="one")
    assert Fulfillment.objects.count() == 1
    capsys.readouterr()
    call_command("fulfill", order, winery=winery)
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [["1", PINOT], ["1", ROSE]]
    with pytest.raises(CommandError, match="1 of Pinot Noir are left"):
        call_command("fulfill", order, f"{PINOT}=2", winery=winery, location="Cellar")
    assert cellar.counted() == {PINOT: 3, ROSE: 1}


def test_orders_are_divided() -> None:
    wanted = {1: 4, 2: 2}
    assert by_location(wanted, {7: {1: 4, 2: 2}, 8: {1: 9}}) == [Proposal(7, {1: 4, 2: 2})]
    assert by_location(wanted, {7: {1: 3}, 8: {2: 1}}) == [
        Proposal(7, {1: 3}),
        Proposal(8, {2: 1}),
        Proposal(None, {1: 1, 2: 1}),
    ]
    assert by_availability(wanted, 7, {1: 4}) == [Proposal(7, {1: 4}), Proposal(None, {2: 2})]
    assert by_availability(wanted, 7, {1: 4, 2: 9}) == [Proposal(7, {1: 4, 2: 2})]
    assert by_size(wanted, 7, {2}) == [Proposal(7, {1: 4}), Proposal(7, {2: 2})]
    assert by_location({1: 0}, {7: {1: 1}}) == []
