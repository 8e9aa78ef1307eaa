"""Telling the store of a shipment: once, with its own visible state and its own retries."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from compliance.problems import CODES_OF_REPORTS, REPORT_CODES
from crushsync.lib.queue import Done, clock, ring, wait
from fulfillment.models import (
    AttemptKind,
    Fulfillment,
    LocationMapping,
    ReportStatus,
    StoreFulfillment,
    StoreMark,
    StoreState,
    SyncAttempt,
)
from fulfillment.news import News, NewsLane, Standing, Telling
from fulfillment.shipping.parcels import tracking_page
from orders.models import EventKind, OrderEvent, Store
from orders.storefronts.shipments import (
    ReportAction,
    ReportedShipment,
    ShipmentData,
    ShipmentStatus,
    TrackingNumber,
)
from orders.stores import storefront

STATUS_OF = {
    Standing.WAITING: ReportStatus.WAITING,
    Standing.TOLD: ReportStatus.REPORTED,
    Standing.FAILED: ReportStatus.FAILED,
}


ONE_BY_ONE = timedelta(seconds=2)  # how long a shipment waits for another one of its order


class ReportLane(NewsLane[Fulfillment]):
    """Shows each shipment with news on the store's order."""

    model = Fulfillment
    calls = 8  # read, move and read again, write, and one event each for what has happened since
    needs = ("order__store", "lines__order_line", "fulfillment_order")
    keeps = (
        "report_status",
        "report_sentence",
        "reported_hash",
        "reported_at",
        "store_fulfillment_id",
        "news_since",
        "asked_by",
    )
    kind = AttemptKind.REPORT
    subject = "fulfillment"
    crashed = lazy("Reporting this shipment stopped the worker three times.")
    codes, prefix, codes_by_error = CODES_OF_REPORTS, "report", REPORT_CODES
    order_path = "order"

    def account_of(self, row: Fulfillment) -> Store:
        return row.order.store

    def admit(self, rows: Sequence[Fulfillment], now: datetime) -> list[Fulfillment]:
        """One of an order at a time, the oldest first: two alike that have no numbers yet would be taken for
        one another in the store. None while our own hold is about to be lifted: the store would refuse."""
        orders = {made.order_id for made in rows}
        told = Fulfillment.objects.filter(order__in=orders, open_claims__gt=0)
        oldest = {order: pk for order, pk in told.order_by("-pk").values_list("order", "pk")}
        marks = StoreMark.objects.filter(fulfillment_order__order__in=orders)
        lifting = marks.filter(is_held=True, due_at__isnull=False)
        held = set(lifting.values_list("fulfillment_order__order", flat=True))
        turn = [
            made
            for made in rows
            if oldest.get(made.order_id, made.pk) >= made.pk and made.order_id not in held
        ]
        for made in rows:
            if made not in turn:
                made.settle(now + wait(ONE_BY_ONE), tries=max(made.tries - 1, 0))
        return super().admit(turn, now)

    def attempt_of(self, row: Fulfillment) -> SyncAttempt:
        return SyncAttempt(
            order_id=row.order_id,
            fulfillment_order_id=row.fulfillment_order_id,
            fulfillment=row,
            actor=row.asked_by,
        )

    def news(self, rows: Sequence[Fulfillment]) -> dict[int, News]:
        places, taken = _places(rows), _taken(rows)
        return {
            made.pk: News(
                made.news_hash,
                {"carrier": made.carrier, "tracking_numbers": made.tracking_numbers, "status": made.status},
                partial(
                    _tell if made.is_live else _cancel,
                    made.order.store,
                    shipment(
                        made, places.get((made.order.store_id, made.location_id), ""), taken.get(made.pk, ())
                    ),
                ),
            )
            for made in rows
        }

    def wishes(self, rows: Sequence[Fulfillment]) -> dict[int, str]:
        return {made.pk: made.news_hash for made in Fulfillment.objects.filter(pk__in=[r.pk for r in rows])}

    def failed(self) -> QuerySet[Fulfillment]:
        return Fulfillment.objects.filter(report_status=ReportStatus.FAILED)

    def stand(self, row: Fulfillment, standing: Standing, sentence: str | None = None) -> None:
        row.report_status = STATUS_OF[standing]
        row.report_sentence = row.report_sentence if sentence is None else sentence

    def told(self, row: Fulfillment, telling: Telling, result: ReportedShipment, now: datetime) -> str:
        telling.attempt.answer = {"fulfillment": result.fulfillment_id, "action": result.action}
        row.store_fulfillment_id = result.fulfillment_id or row.store_fulfillment_id
        row.reported_hash, row.reported_at, row.news_since = telling.fingerprint, now, None
        return result.sentence

    def write(self, done: Sequence[Done], now: datetime) -> None:
        """The order's history says what the store shows now."""
        super().write(done, now)
        _remember_ids([(item.job.rows[0], item.result) for item in done if item.error is None])
        for item in done:
            if item.error is None and item.job.rows[0].report_status == ReportStatus.WAITING:
                item.job.rows[0].news_since = now  # there is newer news already
        OrderEvent.objects.bulk_create(
            OrderEvent(
                order_id=item.job.rows[0].order_id,
                kind=EventKind.MOVED,
                code="reported",
                sentence=item.result.sentence,
                fulfillment_id=item.job.rows[0].pk,
            )
            for item in done
            if item.error is None
        )


