"""What is measured. Each scenario measures one round and returns its numbers by name."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django_q.tasks import async_task

from bench import hooks, processes, rows
from bench.partners import LATENCY
from bench.peer import TASK
from bench.ready import IN_FLIGHT
from crushsync.lib.queue import drain
from fulfillment.models import FulfillmentOrder
from fulfillment.sync import SyncLane
from orders.models import Store

BACKLOG, BURST, PEERS, PACED = 1_500, 900, 40, 60
RUSH = 120.0  # webhooks a second of a burst: twice what has to be sent on in the same time
PACE = 4.0  # of an idle day

Numbers = dict[str, float]


@dataclass(frozen=True)
class Place:
    """Where a scenario happens: the store that is measured, and its partners' address."""

    store: Store
    partners: str


def backlog(place: Place) -> Numbers:
    """(a) Orders due to be sent, drained by this process."""
    if FulfillmentOrder.objects.count() != BACKLOG:
        rows.forget_all()
        rows.take_in(place.store, rows.new_ids(BACKLOG))
    rows.make_due_again()
    hooks.forget(place.partners)
    started, worked = time.monotonic(), time.process_time()
    report = drain([SyncLane()], seconds=60, until_idle=True)
    seconds, work = time.monotonic() - started, time.process_time() - worked
    assert report is not None
    assert report.settled == BACKLOG == len(_sent_once(place))
    rate = BACKLOG / seconds
    return {
        "orders/s": rate,
        "of the wire limit": rate / (IN_FLIGHT / LATENCY),
        "CPU ms/order": work / BACKLOG * 1_000,
    }


def burst(place: Place) -> Numbers:
    """(b, c) A rush of webhooks, until all acceptances are committed; then the peer."""
    rows.forget_all()
    with processes.web(), processes.worker():
        _warm_up(place)
        sent = hooks.paced(place.store, rows.new_ids(BURST), RUSH)
        done = rows.wait_until_sent(BURST + 1, 90)
    assert len(_sent_once(place)) == BURST
    rate = BURST / (done - min(hook.at for hook in sent))
    peer_rate = _peer(place)
    return {
        "orders/s": rate,
        "plain django-q2, orders/s": peer_rate,
        "times plain django-q2": rate / peer_rate,
        "webhook p50 ms": _percentile([hook.seconds for hook in sent], 50) * 1_000,
        "webhook p99 ms": _percentile([hook.seconds for hook in sent], 99) * 1_000,
    }


def idle(place: Place) -> Numbers:
    """(d) A webhook now and then: how long until Vinoshipper is called, less the reading in between."""
    rows.forget_all()
    with processes.web(), processes.worker():
        _warm_up(place)
        sent = hooks.paced(place.store, rows.new_ids(PACED), PACE)
        rows.wait_until_sent(PACED + 1, 30)
    arrivals = _sent_once(place)
    prefix = place.store.number_prefix
    waits = [arrivals[f"{prefix}-{hook.order_id}"] - hook.at - LATENCY for hook in sent]
    return {"p50 s": _percentile(waits, 50), "p99 s": _percentile(waits, 99)}


def _peer(place: Place) -> float:
    """Orders a second of the plain way."""
    rows.forget_all()
    hooks.forget(place.partners)
    with processes.plain_cluster():
        _queue_plainly(place, 2)
        rows.wait_until_sent(2, 30)
        started = time.monotonic()
        _queue_plainly(place, PEERS)
        done = rows.wait_until_sent(2 + PEERS, 60)
    return PEERS / (done - started)


def _queue_plainly(place: Place, count: int) -> None:
    for number in rows.new_ids(count):
        async_task(TASK, place.store.pk, number)


def _warm_up(place: Place) -> None:
    """One order all the way, so that web server, worker and connections are up."""
    hooks.paced(place.store, rows.new_ids(1), 1)
    rows.wait_until_sent(1, 30)
    hooks.forget(place.partners)


def _sent_once(place: Place) -> dict[str, float]:
    """Order number -> when Vinoshipper was called for it. A second call would be a fault, not a number."""
    calls = hooks.seen(place.partners, "puts")
    assert all(len(times) == 1 for times in calls.values()), "an order was sent twice"
    return {number: times[0] for number, times in calls.items()}


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def yardstick() -> float:
    """CPU ms of a fixed piece of plain Python: how fast the machine is just now, others at work included."""
    started, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number * number
    return (time.process_time() - started) * 1_000


SCENARIOS: dict[str, Callable[[Place], Numbers]] = {"a": backlog, "bc": burst, "d": idle}
