"""All that is known of one order, for its page: what is wrong, what can be done, then the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from compliance import problems
from compliance.checks import is_of_age
from compliance.models import Asked, ComplianceEvent
from crushsync.accounts.admin.markup import Pill, ago, moment, zone
from crushsync.accounts.models import Role
from crushsync.accounts.roles import Person, has_role
from crushsync.lib.text import web_address
from fulfillment import money
from fulfillment.actions import ACTIONS
from fulfillment.admin.activity import activity, activity_choices
from fulfillment.admin.acts import Button, button, last_act
from fulfillment.admin.fulfilling import NOTHING_LEFT
from fulfillment.admin.fulfillments import tracking_links
from fulfillment.admin.mending import Mending, mending_of
from fulfillment.admin.pills import (
    ON_HOLD,
    compliance_pill,
    mark_pill,
    progress_pill,
    report_pill,
    shipment_pill,
    sync_pill,
)
from fulfillment.messages import fitting
from fulfillment.models import Fulfillment, FulfillmentOrder, MarkStatus, MessageKind, Problem
from fulfillment.models.problems import OPEN
from fulfillment.progress import line_progress
from fulfillment.routing import Explanation, explain
from fulfillment.routing.shelf import shelf_for
from fulfillment.shipping import remaining
from fulfillment.shipping.places import unplaced
from fulfillment.stock import own_places
from orders.models import Order
from orders.storefronts.types import BirthDateState

FAST, SLOW = 3, 30  # seconds until the page looks again while something is going on
SELDOM = {"show-again", "assign", "snooze", "wake"}  # not offered where it would do nothing
OPPOSITES = {"dont-send": "send", "hold": "release", "snooze": "wake"}


@dataclass(frozen=True)
class Work:
    """One fulfillment order with what there is to say and to do about it."""

    row: FulfillmentOrder
    pills: list[Pill]
    problem: problems.Entry | None
    handling: Problem | None  # its open row: our words for it, and who takes care of it
    mending: Mending | None
    said: list[str]  # what the other side said, in its own words
    buttons: list[Button]
    why: Explanation
    next_step: str
    id_scan_url: str
    mark: Pill | None  # whether the store's staff see how it stands
    mark_sentence: str
    money: list[str]  # what was charged beside what Vinoshipper computed
    messages: list[MessageKind]  # what could be written to the customer


def order_page(order: Order, user: Person, kind: str = "") -> dict[str, Any]:
    """The template's context; `kind` narrows the activity. Reads only."""
    prefetch_related_objects([order], "lines", "fulfillments__lines__order_line")
    verdicts = list(order.compliance_events.all())
    shipments = list(order.fulfillments.all())
    still_open = Prefetch("problems", Problem.objects.filter(OPEN).select_related("assigned_to"))
    rows = list(order.fulfillment_orders.select_related("account", "mark").prefetch_related(still_open))
    is_manager = has_role(user, Role.MANAGER, order.winery_id)
    troubles = list(Problem.objects.filter(OPEN, order=order).select_related("assigned_to").order_by("pk"))
    for trouble in troubles:
        trouble.order = order
    works = [_work(order, row, verdicts, troubles, is_manager) for row in rows]
    shown = [work.handling for work in works]
    others = [row for row in troubles if row not in shown]
    return {
        "title": f"{order.name} · {order.customer_name}" if order.customer_name else order.name,
        "order": order,
        "store_page": web_address(order.source_url),
        "placed": moment(order.placed_at, order.winery.time_zone),
        "works": works,
        "others": [(row, problems.entry(row.code), mending_of(row)) for row in others],
        "states": _states(order, verdicts, shipments),
        "items": line_progress(order),
        "shipments": [_shipment(order, shipment) for shipment in shipments],
        **_unmapped(order, shipments),
        "nothing_left": "" if any(remaining(order).values()) else NOTHING_LEFT,
        "verdicts": [_verdict(order, verdict) for verdict in verdicts],
        "activity": activity(order, kind),
        "activity_choices": activity_choices(kind),
        "birth_date": _birth_date(order, is_manager),
        "seen": last_act(order.pk),
        "may_act": is_manager,
        "looks_again_in": _looks_again_in(rows, timezone.now()),
    }


