"""Is what stands at Vinoshipper the order we mean? Answers name fields, not what they say of a person."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crushsync.vinoshipper.payloads.reading import mapping, mappings, money, pieces, text
from crushsync.vinoshipper.types import OrderAnswer, OrderInput

HALF_A_CENT = Decimal("0.005")


@dataclass
class _Goods:
    """All lines of one SKU together: both sides may split them differently."""

    pieces: int = 0
    amount: Decimal | None = Decimal(0)  # None: a price is not told


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs, with both values: they may name people, so they are shown and never kept."""

    field: str  # a key of PHRASES
    ours: str
    theirs: str
    sku: str = ""  # of the goods it is about

    @property
    def phrase(self) -> str:
        return PHRASES[self.field].format(self)


PHRASES = {
    "quantity": "the quantity of {0.sku} ({0.ours} here, {0.theirs} at Vinoshipper)",
    "price": "the price of {0.sku}",
    "street": "the street of the delivery address",
    "city": "the city of the delivery address",
    "state": "the state of the delivery address",
    "postal_code": "the ZIP code of the delivery address",
    "access_point": "the UPS Access Point",
    "email": "the customer's e-mail",
    "name": "the customer's name",
    "ship_date": "the requested ship date",
}


def differences(sent: OrderInput, found: OrderAnswer) -> tuple[str, ...]:
    """What differs between our order and theirs, one phrase a field; () if they are the same order."""
    return tuple(difference.phrase for difference in side_by_side(sent, found))


def side_by_side(sent: OrderInput, found: OrderAnswer) -> tuple[Difference, ...]:
    """What differs, with both values.

    Looks at the goods, where they go, for whom, and when: what a second look by staff would be about.
    """
    order = mapping(found.raw)
    theirs = mapping(order.get("shipToAddress")), mapping(order.get("customer"))
    return (
        *_goods(sent, order),
        *_differing(_fields(sent, *theirs)),
        *_access_point(sent, mapping(theirs[0].get("accessPoint"))),
        *_ship_date(sent, order),
    )


def goods_differences(sent: OrderInput, echo: OrderAnswer) -> tuple[str, ...]:
    """SKUs and quantities alone, for the answer to a PUT: there they may have tidied names and addresses.

    An answer that lists no products says nothing: ().
    """
    order = mapping(echo.raw)
    differing = _goods(sent, order, prices=False) if mappings(order.get("products")) else ()
    return tuple(difference.phrase for difference in differing)


def _fields(
    sent: OrderInput, address: Mapping[str, Any], customer: Mapping[str, Any]
) -> Iterator[tuple[str, str, Any]]:
    to, who = sent.ship_to, sent.customer
    yield "street", to.street1, address.get("street1")
    yield "city", to.city, address.get("city")
    yield "state", to.state, address.get("stateCode")
    yield "postal_code", _zip5(to.postal_code), _zip5(text(address.get("postalCode")))
    yield "email", who.email, customer.get("email")
    ours = f"{who.first_name} {who.last_name}"
    yield "name", ours, f"{text(customer.get('firstName'))} {text(customer.get('lastName'))}"


def _differing(fields: Iterable[tuple[str, str, Any]]) -> Iterator[Difference]:
    return (
        Difference(name, ours, text(theirs))
        for name, ours, theirs in fields
        if _folded(ours) != _folded(theirs)
    )


def _folded(value: Any) -> str:
    """Case, blanks and punctuation make no other address."""
    return " ".join(re.findall(r"\w+", text(value).casefold()))


def _zip5(code: str) -> str:
    return re.sub(r"\D", "", code)[:5]


def _access_point(sent: OrderInput, point: Mapping[str, Any]) -> Iterator[Difference]:
    """They name it by two ids, and nothing says which of them is UPS's. None named says nothing."""
    ours, theirs = sent.ship_to.access_point_id, [text(point.get(name)) for name in ("id", "locationId")]
    if any(theirs) and ours not in theirs:
        yield Difference("access_point", ours, " / ".join(filter(None, theirs)))


def _ship_date(sent: OrderInput, order: Mapping[str, Any]) -> Iterator[Difference]:
    ours = sent.ship_date.isoformat() if sent.ship_date else ""
    theirs = text(mapping(order.get("specialInstructions")).get("shipDate"), 10)
    if theirs != ours:
        yield Difference("ship_date", ours, theirs)


def _goods(sent: OrderInput, order: Mapping[str, Any], *, prices: bool = True) -> Iterator[Difference]:
    ours, theirs = _our_goods(sent), _their_goods(order)
    names = {line.sku.strip().casefold(): line.sku for line in sent.lines}
    for sku in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(sku, _Goods()), theirs.get(sku, _Goods())
        name = names.get(sku, sku)
        if here.pieces != there.pieces:
            yield Difference("quantity", str(here.pieces), str(there.pieces), name)
        elif prices and not _same_amount(here, there):
            yield Difference("price", str(here.amount), str(there.amount), name)


def _same_amount(here: _Goods, there: _Goods) -> bool:
    """They may round a unit price to cents, so half a cent a piece is no difference."""
    if here.amount is None or there.amount is None:
        return True
    return abs(here.amount - there.amount) <= HALF_A_CENT * here.pieces


def _our_goods(sent: OrderInput) -> dict[str, _Goods]:
    return _by_sku((line.sku, line.quantity, line.price) for line in sent.lines)


def _their_goods(order: Mapping[str, Any]) -> dict[str, _Goods]:
    """Packs count as what was ordered; the bottles inside them, which name their pack, do not."""
    loose = [item for item in mappings(order.get("products")) if not item.get("packProductId")]
    return _by_sku(
        (
            text(item.get("sku")) or text(item.get("productId")),
            pieces(item.get("quantity")) or 0,
            money(item.get("price")),
        )
        for item in [*mappings(order.get("packs")), *loose]
    )


def _by_sku(lines: Iterable[tuple[str, int, Decimal | None]]) -> dict[str, _Goods]:
    goods: dict[str, _Goods] = defaultdict(_Goods)
    for sku, quantity, price in lines:
        entry = goods[sku.strip().casefold()]
        entry.pieces += quantity
        entry.amount = None if entry.amount is None or price is None else entry.amount + quantity * price
    return goods
