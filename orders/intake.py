"""Write down what a store said about an order: once, whatever how often and in which order it is told."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from crushsync.lib.queue import clock, insert_many
from orders.models import EventKind, Order, OrderEvent, OrderLine, OrderSnapshot, Store
from orders.storefronts.types import LineData, OrderData

# What an order keeps of an OrderData under the same name.
SAME_NAME = [
    "external_id",
    "name",
    "kind",
    "placed_at",
    "cancelled_at",
    "is_test",
    "is_routed",
    "payment",
    "currency",
    "email",
    "phone",
    "first_name",
    "last_name",
    "shipping_method",
    "shipping_price",
    "tax",
    "tip",
    "total",
    "note",
    "gift_note",
    "requested_ship_date",
    "source_url",
]
LINE_FIELDS = [
    "position",
    "sku",
    "title",
    "kind",
    "delivery_method",
    "quantity",
    "unit_price",
    "discount",
    "tax",
]


_PLAIN = frozenset({str, int, bool, type(None)})


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"  # nothing that matters: often the echo of our own writing
    STALE = "stale"  # older than what we know


@dataclass(frozen=True)
class Recorded:
    order: Order
    change: Change

    @property
    def matters(self) -> bool:
        return self.change in (Change.NEW, Change.CHANGED)


@dataclass(frozen=True)
class Told:
    """An order as its store tells it."""

    store: Store
    data: OrderData
    webhook_hash: str = ""  # of the webhook that told of this version, if one did

    @property
    def key(self) -> tuple[int, str]:
        return self.store.pk, self.data.external_id

    @cached_property
    def plain(self) -> dict[str, Any]:
        """The order as plain JSON, to keep and to compare."""
        told: dict[str, Any] = as_json(self.data)
        del told["shipments"]  # rows of their own; our reports come back in them
        return told

    @property
    def fingerprint(self) -> str:
        """Of everything in the order that means something to us; not of when it was touched."""
        quiet = {**self.plain, "updated_at": ""}
        del quiet["work_ids"]
        return hashlib.sha256(json.dumps(quiet, sort_keys=True).encode()).hexdigest()


def record(store: Store, data: OrderData) -> Recorded:
    """Write the order as the store tells it now. Call inside a transaction.

    Idempotent; an older telling than the one we have changes nothing.
    """
    return record_all([Told(store, data)])[0]


def record_all(tellings: Sequence[Told]) -> list[Recorded]:
    """`record` for many orders at once, each told of only once; the answers come in the same order."""
    known = _known(tellings)
    new = [told for told in tellings if told.key not in known]
    created = dict(zip((told.key for told in new), _create(new), strict=True))
    return [
        Recorded(created[told.key], Change.NEW) if told.key in created else _compare(known[told.key], told)
        for told in tellings
    ]


def _known(tellings: Sequence[Told]) -> dict[tuple[int, str], Order]:
    """The orders we have already, locked; in the order of their ids, so that two workers do not block."""
    found = Order.objects.select_for_update().filter(
        store__in={told.store.pk for told in tellings},
        external_id__in=[told.data.external_id for told in tellings],
    )
    return {(order.store_id, order.external_id): order for order in found.order_by("pk")}


def _compare(known: Order, told: Told) -> Recorded:
    data, fingerprint = told.data, told.fingerprint
    if data.updated_at < known.store_updated_at:
        return Recorded(known, Change.STALE)
    if known.content_hash == fingerprint:
        _note_version(known, told)
        return Recorded(known, Change.SAME)
    _update(known, told, fingerprint)
    return Recorded(known, Change.CHANGED)


def _note_version(known: Order, told: Told) -> None:
    """Nothing that matters changed: only the version, and what is kept to recognise echoes of it."""
    is_same_version = told.data.updated_at == known.store_updated_at
    version = {
        "store_updated_at": told.data.updated_at,
        "webhook_hash": told.webhook_hash or (known.webhook_hash if is_same_version else ""),
        "work_ids": list(told.data.work_ids),
    }
    if any(getattr(known, name) != value for name, value in version.items()):
        Order.objects.filter(pk=known.pk).update(**version)


def as_json(value: Any) -> Any:
    """An OrderData, or a part of one, as plain JSON: amounts and times as text."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if is_dataclass(kind):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(kind)}
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date


def _create(tellings: Sequence[Told]) -> list[Order]:
    orders = []
    for told in tellings:
        order = Order(store=told.store, winery=told.store.winery, content_hash=told.fingerprint)
        _copy(order, told)
        orders.append(order)
    Order.objects.bulk_create(orders)
    pairs = list(zip(orders, tellings, strict=True))
    insert_many(
        [_line(order, place, line) for order, told in pairs for place, line in enumerate(told.data.lines)]
    )
    _remember(
        pairs, EventKind.RECEIVED, [_("Read from %(name)s.") % {"name": order.store.name} for order in orders]
    )
    return orders


def _update(order: Order, told: Told, fingerprint: str) -> None:
    before = OrderSnapshot.objects.filter(order=order).first()
    order.content_hash = fingerprint
    _copy(order, told)
    order.save()
    _upsert_lines(order, told.data)
    names = ", ".join(_changed_names(before.data if before else {}, told.plain))
    _remember(
        [(order, told)],
        EventKind.CHANGED,
        [_("Changed in the store: %(what)s.") % {"what": names or "details"}],
    )


def _copy(order: Order, told: Told) -> None:
    data = told.data
    for name in SAME_NAME:
        setattr(order, name, getattr(data, name))
    order.store_updated_at = data.updated_at
    order.webhook_hash, order.work_ids = told.webhook_hash, list(data.work_ids)
    order.birth_date = data.birth_date.value
    order.birth_date_state = data.birth_date.state
    order.ship_to = asdict(data.ship_to) if data.ship_to else None
    order.bill_to = asdict(data.bill_to) if data.bill_to else None
    order.ship_to_state = data.ship_to.state if data.ship_to else ""
    order.shop_holds = list(data.shop_holds)
    order.defects = list(data.defects)


def _line(order: Order, position: int, line: LineData) -> OrderLine:
    values = {name: getattr(line, name) for name in LINE_FIELDS if name != "position"}
    return OrderLine(order=order, external_id=line.external_id, position=position, **values)


def _upsert_lines(order: Order, data: OrderData) -> None:
    """Lines keep their rows for life: shipments point at them. A line that is gone stays, with quantity 0."""
    OrderLine.objects.bulk_create(
        [_line(order, position, line) for position, line in enumerate(data.lines)],
        update_conflicts=True,
        unique_fields=["order", "external_id"],
        update_fields=LINE_FIELDS,
    )
    gone = OrderLine.objects.filter(order=order).exclude(
        external_id__in=[line.external_id for line in data.lines]
    )
    gone.update(quantity=0, discount=0, tax=0)


def _remember(pairs: Sequence[tuple[Order, Told]], kind: EventKind, sentences: Sequence[str]) -> None:
    now = clock()
    insert_many(
        [
            OrderSnapshot(order=order, content_hash=order.content_hash, data=told.plain, read_at=now)
            for order, told in pairs
        ]
    )
    insert_many(
        [
            OrderEvent(order=order, kind=kind, sentence=sentence)
            for (order, _), sentence in zip(pairs, sentences, strict=True)
        ]
    )


def _changed_names(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of what differs, in words; never the values, which name people."""
    same = {"updated_at", "work_ids"}
    return [name.replace("_", " ") for name in after if name not in same and before.get(name) != after[name]]
