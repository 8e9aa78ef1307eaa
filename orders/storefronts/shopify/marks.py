"""What Shopify's staff see of us: a tag, the Vinoshipper number, progress, a hold. Pure decisions.

https://shopify.dev/docs/api/admin-graphql/2026-07/objects/FulfillmentHold
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crushsync.lib.text import clean_text
from orders.storefronts.shopify.fulfillments import SHIPPED_METHODS
from orders.storefronts.shopify.values import as_dict, as_list, nodes
from orders.storefronts.types import MarkState, ShopMark

TAGS = {
    MarkState.SENT: "vinoshipper-sent",
    MarkState.FAILED: "vinoshipper-failed",
    MarkState.VOIDED: "vinoshipper-voided",
}
# Names our hold; a second one of the same handle on one fulfillment order is refused as a duplicate.
HANDLE = "vinoshipper-compliance"
NAMESPACE, KEY, KIND = "$app:vinoshipper", "order_number", "single_line_text_field"
# userErrors that say what we want is so already.
ALREADY_HELD = frozenset({"DUPLICATE_FULFILLMENT_HOLD_HANDLE"})
ALREADY_DEFINED = frozenset({"TAKEN"})
DEFINITION = {
    "name": "Vinoshipper order",
    "namespace": NAMESPACE,
    "key": KEY,
    "type": KIND,
    "ownerType": "ORDER",
    "pin": True,
    "access": {"admin": "MERCHANT_READ"},
}
LONGEST_NOTE = 255


@dataclass(frozen=True, slots=True)
class MarkPlan:
    """Variables of the calls of OrderMark, one for each fulfillment order that differs, and their parts."""

    calls: tuple[dict[str, Any], ...]
    written: tuple[str, ...]
    is_held: bool


def is_ours(hold: Any) -> bool:
    """Whether a hold is the one we placed: no reason for us to wait."""
    held = as_dict(hold)
    return held.get("handle") == HANDLE and held.get("heldByRequestingApp") is not False


def may_progress(work: Mapping[str, Any]) -> bool:
    """Whether a fulfillment order is a carrier's and may be said to be under way."""
    may = {as_dict(entry).get("action") for entry in as_list(work.get("supportedActions"))}
    return _method(work) in SHIPPED_METHODS and "REPORT_PROGRESS" in may


def plan_first(order_id: str, mark: ShopMark) -> MarkPlan:
    """All of the mark on the order's only piece of work, where nothing of ours is shown yet.

    Each part sets what it sets: done again, or where a part is shown already, it changes nothing.
    """
    call = {**_nothing(order_id), **_of_order({}, order_id, mark)}
    call |= {
        "work": mark.work_id,
        "progress": mark.progress[:LONGEST_NOTE],
        "progresses": bool(mark.progress),
    }
    return MarkPlan((call,), tuple(dict.fromkeys(_PARTS[name] for name in _PARTS if call[name])), False)


def plan_marks(order: Mapping[str, Any], work: Sequence[Mapping[str, Any]], mark: ShopMark) -> MarkPlan:
    """Decide what differs between `order` of OrderMarks, with all its fulfillment orders, and the mark."""
    order_id = clean_text(order.get("id"), 100)
    calls = [_of_order(order, order_id, mark)]
    is_held = False
    for entry in work:
        change, is_kept = _of_work(entry, mark)
        is_held = is_held or is_kept
        if change and "work" not in calls[0]:
            calls[0] |= change
        elif change:
            calls.append(change)
    named = [name for call in calls for name in _PARTS if call.get(name)]
    return MarkPlan(
        tuple({**_nothing(order_id), **call} for call in calls if any(call.get(name) for name in _PARTS)),
        tuple(dict.fromkeys(_PARTS[name] for name in named)),
        is_held,
    )


_PARTS = {
    "adds": "tag",
    "removes": "tag",
    "numbers": "number",
    "releases": "release",
    "holds": "hold",
    "progresses": "progress",
}


def _nothing(order_id: str) -> dict[str, Any]:
    """A call that changes nothing: Shopify leaves out what is not asked for, whatever its variables say."""
    return {
        "order": order_id,
        "work": order_id,
        "add": [],
        "remove": [],
        "metafields": [],
        "holdIds": [],
        "hold": _hold(""),
        "progress": "",
        **dict.fromkeys(_PARTS, False),
    }


def _of_order(order: Mapping[str, Any], order_id: str, mark: ShopMark) -> dict[str, Any]:
    there = {tag for tag in as_list(order.get("tags")) if isinstance(tag, str)}
    wanted = {TAGS[mark.state]} if mark.state in TAGS else set()
    add, remove = sorted(wanted - there), sorted((set(TAGS.values()) - wanted) & there)
    shown = {entry.get("key"): entry.get("value") for entry in nodes(order.get("metafields"))}
    number = {"ownerId": order_id, "namespace": NAMESPACE, "key": KEY, "type": KIND, "value": mark.number}
    return {
        "add": add,
        "adds": bool(add),
        "remove": remove,
        "removes": bool(remove),
        "metafields": [number] if mark.number else [],
        "numbers": bool(mark.number) and shown.get(KEY) != mark.number,
    }


def _of_work(work: Mapping[str, Any], mark: ShopMark) -> tuple[dict[str, Any], bool]:
    """What differs on one fulfillment order, {} if nothing does; and whether it is held by us afterwards."""
    if _method(work) not in SHIPPED_METHODS or work.get("status") in ("CLOSED", "CANCELLED"):
        return {}, False
    may = {as_dict(entry).get("action") for entry in as_list(work.get("supportedActions"))}
    holds = as_list(work.get("fulfillmentHolds"))
    ours = [as_dict(hold) for hold in holds if is_ours(hold)]
    note = mark.hold[:LONGEST_NOTE]
    is_right = bool(ours) and all(hold.get("reasonNotes") == note for hold in ours)
    releases = bool(ours) and not (note and is_right)
    holds_now = bool(note) and not is_right and (bool(ours) or "HOLD" in may)
    is_free = "REPORT_PROGRESS" in may or (releases and len(ours) == len(holds))
    progresses = bool(mark.progress) and work.get("status") != "IN_PROGRESS" and is_free
    if not (releases or holds_now or progresses):
        return {}, bool(note) and is_right
    change = {
        "work": clean_text(work.get("id"), 100),
        "holdIds": [hold.get("id") for hold in ours],
        "releases": releases,
        "hold": _hold(note),
        "holds": holds_now,
        "progress": mark.progress[:LONGEST_NOTE],
        "progresses": progresses,
    }
    return change, holds_now


def _method(work: Mapping[str, Any]) -> str:
    return clean_text(as_dict(work.get("deliveryMethod")).get("methodType"), 30)


def _hold(note: str) -> dict[str, Any]:
    return {"reason": "OTHER", "handle": HANDLE, "reasonNotes": note, "notifyMerchant": False}
