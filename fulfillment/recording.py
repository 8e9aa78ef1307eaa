"""What a store tells of its orders is written down and decided about, and what it shipped is taken in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from crushsync.lib.queue import wait
from fulfillment.licensed import note_shipped
from fulfillment.routing.decide import decide_all
from fulfillment.shipping import take_in
from fulfillment.tracking import follow_wait
from orders.intake import Change, Recorded, Told, record_all
from orders.models import HintSource, InboundHint

BUSY = timedelta(seconds=2)  # how long a hint waits for a call about the same order
ROUTING = timedelta(minutes=2)  # how long a shop takes to decide on the delivery; ever longer after that


def write_down(tellings: Sequence[Told], now: datetime) -> list[Recorded]:
    """Take in many orders, each told of only once; what changed in each comes in the same order.

    Call inside a transaction.
    """
    recorded = record_all(tellings)
    decide_all([record.order for record in recorded if record.matters])
    for told, record in zip(tellings, recorded, strict=True):
        if record.change == Change.STALE:
            continue
        is_told = take_in(record.order, told.data.shipments, now)
        is_told = note_shipped(record.order, told.data.shipments, now) and is_told
        if not told.data.is_routed or not is_told:
            patience = max(wait(ROUTING), follow_wait(told.data.updated_at, now))
            _look_again(told, now + (patience if is_told else wait(BUSY)))
    return recorded


def _look_again(told: Told, when: datetime) -> None:
    """The shop had not decided on the delivery, and its webhook about that may be lost; or it is just being
    told of a shipment, and what it shows cannot be told from that: look without a webhook."""
    InboundHint.objects.create(
        winery_id=told.store.winery_id,
        store=told.store,
        source=HintSource.POLL,
        topic="routing",
        order_number=told.data.external_id,
        delivery_id=f"routing:{told.data.external_id}:{when.timestamp()}",
        due_at=when,
    )
