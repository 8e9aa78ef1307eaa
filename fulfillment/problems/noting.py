"""Open and close problem rows so that they say what the orders' own state says.

Whoever writes that state calls these in the same transaction. Each closes nothing but what it looks after:
the attention of some fulfillment orders, some codes of theirs, or some codes of a winery.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from compliance.problems import FAMILIES_OF_ORDERS, NOT_READ, Family, Subject, entry, family_of
from crushsync.lib.queue import save_many
from fulfillment.models import Closing, FulfillmentOrder, Problem, SyncStatus
from orders.models import HintState, InboundHint

# Nothing remains to be done for these, so nothing is wrong with them.
FINISHED = frozenset({SyncStatus.VOIDED, SyncStatus.NOT_REQUIRED, SyncStatus.DONT_SEND})
SUBJECT_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong now, with a fulfillment order or, without one, with the winery."""

    winery_id: int
    code: str
    subject: str
    sentence: str
    said: str = ""
    family: Family | None = None  # None: as the catalogue says
    order_id: int | None = None
    work_id: int | None = None

    @property
    def key(self) -> tuple[int | None, str, str]:
        return self.order_id, self.code, self.subject


def note_problems(
    works: Iterable[FulfillmentOrder], now: datetime, said: Mapping[int, str] | None = None
) -> None:
    """Make the problems of these fulfillment orders what their attention says. Call inside a transaction.

    `said`: what Vinoshipper said itself, by fulfillment order. Looks at order and lines only where something
    is wrong; asks the database nothing for an empty batch, and once where nothing changed.
    """
    rows = list(works)
    if rows:
        causes = [cause for work in rows for cause in causes_of(work, (said or {}).get(work.pk, ""))]
        _make_so(Q(fulfillment_order__in=rows, family__in=FAMILIES_OF_ORDERS), causes, now)


def note_codes(
    orders: Collection[int | None], codes: Collection[str], causes: Sequence[Cause], now: datetime
) -> None:
    """Make these orders' open problems of these codes exactly the causes. Call inside a transaction."""
    if orders:
        _make_so(Q(order__in=orders, code__in=codes), causes, now)


def close_all(gone: QuerySet[Problem], now: datetime) -> int:
    """Close those of the problems that are open: their cause is gone. Returns how many."""
    return gone.filter(closed_at__isnull=True).update(closed_at=now, closed_how=Closing.MENDED)


def note_of_winery(
    winery_id: int,
    codes: Collection[str],
    causes: Sequence[Cause],
    now: datetime,
    *,
    subjects: Collection[str] | None = None,
) -> None:
    """Make the winery's problems of these codes that are no order's exactly these. In a transaction.

    `subjects`: only those about these; None: all of them.
    """
    mine = Q(winery=winery_id, order__isnull=True, code__in=codes)
    _make_so(mine if subjects is None else mine & Q(subject__in=subjects), causes, now)


def note_unread(hints: Iterable[InboundHint], now: datetime) -> None:
    """Open a problem for each hint whose order could not be read; the clock closes it. In a transaction."""
    told = entry(NOT_READ)
    failed = [hint for hint in hints if hint.state == HintState.FAILED and hint.order_number]
    Problem.objects.bulk_create(
        [
            _row(
                Cause(
                    hint.winery_id, NOT_READ, hint.order_number, told.say(hint.order_number), hint.sentence
                ),
                now,
            )
            for hint in failed
        ],
        ignore_conflicts=True,
    )


def causes_of(work: FulfillmentOrder, said: str = "") -> list[Cause]:
    """What is wrong with it: one cause for each thing that its attention is about."""
    code = work.attention_code
    if not code or work.status in FINISHED:
        return []
    told, winery_id = entry(code), work.order.winery_id
    family = family_of(code, is_there=work.was_sent or bool(work.partner_status))
    return [
        Cause(
            winery_id,
            code,
            subject,
            told.say(subject) if said == work.attention or (subject and told.about) else work.attention,
            said,
            family,
            work.order_id,
            work.pk,
        )
        for subject in _subjects(work, told.groups_by)
    ]


def _make_so(mine: Q, causes: Sequence[Cause], now: datetime) -> None:
    """Close what is open among `mine` and no cause any more, open the new causes, tell the others anew."""
    known = {_key(row): row for row in Problem.objects.filter(mine, closed_at__isnull=True)}
    wanted = {cause.key: cause for cause in causes}
    gone = [row for key, row in known.items() if key not in wanted]
    fresh = [_row(cause, now) for key, cause in wanted.items() if key not in known]
    newly_troubled = {_whose(row) for row in fresh}
    for row in gone:
        row.closed_at = now
        row.closed_how = Closing.REPLACED if _whose(row) in newly_troubled else Closing.MENDED
    save_many(gone, ["closed_at", "closed_how"])
    changed = [row for key, row in known.items() if key in wanted and _tell_anew(row, wanted[key])]
    save_many(changed, ["sentence", "said", "family"])
    _hand_on(gone, fresh)
    Problem.objects.bulk_create(fresh, ignore_conflicts=True)  # of two that open the same at once, one stays


def _hand_on(gone: Sequence[Problem], fresh: Sequence[Problem]) -> None:
    """Who takes care of a problem goes on with the one of the same kind that takes its place. Not saved."""
    before = {(_whose(row), row.family): row for row in gone}
    for row in fresh:
        if older := before.get((_whose(row), row.family)):
            row.assigned_to_id, row.note = older.assigned_to_id, older.note
            row.snoozed_until = older.snoozed_until


def _whose(row: Problem) -> tuple[int | None, str]:
    """What it is a problem of: the order, or the connection or product that it names."""
    return (row.order_id, "") if row.order_id else (None, row.subject)


def _subjects(work: FulfillmentOrder, groups_by: Subject) -> list[str]:
    match groups_by:
        case Subject.SKU:
            skus = sorted({line.sku for line in work.order.lines.all() if line.sku})
            named = [sku for sku in skus if _names(work.attention, sku)]
            return named or (skus if len(skus) == 1 else [""])
        case Subject.STATE:
            return [work.order.ship_to_state]
        case Subject.CONNECTION:
            return [work.order.store.name[:SUBJECT_LENGTH]]
        case _:
            return [""]


def _names(text: str, sku: str) -> bool:
    """Whether the text names the SKU as a word of its own: WINE-1 is not in WINE-12."""
    return re.search(rf"(?<![\w-]){re.escape(sku)}(?![\w-])", text, re.IGNORECASE) is not None


def _row(cause: Cause, now: datetime) -> Problem:
    return Problem(
        winery_id=cause.winery_id,
        order_id=cause.order_id,
        fulfillment_order_id=cause.work_id,
        code=cause.code,
        subject=cause.subject,
        family=cause.family or entry(cause.code).family or Family.HAS_ISSUE,
        sentence=cause.sentence,
        said=cause.said,
        opened_at=now,
    )


def _tell_anew(row: Problem, cause: Cause) -> bool:
    """Take over what changed; whether anything did. Their own words stay until there are newer ones."""
    # An attention that says what they said brings no news.
    is_known = not cause.said and cause.sentence == row.said
    told = (
        row.sentence if is_known else cause.sentence,
        cause.said or row.said,
        cause.family or row.family,
    )
    before = (row.sentence, row.said, row.family)
    row.sentence, row.said, row.family = told
    return before != told


def _key(row: Problem) -> tuple[int | None, str, str]:
    return row.order_id, row.code, row.subject