def _work(
    order: Order,
    row: FulfillmentOrder,
    verdicts: Sequence[ComplianceEvent],
    troubles: Sequence[Problem],
    may_act: bool,
) -> Work:
    row.order = order
    mine = (open_row for open_row in troubles if open_row.fulfillment_order_id == row.pk)
    handling = next((open_row for open_row in mine if open_row.code == row.attention_code), None)
    return Work(
        row=row,
        pills=[sync_pill(row), *([ON_HOLD] if row.is_held else [])],
        problem=problems.entry(row.attention_code) if row.attention_code else None,
        handling=handling,
        mending=mending_of(handling) if handling else None,
        said=_said(handling, verdicts),
        buttons=_buttons(row) if may_act else [],
        why=explain(order, now=timezone.now(), work=row, shelf=shelf_for([order])),
        next_step=_next_step(row),
        id_scan_url=web_address(row.id_scan_url),
        mark=mark_pill(row.mark) if hasattr(row, "mark") else None,
        mark_sentence=_mark_sentence(row),
        money=money.told(row),
        messages=fitting(row) if may_act else [],
    )


def _buttons(row: FulfillmentOrder) -> list[Button]:
    """The actions in their order; of a pair of opposites the one that would do something now."""
    offered = {name: button(action, row) for name, action in ACTIONS.items()}
    hidden = {do if not offered[undo].refusal else undo for do, undo in OPPOSITES.items()}
    return [
        shown
        for name, shown in offered.items()
        if name not in hidden and not (name in SELDOM and shown.refusal)
    ]


def _said(problem: Problem | None, verdicts: Sequence[ComplianceEvent]) -> list[str]:
    """What the other side said of it, else with its last verdict; our own check has said it above."""
    if problem and problem.said:
        return [problem.said]
    return verdicts[0].words if verdicts and verdicts[0].asked != Asked.OURSELVES else []


def _mark_sentence(row: FulfillmentOrder) -> str:
    """Said only where the store's staff do not see how it stands."""
    mark = getattr(row, "mark", None)
    return "" if mark is None or mark.status == MarkStatus.SHOWN else mark.sentence


def _next_step(row: FulfillmentOrder) -> str:
    if row.due_at is None or row.is_in_flight or row.due_at <= timezone.now():
        return ""
    return (
        _("A look at Vinoshipper %(when)s") % {"when": ago(row.due_at)}
        if row.status == "sent"
        else _("A try %(when)s") % {"when": ago(row.due_at)}
    )


def _looks_again_in(rows: Sequence[FulfillmentOrder], now: datetime) -> int:
    """Seconds until the page shows itself anew; 0 while nothing is going on."""
    busy = [row for row in rows if row.is_in_flight or (row.due_at is not None and row.due_at <= now)]
    overdue = [row for row in busy if row.due_at and row.due_at < now - timedelta(minutes=1)]
    return (SLOW if overdue else FAST) if busy else 0


def _states(
    order: Order, verdicts: Sequence[ComplianceEvent], shipments: Sequence[Fulfillment]
) -> list[tuple[str, Pill]]:
    states = [(_("Compliance"), compliance_pill(verdicts)), (_("Fulfillment"), progress_pill(order))]
    if shipments:
        states.append((_("In the store"), report_pill(shipments[0])))
    return states


def _unmapped(order: Order, shipments: Sequence[Fulfillment]) -> dict[str, Any]:
    """What the store shipped from a location that means no place here, and the places it may mean."""
    if not any(made.is_own and made.is_live and made.location_id is None for made in shipments):
        return {}
    return {"unmapped": list(unplaced(order)), "places": list(own_places(order.winery_id))}


def _shipment(order: Order, shipment: Fulfillment) -> dict[str, Any]:
    zone_name = order.winery.time_zone
    return {
        "row": shipment,
        "pill": shipment_pill(shipment),
        "report": report_pill(shipment),
        "tracking": tracking_links(shipment),
        "lines": format_html_join(
            ", ", "{} × {}", ((line.quantity, line.order_line.title) for line in shipment.lines.all())
        ),
        "shipped": moment(shipment.shipped_at, zone_name),
        "delivered": moment(shipment.delivered_at, zone_name),
    }


def _verdict(order: Order, verdict: ComplianceEvent) -> dict[str, Any]:
    return {
        "row": verdict,
        "words": verdict.words,
        "pill": compliance_pill([verdict]),
        "when": moment(verdict.at, order.winery.time_zone),
    }


def _birth_date(order: Order, may_read: bool) -> dict[str, Any]:
    """Whether it is known and old enough; the date itself only for who acts on orders."""
    known = order.birth_date if order.birth_date_state == BirthDateState.KNOWN else None
    today = timezone.now().astimezone(zone(order.winery.time_zone)).date()
    return {
        "state": order.get_birth_date_state_display(),
        "is_of_age": is_of_age(known, today) if known else None,
        "value": known if may_read else None,
    }
