"""Where each order ended, and whether it had to end there. Counted from the shop and from Vinoshipper."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.demo.day import Day, Story
from sandbox.demo.scenarios import End
from sandbox.demo.view import Seen
from sandbox.shapes import Json

# What CrushSync's own list has to say of an order that ended so.
WORDS = {
    End.DELIVERED: "Sent to Vinoshipper",
    End.FAILED: "Failed to Send",
    End.NOT_REQUIRED: "Not Required to Send",
}


@dataclass(frozen=True)
class Ended:
    """`fault` is empty where all is as it has to be."""

    name: str
    what: str
    where: str
    why: str
    fault: str


def verdicts(day: Day, standing: Sequence[Json]) -> list[Ended]:
    """One for each order, in the order they came; `standing` is CrushSync's own account of them."""
    if day.seen is None:
        return []
    told = {row["id"]: row for row in standing}
    return [_ended(story, day.seen, told.get(story.order)) for story in day.stories]


def numbers(day: Day, seconds: float) -> Json:
    """The day in numbers, by the witnesses alone."""
    seen = day.seen
    if seen is None:
        return {}
    orders = [story.order for story in day.stories]
    accepted = [order for order in orders if seen.accepted(order)]
    return {
        "orders": len(seen.shop),
        "sent": len(accepted),
        "not_required": sum(order not in seen.calls for order in orders),
        "failed": sum(order in seen.calls and order not in accepted for order in orders),
        "fulfilled": sum(map(seen.is_labelled, orders)),
        "delivered": sum(map(seen.is_delivered, orders)),
        "reported": sum(map(seen.is_reported, orders)),
        # Every acceptance counts, also of numbers that belong to no order of the shop.
        "duplicates": sum(row["acceptances"] for row in seen.vinoshipper) - len(accepted),
        "seconds": round(seconds, 1),
    }


def _ended(story: Story, seen: Seen, told: Json | None) -> Ended:
    where = _where(story.order, seen)
    sync = told["sync"][-1] if told and told["sync"] else {}
    status = str(sync.get("status", "unknown to CrushSync"))
    fault = ""
    if story.waited_in_vain:
        fault = f"waited in vain for {story.waited_in_vain}"
    elif where != story.scenario.end:
        fault = f"had to be {story.scenario.end}"
    elif status != WORDS[story.scenario.end]:
        fault = f"CrushSync says {status}"
    elif len(seen.shop[story.order]["fulfillments"]) > 1:
        fault = "the shop shows more than one shipment"
    shown = f"{where}, {seen.tracking(story.order)}" if where == End.DELIVERED else where
    return Ended(story.name, story.scenario.title, shown, str(sync.get("reason", "")), fault)


def _where(order: str, seen: Seen) -> str:
    if seen.is_delivered(order):
        return End.DELIVERED
    if seen.accepted(order):
        return "at Vinoshipper"
    return End.FAILED if order in seen.calls else End.NOT_REQUIRED
