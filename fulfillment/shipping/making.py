"""A fulfillment is made: pieces counted, bottles booked out, the store told, in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crushsync.lib.queue import clock, ring
from fulfillment.models import Fulfillment, FulfillmentLine, ReportStatus, StockLocation
from fulfillment.routing import decide
from fulfillment.shipping.booking import book_out
from fulfillment.shipping.counting import Pieces, at_vinoshipper, remaining, take
from fulfillment.shipping.parcels import Parcel, Refused, understood
from orders.models import EventKind, Order, OrderEvent, OrderLine


def create_fulfillment(
    order_id: int,
    items: Pieces,
    parcel: Parcel | None = None,
    *,
    location: StockLocation | None,
    actor: str,
    key: str = "",
    may_go_negative: bool = False,
) -> Fulfillment:
    """Ship these pieces (order line id -> how many) of the order from the location; the store is told of it.

    `key` names the act: done again it answers with the fulfillment made the first time. `location` is None
    only where the winery keeps no stock here. Raises Refused, or stock.NotEnoughStock unless
    `may_go_negative`, with nothing done; Order.DoesNotExist.
    """
    with transaction.atomic():
        order = Order.objects.select_for_update(of=("self",)).select_related("store__winery").get(pk=order_id)
        known: Fulfillment | None = Fulfillment.objects.filter(order=order, key=key).first() if key else None
        if known:
            return known
        lines = {line.pk: line for line in order.lines.all()}
        wanted = {pk: count for pk, count in items.items() if count}
        said = understood(parcel or Parcel(), order.store.winery)
        refuse_odd_place(order, location)
        held = at_vinoshipper(order, lock=True)
        _refuse_too_many(order, lines, wanted)
        take(wanted, held)
        made = _insert(order, wanted, said, location=location, actor=actor, key=key)
        packed = pack(made, {lines[pk]: count for pk, count in wanted.items()})
        book_out(made, packed, may_go_negative=may_go_negative)
        announce(made, clock())
        made.save()
        note(made, EventKind.ACTED, "fulfilled", _made_sentence(packed, location), actor)
        decide(fresh(order))
    return made


def pack(made: Fulfillment, items: Mapping[OrderLine, int]) -> list[FulfillmentLine]:
    """Write the lines of a new fulfillment."""
    rows = [FulfillmentLine(fulfillment=made, order_line=line, quantity=n) for line, n in items.items()]
    return FulfillmentLine.objects.bulk_create(rows)


def announce(made: Fulfillment, now: datetime) -> None:
    """The store is told, now, or right after what it is being told already. Not saved."""
    made.report_status = ReportStatus.WAITING
    made.news_since = made.news_since or now
    if not made.is_in_flight:
        made.due_at, made.tries = now, 0
    ring()


def note(made: Fulfillment, kind: EventKind, code: str, sentence: str, actor: str = "") -> None:
    """Write into the order's history what became of the fulfillment."""
    OrderEvent.objects.create(
        order_id=made.order_id,
        kind=kind,
        code=code,
        sentence=sentence,
        actor=actor,
        fulfillment_id=made.pk,
    )


def fresh(order: Order) -> Order:
    """The order as it is in the database now, with nothing prefetched that has changed since."""
    found: Order = Order.objects.select_related("store__vinoshipper_account", "winery").get(pk=order.pk)
    return found


def refuse_odd_place(order: Order, location: StockLocation | None) -> None:
    """Raises Refused for a place that these bottles cannot come from."""
    if location is None:
        own = StockLocation.objects.filter(winery=order.winery_id, is_active=True, vinoshipper_account=None)
        if own.exists():
            raise Refused(_("Choose the location it ships from."))
    elif location.winery_id != order.winery_id or not location.is_active:
        raise Refused(_("This location cannot be shipped from."))
    elif location.vinoshipper_account_id is not None:
        raise Refused(_("Vinoshipper itself ships from %(place)s.") % {"place": location})


def _refuse_too_many(order: Order, lines: Mapping[int, OrderLine], wanted: Pieces) -> None:
    """Raises Refused with the line and how many are left; the guard behind it knows no names."""
    if order.cancelled_at:
        raise Refused(_("The order is canceled in the store."))
    left = remaining(order)
    if not any(left.values()):
        raise Refused(_("Nothing of %(order)s is left to ship here.") % {"order": order})
    if not wanted:
        raise Refused(_("Choose at least one piece."))
    for pk, count in wanted.items():
        if pk not in left:
            raise Refused(_("Only goods of this order can be shipped."))
        if count < 0 or count > left[pk]:
            raise Refused(
                _("%(left)d of %(title)s are left to ship here, not %(count)d.")
                % {"left": left[pk], "title": lines[pk].title, "count": count}
            )


def _insert(order: Order, wanted: Pieces, parcel: Parcel, **fields: Any) -> Fulfillment:
    return Fulfillment.objects.create(
        winery_id=order.winery_id,
        order=order,
        carrier=parcel.carrier,
        tracking_numbers=list(parcel.tracking_numbers),
        tracking_url=parcel.tracking_url,
        package_count=parcel.package_count,
        ship_date=parcel.ship_date,
        notify_customer=parcel.notify_customer,
        **fields,
    )


def _made_sentence(packed: list[FulfillmentLine], location: StockLocation | None) -> str:
    what = ", ".join(f"{line.quantity} × {line.order_line.title}" for line in packed)
    if location is None:
        return _("To be shipped by the winery: %(what)s.") % {"what": what}
    return _("To be shipped from %(place)s: %(what)s.") % {"place": location, "what": what}
