"""The plain way: one django-q2 task per order, which does everything one after the other.

The same two calls and the same rows as ours, through the same client and mapping. It is spared the webhook:
its tasks are queued directly.
"""

from django.db import transaction
from django.utils import timezone

from compliance.catalog import client
from compliance.models import Asked, ComplianceEvent
from crushsync.lib.redaction import redact
from crushsync.vinoshipper.payloads import order_body
from crushsync.vinoshipper.types import Delivery
from fulfillment.models import AttemptKind, FulfillmentOrder, Outcome, SyncAttempt, SyncStatus
from fulfillment.outgoing import fingerprint, listings_for, order_input
from fulfillment.routing import decide
from orders.intake import record
from orders.models import EventKind, InboundHint, OrderEvent, Store
from orders.stores import storefront

TASK = "bench.peer.carry"


def carry(store_id: int, number: str) -> None:
    """Read the order, write it down, decide, send it, note the answer."""
    store = Store.objects.select_related("vinoshipper_account", "winery").get(pk=store_id)
    hint = InboundHint.objects.create(
        winery_id=store.winery_id, store=store, source="webhook", delivery_id=f"peer-{number}"
    )
    data = storefront(store).read_order(number)
    assert data is not None
    with transaction.atomic():
        order = record(store, data).order
        SyncAttempt.objects.create(order=order, kind=AttemptKind.READ, outcome=Outcome.OK, sentence="New.")
        work = decide(order)
        hint.state = "done"
        hint.save()
    _send(work)


def _send(work: FulfillmentOrder) -> None:
    order = order_input(work, listings_for([work]))
    work.is_call_open = True
    work.save()
    attempt = SyncAttempt.objects.create(
        order=work.order,
        fulfillment_order=work,
        kind=AttemptKind.SEND,
        request=redact(order_body(order)),
    )
    delivery = client(work.partner).deliver(order, look_first=False)
    with transaction.atomic():
        _note(work, attempt, delivery)
        work.sent_hash = fingerprint(order_body(order))
        work.save()


def _note(work: FulfillmentOrder, attempt: SyncAttempt, delivery: Delivery) -> None:
    work.move(SyncStatus.SENT)
    work.is_call_open, work.due_at, work.sent_at = False, None, timezone.now()
    attempt.outcome, attempt.sentence = Outcome.OK, f"Accepted by Vinoshipper as {work.number}."
    attempt.answer = redact(dict(delivery.answer.raw))
    attempt.save()
    OrderEvent.objects.create(order=work.order, kind=EventKind.MOVED, code="sent", sentence=attempt.sentence)
    ComplianceEvent.objects.create(
        order=work.order, asked=Asked.SENDING, is_compliant=True, answer=attempt.answer
    )
