"""Who takes care of an order's problem, and when, as in the inbox of problems; and what people note."""

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from fulfillment.actions.base import Action, Ask, Asked
from fulfillment.models import FulfillmentOrder
from fulfillment.models.problems import OPEN
from fulfillment.problems import handling
from fulfillment.refusals import NotAllowed
from orders.models import EventKind, OrderEvent


def _has_no_problem(work: FulfillmentOrder) -> str:
    return "" if work.open_problems else _("It has no problem.")


def _assign(work: FulfillmentOrder, asked: Asked) -> str:
    to = User.objects.filter(username=asked.person, is_active=True).first() if asked.person else None
    if asked.person and to is None:
        raise NotAllowed(handling.not_of_winery(asked.person))
    handling.assign(work.problems.filter(OPEN), to, actor=asked.actor)
    return _("Assigned to %(person)s.") % {"person": to.get_username()} if to else _("Assigned to nobody.")


def _snooze(work: FulfillmentOrder, asked: Asked) -> str:
    count = handling.snooze(work.problems.filter(OPEN), asked.until, actor=asked.actor)
    return ngettext("%d problem is put off.", "%d problems are put off.", count) % count


def _cannot_wake(work: FulfillmentOrder) -> str:
    now = timezone.now()  # not the database's: lists ask this for each row
    asleep = [row for row in work.open_problems if row.snoozed_until and row.snoozed_until > now]
    return "" if asleep else _("Nobody has put it off.")


def _wake(work: FulfillmentOrder, asked: Asked) -> str:
    handling.snooze(work.problems.filter(OPEN), None, actor=asked.actor)
    return _("Back among the open problems.")


def _note(work: FulfillmentOrder, asked: Asked) -> str:
    OrderEvent.objects.create(
        order_id=work.order_id, kind=EventKind.ACTED, code="note", actor=asked.actor, sentence=asked.reason
    )
    return _("The note is kept.")


HANDING = [
    Action(
        "assign",
        lazy("Assign"),
        lazy("Its problem is given to somebody of the winery, or to nobody. The order stays as it is."),
        _has_no_problem,
        _assign,
        asks=Ask.PERSON,
        is_beside=True,
    ),
    Action(
        "snooze",
        lazy("Snooze"),
        lazy("Its problem is out of sight until then, and closes meanwhile if its cause goes."),
        _has_no_problem,
        _snooze,
        asks=Ask.UNTIL,
        is_beside=True,
    ),
    Action(
        "wake",
        lazy("Wake"),
        lazy("Its problem is back among the open ones. The order stays as it is."),
        _cannot_wake,
        _wake,
        is_beside=True,
    ),
    Action(
        "note",
        lazy("Note"),
        lazy("It is kept in the order's activity, for the winery's people. Nothing is sent or changed."),
        lambda work: "",
        _note,
        asks=Ask.REASON,
        is_beside=True,
    ),
]
