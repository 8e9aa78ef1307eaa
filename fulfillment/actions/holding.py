"""Keep an order where it is, let it go on, or have it go on a day."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.lib.days import long_day
from crushsync.lib.queue import clock
from fulfillment.actions.base import Action, Ask, Asked
from fulfillment.models import FulfillmentOrder, SyncStatus
from fulfillment.refusals import NotAllowed
from fulfillment.routing import decide


def _cannot_hold(work: FulfillmentOrder) -> str:
    if work.is_held:
        return _("It is on hold already.")
    if work.was_sent:
        return _("Vinoshipper has it already, or may have it: a hold here would not stop it. Use Void Sync.")
    return "" if work.status in (SyncStatus.WAITING, SyncStatus.FAILED) else _("It is not going to be sent.")


def _hold(work: FulfillmentOrder, asked: Asked) -> str:
    work.is_held, work.hold_reason = True, asked.reason or _("by %(who)s") % {"who": asked.actor}
    work.save()
    decide(work.order)
    return _("On hold: %(why)s") % {"why": work.hold_reason}


def _cannot_release(work: FulfillmentOrder) -> str:
    return "" if work.is_held else _("It is not on hold.")


def _release(work: FulfillmentOrder, asked: Asked) -> str:
    work.is_held, work.hold_reason, work.asked_by = False, "", asked.actor
    if work.attention_code == "crash_loop":
        work.attention_code = work.attention = ""
    if work.is_call_open:
        work.due_at = clock()
        work.save()
        return _("Released; Vinoshipper is looked at first.")
    work.save()
    return _("Released: %(why)s") % {"why": decide(work.order).reason}


def _cannot_date(work: FulfillmentOrder) -> str:
    if work.was_sent:
        return _("Vinoshipper has it already, or may have it, with its day. Use Void Sync first.")
    waits = work.status in (SyncStatus.WAITING, SyncStatus.FAILED, SyncStatus.VOIDED)
    return "" if waits else _("It is not going to be sent.")


def _date(work: FulfillmentOrder, asked: Asked) -> str:
    """A voided one keeps the day for when it is sent again."""
    order = work.order
    if asked.day and asked.day < clock().astimezone(ZoneInfo(order.winery.time_zone)).date():
        raise NotAllowed(_("That day is over."))
    order.chosen_ship_date = asked.day
    order.save(update_fields=["chosen_ship_date"])
    why = decide(order).reason
    if asked.day is None:
        return _("Ships when the store says: %(why)s") % {"why": why}
    return _("Ships on %(day)s: %(why)s") % {"day": long_day(asked.day), "why": why}


HOLDING = [
    Action(
        "hold",
        lazy("Hold"),
        lazy("The order keeps its place but is not sent until somebody releases it."),
        _cannot_hold,
        _hold,
    ),
    Action(
        "release",
        lazy("Release"),
        lazy("The order goes on from where it stood."),
        _cannot_release,
        _release,
    ),
    Action(
        "ship-date",
        lazy("Ship Date"),
        lazy(
            "The order is sent in time for that day, whatever day the store asks for. Without a day the"
            " store's counts again. Nothing changes in the store."
        ),
        _cannot_date,
        _date,
        asks=Ask.DAY,
    ),
]
