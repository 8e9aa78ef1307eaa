"""Every page of the navigation, and those behind it: readable for all, no complaint of the browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from crushsync.accounts.models import Winery
from crushsync.site import SECTIONS
from fulfillment.actions import Asked
from fulfillment.admin.mending import cause_url
from fulfillment.batches import start
from fulfillment.models import BatchRow, FulfillmentOrder, Listing, Problem, SyncAttempt, SyncStatus
from orders.models import InboundHint, Order, OrderEvent
from tests.browser.conftest import SitDown, person
from tests.factories import (
    ADDRESS,
    CatalogProductFactory,
    ComplianceEventFactory,
    FulfillmentFactory,
    FulfillmentOrderFactory,
    InboundHintFactory,
    ListingFactory,
    OrderEventFactory,
    OrderFactory,
    StoreFactory,
    SyncAttemptFactory,
    WineryFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Axe would fetch style sheets by itself, and take what they import from the wrong place.
LOOK = {"preload": False}
EVIL = '"><script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture
def winery() -> Winery:
    """With a row of everything; one order and one store are named as nobody should be."""
    winery = WineryFactory.create(name="Cedar Hollow")
    store = StoreFactory.create(winery=winery, name="Cedar shop", last_ok_at=timezone.now())
    StoreFactory.create(
        winery=winery, name=EVIL, paused_since=timezone.now(), pause_sentence=EVIL,
        vinoshipper_account=store.vinoshipper_account,
    )  # fmt: skip
    ListingFactory.create(store=store, sku=EVIL[:100])
    CatalogProductFactory.create(account=store.vinoshipper_account, name=EVIL)
    InboundHintFactory.create(store=store, sentence=EVIL)
    for number, status in enumerate(SyncStatus):
        work = FulfillmentOrderFactory.create(
            order__store=store, order__name=f"#{1001 + number}", status=status,
            order__placed_at=timezone.now() - timedelta(hours=number),
        )  # fmt: skip
    FulfillmentFactory.create(fulfillment_order=work)
    order = OrderFactory.create(
        store=store, name="#1042", first_name=EVIL, last_name=EVIL, note=EVIL, gift_note=EVIL,
        source_url="javascript:alert(3)", ship_to=dict(ADDRESS, street1=EVIL, city=EVIL),
        placed_at=timezone.now(), lines__title=EVIL, lines__sku=EVIL[:100],
    )  # fmt: skip
    failed = FulfillmentOrderFactory.create(
        order=order, status=SyncStatus.FAILED, attention_code="unknown_sku", attention=EVIL, reason=EVIL
    )
    Problem.objects.create(
        winery=winery, order=order, fulfillment_order=failed, code="unknown_sku", subject=EVIL,
        family="never_reached", sentence=EVIL, said=EVIL,
    )  # fmt: skip
    ComplianceEventFactory.create(order=order, is_compliant=False, problems=[{"description": EVIL}])
    SyncAttemptFactory.create(fulfillment_order=failed, sentence=EVIL, request={"a": EVIL})
    OrderEventFactory.create(order=order, kind="acted", sentence=EVIL, actor=EVIL)
    FulfillmentFactory.create(fulfillment_order=failed, carrier="UPS", tracking_numbers=[EVIL])
    start("hold", Order.objects.all(), Asked("maria"), token="t")
    return winery


def one_long_word() -> None:
    """In the place of all that people and partners say."""
    word = "x" * 250
    Order.objects.update(last_name=word[:100], note=word)
    OrderEvent.objects.update(sentence=word)
    SyncAttempt.objects.update(sentence=word)
    Problem.objects.update(sentence=word, said=word, note=word)
    FulfillmentOrder.objects.exclude(attention_code="").update(reason=word, attention=word)
    BatchRow.objects.update(sentence=word)


# What reaches beyond the card it is in.
CUT = """() => [...document.querySelectorAll(".card *, .module *")].filter((piece) => {
    const box = piece.closest(".card, .module");
    const scrolls = piece.closest("pre, .scroll, .saved-views, .results, .inline-group")
        || getComputedStyle(box).overflowX === "auto";
    return !scrolls && piece.getBoundingClientRect().right > box.getBoundingClientRect().right + 1;
}).map((piece) => piece.tagName + " " + piece.className).slice(0, 3)"""


def addresses() -> list[str]:
    """The navigation's pages and one of each kind behind them."""
    work = FulfillmentOrder.objects.get(attention_code="unknown_sku")
    store = work.order.store
    batch = work.order.winery.batches.get()
    ids = (work.order_id, work.pk)
    return [
        "/admin/",
        *(page.url for pages in SECTIONS.values() for page in pages),
        *(f"/admin/orders/order/?view={view}" for view in ("attention", "late")),
        reverse("admin:orders_order_change", args=[work.order_id]),
        reverse("admin:orders_order_compare", args=ids),
        reverse("admin:orders_order_confirm", args=[*ids, "dont-send"]),
        reverse("admin:orders_order_confirm", args=[*ids, "assign"]),
        reverse("admin:orders_order_confirm", args=[*ids, "ship-date"]),
        reverse("admin:orders_order_compliance", args=[work.order_id]),
        reverse("admin:fulfillment_problem_change", args=[work.problems.get().pk]),
        cause_url(work.order.winery_id, "unknown_sku", EVIL),
        reverse("orders_inboundhint-replay", args=[InboundHint.objects.get().pk]),
        reverse("ship-to-settings", args=[store.vinoshipper_account_id]),
        reverse("admin:fulfillment_stocklevel_act", args=["receive"]),
        reverse("admin:accounts_apikey_add"),
        reverse("admin:notifications_endpoint_add"),
        reverse("admin:notifications_recipient_add"),
        reverse("admin:fulfillment_batch_change", args=[batch.pk]),
        reverse("admin:fulfillment_listing_add"),
        reverse("admin:fulfillment_listing_delete", args=[Listing.objects.get().pk]),
        reverse("admin:orders_store_change", args=[store.pk]),
        reverse("admin:accounts_vinoshipperaccount_change", args=[store.vinoshipper_account_id]),
        reverse("admin:accounts_winery_change", args=[work.order.winery_id]),
        reverse("admin:accounts_membership_add"),
        reverse("admin:password_change"),
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everybody_can_read_them(winery: Winery, sit_down: SitDown, dark: bool) -> None:
    """Axe finds nothing serious or critical, and the console stays empty: also of what the policy refuses."""
    desk = sit_down(person("op", None), dark=dark)
    axe, faults = Axe(), []
    for path in addresses():
        page = desk.open(path)
        for fold in page.query_selector_all("details"):
            fold.evaluate("fold => fold.open = true")
        found = axe.run(page, options=LOOK).response["violations"]
        faults += [
            f"{path}: {rule['id']} at {node['target']}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
    assert faults == [], "\n".join(faults)
    assert desk.errors == []


def test_the_login_is_readable(sit_down: SitDown) -> None:
    desk = sit_down()
    found = Axe().run(desk.open("/admin/login/"), options=LOOK).response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []
    assert desk.errors == []


def test_names_and_notes_run_nothing(winery: Winery, sit_down: SitDown) -> None:
    """A dialog, a broken policy or a script of theirs would be in `errors`."""
    desk = sit_down(person("maria", winery))
    for path in addresses():
        if "auth/user" not in path:
            page = desk.open(path)
            assert page.locator("img[src=x]").count() == 0
            assert page.locator('[href^="javascript"]').count() == 0
    assert desk.errors == []


@pytest.mark.parametrize("say", [list, one_long_word], ids=["words", "one long word"])
def test_nothing_is_cut_off_on_a_phone(winery: Winery, sit_down: SitDown, say: Callable[[], object]) -> None:
    """No page is wider than the screen, and nothing in it wider than its box, unless that can be scrolled."""
    say()
    desk = sit_down(person("maria", winery), phone=True)
    wide = []
    for path in addresses():
        if "auth/user" in path:
            continue
        page = desk.open(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide.append((path, width))
        wide += [(path, cut) for cut in page.evaluate(CUT)]
        here = page.locator("nav.sections .here")
        box = here.bounding_box() if here.count() else None
        assert box is None or 0 <= box["x"] <= width - box["width"], f"{path}: its section is out of sight"
    assert wide == [], "\n".join(map(str, wide))
