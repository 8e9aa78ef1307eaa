"""What the rows of the other rooms tell: each as an event with its data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import QuerySet, prefetch_related_objects

from compliance.models import ComplianceEvent
from crushsync.lib.text import in_utc
from fulfillment.models import Problem, StockMovement
from notifications.events.news import NEWS, News, ProblemNews, StockNews, VerdictNews
from notifications.events.types import order_event_type, problem_type, verdict_type
from orders.models import OrderEvent

RowT = TypeVar("RowT")

# What the payload of an order needs, each in one query for all orders.
WITH_ORDER = ("store", "winery", "lines", "fulfillment_orders", "fulfillments__lines__order_line")
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
        return {"type": self.type, "timestamp": in_utc(self.at), "data": self.data}


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
    _share_orders([*moves, *found, *begun, *ended])
    booked = list(movements.select_related("location__winery"))
    return _in_line(
        _all_moved(moves),
        [_judged(*told) for told in _with(VerdictNews, found)],
        [_problem(*told, is_end=False) for told in _with(ProblemNews, begun)],
        [_problem(*told, is_end=True) for told in _with(ProblemNews, ended)],
        [_booked(*told) for told in _with(StockNews, booked)],
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


def _with(news: type[News], rows: Sequence[RowT]) -> Iterator[tuple[RowT, dict[str, Any]]]:
    """Each row and what is told of it."""
    return zip(rows, news(rows, many=True).data, strict=True)


def _share_orders(rows: Iterable[Any]) -> None:
    """Load what is told of the rows' orders, of each order once."""
    about = [row for row in rows if row.order_id]
    once = {row.order_id: row.order for row in about}
    prefetch_related_objects(list(once.values()), *WITH_ORDER)
    for row in about:
        row.order = once[row.order_id]


def _all_moved(events: Iterable[OrderEvent]) -> list[Happening]:
    news = {kind: NEWS[kind]() for kind in ("order", "fulfillment")}
    typed = [(event, order_event_type(event)) for event in events]
    return [
        Happening(
            event.order.winery_id,
            event_type,
            f"order:{event.order_id}",
            f"order-event:{event.pk}",
            event.at,
            news[event_type.partition(".")[0]].to_representation(event),
        )
        for event, event_type in typed
    ]


def _judged(verdict: ComplianceEvent, data: dict[str, Any]) -> Happening:
    return Happening(
        verdict.order.winery_id,
        verdict_type(verdict),
        f"order:{verdict.order_id}",
        f"verdict:{verdict.pk}",
        verdict.at,
        data,
    )


def _booked(movement: StockMovement, data: dict[str, Any]) -> Happening:
    return Happening(
        movement.location.winery_id,
        "stock.moved",
        f"stock:{movement.location_id}:{movement.sku}"[:80],
        f"stock:{movement.pk}",
        movement.at,
        data,
    )


def _problem(problem: Problem, data: dict[str, Any], *, is_end: bool) -> Happening:
    subject = f"order:{problem.order_id}" if problem.order_id else f"problem:{problem.code}:{problem.subject}"
    return Happening(
        problem.winery_id,
        problem_type(problem, is_end=is_end),
        subject[:80],
        f"problem:{problem.pk}:{'closed' if is_end else 'opened'}",
        (problem.closed_at if is_end else None) or problem.opened_at,
        data,
    )
