"""How each problem comes about: code, or codes, -> the story of one order or connection."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crushsync.accounts.models import VinoshipperAccount
from fulfillment import stock
from fulfillment.actions import Asked, run
from fulfillment.models import (
    Fulfillment,
    MarkStatus,
    ReportStatus,
    StoreMark,
    SyncAttempt,
    SyncStatus,
)
from fulfillment.shipping import Parcel, cancel_fulfillment, create_fulfillment
from notifications.models import Off
from notifications.webhooks import endpoints
from orders.models import Order, OrderEvent, StoreToken, TokenKind
from orders.storefronts.shopify.fulfillments import MOST_TOLD
from sandbox.shopify.samples import (
    CHARDONNAY,
    CORKSCREW,
    PINOT,
    ROSE,
    ZINFANDEL,
    Address,
    Line,
)
from tests.factories import OrderFactory
from tests.problems.stage import WORN_OUT, Story, Tell, Told, aged, crashed, due_now

UTAH = Address(city="Salt Lake City", state="UT", zip="84101")
MINNESOTA = Address(city="St Paul", state="MN", zip="55101")
NEW_YORK = Address(city="Albany", state="NY", zip="12207")
MILITARY = Address(address1="PSC 3 Box 12", city="APO", state="AE", zip="09012")
LONG_NAME = Address(first_name="Maximiliana Theodora", last_name="Featherstonehaugh-Cholmondeley")
CELLAR, POP_UP = "81000000001", "81000000004"


def bought(options: dict[str, Any] | None = None, **what: Any) -> Tell:
    """An order that is odd from the beginning."""

    def tell(told: Told) -> None:
        told.place(options=options, **what)

    return tell


def answered(says: str, type: str = "VALIDATION") -> Tell:
    """Vinoshipper refuses it in these words."""

    def tell(told: Told) -> None:
        told.send_fault(status=400, type=type, says=says)
        told.place()

    return tell


# ---------------------------------------------------------------- refused, or trouble after sending


def no_account(told: Told) -> None:
    told.place(told.stage.store("no_account"))


def number_taken(told: Told) -> Story:
    yield lambda: told.world.accepted()
    told.there.account("other", key="other", secret="secret", products={"HO-PN23-750": {}})
    told.put_there("other", "secret")
    told.place()
    due_now(told.store)


def conflict(told: Told) -> Story:
    yield lambda: told.world.accepted()
    told.put_there("key", "secret")
    told.place()
    due_now(told.store)


def changed_after_sending(told: Told) -> Story:
    yield from told.sent()
    told.shop.edit(told.id, lines=[{"id": int(f"{told.id}01"), "sku": CHARDONNAY.sku}])


def cancelled_after_sending(told: Told) -> Story:
    yield from told.sent()
    told.shop.cancel(told.id)
    yield told.needs("cancelled_after_sending")
    told.ship()


def void_too_late(told: Told) -> Story:
    yield from told.sent()
    told.there.move(told.their_number, "LABELS_GENERATED")
    yield lambda: not told.work.is_in_flight
    run("void-sync", told.work.pk, Asked("ana", "The customer asked."))


def returned(told: Told) -> Story:
    yield from told.sent()
    told.there.move(told.their_number, "SHIPPED")
    told.there.move(told.their_number, "RETURNED")


def partner_trouble(told: Told) -> Story:
    yield from told.sent()
    told.there.say(told.their_number, order_status="UNPAID")


def gone_there(told: Told) -> Story:
    yield from told.sent()
    told.fault(system="vinoshipper", match=f"GET */{told.their_number}", status=404)
    aged(told.work, "sent_at")
    due_now(told.work)


def late_shipping(told: Told) -> Story:
    yield from told.sent()
    aged(told.work, "awaited_since")


def crash_loop(told: Told) -> Story:
    told.place(financial_status="pending")
    yield told.is_known
    crashed(told.work)


def internal_error(told: Told) -> None:
    """Reading the answer fails in our own code: the test has prepared that for this order."""
    told.place()


def no_answer_in_a_row(told: Told) -> Story:
    """Four calls have failed before; the fifth one does, and so it goes on for three days."""
    account = told.stage.account("silent")
    VinoshipperAccount.objects.filter(pk=account.pk).update(failures=4)
    told.fault(system="vinoshipper", account="silent", status=503)
    told.place(told.stage.store("silence", vinoshipper_account=account))
    yield OrderEvent.objects.filter(order__external_id=told.id, code="no_answer").exists
    yield lambda: told.work.reason_code == "try_again" and not told.work.is_in_flight
    due_now(told.work, tries=WORN_OUT)


def credentials(told: Told) -> Story:
    account = told.stage.account("locked-out")
    told.there.account("locked-out", secret="changed")
    told.place(told.stage.store("shut-out", vinoshipper_account=account))
    yield lambda: told.is_known() and told.work.reason_code == "connection"


def late_sending(told: Told) -> Story:
    """Vinoshipper asks for patience, and for more of it than the winery has."""
    account = told.stage.account("busy")
    told.fault(system="vinoshipper", account="busy", status=429, retry_after=3600)
    told.place(told.stage.store("rush", vinoshipper_account=account))
    yield told.stands(SyncStatus.WAITING)
    aged(told.work, "awaited_since")


# ---------------------------------------------------------------- the store


def report_refused(told: Told) -> Story:
    told.refuse_reports(status=422)
    yield from told.sent()
    told.ship()
    yield Fulfillment.objects.filter(order__external_id=told.id, report_status=ReportStatus.FAILED).exists
    aged(told.made, "news_since")


def report_fulfillment_cancelled(told: Told) -> Story:
    yield from told.shipped()
    told.shop.cancel_fulfillment(told.made.store_fulfillment_id)
    told.there.relabel(told.their_number, told.tracking, f"{told.tracking[:-1]}X")


def report_too_many(told: Told) -> Story:
    yield from told.sent(lines=(PINOT, Line(CORKSCREW.sku, CORKSCREW.title, "18.00", MOST_TOLD)))
    for _ in range(MOST_TOLD):
        told.shop.fulfill(told.id, {CORKSCREW.sku: 1})
    told.ship()


def report_gone(told: Told) -> Story:
    yield from told.sent()
    told.shop.delete(told.id)
    told.ship()


def report_by_hand(told: Told) -> Story:
    """A platform that only pushes orders can be told of a shipment, and not that it is off."""
    store = told.stage.store("pushes", platform="pushed", vinoshipper_account=told.world.account)
    order = OrderFactory.create(store=store, external_id=told.id, name=told.name)
    made = ship_own(told, order, 1)
    yield Fulfillment.objects.filter(pk=made.pk, report_status=ReportStatus.REPORTED).exists
    cancel_fulfillment(made.pk, actor="ana")


def report_gave_up(told: Told) -> Story:
    told.refuse_reports(status=503)
    yield from told.sent()
    told.ship()
    yield lambda: SyncAttempt.objects.filter(
        fulfillment__order__external_id=told.id, fulfillment__open_claims=0
    ).exists()
    due_now(told.made, tries=WORN_OUT)


def report_crashed(told: Told) -> Story:
    yield from told.shipped()
    crashed(told.made)


def mark_refused(told: Told) -> Story:
    told.fault(system="shopify", match="OrderMark*", about=told.id, status=403)
    yield from told.sent(told.stage.marked)


def mark_gave_up(told: Told) -> Story:
    told.fault(system="shopify", match="OrderMark*", about=told.id, status=503)
    yield from told.sent(told.stage.marked)
    yield StoreMark.objects.filter(
        fulfillment_order__order__external_id=told.id, open_claims=0, tries__gt=0
    ).exists
    due_now(told.work.mark, tries=WORN_OUT)


def mark_crashed(told: Told) -> Story:
    yield from told.sent(told.stage.marked)
    yield StoreMark.objects.filter(
        fulfillment_order__order__external_id=told.id, status=MarkStatus.SHOWN, due_at=None
    ).exists
    crashed(told.work.mark)


def not_read(told: Told) -> None:
    told.fault(system="shopify", match="OrderForSync", about=told.id, status=400)
    told.place()


def ship_own(told: Told, order: Order, pieces: int) -> Fulfillment:
    line = order.lines.get()
    parcel = Parcel("UPS", (told.tracking,))
    return create_fulfillment(
        order.pk, {line.pk: pieces}, parcel, location=told.stage.cellar, actor="ana", may_go_negative=True
    )


def unmapped_location(told: Told) -> Story:
    yield from told.own(lines=(ZINFANDEL,))
    told.shop.fulfill(told.id, {ZINFANDEL.sku: 1}, location=POP_UP)


def fulfilled_twice(told: Told) -> Story:
    yield from told.own(lines=(Line(CHARDONNAY.sku, CHARDONNAY.title, "72.00", 6),))
    told.shop.fulfill(told.id, {CHARDONNAY.sku: 4}, location=POP_UP, company="UPS", numbers=["1Z-THEIRS"])
    ship_own(told, told.order, 4)


def low_stock(told: Told) -> Story:
    stock.receive(told.stage.cellar, ROSE.sku, 6, "delivery")
    stock.warn_at(told.stage.cellar, ROSE.sku, 5)
    stock.map_location(told.store, CELLAR, told.stage.cellar)
    yield from told.own(lines=(ROSE,))
    told.shop.fulfill(told.id, {ROSE.sku: 1}, location=CELLAR)


# ---------------------------------------------------------------- connections


def shop_says(**fault: Any) -> Tell:
    """The shop answers so whatever is asked."""

    def tell(told: Told) -> None:
        told.store = told.stage.store(told.codes)
        told.fault(system="shopify", account=told.codes, **fault)

    return tell


def set_up_wrong(**fields: Any) -> Tell:
    def tell(told: Told) -> None:
        told.store = told.stage.store(told.codes, **fields)

    return tell


def uninstalled(told: Told) -> None:
    told.store = told.stage.store(told.codes, due_at=None)
    told.shop.uninstall()


def refresh_refused(told: Told) -> None:
    told.store = told.stage.store(
        told.codes,
        credentials={"client_id": "app", "client_secret": "secret"},
        issued={"access_token": "old", "refresh_token": "used up"},
        due_at=None,
    )
    told.shop.configure(client_id="app", secret="secret")
    StoreToken.objects.create(store=told.store, kind=TokenKind.REFRESH, due_at=timezone.now())


def endpoint_off(told: Told) -> None:
    winery = told.stage.world.store.winery
    made, _ = endpoints.create(winery, told.codes, "https://warehouse.example/", ["stock.*"])
    with transaction.atomic():
        endpoints.turn_off(made, Off.GONE)


TROUBLES: dict[str, Tell] = {
    "odd_order": bought(address=Address(address1="")),
    "address_incomplete": bought(address=Address(last_name="")),
    "zip_malformed": bought(address=Address(zip="7870")),
    "zip_elsewhere": bought(address=Address(zip="10001")),
    "po_box": bought(address=Address(address1="PO Box 12")),
    "access_point_unknown": bought(options={"delivery_method": "PICKUP_POINT"}),
    "military_address": bought(address=MILITARY),
    "street_too_long": bought(address=Address(address1="1200 Upper Barton Springs Rd, Building B")),
    "name_too_long": bought(address=LONG_NAME),
    "phone_odd": bought(address=Address(phone="12")),
    "birth_date_missing": bought(birth_date=None),
    "birth_date_unclear": bought(birth_date="04/05/1980"),
    "birth_date_future": bought(birth_date=f"{timezone.now():%Y-%m-%d}"),
    "under_age": bought(birth_date=f"{timezone.now() - timedelta(days=20 * 365):%Y-%m-%d}"),
    "nothing_charged": bought(discount_percent=100),
    "discount_too_large": bought(discount_percent=70),
    "too_many_bottles": bought(lines=(Line(PINOT.sku, quantity=13),)),
    "unknown_sku": bought(lines=(Line("HO-TYPO"), PINOT)),
    "ambiguous_sku": bought(lines=(Line("HO-TWIN"),)),
    "not_available": bought(lines=(ROSE,), address=MINNESOTA),
    "sold_out": bought(lines=(ZINFANDEL,)),
    "not_compliant": bought(address=UTAH),
    "volume_limit": bought(address=NEW_YORK),
    "age_failed": bought(address=Address(last_name="Young")),
    "age_locked": bought(address=Address(last_name="Locked")),
    "payment_missing": bought(address=Address(last_name="Broke")),
    "no_account": no_account,
    "refused": answered("The moon is in the wrong place."),
    "access_denied": answered("Not with this key.", "ACCESS_DENIED"),
    "their_error": answered("Xyzzy.", "SERVER_ERROR"),
    "number_taken": number_taken,
    "conflict": conflict,
    "changed_after_sending": changed_after_sending,
    "cancelled_after_sending report_cancelled": cancelled_after_sending,
    "void_too_late": void_too_late,
    "returned": returned,
    "partner_trouble": partner_trouble,
    "gone_there": gone_there,
    "late_shipping": late_shipping,
    "crash_loop": crash_loop,
    "internal_error": internal_error,
    "no_answer_in_a_row gave_up": no_answer_in_a_row,
    "credentials": credentials,
    "late_sending": late_sending,
    "report_refused late_reporting": report_refused,
    "report_fulfillment_cancelled": report_fulfillment_cancelled,
    "report_too_many": report_too_many,
    "report_gone": report_gone,
    "report_by_hand": report_by_hand,
    "report_gave_up": report_gave_up,
    "report_crashed": report_crashed,
    "mark_refused": mark_refused,
    "mark_gave_up": mark_gave_up,
    "mark_crashed": mark_crashed,
    "not_read": not_read,
    "unmapped_location": unmapped_location,
    "fulfilled_twice report_not_fulfillable": fulfilled_twice,
    "low_stock": low_stock,
    "permission": shop_says(status=403),
    "not_json": shop_says(kind="html"),
    "redirect": shop_says(status=302),
    "address": shop_says(status=404),
    "paused": shop_says(status=402),
    "bad_url": set_up_wrong(base_url="https://shop.example/?x=1"),
    "insecure_url": set_up_wrong(base_url="http://shop.example"),
    "platform": set_up_wrong(platform="abacus"),
    "uninstalled": uninstalled,
    "refresh_refused": refresh_refused,
    "endpoint_off": endpoint_off,
}
