"""Buttons: who may press them, what a press does, and that it does it once."""

from datetime import date
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crushsync.accounts.models import Role, Winery
from fulfillment.actions import ACTIONS
from fulfillment.admin.acts import last_act
from fulfillment.models import FulfillmentOrder, Problem, SyncStatus
from fulfillment.problems.noting import note_problems
from orders.models import EventKind, HintState, Order, OrderEvent
from tests.admin.conftest import LogIn
from tests.factories import FulfillmentOrderFactory, InboundHintFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(winery: Winery) -> FulfillmentOrder:
    return FulfillmentOrderFactory.create(
        order__store__winery=winery,
        status=SyncStatus.FAILED,
        attention_code="unknown_sku",
        attention="Vinoshipper does not know the SKU X.",
    )


def url(work: FulfillmentOrder, name: str, page: str = "act") -> str:
    return reverse(f"admin:orders_order_{page}", args=[work.order_id, work.pk, name])


def order_page(work: FulfillmentOrder) -> str:
    return reverse("admin:orders_order_change", args=[work.order_id])


def press(client: Client, work: FulfillmentOrder, name: str, **data: str) -> Any:
    return client.post(url(work, name), {"seen": "0", "confirmed": "yes", **data})


def said(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def acts(work: FulfillmentOrder) -> list[tuple[str, str]]:
    rows = OrderEvent.objects.filter(order=work.order_id, kind=EventKind.ACTED)
    return list(rows.values_list("code", "actor"))


def stored(work: FulfillmentOrder) -> dict[str, Any]:
    return FulfillmentOrder.objects.filter(pk=work.pk).values().get()


@pytest.mark.parametrize("name", ACTIONS)
def test_looking_at_an_act_changes_nothing(manager: Client, work: FulfillmentOrder, name: str) -> None:
    before = stored(work)
    assert manager.get(url(work, name)).status_code == 405
    assert manager.head(url(work, name)).status_code == 405
    assert manager.get(url(work, name, "confirm")).status_code in (200, 302)
    assert manager.post(url(work, name, "confirm")).status_code == 405
    assert (stored(work), acts(work)) == (before, [])


@pytest.mark.parametrize("name", ACTIONS)
def test_a_viewer_may_not_act(viewer: Client, work: FulfillmentOrder, name: str) -> None:
    before = stored(work)
    assert press(viewer, work, name, reason="because").status_code == 403
    assert viewer.get(url(work, name, "confirm")).status_code == 403
    assert (stored(work), acts(work)) == (before, [])


def test_a_viewer_sees_no_buttons(viewer: Client, manager: Client, work: FulfillmentOrder) -> None:
    assert 'class="actions"' not in viewer.get(order_page(work)).content.decode()
    assert 'class="actions"' in manager.get(order_page(work)).content.decode()


def test_without_the_token_of_our_own_page_nothing_happens(work: FulfillmentOrder, manager: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = manager.cookies
    before = stored(work)
    assert strict.post(url(work, "hold"), {"seen": "0"}).status_code == 403
    assert (stored(work), acts(work)) == (before, [])


def test_a_press_does_it_and_says_so(manager: Client, work: FulfillmentOrder) -> None:
    answer = press(manager, work, "hold")
    assert (answer.status_code, answer.url) == (302, order_page(work))
    assert acts(work) == [("hold", "manager")]
    assert stored(work)["is_held"] is True
    assert said(answer) == ["On hold: by manager"]


def test_a_second_press_of_the_same_page_does_nothing(manager: Client, work: FulfillmentOrder) -> None:
    press(manager, work, "hold")
    before = stored(work)
    answer = press(manager, work, "hold")
    assert said(answer)[-1] == (
        "Somebody has acted on this order since the page was shown. Nothing was done again."
    )
    assert (stored(work), acts(work)) == (before, [("hold", "manager")])


def test_a_repeatable_act_is_done_once_a_page(manager: Client, work: FulfillmentOrder) -> None:
    """Retry stays allowed after a retry: only what the page had seen tells the two presses apart."""
    press(manager, work, "retry")
    press(manager, work, "retry")
    assert acts(work) == [("retry", "manager")]
    seen = manager.get(order_page(work)).context["seen"]
    press(manager, work, "retry", seen=str(seen))
    assert acts(work) == [("retry", "manager"), ("retry", "manager")]


def test_a_dangerous_act_asks_first(manager: Client, work: FulfillmentOrder) -> None:
    before = stored(work)
    answer = manager.post(url(work, "dont-send"), {"seen": "0"})
    assert (answer.status_code, answer["Location"]) == (302, url(work, "dont-send", "confirm"))
    page = manager.get(answer["Location"]).content.decode()
    assert "It does not cancel or refund it in the store." in page
    assert (stored(work), acts(work)) == (before, [])
    press(manager, work, "dont-send")
    assert stored(work)["status"] == SyncStatus.DONT_SEND


def test_a_voided_order_is_asked_about_before_it_goes_again(manager: Client, work: FulfillmentOrder) -> None:
    FulfillmentOrder.objects.update(status=SyncStatus.VOIDED, reason="Customer gave up.", attention_code="")
    before = stored(work)
    shown = manager.get(order_page(work)).content.decode()
    assert f'<a class="button" href="{url(work, "retry", "confirm")}"' in shown
    assert "Retry</button>" not in shown
    answer = manager.post(url(work, "retry"), {"seen": "0"})
    assert (answer.status_code, answer["Location"]) == (302, url(work, "retry", "confirm"))
    question = manager.get(answer["Location"]).content.decode()
    assert "under a new number, and is shipped. Why it was voided: Customer gave up." in question
    assert (stored(work), acts(work)) == (before, [])
    press(manager, work, "retry")
    assert stored(work)["number"] == f"{before['number']}-2"


def test_a_void_wants_a_reason(manager: Client, work: FulfillmentOrder) -> None:
    FulfillmentOrder.objects.update(status=SyncStatus.SENT)
    before = stored(work)
    answer = press(manager, work, "void-sync", reason="  ")
    assert answer["Location"] == url(work, "void-sync", "confirm")
    assert said(answer) == ["Please say why."]
    assert (stored(work), acts(work)) == (before, [])
    press(manager, work, "void-sync", reason="Customer changed their mind")
    assert stored(work)["void_reason"] == "Customer changed their mind"


def test_a_refusal_says_why_and_changes_nothing(manager: Client, work: FulfillmentOrder) -> None:
    before = stored(work)
    answer = press(manager, work, "release")
    assert said(answer) == ["It is not on hold."]
    assert (stored(work), acts(work)) == (before, [])
    assert manager.get(url(work, "void-sync", "confirm"))["Location"] == order_page(work)


def test_an_act_that_asks_whom_or_until_when(manager: Client, work: FulfillmentOrder, log_in: LogIn) -> None:
    """The same as in the inbox of problems; a stranger gets nothing, and who says nothing is asked again."""
    note_problems([work], timezone.now())
    log_in(Role.VIEWER)
    UserFactory.create(username="stranger")
    page = manager.get(url(work, "assign", "confirm")).content.decode()
    assert '<option value="viewer">' in page
    assert "stranger" not in page
    assert press(manager, work, "assign")["Location"] == url(work, "assign", "confirm")
    press(manager, work, "assign", person="stranger")
    assert (Problem.objects.get().assigned_to, acts(work)) == (None, [])
    press(manager, work, "assign", person="viewer")
    press(manager, work, "snooze", days="90", seen=str(last_act(work.order_id)))
    assert Problem.objects.get().snoozed_until is None
    answer = press(manager, work, "snooze", days="3", seen=str(last_act(work.order_id)))
    assert said(answer)[-1] == "1 problem is put off."
    row = Problem.objects.get()
    assert (str(row.assigned_to), row.snoozed_until is not None) == ("viewer", True)
    shown = manager.get(order_page(work)).content.decode()
    assert "assigned to viewer" in shown
    assert "Wake</button>" in shown
    press(manager, work, "wake", seen=str(last_act(work.order_id)))
    assert Problem.objects.get().snoozed_until is None
    assert sorted(acts(work)) == [("assign", "manager"), ("snooze", "manager"), ("snooze", "manager")]
    assert stored(work)["attention_code"] == "unknown_sku"


def test_a_ship_date_is_chosen_and_left_to_the_store_again(manager: Client, work: FulfillmentOrder) -> None:
    assert 'type="date"' in manager.get(url(work, "ship-date", "confirm")).content.decode()
    press(manager, work, "ship-date", day="2199-12-01")
    order = Order.objects.get()
    assert (order.chosen_ship_date, order.requested_ship_date) == (date(2199, 12, 1), None)
    assert "Dec 1, 2199" in manager.get(order_page(work)).content.decode()
    over = press(manager, work, "ship-date", day="2001-01-01", seen=str(last_act(work.order_id)))
    assert over.url == url(work, "ship-date", "confirm")  # another day may be chosen at once
    assert Order.objects.get().chosen_ship_date == date(2199, 12, 1)
    press(manager, work, "ship-date", day="", seen=str(last_act(work.order_id)))
    assert Order.objects.get().chosen_ship_date is None
    assert acts(work) == [("ship-date", "manager")] * 2


def test_a_note_is_kept_and_nothing_else_happens(manager: Client, work: FulfillmentOrder) -> None:
    before = stored(work)
    assert said(press(manager, work, "note", reason=" "))[-1] == "Please say why."
    press(manager, work, "note", reason="Called her: <b>home on Friday</b>")
    shown = manager.get(order_page(work), {"show": "people"}).content.decode()
    assert "Called her: &lt;b&gt;home on Friday&lt;/b&gt;" in shown
    assert (stored(work), acts(work)) == (before, [("note", "manager")])


def test_the_newest_webhook_is_shown_before_it_is_replayed(manager: Client, work: FulfillmentOrder) -> None:
    way = reverse("admin:orders_order_replay", args=[work.order_id, work.pk])
    about = {"store": work.order.store, "order_number": work.order.external_id}
    assert manager.get(way)["Location"] == order_page(work)
    InboundHintFactory.create(**about)
    newest = InboundHintFactory.create(**about)
    InboundHintFactory.create(store=work.order.store, order_number="another")
    assert manager.get(way)["Location"] == reverse("orders_inboundhint-replay", args=[newest.pk])
    press(manager, work, "replay")
    newest.refresh_from_db()
    assert newest.state == HintState.WAITING


def test_an_unknown_act_is_not_found(manager: Client, work: FulfillmentOrder) -> None:
    assert press(manager, work, "explode").status_code == 404


def test_grey_buttons_say_why(manager: Client, work: FulfillmentOrder) -> None:
    shown = {b.action.name: b.refusal for b in manager.get(order_page(work)).context["works"][0].buttons}
    assert shown == {
        "retry": "",
        "void-sync": "It was never sent. Use Don't Send to keep it from going.",
        "dont-send": "",
        "mark-shipped": "Vinoshipper does not have it.",
        "check-fulfillment": "Vinoshipper does not have it.",
        "reread": "",
        "replay": "",
        "recheck-compliance": "",
        "compare": "",
        "hold": "",
        "ship-date": "",
        "note": "",
    }
    FulfillmentOrder.objects.update(is_held=True)
    names = [b.action.name for b in manager.get(order_page(work)).context["works"][0].buttons]
    assert "release" in names
    assert "hold" not in names
