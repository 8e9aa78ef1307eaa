"""What a person does with problems: assign, note, snooze, settle. Admin, API and commands call these.

Each takes the rows as the caller may see them (`Problem.objects.visible_to(user)`), works on those that are
open, and writes who did what into the orders' history.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from compliance.problems import FAMILIES_OF_ORDERS, entry
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from crushsync.lib.queue import clock
from fulfillment.models import Closing, FulfillmentOrder, Problem
from fulfillment.refusals import IN_FLIGHT, NotAllowed
from orders.models import EventKind, OrderEvent


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of a click on several: how many were done, and why others were not, each reason once."""

    done: int
    refusals: tuple[str, ...] = ()


def assign(rows: QuerySet[Problem], to: User | None, *, actor: str) -> int:
    """Give the problems to somebody, or to nobody; returns how many.

    Raises NotAllowed if the person does not work for the winery of every one of them.
    """
    with transaction.atomic():
        found = _open(rows)
        if to and not all(has_role(to, Role.VIEWER, row.winery_id) for row in found):
            raise NotAllowed(not_of_winery(to.get_username()))
        told = _("assigned to %(person)s") % {"person": to.get_username()} if to else _("assigned to nobody")
        return _write(found, "assign", told, actor, assigned_to=to)


def not_of_winery(login: str) -> str:
    """Why nothing is assigned to them."""
    return _("%(person)s does not work for this winery.") % {"person": login}


def note(rows: QuerySet[Problem], text: str, *, actor: str) -> int:
    """Write a note for colleagues; "" takes it away. Returns how many problems have it now."""
    with transaction.atomic():
        told = _("note: %(note)s") % {"note": text} if text else _("note taken away")
        return _write(_open(rows), "note", told, actor, note=text)


def snooze(rows: QuerySet[Problem], until: datetime | None, *, actor: str) -> int:
    """Out of sight until then; None: back at once. It closes meanwhile if its cause goes. Returns how many.

    Raises NotAllowed for a time that has passed.
    """
    with transaction.atomic():
        if until and until <= clock():
            raise NotAllowed(_("Snooze until a time that is still to come."))
        told = _("snoozed until %(when)s") % {"when": date_format(until, "M j, Y")} if until else _("woken")
        return _write(_open(rows), "snooze", told, actor, snoozed_until=until)


def resolve(rows: QuerySet[Problem], *, actor: str) -> Handled:
    """Declare problems settled that nothing outside can mend; those that close by themselves are refused."""
    done, refusals = 0, dict[str, None]()
    for pk in rows.filter(closed_at__isnull=True).order_by("pk").values_list("pk", flat=True):
        try:
            resolve_one(pk, actor=actor)
            done += 1
        except NotAllowed as refusal:
            refusals[refusal.sentence] = None
    return Handled(done, tuple(refusals))


def resolve_one(problem_id: int, *, actor: str) -> None:
    """Settle one problem. The order's difference from what was sent counts no more, unless it changes again.

    Raises NotAllowed with the reason.
    """
    with transaction.atomic():
        row = Problem.objects.select_related("order").get(pk=problem_id)
        work = None
        if row.fulfillment_order_id:  # locked first, as everybody does
            work = FulfillmentOrder.objects.select_for_update().get(pk=row.fulfillment_order_id)
        row = Problem.objects.select_for_update().get(pk=problem_id)
        if refusal := why_not_resolve(row, work):
            raise NotAllowed(refusal)
        if work and row.family in FAMILIES_OF_ORDERS:
            work.attention_code = work.attention = ""
            work.settled_hash = work.order.content_hash
            work.save(update_fields=["attention_code", "attention", "settled_hash"])
        row.closed_at, row.closed_how, row.closed_by = clock(), Closing.SETTLED, actor
        row.save(update_fields=["closed_at", "closed_how", "closed_by"])
        _tell([row], "resolve", _("settled"), actor)


def why_not_resolve(row: Problem, work: FulfillmentOrder | None) -> str:
    """Why a person cannot declare it settled; "" if they can."""
    if not row.is_open:
        return _("It is closed already.")
    told = entry(row.code)
    if not told.by_hand:
        return _("It closes by itself when its cause is gone: %(step)s") % {"step": told.steps[0]}
    return str(IN_FLIGHT) if work and work.is_in_flight else ""


def _open(rows: QuerySet[Problem]) -> list[Problem]:
    """The open ones, locked."""
    return list(rows.filter(closed_at__isnull=True).select_for_update(of=("self",)).order_by("pk"))


def _write(found: list[Problem], code: str, told: str, actor: str, **values: object) -> int:
    Problem.objects.filter(pk__in=[row.pk for row in found]).update(**values)
    _tell(found, code, told, actor)
    return len(found)


def _tell(rows: list[Problem], code: str, told: str, actor: str) -> None:
    OrderEvent.objects.bulk_create(
        OrderEvent(
            order_id=row.order_id,
            kind=EventKind.ACTED,
            code=code,
            actor=actor,
            sentence=_("Problem “%(problem)s”: %(told)s.") % {"problem": row.sentence, "told": told},
        )
        for row in rows
        if row.order_id
    )
