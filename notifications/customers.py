"""Sends what a person let CrushSync write to a customer: each once."""

from collections.abc import Sequence
from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from crushsync.lib.queue import insert_many
from fulfillment.messages import fitting
from fulfillment.models import CustomerMessage, MessageState
from notifications.mails.once import OnceLane
from orders.models import EventKind, OrderEvent


class CustomerMessageLane(OnceLane[CustomerMessage]):
    """What became of each is written into its order's activity."""

    model = CustomerMessage
    states = MessageState

    def load(self, rows: Sequence[CustomerMessage]) -> None:
        prefetch_related_objects(rows, "fulfillment_order__order")

    def write(self, row: CustomerMessage, now: datetime) -> EmailMultiAlternatives | None:
        work = row.fulfillment_order
        email = work.order.email
        if row.kind not in fitting(work):
            self.end(row, MessageState.FAILED, _("The order does not need this message any more."))
        elif not email:
            self.end(row, MessageState.FAILED, _("The order has no e-mail address any more."))
        else:
            return EmailMultiAlternatives(row.content["subject"], row.content["body"], to=[email])
        return None

    def ended(self, rows: Sequence[CustomerMessage]) -> None:
        insert_many([told(row) for row in rows])


def told(row: CustomerMessage) -> OrderEvent:
    """What became of it, for the order's activity."""
    said = _("Message to the customer, %(kind)s: %(state)s. %(sentence)s") % {
        "kind": row.get_kind_display(),
        "state": row.get_state_display().lower(),
        "sentence": row.sentence,
    }
    return OrderEvent(
        order_id=row.fulfillment_order.order_id,
        kind=EventKind.MOVED,
        code="customer_message",
        sentence=said.strip(),
    )
