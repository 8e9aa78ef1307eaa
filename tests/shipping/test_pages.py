"""The fulfill page and its neighbours: once, by those who may, and never for another winery's order."""

import re
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from crushsync.accounts.models import Role
from fulfillment.models import Fulfillment, LocationMapping, StoreFulfillment
from fulfillment.proposing import Proposal, by_availability, by_location, by_size
from fulfillment.shipping import create_fulfillment
from orders.models import Order
from tests.factories import FulfillmentFactory, MembershipFactory, OrderFactory, StockLocationFactory
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
    for _ in range(2):  # three of four: the second time only one is left
        assert client.post(address, asked(cellar, page)).status_code == 302
    made = Fulfillment.objects.get()
    assert (made.carrier, made.location, cellar.on_hand()) == ("UPS", cellar.place, 7)


def test_what_somebody_else_has_just_shipped_is_not_left_out_unsaid(client: Client, cellar: Cellar) -> None:
    login(client, cellar)
    address = reverse(f"{PLACE}fulfill", args=[cellar.order.pk])
    page = client.get(address).text
    create_fulfillment(cellar.order.pk, {cellar.rose.pk: 2}, location=cellar.place, actor="maria")
    answer = client.post(address, asked(cellar, page, **{f"line-{cellar.rose.pk}": 1}))
    assert "0 of Rosé are left to ship here, not 1." in answer.text
    assert cellar.counted() == {PINOT: 0, ROSE: 2}


def test_cellars_of_two_wineries_are_two(client: Client, cellar: Cellar) -> None:
    login(client, cellar)
    user = get_user_model().objects.get()
    other = StockLocationFactory.create(name="Cellar")
    MembershipFactory.create(winery=other.winery, user=user, role=Role.MANAGER)
    order = OrderFactory.create(store__winery=other.winery, lines=1)
    for bought, place in ((cellar.order, cellar.place), (order, other)):
        line = bought.lines.earliest("position")
        create_fulfillment(bought.pk, {line.pk: 1}, location=place, actor="elena", may_go_negative=True)
    shown = client.get(reverse("admin:fulfillment_cellar_changelist")).context["places"]
    assert [(place.winery, [made.order for made in rows]) for place, rows in shown] == [
        (cellar.order.winery, [cellar.order]),
        (other.winery, [order]),
    ]


def test_the_cellar_says_that_an_order_was_cancelled_meanwhile(client: Client, cellar: Cellar) -> None:
    login(client, cellar)
    create_fulfillment(cellar.order.pk, {cellar.rose.pk: 2}, location=cellar.place, actor="maria")
    page = reverse("admin:fulfillment_cellar_changelist")
    assert "Canceled in the store" not in client.get(page).text
    Order.objects.update(cancelled_at=cellar.order.placed_at)
    assert client.get(page).text.count("Canceled in the store") == 1


def test_a_place_that_is_none_maps_nothing(client: Client, cellar: Cellar) -> None:
    login(client, cellar)
    made = FulfillmentFactory.create(order=cellar.order, fulfillment_order=None, location=None)
    row = StoreFulfillment.objects.create(
        store=cellar.order.store, order=cellar.order, external_id="9", fulfillment=made, place="71"
    )
    for chosen in ("", "abc", "-1", "9" * 30):
        answer = client.post(reverse(f"{PLACE}map", args=[row.pk]), {"location": chosen})
        assert answer.status_code == 404
    assert not LocationMapping.objects.exists()


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
        call_command(
            *("fulfill", order, f"{PINOT}=3", f"{ROSE}=1", "--winery", winery, "--location", "Cellar"),
            *("--key", "one", "--packages", "2", "--ship-date", "2026-11-23", "--no-notify"),
        )
    made = Fulfillment.objects.get()
    assert (made.package_count, made.ship_date, made.notify_customer) == (2, date(2026, 11, 23), False)
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
