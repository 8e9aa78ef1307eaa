"""What may change of a fulfillment that is made: its tracking, in place, and its status, forward."""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.lib.carriers import carrier_label
from crushsync.lib.queue import clock
from fulfillment.models import Fulfillment, FulfillmentStatus
from fulfillment.models.fulfillments import RANK
from fulfillment.shipping.canceling import locked
from fulfillment.shipping.making import announce, note
from fulfillment.shipping.parcels import Parcel, Refused, understood
from orders.models import EventKind


def correct_tracking(fulfillment_id: int, parcel: Parcel, *, actor: str) -> Fulfillment:
    """Put these carrier, numbers and page in the place of the old ones; the store shows the new, the order's
    history keeps the old. The same again changes nothing. Raises Refused."""
    with transaction.atomic():
        made = _changeable(fulfillment_id)
        said = understood(parcel, made.order.store.winery)
        before = told_tracking(made)
        made.package_count = said.package_count  # no store shows it
        if put_tracking(made, said):
            announce(made, clock())
            sentence = _("Tracking corrected: %(old)s → %(new)s.")
            words = {"old": before, "new": told_tracking(made)}
            note(made, EventKind.ACTED, "tracking_corrected", sentence % words, actor)
        made.save()
    return made


def move_on(fulfillment_id: int, status: FulfillmentStatus, *, actor: str) -> Fulfillment:
    """The carrier has it, or it has arrived: forward only. Where it stands already nothing is done.

    Raises Refused for a step back and for a canceled one.
    """
    with transaction.atomic():
        made = _changeable(fulfillment_id)
        if status == made.status:
            return made
        if status not in RANK or RANK[status] < RANK[FulfillmentStatus(made.status)]:
            raise Refused(_("A fulfillment only moves forward. Cancel it if it was never shipped."))
        advance(made, status)
        announce(made, clock())
        made.save()
        sentence = _("Fulfillment: %(status)s.") % {"status": made.get_status_display()}
        note(made, EventKind.ACTED, made.status, sentence, actor)
    return made


def put_tracking(made: Fulfillment, parcel: Parcel) -> bool:
    """Replace what is told of the packages; False if it is the same. Not saved."""
    now = parcel.carrier, list(parcel.tracking_numbers), parcel.tracking_url
    if (made.carrier, made.tracking_numbers, made.tracking_url) == now:
        return False
    gone = [number for number in made.tracking_numbers if number not in parcel.tracking_numbers]
    made.replaced_numbers = [*made.replaced_numbers, *(n for n in gone if n not in made.replaced_numbers)]
    made.carrier, made.tracking_numbers, made.tracking_url = now
    return True


def advance(made: Fulfillment, status: FulfillmentStatus) -> None:
    """Move it forward and note when. Not saved."""
    made.status, now = status, clock()
    made.shipped_at = made.shipped_at or now
    if status == FulfillmentStatus.DELIVERED:
        made.delivered_at = made.delivered_at or now


def parcel_of(made: Fulfillment) -> Parcel:
    """What is told of its packages now, as a form shows it."""
    return replace(
        Parcel(),
        carrier=made.carrier,
        tracking_numbers=tuple(made.tracking_numbers),
        tracking_url=made.tracking_url,
        package_count=made.package_count,
    )


def told_tracking(made: Fulfillment) -> str:
    """Carrier and numbers in one line, for the order's history."""
    told = " ".join([carrier_label(made.carrier), ", ".join(made.tracking_numbers)]).strip()
    return told or _("none")


def _changeable(fulfillment_id: int) -> Fulfillment:
    made = locked(fulfillment_id)
    if not made.is_own:
        raise Refused(_("Vinoshipper ships it, and tells its tracking itself."))
    if not made.is_live:
        raise Refused(_("It was canceled."))
    return made
