"""How each state that is right as it is comes about: code, or codes, -> the story of one order."""

from datetime import timedelta

from django.utils import timezone

from crushsync.accounts.keys import make_key
from fulfillment.actions import Asked, run
from fulfillment.models import SyncStatus
from sandbox.shopify.samples import GIFT_CARD, PINOT, Address
from tests.api.conftest import Program
from tests.api.test_push import order as pushed
from tests.problems.stage import OREGON, Story, Tell, Told
from tests.problems.stories import bought

SEATTLE = Address(city="Seattle", state="WA", zip="98101")
CANADA = Address(city="Toronto", state="ON", zip="M5V 2T6", country_code="CA", country="Canada")


def cancelled(told: Told) -> Story:
    told.place(financial_status="pending")
    yield told.is_known
    told.shop.cancel(told.id)


def pressed(action: str) -> Tell:
    def tell(told: Told) -> Story:
        told.place(financial_status="pending")
        yield told.is_known
        run(action, told.work.pk, Asked("ana", "So."))

    return tell


def shop_hold(told: Told) -> Story:
    told.place(financial_status="pending")
    yield told.is_known
    told.world.hold_in_shop(told.order.work_ids[0])
    told.shop.mark_paid(told.id)


def nothing_left(told: Told) -> Story:
    told.place(financial_status="pending")
    yield told.is_known
    told.shop.refund(told.id, PINOT.sku, 1)


def not_routed(told: Told) -> None:
    store = told.stage.store("slow-to-route", vinoshipper_account=told.world.account)
    told.store = store
    told.shop.switch(routing_delay=3600.0)
    told.place(store)


def not_a_sale(told: Told) -> None:
    """The till of a tasting room pushes what it gave back as an order, too."""
    store = told.stage.store("till", platform="pushed", vinoshipper_account=told.world.account)
    till = Program(*make_key(store.winery, "till", ["orders:write"], by="ana"))
    told.store = store
    body = pushed(store, external_id=told.id, name=told.name, kind="refund")
    assert till.post("orders", body).status_code == 201


def own_cellar(told: Told) -> None:
    told.store = told.stage.store("by-hand", platform="pushed")
    shop = Program(*make_key(told.store.winery, "by hand", ["orders:write"], by="ana"))
    assert shop.post("orders", pushed(told.store, external_id=told.id, name=told.name)).status_code == 201


def before_start(told: Told) -> None:
    """So old that looking for changes does not find it: its shop tells of it."""
    told.place(created_at="2025-06-01T10:00:00-07:00")
    told.shop.tell(told.id, "orders/create")


def voided(told: Told) -> Story:
    yield from told.sent()
    run("void-sync", told.work.pk, Asked("ana", "So."))


def age_verified(told: Told) -> Story:
    """Nobody tells us of it; it is found by looking."""
    told.place(address=Address(last_name="Young"))
    yield told.needs("age_failed")
    told.there.switch(lose_webhooks=True)
    told.there.approve(told.their_number)
    told.there.switch(lose_webhooks=False)
    yield told.stands(SyncStatus.SENT)


LATER = f"{timezone.now() + timedelta(days=60):%Y-%m-%d}"


def fresh(told: Told) -> None:
    told.place(told.stage.store("patient", vinoshipper_account=told.world.account, send_after=3600))


STANDING: dict[str, Tell] = {
    "send sent": bought(),
    "cancelled": cancelled,
    "held": pressed("hold"),
    "dont_send": pressed("dont-send"),
    "shop_hold": shop_hold,
    "nothing_left": nothing_left,
    "not_routed": not_routed,
    "fresh": fresh,
    "not_a_sale": not_a_sale,
    "voided": voided,
    "age_verified": age_verified,
    "unpaid": bought(financial_status="pending"),
    "refunded": bought(financial_status="refunded"),
    "pickup": bought(address=None, options={"delivery_method": "PICK_UP"}),
    "local_delivery": bought(options={"delivery_method": "LOCAL"}),
    "state_not_selected": bought(address=OREGON),
    "not_us": bought(address=CANADA),
    "own_cellar": own_cellar,
    "test_order": bought(test=True),
    "before_start": before_start,
    "nothing_to_ship": bought(lines=(GIFT_CARD,), options={"delivery_method": "NONE"}),
    "ship_date": bought(attributes={"Requested Ship Date": LATER}),
    "ship_hold": bought(address=SEATTLE),
    "partner_undecided": bought(address=Address(last_name="Slow")),
}
# Said of orders that are in trouble besides.
STANDING_ASIDE = {
    "shipped_here": "unmapped_location",
    "connection": "credentials",
    "no_answer try_again": "no_answer_in_a_row gave_up",
}
