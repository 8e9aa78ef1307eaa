"""What is told of each event: ids, states and amounts. Who the customer is, is asked of the API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet, prefetch_related_objects

from compliance.models import ComplianceEvent
from fulfillment.models import Fulfillment, FulfillmentOrder, Problem, StockMovement
from notifications.events.types import order_event_type, problem_type, verdict_type
from orders.models import Order, OrderEvent

# What the payload of an order needs, each in one query for all orders.
WITH_ORDER = ("store", "winery", "fulfillment_orders", "fulfillments__lines__order_line")
# Who the customer is, is not even read: it is of no use here, and some of it would have to be decrypted.
UNREAD = ("order__birth_date", "order__ship_to", "order__bill_to")


@dataclass(frozen=True, slots=True)
class Happening:
    """One event, ready to be told."""

    winery_id: int
    type: str
    about: str  # events about one object are told in order
    source: str  # the row it tells of, and what of it: told once
    at: datetime
    data: Mapping[str, Any]

    def as_told(self) -> dict[str, Any]:
        return {"type": self.type, "timestamp": iso(self.at), "data": self.data}


def read_all(
    events: QuerySet[OrderEvent],
    verdicts: QuerySet[ComplianceEvent],
    opened: Iterable[Problem],
    closed: Iterable[Problem],
    movements: QuerySet[StockMovement],
) -> list[Happening]:
    """What these rows tell, oldest first; as many queries for many rows as for few."""
    moves = list(events.select_related("order").defer(*UNREAD))
    found = list(verdicts.select_related("order").defer(*UNREAD))
    begun, ended = list(opened), list(closed)
    rows: list[Any] = [*moves, *found, *begun, *ended]
    orders = _orders([row.order for row in rows if row.order_id])
    return _in_line(
        [_moved(event, orders[event.order_id]) for event in moves],
        [_judged(verdict, orders[verdict.order_id]) for verdict in found],
        [_problem(problem, orders, is_end=False) for problem in begun],
        [_problem(problem, orders, is_end=True) for problem in ended],
        [_stock(movement) for movement in movements.select_related("location__winery")],
    )


def _in_line(*sources: Sequence[Happening]) -> list[Happening]:
    """All by their time; within a source never against its ids, whose order is the order of the changes."""
    timed = []
    for source in sources:
        latest = datetime.min.replace(tzinfo=UTC)
        for happening in source:
            latest = max(latest, happening.at)
            timed.append((latest, happening))
    return [happening for _, happening in sorted(timed, key=lambda item: item[0])]


def iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _orders(orders: Sequence[Order]) -> dict[int, dict[str, Any]]:
    once = {order.pk: order for order in orders}
    prefetch_related_objects(list(once.values()), *WITH_ORDER)
    return {pk: _order(order) for pk, order in once.items()}


def _order(order: Order) -> dict[str, Any]:
    """The order as it stands now."""
    return {
        "winery": order.winery.slug,
        "order": {
            "id": order.pk,
            "name": order.name,
            "store": order.store.name,
            "store_order_id": order.external_id,
            "placed_at": iso(order.placed_at),
            "cancelled_at": iso(order.cancelled_at),
            "total": str(order.total),
            "currency": order.currency,
            "fulfillment_orders": [_work(work) for work in order.fulfillment_orders.all()],
            "fulfillments": [_made(made) for made in order.fulfillments.all()],
        },
    }


def _work(work: FulfillmentOrder) -> dict[str, Any]:
    return {
        "id": work.pk,
        "number": work.number,
        "destination": work.destination,
        "status": work.status,
        "reason_code": work.reason_code,
        "attention_code": work.attention_code,
        "is_held": work.is_held,
    }


def _made(made: Fulfillment) -> dict[str, Any]:
    return {
        "id": made.pk,
        "fulfillment_order": made.fulfillment_order_id,
        "location": made.location_id,
        "status": made.status,
        "carrier": made.carrier,
        "tracking_numbers": made.tracking_numbers,
        "shipped_at": iso(made.shipped_at),
        "delivered_at": iso(made.delivered_at),
        "report_status": made.report_status,
        "lines": [
            {
                "store_line_id": line.order_line.external_id,
                "sku": line.order_line.sku,
                "quantity": line.quantity,
            }
            for line in made.lines.all()
        ],
    }


def _moved(event: OrderEvent, order: Mapping[str, Any]) -> Happening:
    return Happening(
        event.order.winery_id,
        order_event_type(event),
        f"order:{event.order_id}",
        f"order-event:{event.pk}",
        event.at,
        {**order, "code": event.code},
    )


def _judged(verdict: ComplianceEvent, order: Mapping[str, Any]) -> Happening:
    codes = [str(item.get("code") or "") for item in verdict.problems]
    told = {"id": verdict.pk, "asked": verdict.asked, "is_compliant": verdict.is_compliant, "codes": codes}
    return Happening(
        verdict.order.winery_id,
        verdict_type(verdict),
        f"order:{verdict.order_id}",
        f"verdict:{verdict.pk}",
        verdict.at,
        {**order, "verdict": told},
    )


def _stock(movement: StockMovement) -> Happening:
    told = {
        "id": movement.pk,
        "location": {"id": movement.location_id, "name": movement.location.name},
        "sku": movement.sku,
        "change": movement.delta,
        "on_hand": movement.level_after,
        "reason": movement.reason,
    }
    return Happening(
        movement.location.winery_id,
        "stock.moved",
        f"stock:{movement.location_id}:{movement.sku}"[:80],
        f"stock:{movement.pk}",
        movement.at,
        {"winery": movement.location.winery.slug, "movement": told},
    )


def _problem(problem: Problem, orders: Mapping[int, Mapping[str, Any]], *, is_end: bool) -> Happening:
    """Our own sentence; what a partner said may name the customer, and stays here."""
    told = {
        "id": problem.pk,
        "code": problem.code,
        "subject": problem.subject,
        "family": problem.family,
        "sentence": problem.sentence,
        "opened_at": iso(problem.opened_at),
        "closed_at": iso(problem.closed_at),
        "closed_how": problem.closed_how,
    }
    known = orders[problem.order_id] if problem.order_id else {"winery": problem.winery.slug}
    subject = f"order:{problem.order_id}" if problem.order_id else f"problem:{problem.code}:{problem.subject}"
    return Happening(
        problem.winery_id,
        problem_type(problem, is_end=is_end),
        subject[:80],
        f"problem:{problem.pk}:{'closed' if is_end else 'opened'}",
        (problem.closed_at if is_end else None) or problem.opened_at,
        {**known, "problem": told},
    )
