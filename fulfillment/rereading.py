"""Hints become knowledge: the order a hint points at is read again, written down, and decided about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from compliance.models import Asked, ComplianceEvent
from crushsync.accounts import connections, limits
from crushsync.accounts.lanes import next_wait
from crushsync.lib.errors import ConnectionProblem, SyncError, TemporaryError
from crushsync.lib.queue import (
    CRASH_LIMIT,
    SETTLED_FIELDS,
    Done,
    Job,
    clock,
    insert_many,
    keep_ours,
    save_many,
    still_ours,
    together_or_each,
    wait,
)
from crushsync.vinoshipper.payloads import read_hint
from fulfillment.echoes import end_known
from fulfillment.models import AttemptKind, FulfillmentOrder, Outcome, SyncAttempt, SyncStatus
from fulfillment.problems.noting import note_problems, note_unread
from fulfillment.recording import BUSY, write_down
from fulfillment.tracking import LATEST
from orders.intake import Change, Recorded, Told
from orders.models import HintSource, HintState, InboundHint, Order, Store
from orders.storefronts.registry import STOREFRONTS
from orders.storefronts.types import Hint, HintKind, OrderData
from orders.stores import storefront
from orders.watch import look_soon

HINT_FIELDS = [*SETTLED_FIELDS, "state", "sentence", "order_number"]
STATE_OF = {
    HintKind.IGNORED: HintState.IGNORED,
    HintKind.UNKNOWN: HintState.UNKNOWN,
    HintKind.MALFORMED: HintState.MALFORMED,
}


@dataclass(frozen=True)
class Reading:
    store: Store
    started_at: datetime
    versions: Mapping[datetime | None, str]  # what webhooks said of each version they told of


class HintLane:
    """Reads the orders that inbound hints point at; several hints about one order are one reading."""

    model = InboundHint
    calls = 3

    def prepare(self, rows: Sequence[InboundHint]) -> list[Job]:
        """Settle what needs no reading; group the rest by order."""
        with transaction.atomic():
            rows = still_ours(rows)
            prefetch_related_objects(
                rows, "store__winery", "store__vinoshipper_account", "vinoshipper_account"
            )
            now = clock()
            heard = {hint.pk: told for hint in rows if (told := _read(hint, now))}
            end_known([hint for hint in rows if hint.is_in_flight], heard)
            waiting = [hint for hint in rows if hint.is_in_flight and hint.store]
            groups: dict[tuple[int, str], list[InboundHint]] = {}
            for hint in connections.admit(waiting, _store, now):
                groups.setdefault((hint.store_id or 0, hint.order_number), []).append(hint)
            save_many(rows, HINT_FIELDS)
            note_unread(rows, now)
        return [
            Job(
                tuple(group),
                partial(_ask, _store(group[0]), number),
                Reading(_store(group[0]), now, _versions(group, heard)),
            )
            for (_, number), group in groups.items()
        ]

    def settle(self, done: Sequence[Done]) -> None:
        for wave in _waves(done):
            together_or_each(wave, _settle)


def _versions(group: Iterable[InboundHint], heard: Mapping[int, Hint]) -> dict[datetime | None, str]:
    return {told.changed_at: told.content for hint in group if (told := heard.get(hint.pk))}


def _ask(store: Store, number: str) -> OrderData | None:
    return storefront(store).read_order(number)


def _store(hint: InboundHint) -> Store:
    if hint.store is None:
        raise ValueError("This hint is not a store's.")
    return hint.store


def _read(hint: InboundHint, now: datetime) -> Hint | None:
    """Find out which order the hint is about; settle it if it is about none."""
    if hint.open_claims > CRASH_LIMIT:
        _end(hint, HintState.FAILED, _("Reading this stopped the worker three times."))
    elif hint.vinoshipper_account:
        _take_vinoshippers(hint, now)
    elif hint.body or not hint.order_number:
        told = STOREFRONTS[_store(hint).platform].read_hint(hint.topic, bytes(hint.body or b""))
        hint.order_number = told.order_id[:100]
        if told.kind == HintKind.APP:
            look_soon(_store(hint), told.news)
            _end(hint, HintState.DONE, told.sentence)
        elif told.kind != HintKind.ORDER:
            _end(hint, STATE_OF[told.kind], told.sentence)
        return told
    return None


def _take_vinoshippers(hint: InboundHint, now: datetime) -> None:
    """Make the order the hint names due to be looked at; an approved customer's order is sent again."""
    told = read_hint(bytes(hint.body or b""))
    hint.topic = told.event[:100]
    hint.order_number = told.order_number[:100]
    if not told.order_number:
        _end(hint, HintState.IGNORED if told.event else HintState.MALFORMED, told.sentence)
        return
    work = (
        FulfillmentOrder.objects.select_for_update()
        .filter(account=hint.vinoshipper_account, number=told.order_number)
        .first()
    )
    if work is None:
        _end(hint, HintState.IGNORED, _("No order of ours has this number."))
    elif work.is_in_flight:
        hint.settle(now + BUSY)
    else:
        _wake(work, told.event, now)
        _end(hint, HintState.DONE, _("The order is looked at."))


