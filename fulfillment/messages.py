"""Messages to an order's customer: drafted here, read and sent by a person, by CrushSync only if the winery
lets it. Nothing is ever written to a customer by itself.
"""

from dataclasses import dataclass

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from compliance.problems import Family, entry
from crushsync.lib.queue import clock, ring
from fulfillment.models import CustomerMessage, FulfillmentOrder, MessageKind, MessageState, SyncStatus
from orders.models import EventKind, OrderEvent

LONGEST_SUBJECT, LONGEST_BODY = 200, 10_000
# Where only the customer can say what the right address is.
OF_ADDRESSES = {"address_incomplete", "zip_malformed", "zip_elsewhere", "po_box", "military_address"}


class NotSent(Exception):
    """The message makes no sense now, or may not be sent from here; `sentence` says why, for staff."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Draft:
    kind: str
    label: str
    to: str
    subject: str
    body: str


def fitting(work: FulfillmentOrder) -> list[MessageKind]:
    """The messages that the order's state asks for."""
    if work.status != SyncStatus.FAILED:
        return []
    if work.reason_code == "age_failed":
        return [MessageKind.ID_SCAN] if work.id_scan_url else []
    if work.reason_code in OF_ADDRESSES:
        return [MessageKind.ADDRESS]
    is_refused_by_law = entry(work.reason_code).family == Family.AFTER_PURCHASE
    return [MessageKind.NOT_COMPLIANT] if is_refused_by_law else []


def draft(work: FulfillmentOrder, kind: str) -> Draft:
    """What would be written. Raises NotSent where the order's state does not ask for it."""
    if kind not in fitting(work):
        raise NotSent(_("This order does not need this message any more."))
    text = render_to_string(f"messages/{kind}.txt", {"work": work, "order": work.order})
    subject, _empty, body = text.strip().partition("\n")
    return Draft(kind, str(MessageKind(kind).label), work.order.email, subject.strip(), body.strip() + "\n")


def why_not(work: FulfillmentOrder, kind: str) -> str:
    """Why CrushSync does not send it now; "" if it does on request."""
    if not work.order.winery.writes_to_customers:
        return _(
            "Your winery does not let CrushSync write to customers. Send it yourself, or have an owner tick"
            " “May write to customers” under Winery."
        )
    if not work.order.email:
        return _("The order has no e-mail address.")
    earlier = (
        CustomerMessage.objects.filter(fulfillment_order=work, kind=kind, version=work.version)
        .exclude(state__in=(MessageState.FAILED, MessageState.BOUNCED))  # certain not to have arrived
        .first()
    )
    return _("It was written already: %(state)s.") % {"state": earlier.get_state_display()} if earlier else ""


def send(work_id: int, kind: str, *, subject: str, body: str, actor: str) -> None:
    """Have the message sent, once, in these words. Raises NotSent, and then nothing is sent."""
    with transaction.atomic():
        work = FulfillmentOrder.objects.select_for_update(of=("self",)).get(pk=work_id)
        draft(work, kind)
        if refusal := why_not(work, kind):
            raise NotSent(refusal)
        subject, body = " ".join(subject.split())[:LONGEST_SUBJECT], body.strip()[:LONGEST_BODY]
        if not subject or not body:
            raise NotSent(_("A message needs a subject and a text."))
        CustomerMessage.objects.update_or_create(
            fulfillment_order=work,
            kind=kind,
            version=work.version,
            defaults={
                "content": {"subject": subject, "body": body},
                "asked_by": actor,
                "state": MessageState.WAITING,
                "sentence": "",
                "provider_id": "",
                "due_at": clock(),
                "tries": 0,
            },
        )
        OrderEvent.objects.create(
            order_id=work.order_id,
            kind=EventKind.ACTED,
            code="customer_message",
            actor=actor,
            sentence=_("Wrote to the customer: %(what)s.") % {"what": MessageKind(kind).label},
        )
        ring()
