"""The event types endpoints choose from, and which row of ours is which of them."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.models import ComplianceEvent
from compliance.problems import Family
from fulfillment.models import FulfillmentStatus, Problem
from orders.models import EventKind, OrderEvent

ENDPOINT_TEST = "endpoint.test"

EVENT_TYPES: Mapping[str, str | Promise] = {
    "order.received": lazy("An order came from a store."),
    "order.changed": lazy("The order was changed in the store."),
    "order.decided": lazy("It was decided where the order goes, or why it does not."),
    "order.moved": lazy("Its sync status changed, such as to sent or failed."),
    "order.acted": lazy("A person did something to it."),
    "fulfillment.created": lazy("The winery or the store shipped something itself."),
    "fulfillment.changed": lazy("Its tracking was corrected."),
    "fulfillment.pending": lazy("A label was printed; nothing moves yet."),
    "fulfillment.shipped": lazy("The carrier has it, or got another tracking number."),
    "fulfillment.delivered": lazy("It was delivered."),
    "fulfillment.canceled": lazy("The shipment is off."),
    "fulfillment.reported": lazy("The store shows the shipment."),
    "compliance.passed": lazy("Somebody who was asked found the order compliant."),
    "compliance.refused": lazy("Somebody who was asked found it not compliant."),
    "problem.opened": lazy("An order needs a person."),
    "problem.closed": lazy("It no longer does."),
    "connection.down": lazy("A store, Vinoshipper account or endpoint cannot be reached as it is set up."),
    "connection.restored": lazy("It is well again."),
    "stock.moved": lazy("Bottles were counted, received, sent or moved."),
    ENDPOINT_TEST: lazy("Somebody asked for a test; every endpoint gets those of its own."),
}

_ORDER_TYPES = {
    EventKind.RECEIVED: "order.received",
    EventKind.CHANGED: "order.changed",
    EventKind.DECIDED: "order.decided",
    EventKind.MOVED: "order.moved",
    EventKind.ACTED: "order.acted",
}
# The codes with which fulfillment/ writes of shipments into the order's history.
_SHIPMENT_TYPES = {
    "fulfilled": "fulfillment.created",
    "tracking_corrected": "fulfillment.changed",
    "tracking": "fulfillment.changed",
    "reported": "fulfillment.reported",
    **{str(status): f"fulfillment.{status}" for status in FulfillmentStatus},
}


def order_event_type(event: OrderEvent) -> str:
    """The shipment's if its code is one of a shipment's, whoever did it; otherwise the order's."""
    return _SHIPMENT_TYPES.get(event.code) or _ORDER_TYPES[EventKind(event.kind)]


def verdict_type(verdict: ComplianceEvent) -> str:
    return "compliance.passed" if verdict.is_compliant else "compliance.refused"


def problem_type(problem: Problem, *, is_end: bool) -> str:
    """An order's problem is the order's, even if a connection is its cause."""
    if is_connection(problem):
        return "connection.restored" if is_end else "connection.down"
    return "problem.closed" if is_end else "problem.opened"


def is_connection(problem: Problem) -> bool:
    return problem.order_id is None and problem.family == Family.CONNECTION


def check_types(chosen: Sequence[str]) -> list[str]:
    """The chosen types, each once and sorted. Raises ValidationError for none, or for an unknown one."""
    known = {*EVENT_TYPES, "*", *(f"{name.partition('.')[0]}.*" for name in EVENT_TYPES)}
    unknown = sorted(set(chosen) - known)
    if unknown or not chosen:
        text = _("There is no event %(names)s.") % {"names": ", ".join(unknown)}
        raise ValidationError({"event_types": text if unknown else _("Choose what it is told of.")})
    return sorted(set(chosen))
