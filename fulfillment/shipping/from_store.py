"""What the store's own staff did: their fulfillments become ours, and what they cancel is canceled here.

Each of the store's ids has one row, made under the order's lock. A fulfillment that we are just telling the
store of comes back as an echo before its id is known: while one is being told, no stranger is taken in.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext as _

from crushsync.lib.carriers import bare, carrier_of
from fulfillment import stock
from fulfillment.models import (
    AttemptKind,
    Fulfillment,
    FulfillmentStatus,
    LocationMapping,
    ReportStatus,
    StoreFulfillment,
    StoreState,
    SyncAttempt,
)
from fulfillment.models.fulfillments import RANK
from fulfillment.routing import decide
from fulfillment.shipping.booking import book_out
from fulfillment.shipping.canceling import free_pieces, undo
from fulfillment.shipping.changing import advance, put_tracking, told_tracking
from fulfillment.shipping.counting import at_vinoshipper, take
from fulfillment.shipping.making import fresh, note, pack
from fulfillment.shipping.parcels import Parcel
from fulfillment.shipping.places import settle_places
from orders.models import EventKind, Order, OrderLine
from orders.storefronts.shipments import ShipmentStatus, StoreShipment


def take_in(order: Order, shipments: Sequence[StoreShipment], now: datetime) -> bool:
    """Bring our fulfillments up to what the store says of the order. Call under the order's lock.

    False: one of ours is just being told, so some of it has to be read again in a moment.
    """
    if not shipments:
        return True
    reading = _Reading(order, now)
    news = [reading.take(told) for told in shipments]
    settle_places(order, now)
    if reading.is_canceled:
        free_pieces(order)
    elif reading.is_made:
        decide(fresh(order))
    return all(news)


@dataclass
class _Reading:
    """One reading of an order's fulfillments in the store, beside what is known of them here."""

    order: Order
    now: datetime
    is_made: bool = False
    is_canceled: bool = False
    ours: list[Fulfillment] = field(init=False)
    keys: dict[str, StoreFulfillment] = field(init=False)
    lines: dict[str, OrderLine] = field(init=False)

    def __post_init__(self) -> None:
        found = Fulfillment.objects.select_for_update(of=("self",)).filter(order=self.order).order_by("pk")
        self.ours = list(found.prefetch_related("lines__order_line").select_related("location"))
        for made in self.ours:
            made.order = self.order
        rows = StoreFulfillment.objects.select_related("fulfillment").filter(order=self.order)
        self.keys = {row.external_id: row for row in rows}
        self.lines = {line.external_id: line for line in self.order.lines.all()}

    def take(self, told: StoreShipment) -> bool:
        """One fulfillment of the store; False where it has to be read again."""
        row = self.keys.get(told.external_id)
        made = self._of(row.fulfillment_id) if row else self._known_by_id(told)
        if made is None and any(ours.is_own and ours.is_in_flight for ours in self.ours):
            return False
        made = made or (self._same_act(told) if told.is_live else None)
        if made is not None:
            return self._follow(row or self._remember(told, made), made, told)
        if not told.is_live:
            self._remember(told, None, StoreState.CANCELED)
        elif told.is_whole and told.lines:
            self._make(told)
        return True

    def _of(self, fulfillment_id: int | None) -> Fulfillment | None:
        return next((made for made in self.ours if made.pk == fulfillment_id), None)

    def _known_by_id(self, told: StoreShipment) -> Fulfillment | None:
        return next((made for made in self.ours if made.store_fulfillment_id == told.external_id), None)

    def _same_act(self, told: StoreShipment) -> Fulfillment | None:
        """One of ours that this is: told by a call whose answer never came, or done on both sides at once."""
        linked = {row.fulfillment_id for row in self.keys.values()}
        free = [ours for ours in self.ours if ours.is_live and ours.pk not in linked]
        numbers = {bare(entry.number) for entry in told.tracking}
        for ours in free:
            if numbers & {bare(number) for number in (*ours.tracking_numbers, *ours.replaced_numbers)}:
                return ours
        for ours in free:
            is_same = ours.is_own and _pieces(ours) == Counter(dict(told.lines)) and self._is_from(ours, told)
            if is_same and (not numbers or not ours.tracking_numbers or self._was_told(ours)):
                return ours
        return None

    def _is_from(self, ours: Fulfillment, told: StoreShipment) -> bool:
        """Whether it may be shipped from there. A location that nobody has mapped is none of the mapped."""
        if not told.place or ours.location is None:
            return True
        place = stock.location_of(self.order.store, told.place)
        if place is None:
            return not LocationMapping.objects.filter(
                store=self.order.store_id, location=ours.location
            ).exists()
        return place == ours.location

    def _was_told(self, made: Fulfillment) -> bool:
        return SyncAttempt.objects.filter(fulfillment=made, kind=AttemptKind.REPORT).exists()

    def _remember(
        self, told: StoreShipment, made: Fulfillment | None, state: StoreState = StoreState.KNOWN
    ) -> StoreFulfillment:
        row = self.keys.get(told.external_id)
        row = row or StoreFulfillment(store=self.order.store, order=self.order, external_id=told.external_id)
        row.fulfillment, row.state = made, state
        row.place, row.place_name = told.place, told.place_name
        row.save()
        self.keys[told.external_id] = row
        return row

    def _follow(self, row: StoreFulfillment, made: Fulfillment, told: StoreShipment) -> bool:
        """It is known: take over that it was canceled, corrected or moved on in the store."""
        if row.state == StoreState.CANCELED or not made.is_own:
            return True
        if made.is_in_flight:
            return told.is_live
        if not told.is_live:
            self._remember(told, made, StoreState.CANCELED)
            if made.is_live:
                self._cancel(made)
            return True
        made.store_fulfillment_id = made.store_fulfillment_id or told.external_id
        if made.is_live:
            self._correct(made, told)
        return True

    def _cancel(self, made: Fulfillment) -> None:
        undo(made, self.now)
        made.report_status, made.reported_hash = ReportStatus.REPORTED, made.news_hash
        made.settle(None)
        made.save()
        self.is_canceled = True
        note(made, EventKind.CHANGED, "canceled", _("Canceled in the store; its stock is back."))

    def _correct(self, made: Fulfillment, told: StoreShipment) -> None:
        """What we have not told yet is newer than what the store says."""
        if made.due_at is None or made.news_hash == made.reported_hash:
            before = told_tracking(made)
            if _is_corrected(made, told):
                put_tracking(made, _parcel(told))
                words = {"old": before, "new": told_tracking(made)}
                sentence = _("Tracking changed in the store: %(old)s → %(new)s.")
                note(made, EventKind.CHANGED, "tracking", sentence % words)
            status = FulfillmentStatus(told.status)
            if RANK[status] > RANK[FulfillmentStatus(made.status)]:
                advance(made, status)
            made.reported_hash = made.news_hash
            made.report_status = ReportStatus.REPORTED
            made.due_at = None
        made.save()

    def _make(self, told: StoreShipment) -> None:
        """A fulfillment of the store's staff becomes one here, from the place that its location means."""
        held = at_vinoshipper(self.order, lock=True)
        pieces = {self.lines[key].pk: n for key, n in told.lines if key in self.lines}
        if state := self._obstacle(pieces, held):
            self._remember(told, None, state)
            return
        parcel = _parcel(told)
        is_old = self.order.placed_at < self.order.store.starts_at  # its bottles left before we counted any
        made = Fulfillment.objects.create(
            winery_id=self.order.winery_id,
            order=self.order,
            location=stock.location_of(self.order.store, told.place) if told.place and not is_old else None,
            key=f"store:{told.external_id}",
            carrier=parcel.carrier,
            tracking_numbers=list(parcel.tracking_numbers),
            tracking_url=parcel.tracking_url,
            store_fulfillment_id=told.external_id,
            report_status=ReportStatus.REPORTED,
            reported_at=self.now,
        )
        if told.status != ShipmentStatus.PENDING:
            advance(made, FulfillmentStatus(told.status))
        made.reported_hash = made.news_hash
        made.save()
        take(pieces, held, has_happened=True)
        for line in self.lines.values():
            line.shipped_here += pieces.get(line.pk, 0)
        packed = pack(made, {line: pieces[line.pk] for line in self.lines.values() if line.pk in pieces})
        book_out(made, packed, may_go_negative=True)
        self.ours.append(made)
        self.is_made = True
        self._remember(replace(told, place="") if is_old else told, made)
        what = ", ".join(f"{line.quantity} × {line.order_line.title}" for line in packed)
        note(made, EventKind.CHANGED, "fulfilled", _("Fulfilled in the store: %(what)s.") % {"what": what})

    def _obstacle(self, pieces: dict[int, int], held: dict[int, int]) -> StoreState | None:
        """Whether the pieces are claimed already: by Vinoshipper, or by one of ours not in the store yet."""
        linked = {row.fulfillment_id for row in self.keys.values()}
        claimed: Counter[int] = Counter()
        for ours in self.ours:
            if ours.is_live and ours.is_own and ours.pk not in linked:
                claimed.update({line.order_line_id: line.quantity for line in ours.lines.all()})
        by_pk = {line.pk: line for line in self.lines.values()}
        short = {pk for pk, n in pieces.items() if n > by_pk[pk].left - held.get(pk, 0)}
        if any(claimed[pk] for pk in short):
            return StoreState.TOO_MUCH
        return StoreState.AWAITED if any(held.get(pk) for pk in short) else None


def _pieces(made: Fulfillment) -> Counter[str]:
    return Counter({line.order_line.external_id: line.quantity for line in made.lines.all()})


def _numbers(told: StoreShipment) -> list[str]:
    return [bare(entry.number) for entry in told.tracking]


def _is_corrected(made: Fulfillment, told: StoreShipment) -> bool:
    """Whether it has other numbers in the store, or another carrier of those we know. What the store calls a
    carrier that nobody knows is no news."""
    if not told.tracking:
        return False
    theirs, ours = carrier_of(told.carrier), carrier_of(made.carrier, next(iter(made.tracking_numbers), ""))
    return _numbers(told) != [bare(n) for n in made.tracking_numbers] or theirs not in (None, ours)


def _parcel(told: StoreShipment) -> Parcel:
    """The store's words for the packages in ours; a page of its own only where we know none."""
    numbers = tuple(entry.number for entry in told.tracking)
    known = carrier_of(told.carrier, numbers[0] if numbers else "")
    page = told.tracking[0].url if told.tracking and not known else ""
    return Parcel(known.code if known else told.carrier[:60], numbers, page[:500])
