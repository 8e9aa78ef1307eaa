"""Try the orders of problems again, each as the button on the order does."""

from django.db.models import QuerySet

from fulfillment.actions import Asked, run
from fulfillment.models import Problem
from fulfillment.problems.handling import Handled
from fulfillment.refusals import NotAllowed


def retry(rows: QuerySet[Problem], *, actor: str) -> Handled:
    """Try the orders of these problems again, each once, as the button on the order does."""
    works = rows.filter(closed_at__isnull=True, fulfillment_order__isnull=False)
    done, refusals = 0, dict[str, None]()
    for work_id in works.order_by("fulfillment_order").values_list("fulfillment_order", flat=True).distinct():
        try:
            run("retry", work_id, Asked(actor))
            done += 1
        except NotAllowed as refusal:
            refusals[refusal.sentence] = None
    return Handled(done, tuple(refusals))