def _wake(work: FulfillmentOrder, event: str, now: datetime) -> None:
    """Look at the order. That they tell of what we just sent says only that their hints reach us."""
    waits_for_age = work.status == SyncStatus.FAILED and work.reason_code == "age_failed"
    if waits_for_age and event == "APPROVED":
        work.move(SyncStatus.WAITING)
        work.reason_code, work.reason = "age_verified", _("The customer's age is verified.")
        work.attention_code = work.attention = ""
        work.due_at = work.awaited_since = now
        ComplianceEvent.objects.create(
            order_id=work.order_id, asked=Asked.WEBHOOK, is_compliant=True, answer={"event": event}, at=now
        )
    elif event == "CREATED" and work.status == SyncStatus.SENT and not work.followed_at:
        if work.due_at and work.due_at > now:  # nobody has asked for it meanwhile
            work.due_at = now + wait(LATEST)
    elif waits_for_age or work.status in (SyncStatus.SENT, SyncStatus.UNKNOWN):
        work.due_at = now
    work.save()  # locked and read just now
    if waits_for_age:
        note_problems([work], now)


def _end(hint: InboundHint, state: HintState, sentence: str) -> None:
    hint.state, hint.sentence = state, sentence
    hint.settle(None)


def _waves(done: Sequence[Done]) -> list[list[Done]]:
    """Batches in which no order is read twice: a second reading is compared with what the first one wrote."""
    waves: list[dict[tuple[int, str], Done]] = []
    for item in done:
        key = item.job.context.store.pk, item.job.rows[0].order_number
        wave = next((wave for wave in waves if key not in wave), None)
        if wave is None:
            wave = {}
            waves.append(wave)
        wave[key] = item
    return [list(wave.values()) for wave in waves]


def _settle(done: Sequence[Done]) -> None:
    now = clock()
    ours = keep_ours([hint for item in done for hint in item.job.rows])
    hints = {id(item): [hint for hint in item.job.rows if hint.pk in ours] for item in done}
    answered = [item for item in done if item.error is None and hints[id(item)]]
    for item, sentence in zip(answered, _take(answered, now), strict=True):
        for hint in hints[id(item)]:
            _end(hint, HintState.DONE, sentence)
        connections.note_success(item.job.context.store, now)
    for item in done:
        if item.error:
            for hint in hints[id(item)]:
                _failed(hint, item.error, now)
    settled = [hint for found in hints.values() for hint in found]
    save_many(settled, HINT_FIELDS)
    note_unread(settled, now)


def _take(answered: Sequence[Done], now: datetime) -> list[str]:
    """Write the orders down and decide about them; returns what came of each."""
    found = [item for item in answered if item.result is not None]
    tellings = [_told(item.job.context, item.result) for item in found]
    recorded = write_down(tellings, now)
    insert_many(
        [_attempt(record, item) for item, record in zip(found, recorded, strict=True) if record.matters]
    )
    sentences = {id(item): _sentence(record) for item, record in zip(found, recorded, strict=True)}
    return [sentences.get(id(item)) or _missing(item) for item in answered]


def _told(reading: Reading, data: OrderData) -> Told:
    return Told(reading.store, data, reading.versions.get(data.updated_at, ""))


def _missing(item: Done) -> str:
    told = {"store": item.job.context.store.name, "order": item.job.rows[0].order_number}
    return _("%(store)s has no order %(order)s.") % told


def _sentence(recorded: Recorded) -> str:
    return _SENTENCES[recorded.change].format(recorded.order.name)


_SENTENCES = {
    Change.NEW: lazy("{} is new."),
    Change.CHANGED: lazy("{} changed."),
    Change.SAME: lazy("Nothing that matters changed in {}."),
    Change.STALE: lazy("{} was read late: a newer state is known."),
}


def _attempt(recorded: Recorded, item: Done) -> SyncAttempt:
    return SyncAttempt(
        order=recorded.order,
        kind=AttemptKind.READ,
        started_at=item.job.context.started_at,
        seconds=round(item.seconds, 3),
        outcome=Outcome.OK,
        sentence=_sentence(recorded),
    )


def _failed(hint: InboundHint, error: SyncError, now: datetime) -> None:
    hint.sentence = error.sentence
    if isinstance(error, ConnectionProblem):
        connections.pause(_store(hint), error, now)
        hint.park(now + wait(connections.PAUSE))
        return
    if isinstance(error, TemporaryError) and error.code == limits.SLOW_DOWN:  # a busy shop loses no order
        limits.put_off(hint, now + limits.rest_asked(error))
        return
    length = next_wait(hint, error)
    if length is None:
        _end(hint, HintState.FAILED, error.sentence)
    else:
        hint.settle(now + length, tries=hint.tries)


def read_again(order: Order, actor: str) -> None:
    """A person wants the order read from its store now."""
    now = clock()
    InboundHint.objects.create(
        winery_id=order.winery_id,
        store=order.store,
        source=HintSource.STAFF,
        topic=f"asked by {actor}"[:100],
        order_number=order.external_id,
        delivery_id=f"staff:{order.external_id}:{now.timestamp()}",
        due_at=now,
    )
