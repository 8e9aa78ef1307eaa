"""Try the orders of problems again, each as the button on the order does."""

from django.db.models import QuerySet

from fulfillment.actions import ACTIONS, Asked, run
from fulfillment.models import FulfillmentOrder, Problem
from fulfillment.problems.handling import Handled
from fulfillment.refusals import NotAllowed


def retry(rows: QuerySet[Problem], *, actor: str) -> Handled:
    """Try the orders of these problems again, each once, as the button on the order does.

    One that the button would ask about is left alone: here nobody is asked.
    """
    concerned = rows.filter(closed_at__isnull=True).values("fulfillment_order")
    done, refusals, doubt = 0, dict[str, None](), ACTIONS["retry"].doubt
    for work in FulfillmentOrder.objects.filter(pk__in=concerned).order_by("pk").only("pk", "status"):
        if doubt and work.status == doubt.status:
            refusals[str(doubt.left_out)] = None
            continue
        try:
            run("retry", work.pk, Asked(actor))
            done += 1
        except NotAllowed as refusal:
            refusals[refusal.sentence] = None
    return Handled(done, tuple(refusals))
