"""Look again: at Vinoshipper, at the store, at a webhook; or have the store show what it was told."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.lib.queue import clock
from fulfillment.actions.base import Action, Asked
from fulfillment.marking import show_again
from fulfillment.models import FulfillmentOrder, MarkStatus, StoreMark, SyncStatus
from fulfillment.refusals import NotAllowed
from fulfillment.replaying import NO_WEBHOOK, newest_of, replay
from fulfillment.rereading import read_again
from orders.storefronts.pushed.connector import NOT_ASKED, Pushed


def _cannot_look(work: FulfillmentOrder) -> str:
    if work.status in (SyncStatus.SENT, SyncStatus.UNKNOWN) or work.reason_code == "age_failed":
        return ""
    return _("Vinoshipper does not have it.")


def _look(work: FulfillmentOrder, asked: Asked) -> str:
    work.asked_by, work.due_at = asked.actor, clock()
    work.save()
    return _("Vinoshipper is asked now.")


def _reread(work: FulfillmentOrder, asked: Asked) -> str:
    read_again(work.order, asked.actor)
    return _("The store is asked now.")


def _cannot_reread(work: FulfillmentOrder) -> str:
    return str(NOT_ASKED) if work.order.store.platform == Pushed.platform else ""


def _replay(work: FulfillmentOrder, asked: Asked) -> str:
    hint = newest_of(work)
    if hint is None:
        raise NotAllowed(str(NO_WEBHOOK))
    return replay(hint.pk, actor=asked.actor)


def _cannot_show(work: FulfillmentOrder) -> str:
    mark: StoreMark | None = getattr(work, "mark", None)  # lists load it along
    if mark and mark.status == MarkStatus.FAILED:
        return ""
    return _("The store shows how it stands, or is about to.")


def _show(work: FulfillmentOrder, asked: Asked) -> str:
    show_again(work, asked.actor)
    return _("The store is told now.")


LOOKING = [
    Action(
        "check-fulfillment",
        lazy("Check Fulfillment"),
        lazy("Vinoshipper is asked now how far the order is. Nothing is sent."),
        _cannot_look,
        _look,
    ),
    Action(
        "reread",
        lazy("Read from the store"),
        lazy("The order is read from the store again. Nothing is sent unless it changed."),
        _cannot_reread,
        _reread,
    ),
    Action(
        "replay",
        lazy("Replay Webhook"),
        lazy("The newest webhook about it is read once more. Nothing is sent unless the order changed."),
        _cannot_reread,
        _replay,
        is_beside=True,
    ),
    Action(
        "show-again",
        lazy("Show in the store again"),
        lazy("The order's tag, Vinoshipper number and hold in the store are written again. Nothing is sent."),
        _cannot_show,
        _show,
    ),
]
