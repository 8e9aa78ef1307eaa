"""The rules, one by one. Each looks at a question and decides, or has no objection.

`RULES` holds them in the order in which they are asked; the first that decides wins.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.checks import check
from crushsync.lib.days import long_day, short_day
from crushsync.lib.states import state_name
from fulfillment.models import SyncStatus
from fulfillment.routing.question import Question, RuleResult, Verdict, shipment_of
from orders.storefronts.pushed.connector import Pushed
from orders.storefronts.types import DeliveryMethod, LineKind, OrderKind, PaymentStatus

# Settings that decide, as staff find them.
TEST_ORDERS = lazy("Store: send test orders")
STARTS_AT = lazy("Store: starts at")
SEND_AFTER = lazy("Store: seconds before sending")
SHIPS_WITH = lazy("Store: ships with")
STATES = lazy("Ship-to settings: states")
HOLD_UNTIL = lazy("Ship-to settings: hold until")
DAYS_AHEAD = lazy("Vinoshipper account: send how many days ahead")
# Answers without an objection: most of them, for most orders. Nothing is translated until it is read.
ACCOUNT = lazy("The store ships with {}.")
SELECTED = lazy("{} is in your states.")
THE_STATE = lazy("The state")
NOTHING_FOUND = lazy("Our own checks found nothing.")
NOT_HELD = RuleResult("person", lazy("Nobody holds it back."))
NOT_CANCELLED = RuleResult("cancelled", lazy("It is not canceled."))
A_SALE = RuleResult("not_a_sale", lazy("It is a sale."))
NO_TEST = RuleResult("test_order", lazy("It is no test order, or test orders are sent."), setting=TEST_ORDERS)
STARTED = RuleResult("before_start", lazy("It was placed after the store's start."), setting=STARTS_AT)
ROUTED = RuleResult("not_routed", lazy("The store has decided how it is delivered."))
NOT_HELD_BY_SHOP = RuleResult("shop_hold", lazy("The store does not hold it."))
SOMETHING_TO_SHIP = RuleResult("delivery", lazy("It has something to ship."))
MAKES_SENSE = RuleResult("odd_order", lazy("The store's answer makes sense."))
PAID = RuleResult("unpaid", lazy("It is paid."))
NOT_TOO_NEW = RuleResult("fresh", lazy("It is not too new to be sent."), setting=SEND_AFTER)
IN_THE_US = RuleResult("not_us", lazy("It goes to an address in the United States."))
NO_SEASON = RuleResult("ship_hold", lazy("Nothing is held for heat or holidays."), setting=HOLD_UNTIL)
NO_SHIP_DATE = RuleResult("ship_date", lazy("No later ship date is asked for."))


def _person(question: Question) -> RuleResult:
    work = question.work
    if work and work.status == SyncStatus.DONT_SEND:
        return RuleResult("dont_send", _("Somebody decided not to send this order."), Verdict.DONT_SEND)
    if work and work.is_held:
        why = f": {work.hold_reason}" if work.hold_reason else "."
        return RuleResult("held", _("On hold%(why)s") % {"why": why}, Verdict.WAIT)
    return NOT_HELD


def _cancelled(question: Question) -> RuleResult:
    if question.order.cancelled_at:
        return RuleResult("cancelled", _("The order is canceled in the store."), Verdict.NOT_REQUIRED)
    return NOT_CANCELLED


def _kind(question: Question) -> RuleResult:
    match question.order.kind:
        case OrderKind.SALE:
            return A_SALE
        case OrderKind.REFUND:
            return RuleResult("not_a_sale", _("This is a refund, not a sale."), Verdict.NOT_REQUIRED)
        case _other:
            return RuleResult("not_a_sale", _("This is an exchange, not a sale."), Verdict.NOT_REQUIRED)


def _test(question: Question) -> RuleResult:
    if question.order.is_test and not question.store.sends_test_orders:
        return RuleResult("test_order", _("This is a test order."), Verdict.NOT_REQUIRED, TEST_ORDERS)
    return NO_TEST


def _start(question: Question) -> RuleResult:
    store = question.store
    if question.order.placed_at < store.starts_at:
        day = store.starts_at.astimezone(ZoneInfo(question.order.winery.time_zone)).date()
        sentence = _("It was placed before %(store)s starts to send, %(day)s.") % {
            "store": store.name,
            "day": long_day(day),
        }
        return RuleResult("before_start", sentence, Verdict.NOT_REQUIRED, STARTS_AT)
    return STARTED


def _routed(question: Question) -> RuleResult:
    if question.order.is_routed:
        return ROUTED
    return RuleResult("not_routed", _("The store is still deciding how it is delivered."), Verdict.WAIT)


def _shop_hold(question: Question) -> RuleResult:
    holds = question.order.shop_holds
    if holds:
        sentence = _("The store holds it: %(why)s") % {"why": "; ".join(holds)}
        return RuleResult("shop_hold", sentence, Verdict.WAIT)
    return NOT_HELD_BY_SHOP


def _delivery(question: Question) -> RuleResult:
    if question.shippable:
        return SOMETHING_TO_SHIP
    goods = [line for line in question.lines if line.kind == LineKind.GOODS]
    left = [line for line in goods if line.quantity > 0]
    methods = {line.delivery_method for line in left}
    if not left and question.order.defects:
        return _defects(question)  # nothing to ship may be what we could not read
    if not goods:
        code, sentence = "nothing_to_ship", _("Nothing in it travels in a box.")
    elif not left:
        code, sentence = "nothing_left", _("Everything in it was refunded or removed.")
    elif not any(line.left for line in goods):
        code, sentence = "shipped_here", _("The winery ships all of it itself.")
    elif DeliveryMethod.PICKUP in methods:
        code, sentence = "pickup", _("The customer picks it up.")
    elif DeliveryMethod.LOCAL_DELIVERY in methods:
        code, sentence = "local_delivery", _("The winery delivers it itself.")
    else:
        code, sentence = "nothing_to_ship", _("It was handed over in the shop.")
    return RuleResult(code, sentence, Verdict.NOT_REQUIRED)


def _defects(question: Question) -> RuleResult:
    if question.order.defects:
        return RuleResult("odd_order", " ".join(question.order.defects), Verdict.BLOCKED)
    return MAKES_SENSE


def _payment(question: Question) -> RuleResult:
    match question.order.payment:
        case PaymentStatus.PAID | PaymentStatus.PARTIALLY_REFUNDED:
            return PAID
        case PaymentStatus.REFUNDED:
            return RuleResult("refunded", _("Its payment was refunded."), Verdict.NOT_REQUIRED)
        case PaymentStatus.VOIDED:
            return RuleResult("refunded", _("Its payment was voided."), Verdict.NOT_REQUIRED)
        case _other:
            return RuleResult("unpaid", _("It is not paid yet."), Verdict.WAIT)


def _fresh(question: Question) -> RuleResult:
    """Apps of the shop correct addresses seconds after the checkout: what is sent then is right at once."""
    pause = timedelta(seconds=question.store.send_after)
    until = question.order.placed_at + pause
    if not pause or until <= question.now:
        return NOT_TOO_NEW
    here = until.astimezone(ZoneInfo(question.order.winery.time_zone))
    sentence = _("New: it waits until %(time)s, so that the shop's apps can correct its address.")
    return RuleResult("fresh", sentence % {"time": f"{here:%H:%M:%S}"}, Verdict.WAIT, SEND_AFTER, until)


def _account(question: Question) -> RuleResult:
    if question.account is None and question.store.platform == Pushed.platform:
        # Whoever made the store said so. A shop that was connected may only lack its account yet.
        sentence = _("Its store has no Vinoshipper account: the winery ships it itself.")
        return RuleResult("own_cellar", sentence, Verdict.NOT_REQUIRED, SHIPS_WITH)
    if question.account is None or not question.account.is_active:
        sentence = _("The store has no Vinoshipper account to ship with.")
        return RuleResult("no_account", sentence, Verdict.BLOCKED, SHIPS_WITH)
    return RuleResult("no_account", format_lazy(ACCOUNT, question.account.name), setting=SHIPS_WITH)


def _country(question: Question) -> RuleResult:
    country = (question.order.ship_to or {}).get("country", "")
    if country and country != "US":
        sentence = _("It goes to %(country)s; Vinoshipper ships within the United States.")
        return RuleResult("not_us", sentence % {"country": country}, Verdict.NOT_REQUIRED)
    return IN_THE_US


def _state(question: Question) -> RuleResult:
    state, own = question.order.ship_to_state, question.store.ship_to_states
    setting: Any = STATES
    if own is not None:
        setting = _("Ship-to settings: states of %(store)s") % {"store": question.store.name}
    selected = question.account.ship_to_states if own is None and question.account else own or []
    if state and question.account and state not in selected:
        sentence = _("%(state)s is not in your states.") % {"state": state_name(state)}
        return RuleResult("state_not_selected", sentence, Verdict.NOT_REQUIRED, setting)
    told = format_lazy(SELECTED, state_name(state) or THE_STATE)
    return RuleResult("state_not_selected", told, setting=setting)


def _season(question: Question) -> RuleResult:
    """Heat or holidays: everything, or what goes to some states, waits until a day."""
    account, state = question.account, question.order.ship_to_state
    until = account.hold_until if account else None
    if account is None or until is None or until <= question.today:
        return NO_SEASON
    if account.hold_states and state not in account.hold_states:
        sentence = _("What is held until %(day)s goes elsewhere.") % {"day": short_day(until)}
        return RuleResult("ship_hold", sentence, setting=HOLD_UNTIL)
    why = f": {account.hold_reason}" if account.hold_reason else ""
    sentence = _("Held until %(day)s%(why)s.") % {"day": long_day(until), "why": why}
    zone = ZoneInfo(question.order.winery.time_zone)
    six = datetime.combine(until, time(6), zone)
    return RuleResult("ship_hold", sentence, Verdict.WAIT, HOLD_UNTIL, six)


def _ship_date(question: Question) -> RuleResult:
    wanted, account = question.order.ship_date, question.account
    if wanted is None or account is None:
        return NO_SHIP_DATE
    send_on = wanted - timedelta(days=account.send_days_ahead)
    if send_on <= question.today:
        sentence = _("To be shipped on %(day)s: Vinoshipper waits for it.") % {"day": short_day(wanted)}
        return RuleResult("ship_date", sentence, setting=DAYS_AHEAD)
    zone = ZoneInfo(question.order.winery.time_zone)
    told = _("To be shipped on %(day)s; it is sent on %(earlier)s.")
    sentence = told % {"day": long_day(wanted), "earlier": short_day(send_on)}
    until = datetime.combine(send_on, time(6), zone)
    return RuleResult("ship_date", sentence, Verdict.WAIT, DAYS_AHEAD, until)


def _checks(question: Question) -> RuleResult:
    account = question.account
    findings = tuple(check(shipment_of(question.order, question.now, account=account, shelf=question.shelf)))
    if findings and findings[0].blocks:
        first = findings[0]
        return RuleResult(first.code, first.sentence, Verdict.BLOCKED, first.setting, findings=findings)
    warned = " ".join(finding.sentence for finding in findings)
    return RuleResult("checks", warned or NOTHING_FOUND, findings=findings)


RULES: Sequence[Callable[[Question], RuleResult]] = [
    _person,
    _cancelled,
    _kind,
    _test,
    _start,
    _routed,
    _delivery,
    _payment,
    _shop_hold,
    _fresh,
    _account,
    _country,
    _state,
    _defects,
    _ship_date,
    _season,
    _checks,
]
