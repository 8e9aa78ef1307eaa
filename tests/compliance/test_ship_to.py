"""Ship-to settings: what they would change is shown first, and saved when a person agrees."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crushsync.accounts.models import VinoshipperAccount, Winery
from fulfillment.models import FulfillmentOrder, SyncStatus
from fulfillment.routing import Verdict, explain
from fulfillment.routing.decide import decide_all
from fulfillment.routing.shelf import Shelf
from fulfillment.what_if import what_if
from orders.models import Order, Store
from tests.factories import ADDRESS, OrderFactory, StoreFactory, VinoshipperAccountFactory

pytestmark = pytest.mark.django_db
TEXAS = {**ADDRESS, "city": "Austin", "state": "TX", "postal_code": "78704"}


@pytest.fixture
def account(winery: Winery) -> VinoshipperAccount:
    return VinoshipperAccountFactory.create(winery=winery, ship_to_states=["CA"])


@pytest.fixture
def store(account: VinoshipperAccount) -> Store:
    return StoreFactory.create(winery=account.winery, vinoshipper_account=account, name="Tasting room")


def place(store: Store, count: int = 1, **fields: Any) -> list[Order]:
    orders = OrderFactory.create_batch(count, store=store, **fields)
    decide_all(orders)
    return orders


def address(account: VinoshipperAccount) -> str:
    return reverse("ship-to-settings", args=[account.pk])


def values(client: Client, account: VinoshipperAccount, **changes: Any) -> dict[str, Any]:
    """What a browser would send back, with some of it changed; None leaves a box empty."""
    form = client.get(address(account)).context["form"]
    sent = {name: form[name].value() for name in form.fields} | changes
    return {name: value for name, value in sent.items() if value is not None}


def statuses() -> list[str]:
    return sorted(FulfillmentOrder.objects.values_list("status", flat=True))


def decide_due() -> None:
    due = FulfillmentOrder.objects.filter(due_at__lte=timezone.now() + timedelta(seconds=1))
    decide_all([work.order for work in due.select_related("order")])


def test_adding_a_state_says_what_it_would_send_before_it_does(
    manager: Client, account: VinoshipperAccount, store: Store
) -> None:
    place(store, 3, ship_to=TEXAS)
    place(store, 2)
    place(store, ship_to={**TEXAS, "street1": "PO Box 4"})
    data = values(manager, account, states=["CA", "TX"])
    page = manager.post(address(account), data)
    text = page.content.decode()
    assert "3 open orders would be sent now" in text
    assert "1 open order would need somebody&#x27;s attention" in text
    assert "Adds Texas." in text
    account.refresh_from_db()
    assert (account.ship_to_states, statuses().count("not_required")) == (["CA"], 4)
    seen = page.context["seen"]
    assert manager.post(address(account), {**data, "confirmed": "yes", "seen": seen}).status_code == 302
    account.refresh_from_db()
    assert account.ship_to_states == ["CA", "TX"]
    changed = account.history.latest()
    assert (changed.ship_to_states, changed.history_user.username) == (["CA", "TX"], "manager")
    decide_due()
    assert statuses() == ["failed", *["waiting"] * 5]


def test_what_changes_is_said_in_the_words_of_the_form(manager: Client, account: VinoshipperAccount) -> None:
    data = values(manager, account, states=["OK"], level_po_box="warns", level_street_too_long="passes")
    assert manager.post(address(account), data).context["changes"] == [
        "Adds Oklahoma.",
        "Takes away California.",
        "“PO box” warns; until now it stops the order.",
        "“street longer than a label” is off; until now it warns.",
    ]


def test_a_state_by_its_name_is_refused_with_what_to_write(
    manager: Client, account: VinoshipperAccount
) -> None:
    answer = manager.post(address(account), values(manager, account, hold_states="Kansas, TX"))
    assert answer.context["form"].errors["hold_states"] == [
        "There is no state KANSAS. Write two letters for each, such as CA."
    ]


def test_a_page_shown_before_somebody_elses_change_saves_nothing(
    manager: Client, account: VinoshipperAccount
) -> None:
    data = values(manager, account, states=["CA", "NY"])
    seen = manager.post(address(account), data).context["seen"]
    VinoshipperAccount.objects.update(ship_to_states=["OR"])
    answer = manager.post(address(account), {**data, "confirmed": "yes", "seen": seen})
    assert "changed meanwhile" in answer.content.decode()
    assert VinoshipperAccount.objects.get().ship_to_states == ["OR"]


def test_a_second_click_does_nothing_more(manager: Client, account: VinoshipperAccount) -> None:
    data = values(manager, account, states=["CA", "NY"])
    seen = manager.post(address(account), data).context["seen"]
    for _ in range(2):
        manager.post(address(account), {**data, "confirmed": "yes", "seen": seen})
    assert account.history.count() == 2


def test_a_hold_for_heat_waits_until_its_day_and_only_where_it_is_hot(
    manager: Client, account: VinoshipperAccount, store: Store
) -> None:
    account.ship_to_states = ["CA", "TX"]
    account.save()
    [hot], [cool] = place(store, ship_to=TEXAS), place(store)
    until = timezone.localdate() + timedelta(days=30)
    wanted = {"hold_until": until.isoformat(), "hold_reason": "Summer heat", "hold_states": "tx"}
    data = values(manager, account, **wanted)
    page = manager.post(address(account), data)
    assert "1 open order would wait" in page.content.decode()
    manager.post(address(account), {**data, "confirmed": "yes", "seen": page.context["seen"]})
    account.refresh_from_db()
    assert (account.hold_until, account.hold_states) == (until, ["TX"])
    told = explain(Order.objects.get(pk=hot.pk), now=timezone.now(), shelf=Shelf())
    assert (told.verdict, told.code) == (Verdict.WAIT, "ship_hold")
    assert told.sentence == f"Held until {until:%B %-d, %Y}: Summer heat."
    assert told.until is not None
    assert told.until.date() == until
    assert explain(Order.objects.get(pk=cool.pk), now=timezone.now(), shelf=Shelf()).verdict == Verdict.SEND
    later = timezone.now() + timedelta(days=31)
    assert explain(Order.objects.get(pk=hot.pk), now=later, shelf=Shelf()).verdict == Verdict.SEND


def test_a_store_may_ship_elsewhere_than_its_account(
    manager: Client, account: VinoshipperAccount, store: Store
) -> None:
    place(store, ship_to=TEXAS)
    place(store)
    data = values(manager, account, **{f"states_{store.pk}": "tx, ny"})
    page = manager.post(address(account), data)
    text = page.content.decode()
    assert "1 open order would be sent now" in text
    assert "1 open order would no longer be sent" in text
    assert "Tasting room ships to: New York, Texas." in text
    manager.post(address(account), {**data, "confirmed": "yes", "seen": page.context["seen"]})
    store.refresh_from_db()
    assert store.ship_to_states == ["NY", "TX"]
    decide_due()
    told = {work.order.ship_to_state: work.reason_setting for work in FulfillmentOrder.objects.all()}
    assert told == {"TX": "", "CA": "Ship-to settings: states of Tasting room"}


def test_levels_limit_and_start(manager: Client, account: VinoshipperAccount, store: Store) -> None:
    before = store.starts_at
    data = values(manager, account, level_po_box="warns", most_bottles="12")
    seen = manager.post(address(account), data).context["seen"]
    manager.post(address(account), {**data, "confirmed": "yes", "seen": seen})
    account.refresh_from_db()
    store.refresh_from_db()
    assert (account.check_levels, account.most_bottles) == ({"po_box": "warns"}, 12)
    assert store.starts_at == before  # the day is the same: the hour stays
    data = values(manager, account, **{f"starts_{store.pk}": "2026-12-24"})
    seen = manager.post(address(account), data).context["seen"]
    manager.post(address(account), {**data, "confirmed": "yes", "seen": seen})
    store.refresh_from_db()
    assert store.starts_at.isoformat() == "2026-12-24T08:00:00+00:00"  # midnight in California


@pytest.mark.parametrize(
    "wrong",
    [{"hold_states": "ZZ"}, {"states": ["ZZ"]}, {"level_po_box": "force"}, {"most_bottles": "0"}],
)
def test_nonsense_is_refused(manager: Client, account: VinoshipperAccount, wrong: dict[str, Any]) -> None:
    answer = manager.post(address(account), values(manager, account, **wrong) | {"confirmed": "yes"})
    assert "Nothing was saved" in answer.content.decode()
    account.refresh_from_db()
    assert (account.ship_to_states, account.check_levels) == (["CA"], {})


def test_nobody_switches_the_law_off(manager: Client, account: VinoshipperAccount) -> None:
    fields = manager.get(address(account)).context["form"].fields
    assert "level_po_box" in fields
    assert not {"level_under_age", "level_birth_date_future", "level_odd_order"} & set(fields)
    data = values(manager, account, states=["CA", "NY"], level_under_age="passes")
    seen = manager.post(address(account), data).context["seen"]
    manager.post(address(account), {**data, "confirmed": "yes", "seen": seen})
    account.refresh_from_db()
    assert (account.ship_to_states, account.check_levels) == (["CA", "NY"], {})


def test_who_may_see_and_who_may_change(viewer: Client, manager: Client, account: VinoshipperAccount) -> None:
    theirs = VinoshipperAccountFactory.create()
    assert manager.get(address(theirs)).status_code == 404
    assert manager.post(address(theirs), {}).status_code == 404
    text = viewer.get(address(account)).content.decode()
    assert "See what this would change" not in text
    assert "<fieldset" in text
    assert not re.findall(r"<fieldset(?![^>]*disabled)", text)
    assert viewer.post(address(account), {"confirmed": "yes"}).status_code == 403
    assert manager.get(reverse("ship-to")).headers["Location"] == address(account)


def test_looking_writes_nothing_and_is_cut_at_its_limit(account: VinoshipperAccount, store: Store) -> None:
    place(store, 5, ship_to=TEXAS)
    account.ship_to_states = ["TX"]
    found = what_if(account, [], timezone.now())
    assert (found.looked_at, found.is_all, len(found.becoming(Verdict.SEND))) == (5, True, 5)
    found = what_if(account, [], timezone.now(), most=3)
    assert (found.looked_at, found.is_all, len(found.becoming(Verdict.SEND))) == (3, False, 3)
    assert set(statuses()) == {SyncStatus.NOT_REQUIRED}
    assert VinoshipperAccount.objects.get(pk=account.pk).ship_to_states == ["CA"]
