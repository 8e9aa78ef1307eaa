"""Ask Vinoshipper while one waits. Nothing is sent, and nothing is changed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.lib.errors import SyncError
from crushsync.lib.redaction import redact
from crushsync.vinoshipper.payloads import problem_sentence
from fulfillment.actions.base import Action, Asked
from fulfillment.comparing import compare
from fulfillment.dry_run import ask_verdict
from fulfillment.models import FulfillmentOrder
from fulfillment.refusals import NotAllowed


def _cannot_compare(work: FulfillmentOrder) -> str:
    return "" if work.account_id else _("It goes to no Vinoshipper account.")


def _compare(work: FulfillmentOrder, asked: Asked) -> str:
    """Names what differs, and no values: they may name people."""
    try:
        found = compare(work, actor=asked.actor)
    except SyncError as error:
        raise NotAllowed(error.sentence) from error
    if found.rows:
        return _("Not the same: %(what)s.") % {"what": ", ".join(row.label for row in found.rows)}
    return _("Both sides are the same.") if found.is_there else _("Vinoshipper does not have the order.")


def _cannot_recheck(work: FulfillmentOrder) -> str:
    return _("Vinoshipper has it already, and has judged it.") if work.was_sent else ""


def _recheck(work: FulfillmentOrder, asked: Asked) -> str:
    verdict, not_asked = ask_verdict(work.order)
    if verdict is None:
        raise NotAllowed(not_asked)
    if verdict.is_compliant:
        return _("Vinoshipper says that it may go. Nothing was sent.")
    said = " ".join(redact(problem_sentence(item)) for item in verdict.problems)
    return _("Vinoshipper says that it may not go: %(said)s") % {"said": said}


ASKING = [
    Action(
        "recheck-compliance",
        lazy("Re-check Compliance"),
        lazy("Vinoshipper is asked whether the order may go. Nothing is sent; the answer is kept."),
        _cannot_recheck,
        _recheck,
        is_beside=True,
        calls_out=True,
    ),
    Action(
        "compare",
        lazy("Compare"),
        lazy("Vinoshipper is asked how it has the order, and what differs is shown. Nothing is changed."),
        _cannot_compare,
        _compare,
        is_beside=True,
        calls_out=True,
    ),
]
