"""What would happen to an order if it were sent now: everything but the sending."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from compliance.catalog import client
from compliance.checks import CHECKS, Level, check
from compliance.verdicts import checked
from crushsync.accounts.models import VinoshipperAccount
from crushsync.lib.errors import SyncError
from crushsync.lib.queue import clock
from crushsync.vinoshipper.payloads import order_body
from crushsync.vinoshipper.types import OrderInput, Verdict
from fulfillment.discretion import without_people
from fulfillment.estimating import Estimate, estimate
from fulfillment.models import Destination, FulfillmentOrder
from fulfillment.outgoing import listings_for, number_of, order_input
from fulfillment.routing import Explanation, explain
from fulfillment.routing.question import shipment_of
from fulfillment.routing.shelf import Shelf, shelf_for
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Checked:
    """One of our own checks: what it counts for here, and what it found."""

    code: str
    label: Any  # lazily translated
    level: Level  # PASSES where it found nothing, or is switched off
    is_off: bool
    sentences: tuple[str, ...]
    setting: str


@dataclass(frozen=True, slots=True)
class DryRun:
    """The decision rule by rule, our own checks, Vinoshipper's verdict and sums, and what would be sent.

    `payload` names the customer: it is shown to who may act on the order, and never kept. `not_asked` says
    why there is no verdict.
    """

    order: Order
    number: str
    decision: Explanation
    checks: tuple[Checked, ...]
    verdict: Verdict | None
    not_asked: str
    estimate: Estimate | None
    payload: Mapping[str, Any] | None

    @property
    def payload_text(self) -> str:
        """The payload with the very digits that would be sent; "" if there is none."""
        if self.payload is None:
            return ""
        text = json.dumps(self.payload, indent=2, ensure_ascii=False, default=_marked)
        return re.sub(r'"\\u0000([^"]*)\\u0000"', r"\1", text)


def _marked(money: Decimal) -> str:
    """A sum of money as text that is known again, to become a number with its own digits."""
    return f"\x00{money:f}\x00"


def dry_run(order: Order) -> DryRun:
    """Ask everything that can be asked without sending. Calls out, so never inside a transaction.

    Writes one compliance event where Vinoshipper answered, and nothing else, here or there. Raises nothing
    for an order that cannot be sent: that is the answer.
    """
    work, asked = _would_send(order)
    now, shelf = clock(), shelf_for([order])
    verdict, not_asked = _ask(work, asked, now)
    checks = _own_checks(order, work.account, shelf, now)
    return DryRun(
        order=order,
        number=work.number,
        decision=explain(order, now=now, work=work, shelf=shelf),
        checks=checks,
        verdict=verdict,
        not_asked=not_asked,
        estimate=_estimate(work, asked, checks) if asked and verdict else None,
        payload=order_body(asked) if asked else None,
    )


def ask_verdict(order: Order) -> tuple[Verdict | None, str]:
    """Vinoshipper's verdict alone, which is kept; or why there is none. Never inside a transaction."""
    work, asked = _would_send(order)
    return _ask(work, asked, clock())


def _would_send(order: Order) -> tuple[FulfillmentOrder, OrderInput | None]:
    """Its fulfillment order, and what would be sent of it; None where there is no account to send it to."""
    prefetch_related_objects([order], "lines", "winery", "store__vinoshipper_account__rate_rules")
    work = _work(order, order.store.vinoshipper_account)
    return work, order_input(work, listings_for([work])) if work.account else None


def _work(order: Order, account: VinoshipperAccount | None) -> FulfillmentOrder:
    """Its fulfillment order as it would be sent now, made up where nothing was decided yet. Not saved."""
    work = FulfillmentOrder.objects.filter(order=order, destination=Destination.VINOSHIPPER).first()
    if work is None:
        work = FulfillmentOrder(winery_id=order.winery_id, order=order, number=number_of(order, 1))
    work.order, work.account = order, account
    return work


def _ask(work: FulfillmentOrder, asked: OrderInput | None, now: datetime) -> tuple[Verdict | None, str]:
    order, account = work.order, work.account
    if account is None or asked is None or not account.is_active:
        return None, _("The store has no Vinoshipper account to ask.")
    if not asked.lines:
        return None, _("Nothing in it travels in a box.")
    if account.is_paused or (account.rest_until and account.rest_until > now):
        return None, account.pause_sentence or _("Vinoshipper has asked us to wait.")
    try:
        verdict = without_people(client(account).check_compliance(asked), order)
    except SyncError as error:
        return None, error.sentence
    checked(order, verdict, [line.sku for line in asked.lines], now).save()
    return verdict, ""


def _estimate(work: FulfillmentOrder, asked: OrderInput, checks: Sequence[Checked]) -> Estimate:
    needs_point = any(item.code == "access_point_unknown" and item.sentences for item in checks)
    return estimate(client(work.partner), asked, needs_point=needs_point)


def _own_checks(
    order: Order, account: VinoshipperAccount | None, shelf: Shelf, now: datetime
) -> tuple[Checked, ...]:
    """Every check with its answer, also of an order that an earlier rule keeps back."""
    shipment = shipment_of(order, now, account=account, shelf=shelf)
    found = check(shipment)
    told = {code: tuple(item.sentence for item in found if item.code == code) for code in CHECKS}
    levels = {code: rule.level_in(shipment.levels) for code, rule in CHECKS.items()}
    return tuple(
        Checked(
            code,
            rule.label,
            levels[code] if told[code] else Level.PASSES,
            levels[code] == Level.PASSES,
            told[code],
            rule.told_setting,
        )
        for code, rule in CHECKS.items()
    )