def shipment(made: Fulfillment, place: str = "", taken: Iterable[str] = ()) -> ShipmentData:
    """The shipment as the store is to show it. Needs order, store and lines loaded.

    `place` is the store's own id of the location, `taken` its ids of the order's other shipments.
    """
    return ShipmentData(
        order_id=made.order.external_id,
        reference=reference_of(made),
        carrier=made.carrier,
        tracking=tuple(TrackingNumber(n, tracking_page(made, n)) for n in made.tracking_numbers),
        replaced=tuple(made.replaced_numbers),
        lines=tuple((line.order_line.external_id, line.quantity) for line in made.lines.all()),
        status=ShipmentStatus(made.status) if made.is_live else ShipmentStatus.PENDING,
        shipped_at=made.shipped_at,
        delivered_at=made.delivered_at,
        notify_customer=_notifies(made),
        fulfillment_id=made.store_fulfillment_id,
        is_own=made.is_own,
        place=place,
        taken=frozenset(taken),
    )


def _notifies(made: Fulfillment) -> bool:
    return made.order.store.notify_customer if made.notify_customer is None else made.notify_customer


def _places(rows: Sequence[Fulfillment]) -> dict[tuple[int, int | None], str]:
    """The stores' own ids of the locations the rows ship from, by store and location."""
    located = [made for made in rows if made.location_id]
    if not located:
        return {}
    mappings = LocationMapping.objects.filter(
        location__in={made.location_id for made in located}, store__in={m.order.store_id for m in located}
    ).order_by("shares_stock", "-pk")
    return {(found.store_id, found.location_id): found.external_id for found in mappings}


def _taken(rows: Sequence[Fulfillment]) -> dict[int, list[str]]:
    """The store's ids of each row's order that are other shipments of ours."""
    known = StoreFulfillment.objects.filter(
        order__in={made.order_id for made in rows}, fulfillment__isnull=False
    ).values_list("order", "fulfillment", "external_id")
    taken: dict[int, list[str]] = {}
    for order, owner, key in known:
        for made in rows:
            if made.order_id == order and made.pk != owner:
                taken.setdefault(made.pk, []).append(key)
    return taken


def _remember_ids(told: Sequence[tuple[Fulfillment, ReportedShipment]]) -> None:
    """From now on the store's ids stand for these shipments: what comes back of them is an echo."""
    StoreFulfillment.objects.bulk_create(
        [
            StoreFulfillment(
                store_id=made.order.store_id,
                order_id=made.order_id,
                external_id=key,
                fulfillment=made,
                state=StoreState.CANCELED if result.action == ReportAction.CANCELED else StoreState.KNOWN,
            )
            for made, result in told
            for key in result.all_ids
        ],
        update_conflicts=True,
        unique_fields=["store", "external_id"],
        update_fields=["fulfillment", "state"],
    )


def reference_of(made: Fulfillment) -> str:
    """The number that staff in the store see: Vinoshipper's, or one of our own."""
    if made.fulfillment_order:
        return made.fulfillment_order.number
    return f"{made.order.store.number_prefix}-F{made.pk}"


def report_now(made: Fulfillment, actor: str) -> None:
    """A person wants the store told again: the row is due now. Saves it."""
    made.report_status, made.due_at, made.tries, made.asked_by = ReportStatus.WAITING, clock(), 0, actor
    made.save(update_fields=["report_status", "due_at", "tries", "asked_by"])
    ring()


def report_again(fulfillment_id: int, *, actor: str) -> bool:
    """A person has mended why the store was not told; False where it was told, or is about to be."""
    with transaction.atomic():
        made: Fulfillment = Fulfillment.objects.select_for_update().get(pk=fulfillment_id)
        has_failed = made.report_status == ReportStatus.FAILED and not made.is_in_flight
        if has_failed:
            report_now(made, actor)
    return has_failed


def _cancel(store: Store, news: ShipmentData) -> ReportedShipment:
    return storefront(store).cancel_shipment(news)


def _tell(store: Store, news: ShipmentData) -> ReportedShipment:
    return storefront(store).report_shipment(news)
