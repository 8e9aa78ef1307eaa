"""Read a stored webhook once more: what it points at first, then the replay itself."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.lib.queue import clock, ring
from crushsync.vinoshipper.payloads import read_hint
from fulfillment.models import FulfillmentOrder
from fulfillment.refusals import NotAllowed
from orders.models import EventKind, HintSource, HintState, InboundHint, Order, OrderEvent
from orders.storefronts.registry import STOREFRONTS

NO_WEBHOOK = lazy("No webhook about it is stored.")


@dataclass(frozen=True)
class Preview:
    """What would be read out of it now; `refusal` says why it cannot be replayed, else it is empty."""

    order_number: str
    order: Order | None  # ours, if we know it
    sentence: str
    refusal: str


def preview(hint: InboundHint) -> Preview:
    """Reads what is stored and asks nobody."""
    number, sentence = hint.order_number, ""
    if hint.body and hint.store:
        told = STOREFRONTS[hint.store.platform].read_hint(hint.topic, bytes(hint.body))
        number, sentence = told.order_id, told.sentence
    elif hint.body:
        said = read_hint(bytes(hint.body))
        number, sentence = said.order_number, said.sentence
    return Preview(number, _order(hint, number), sentence, _why_not(hint))


def newest_of(work: FulfillmentOrder) -> InboundHint | None:
    """The newest webhook about the order that is stored, the store's or Vinoshipper's."""
    stores = Q(store=work.order.store_id, order_number=work.order.external_id)
    theirs = Q(vinoshipper_account=work.account_id, order_number=work.number) if work.account_id else Q()
    # Said twice, in the words of the index: it finds a handful among millions.
    numbers = (work.order.external_id, work.number)
    stored = InboundHint.objects.filter(body__isnull=False, order_number__in=numbers).exclude(order_number="")
    return stored.filter(stores | theirs).order_by("-received_at").first()


def replay(hint_id: int, *, actor: str) -> str:
    """Make it due as if it had just come; returns what was done. Twice is once: it is read when it is due.

    Raises NotAllowed with the reason, InboundHint.DoesNotExist.
    """
    with transaction.atomic():
        hint = InboundHint.objects.select_for_update(of=("self",)).select_related("store").get(pk=hint_id)
        if refusal := _why_not(hint):
            raise NotAllowed(refusal)
        now = clock()
        order = _order(hint, preview(hint).order_number)
        if hint.body:
            hint.order_number = ""  # found out anew
        # What a person asks for is read, however little it tells that is new.
        hint.source, hint.state, hint.sentence = HintSource.STAFF, HintState.WAITING, ""
        hint.settle(now)
        hint.save()
        done = _("What came in is read again.")
        if order:
            OrderEvent.objects.create(
                order=order, kind=EventKind.ACTED, code="replay", actor=actor, sentence=done
            )
        ring()
    return done


def _why_not(hint: InboundHint) -> str:
    if hint.state == HintState.WAITING:
        return _("It waits to be read already.")
    return _("It is being read. Wait a moment.") if hint.is_in_flight else ""


def _order(hint: InboundHint, number: str) -> Order | None:
    if not number:
        return None
    if hint.store:
        return Order.objects.filter(store=hint.store, external_id=number).first()
    return Order.objects.filter(
        fulfillment_orders__account=hint.vinoshipper_account, fulfillment_orders__number=number
    ).first()
