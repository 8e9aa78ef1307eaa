"""What a person may do with an order: one registry for the admin, the API and the commands.

What changes an order never calls out: it changes the row and makes it due; the queue does the rest, on the
one code path. What calls out changes nothing.

base.py     what an action is
asking.py   compare, re-check compliance: Vinoshipper is asked while one waits
handing.py  assign, snooze, wake: who takes care of its problem, and when; note
holding.py  hold, release, ship date
looking.py  look at Vinoshipper, read from the store, replay a webhook, show in the store
sending.py  retry, void, don't send
"""

from dataclasses import replace

from django.db import transaction

from crushsync.lib.queue import clock, ring
from fulfillment.actions.asking import ASKING
from fulfillment.actions.base import Action, Ask, Asked, Doubt
from fulfillment.actions.handing import HANDING
from fulfillment.actions.holding import HOLDING
from fulfillment.actions.looking import LOOKING
from fulfillment.actions.sending import SENDING
from fulfillment.marking import note_marks
from fulfillment.models import FulfillmentOrder
from fulfillment.problems.noting import note_problems
from fulfillment.refusals import IN_FLIGHT, NotAllowed
from orders.models import EventKind, OrderEvent

__all__ = ["ACTIONS", "FOR_MANY", "REASON_LENGTH", "Action", "Ask", "Asked", "Doubt", "run", "why_not"]

ACTIONS: dict[str, Action] = {
    action.name: action for action in [*SENDING, *LOOKING, *ASKING, *HOLDING, *HANDING]
}
# What may be done to many orders at once.
FOR_MANY = {name: action for name, action in ACTIONS.items() if not action.calls_out}
REASON_LENGTH = 300


def why_not(action: Action, work: FulfillmentOrder) -> str:
    """Why the action is not allowed now; "" if it is."""
    if work.is_in_flight and not action.is_beside:
        return str(IN_FLIGHT)
    return str(action.why_not(work))


def run(action_name: str, fulfillment_order_id: int, asked: Asked) -> str:
    """Do it, once. Returns what was done, in a sentence. Not inside a transaction where the action calls out.

    Raises NotAllowed with the reason, KeyError for an action that does not exist, and
    FulfillmentOrder.DoesNotExist.
    """
    action = ACTIONS[action_name]
    asked = replace(asked, reason=asked.reason.strip()[:REASON_LENGTH])
    if action.is_beside:
        return _allowed(action, FulfillmentOrder.objects.get(pk=fulfillment_order_id), asked)
    with transaction.atomic():
        work = FulfillmentOrder.objects.select_for_update().get(pk=fulfillment_order_id)
        done = _allowed(action, work, asked)
        work = FulfillmentOrder.objects.select_related("order__store").get(pk=work.pk)  # as it stands now
        note_marks([work], clock())
        note_problems([work], clock())
        OrderEvent.objects.create(
            order_id=work.order_id, kind=EventKind.ACTED, code=action.name, actor=asked.actor, sentence=done
        )
        ring()
    return done


def _allowed(action: Action, work: FulfillmentOrder, asked: Asked) -> str:
    if refusal := why_not(action, work) or asked.lacks(action.asks):
        raise NotAllowed(refusal)
    return action.do(work, asked)
