"""``manage.py order_action``"""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from crushsync.accounts.people import winery_called
from crushsync.lib.commands import ServiceCommand, at_the_prompt
from crushsync.lib.queue import clock
from fulfillment.actions import ACTIONS, Asked, run, why_not
from fulfillment.models import FulfillmentOrder
from fulfillment.refusals import NotAllowed
from orders.finding import add_order_arguments, order_called


class Command(ServiceCommand):
    help = "Does something with an order; without an action, lists what can be done and what cannot, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", choices=list(ACTIONS), metavar="ACTION")
        add_order_arguments(parser)
        parser.add_argument("--reason", default="")
        parser.add_argument("--person", metavar="LOGIN", help='whom to assign its problem to; "" for nobody')
        parser.add_argument("--days", type=int, help="how long to snooze its problem")
        parser.add_argument("--day", type=date.fromisoformat, help="when it ships, like 2026-12-01")

    def run(self, *, action: str | None, order: str, winery: str, store: str, **told: Any) -> str:
        found = order_called(winery_called(winery), order, store)
        work = FulfillmentOrder.objects.filter(order=found).first()
        if work is None:
            raise FulfillmentOrder.DoesNotExist(f"Nothing was decided about {found.name} yet.")
        if not action:
            return "\n".join(_line(name, work) for name in ACTIONS)
        until = clock() + timedelta(days=told["days"]) if told["days"] else None
        asked = Asked(at_the_prompt(), told["reason"], told["person"], until, told["day"])
        try:
            return f"{found.name}: {run(action, work.pk, asked)}"
        except NotAllowed as refusal:
            raise ValidationError(f"{found.name}: {refusal.sentence}") from refusal


def _line(name: str, work: FulfillmentOrder) -> str:
    action = ACTIONS[name]
    refusal = why_not(action, work)
    return f"{name:20} {f'not now: {refusal}' if refusal else action.question(work) or action.confirm}"
