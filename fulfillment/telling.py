"""How orders stand, as plain data for the commands. Names nobody: no customer, no address."""

from datetime import datetime
from typing import Any

from crushsync.accounts.models import Winery
from fulfillment.models import Fulfillment, FulfillmentOrder
from fulfillment.routing import explain
from fulfillment.routing.shelf import shelf_for
from orders.models import Order


def standing(winery: Winery) -> list[dict[str, Any]]:
    """Each order of the winery, oldest first: where it stands, why, and what was shipped and reported."""
    orders = Order.objects.filter(winery=winery).select_related("store").order_by("placed_at", "pk")
    found = orders.prefetch_related("fulfillment_orders", "fulfillments")
    return [_order(order) for order in found]


def why(order: Order, now: datetime) -> dict[str, Any]:
    """The decision about the order as it would be taken now, rule by rule."""
    work = FulfillmentOrder.objects.filter(order=order).first()
    decision = explain(order, now=now, work=work, shelf=shelf_for([order]))
    return {
        "order": order.name,
        "status": work.get_status_display() if work else "",
        "verdict": decision.verdict,
        "code": decision.code,
        "sentence": str(decision.sentence),
        "setting": str(decision.setting),
        "rules": [
            {
                "code": rule.code,
                "sentence": str(rule.sentence),
                "setting": str(rule.setting),
                "verdict": rule.verdict,
            }
            for rule in decision.rules
        ],
        "findings": [
            {"code": found.code, "sentence": found.sentence, "level": found.level, "setting": found.setting}
            for found in decision.findings or ()
        ],
    }


def _order(order: Order) -> dict[str, Any]:
    works = list(order.fulfillment_orders.all())
    return {
        "order": order.name,
        "id": order.external_id,
        "store": order.store.name,
        "sync": [_work(work) for work in works],
        "fulfillments": [_fulfillment(made) for made in order.fulfillments.all()],
    }


def _work(work: FulfillmentOrder) -> dict[str, Any]:
    return {
        "status": work.get_status_display(),
        "code": work.reason_code,
        "reason": work.reason,
        "needs_attention": work.attention,
        "is_held": work.is_held,
        "number": work.number,
    }


def _fulfillment(made: Fulfillment) -> dict[str, Any]:
    return {
        "status": made.get_status_display(),
        "carrier": made.carrier,
        "tracking_numbers": made.tracking_numbers,
        "report": made.get_report_status_display(),
    }
