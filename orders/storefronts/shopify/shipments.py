"""What has to be written so that the shop shows a shipment, given what it shows already. Pure decisions.

Creating a fulfillment cannot be made idempotent at Shopify, so everything is decided from a fresh reading:
the same shipment planned against the shop as it is afterwards is an empty plan.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crushsync.lib.carriers import bare, carrier_of
from crushsync.lib.errors import PermanentError
from orders.storefronts.shopify.companies import listed
from orders.storefronts.shopify.fulfillments import Made, ShippingState, Work
from orders.storefronts.shopify.values import gid, legacy_id
from orders.storefronts.types import ShipmentData, ShipmentStatus, TrackingNumber

# Events in the order in which a package lives; one that is behind what the shop knows is not told.
# https://shopify.dev/docs/api/admin-graphql/2026-07/enums/FulfillmentEventStatus
_STAGES = (
    *("LABEL_PURCHASED", "LABEL_PRINTED", "CONFIRMED"),
    *("CARRIER_PICKED_UP", "IN_TRANSIT", "OUT_FOR_DELIVERY", "DELIVERED"),
)
# Shopify's limit for a list in a question. https://shopify.dev/docs/api/usage/limits
MOST_NAMED = 250
# Whose parcels Shopify follows by itself: that they move it need not be told.
# https://help.shopify.com/en/manual/fulfillment/shopify-shipping/shipping-carriers
FOLLOWED = frozenset({"UPS", "FedEx", "USPS", "DHL Express"})
_EVENTS = {
    ShipmentStatus.PENDING: "LABEL_PRINTED",
    ShipmentStatus.SHIPPED: "IN_TRANSIT",
    ShipmentStatus.DELIVERED: "DELIVERED",
}


@dataclass(frozen=True, slots=True)
class TrackingChange:
    """The whole tracking a fulfillment shall have: Shopify replaces what was there."""

    fulfillment_id: str
    tracking: dict[str, Any]
    is_news: bool  # another number, not only another address of the same


@dataclass(frozen=True, slots=True)
class Plan:
    """`existing` already show the shipment; `creations` are FulfillmentInputs, one for each location.

    `moves` come first, where there are any: the creations are planned anew after them.
    """

    existing: tuple[Made, ...]
    changes: tuple[TrackingChange, ...]
    creations: tuple[dict[str, Any], ...]
    moves: tuple[dict[str, Any], ...] = ()


def plan(state: ShippingState, shipment: ShipmentData) -> Plan:
    """Decide what to write.

    1. Fulfillments that are ours: the one we know, those with one of our numbers, or one made by hand.
    2. Their tracking, where it lacks something of ours.
    3. New fulfillments for the pieces that none of them covers and that may still be fulfilled.

    Raises PermanentError, with the reason, if there is nothing of ours and nothing may be fulfilled.
    """
    wanted, state = _wanted(shipment), _with_own_ways(state, shipment)
    existing = shown_as(state, shipment)
    _refuse_what_must_not_be(state, shipment, existing)
    missing = wanted - sum((made.quantities for made in existing), Counter[str]())
    if moves := _moves(state, missing, shipment.place):
        return Plan(existing, (), (), moves)
    creations = _creations(state, missing, shipment)
    left = _remaining(work for work in state.work if _is_at(work, shipment.place))
    is_short = shipment.is_own and not missing <= left
    if is_short or (not existing and not creations):
        raise PermanentError(_why_not(state, wanted), code="not_fulfillable")
    changes = (_change(made, shipment) for made in existing)
    return Plan(existing, tuple(change for change in changes if change), tuple(creations))


def _refuse_what_must_not_be(
    state: ShippingState, shipment: ShipmentData, existing: tuple[Made, ...]
) -> None:
    if state.is_cancelled:
        raise PermanentError(
            f"Order {state.name} is canceled in Shopify: it cannot show a shipment.", code="cancelled"
        )
    if not existing and shipment.fulfillment_id in state.cancelled_ids:
        raise PermanentError(
            f"The fulfillment of order {state.name} was canceled in Shopify. If the shipment is on its way, "
            f"mark the order as fulfilled there with its tracking number and try again.",
            code="fulfillment_cancelled",
        )
    if not existing and not state.is_complete:
        # One of those we cannot see may be ours, and to write it again would ship it twice in the shop.
        raise PermanentError(
            f"Order {state.name} has so many fulfillments in Shopify that a person must add this one there.",
            code="too_many_fulfillments",
        )


def next_event(known: Iterable[str], shipment: ShipmentData) -> tuple[str, datetime | None] | None:
    """Return the event (status, when) that the shop lacks, if it does not know of a later one."""
    if shipment.status == ShipmentStatus.PENDING and not shipment.tracking:
        return None  # no label was printed: it is made, and that is all
    event = _EVENTS[shipment.status]
    reached = max((_STAGES.index(status) for status in known if status in _STAGES), default=-1)
    is_followed = _company(shipment.carrier, shipment.tracking) in FOLLOWED
    if reached >= _STAGES.index(event) or (event == "IN_TRANSIT" and is_followed):
        return None
    moments = {"IN_TRANSIT": shipment.shipped_at, "DELIVERED": shipment.delivered_at}
    return event, moments.get(event)


def tracking_input(carrier: str, tracking: Sequence[TrackingNumber]) -> dict[str, Any]:
    """Return a FulfillmentTrackingInput. Addresses pair with numbers by place: all of them, or none."""
    company = _company(carrier, tracking)
    result: dict[str, Any] = {"company": company, "numbers": [entry.number for entry in tracking]}
    if all(entry.url.startswith(("https://", "http://")) for entry in tracking):
        result["urls"] = [entry.url for entry in tracking]
    return result


def _company(carrier: str, tracking: Sequence[TrackingNumber]) -> str:
    known = carrier_of(carrier, tracking[0].number if tracking else "")
    return listed(known.label if known else carrier)


def shown_as(state: ShippingState, shipment: ShipmentData) -> tuple[Made, ...]:
    """The shop's live fulfillments that are this shipment: known as such, or made by a call whose answer was
    never heard, or by hand. Never one that is known to be another shipment of ours."""
    free = replace(state, made=tuple(made for made in state.made if made.id not in shipment.taken))
    return _ours(free, shipment) or _by_hand(free, shipment)


def _with_own_ways(state: ShippingState, shipment: ShipmentData) -> ShippingState:
    """What the winery itself brings or hands over is its own business, as what goes by carrier is."""
    if not shipment.is_own:
        return state
    return replace(state, work=tuple(replace(work, method="") for work in state.work))


def _wanted(shipment: ShipmentData) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for line_id, quantity in shipment.lines:
        wanted[line_id] += max(quantity, 0)
    return wanted


def _ours(state: ShippingState, shipment: ShipmentData) -> tuple[Made, ...]:
    numbers = {
        bare(number) for number in (*shipment.replaced, *(entry.number for entry in shipment.tracking))
    }
    return tuple(
        made
        for made in state.made
        if made.id == shipment.fulfillment_id or not numbers.isdisjoint(made.numbers)
    )


def _by_hand(state: ShippingState, shipment: ShipmentData) -> tuple[Made, ...]:
    """Somebody marked our very pieces as fulfilled without a number, or we did and never heard the answer.

    A fulfillment of more than our pieces is taken only if there is nothing left to fulfil for them, and only
    for what Vinoshipper ships: of what the winery itself ships it is another one.
    """
    wanted, place = _wanted(shipment), shipment.place
    here = [made for made in state.made if not place or made.place in ("", place)]
    untracked = [made for made in here if wanted and not made.tracking]
    exact = [made for made in untracked if made.quantities == wanted]
    covering = [made for made in untracked if made.quantities >= wanted]
    is_another = shipment.is_own or wanted <= _remaining(state.work)
    return tuple(exact[:1] or ([] if is_another else covering[:1]))


def _remaining(work: Iterable[Work]) -> Counter[str]:
    left: Counter[str] = Counter()
    for entry in work:
        if entry.can_fulfill and entry.is_shipped:
            left.update({line.line_id: line.remaining for line in entry.lines})
    return left


def _change(made: Made, shipment: ShipmentData) -> TrackingChange | None:
    ours = {bare(entry.number): entry for entry in shipment.tracking}
    theirs = {bare(entry.number): entry for entry in made.tracking}
    if not ours:
        return None
    # Whatever else stands there, others have added: it stays.
    replaced = {bare(number) for number in shipment.replaced}
    merged = {**{number: entry for number, entry in theirs.items() if number not in replaced}, **ours}
    target = tracking_input(shipment.carrier, list(merged.values()))
    is_news = merged.keys() != theirs.keys()
    urls = [entry.url for entry in made.tracking]
    if not is_news and made.company == target["company"] and target.get("urls", urls) == urls:
        return None
    return TrackingChange(made.id, target, is_news)


def _creations(state: ShippingState, missing: Counter[str], shipment: ShipmentData) -> list[dict[str, Any]]:
    """One call may take fulfillment orders of one location only."""
    by_location: dict[str, list[dict[str, Any]]] = {}
    left = Counter(missing)
    here = [work for work in state.work if _is_at(work, shipment.place)]
    for work in sorted(here, key=lambda work: work.status != "IN_PROGRESS"):
        lines = _take(work, left)
        if lines:
            share: dict[str, Any] = {"fulfillmentOrderId": work.gid}
            if len(lines) <= MOST_NAMED or not _is_all(work, lines):
                share["fulfillmentOrderLineItems"] = lines
            by_location.setdefault(work.location_id, []).append(share)
    return [_creation(shares, shipment) for shares in by_location.values()]


def _is_at(work: Work, place: str) -> bool:
    return not place or legacy_id(work.location_id) == place


def _moves(state: ShippingState, missing: Counter[str], place: str) -> tuple[dict[str, Any], ...]:
    """What has to be assigned to the location it ships from first, as arguments of fulfillmentOrderMove.

    https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/fulfillmentOrderMove
    """
    left = Counter(missing)
    for work in state.work:
        if _is_at(work, place):
            _take(work, left)
    elsewhere = [work for work in state.work if not _is_at(work, place)]
    return tuple(
        {"id": work.gid, "location": gid("Location", place), "lines": lines}
        for work in elsewhere
        if (lines := _take(work, left, elsewhere=True))
    )


def _is_all(work: Work, taken: Sequence[dict[str, Any]]) -> bool:
    """Whether this is all that remains of it: then no line needs to be named."""
    return sum(line.remaining for line in work.lines) == sum(int(line["quantity"]) for line in taken)


def _take(work: Work, left: Counter[str], *, elsewhere: bool = False) -> list[dict[str, Any]]:
    """Take from `left` what it can still give: to a fulfillment there, or to another location."""
    may = work.can_move and not work.holds if elsewhere else work.can_fulfill
    taken = []
    for line in work.lines if may and work.is_shipped else ():
        quantity = min(left[line.line_id], line.remaining)
        if quantity > 0:
            left[line.line_id] -= quantity
            taken.append({"id": line.gid, "quantity": quantity})
    return taken


def _creation(shares: list[dict[str, Any]], shipment: ShipmentData) -> dict[str, Any]:
    fulfillment = {"lineItemsByFulfillmentOrder": shares, "notifyCustomer": shipment.notify_customer}
    if shipment.tracking:
        fulfillment["trackingInfo"] = tracking_input(shipment.carrier, shipment.tracking)
    return fulfillment


def _why_not(state: ShippingState, wanted: Counter[str]) -> str:
    """Say which obstacle a person can remove; the first that applies."""
    ours = [
        work for work in state.work if work.is_open and any(line.line_id in wanted for line in work.lines)
    ]
    order = f"Order {state.name} cannot be marked as shipped in Shopify: "
    if not state.work:
        return order + "Shopify has not decided yet how it is delivered."
    if not ours:
        return order + "everything in the shipment is fulfilled, removed or refunded there already."
    return order + _obstacle(ours)


def _obstacle(ours: Sequence[Work]) -> str:
    held = next((work for work in ours if work.status == "ON_HOLD"), None)
    if held:
        reason = ", ".join(held.holds) or "no reason given"
        return f"it is on hold there ({reason}). Release the hold and try again."
    if not any(work.is_shipped for work in ours):
        return "it is to be collected or delivered locally."
    service = next((work for work in ours if work.is_at_service), None)
    if service:
        return (
            f"it is assigned to {service.location_name or 'a location'}, which another app fulfils. Move it "
            f"to a location of the winery."
        )
    scheduled = next((work for work in ours if work.status == "SCHEDULED"), None)
    if scheduled:
        return f"it is scheduled there for {scheduled.fulfill_at or 'later'}."
    return "Shopify does not allow it (no permission for its fulfillment orders, or nothing remains)."
