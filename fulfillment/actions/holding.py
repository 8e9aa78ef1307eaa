"""Keep an order where it is, and let it go on."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.lib.queue import clock
from fulfillment.actions.base import Action, Asked
from fulfillment.models import FulfillmentOrder, SyncStatus
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
]
