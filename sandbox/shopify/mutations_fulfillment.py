"""Mutations about fulfillment orders and fulfillments. Each answers its payload; refusals are userErrors."""

import json
from typing import Any

from sandbox.clock import iso, now_iso, parse
from sandbox.shapes import Json
from sandbox.shopify.fulfillment import (
    WORKABLE,
    Event,
    Fulfillment,
    FulfillmentOrder,
    FulfillmentOrderLine,
    Hold,
    Shipped,
    tracking_from,
)
from sandbox.shopify.gid import number_of
from sandbox.shopify.graph_fulfillment import (
    LOCATIONS,
    event_node,
    fulfillment_node,
    fulfillment_order_node,
    hold_node,
)
from sandbox.shopify.graph_line import line_node
from sandbox.shopify.graph_order import order_node
from sandbox.shopify.orders import ShopOrder, split
from sandbox.shopify.rest_fulfillment import rest_fulfillment
from sandbox.shopify.shop import Shop

MOST_HOLDS = 10
MOST_NAMED = 250  # https://shopify.dev/docs/api/usage/limits


class Refused(Exception):
    """Becomes one row of userErrors."""

    def __init__(self, message: str, field: list[str] | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.row = {"message": message, "field": field, "code": code}


class FulfillmentMutations:
    """The verbs over one shop; called under the shop's lock."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def resolvers(self) -> Json:
        """By the name of the mutation."""
        return {
            "fulfillmentCreate": guarded(self.create, "fulfillment"),
            "fulfillmentCancel": guarded(self.cancel, "fulfillment"),
            "fulfillmentTrackingInfoUpdate": guarded(self.update_tracking, "fulfillment"),
            "fulfillmentEventCreate": guarded(self.create_event, "fulfillmentEvent"),
            "fulfillmentOrderHold": guarded(self.hold, "fulfillmentOrder"),
            "fulfillmentOrderReleaseHold": guarded(self.release_hold, "fulfillmentOrder"),
            "fulfillmentOrderMove": guarded(self.move, "movedFulfillmentOrder"),
            "fulfillmentOrderReportProgress": guarded(self.report_progress, "fulfillmentOrder"),
        }

    # ---------------------------------------------------------------- fulfillments

    def create(self, fulfillment: Json, message: str | None = None) -> Json:
        groups = fulfillment["lineItemsByFulfillmentOrder"]
        found = [(self._fulfillment_order(group["fulfillmentOrderId"]), group) for group in groups]
        if not found:
            raise Refused("Line items by fulfillment order can't be blank", ["fulfillment"])
        order = found[0][0][0]
        if any(other is not order for (other, _), _ in found):
            raise Refused("All fulfillment orders must belong to the same order.", ["fulfillment"])
        if any(fo.location != found[0][0][1].location for (_, fo), _ in found):
            raise Refused("All fulfillment orders must be assigned to the same location.", ["fulfillment"])
        taken = [shipped for (_, fo), group in found for shipped in _to_ship(fo, group)]
        for shipped in taken:
            shipped.source.remaining -= shipped.quantity
        self._shop.stock.ship(taken, -1, found[0][0][1].location)
        for (_, fo), _ in found:
            fo.status = "IN_PROGRESS"
            fo.settle()
        made = Fulfillment(
            id=self._shop.counters.next("Fulfillment"),
            name=f"{order.name}.{len(order.fulfillments) + 1}",
            lines=taken,
            tracking=tracking_from(fulfillment.get("trackingInfo")),
            notify_customer=bool(fulfillment.get("notifyCustomer")),
            message=message,
            location=found[0][0][1].location,
        )
        order.fulfillments.append(made)
        self._echo(order, "fulfillments/create", made)
        return {"fulfillment": _node(order, made)}

    def cancel(self, id: str) -> Json:
        """The pieces come back as a NEW fulfillment order; the old ids of the work are stale then."""
        order, fulfillment = self._fulfillment(id)
        if not fulfillment.is_live:
            raise Refused("Fulfillment has already been cancelled.", ["id"])
        if not self._shop.switches.cancels:
            raise Refused("Fulfillment cannot be cancelled.", ["id"])
        fulfillment.status, fulfillment.updated_at = "CANCELLED", now_iso()
        self._shop.stock.ship(fulfillment.lines, +1, fulfillment.location)
        lines = [
            FulfillmentOrderLine(
                id=self._shop.counters.next("FulfillmentOrderLineItem"),
                line_item_id=shipped.line_item_id,
                sku=shipped.source.sku,
                total=shipped.quantity,
                remaining=shipped.quantity,
                requires_shipping=shipped.source.requires_shipping,
            )
            for shipped in fulfillment.lines
        ]
        method = next(fo.method for fo in order.fulfillment_orders if fulfillment.lines[0].source in fo.lines)
        number = self._shop.counters.next("FulfillmentOrder")
        fresh = FulfillmentOrder(number, method, lines, location=fulfillment.location)
        fresh.settle()
        order.fulfillment_orders.append(fresh)
        for key in fulfillment.pieces:  # what was refunded meanwhile is not to be shipped again
            order.follow(order.line(key))
        self._echo(order, "fulfillments/update", fulfillment)
        return {"fulfillment": _node(order, fulfillment)}

    def update_tracking(
        self,
        fulfillmentId: str,
        trackingInfoInput: Json,
        notifyCustomer: bool | None = None,
    ) -> Json:
        order, fulfillment = self._fulfillment(fulfillmentId)
        if not fulfillment.is_live:
            raise Refused("Fulfillment is cancelled.", ["fulfillmentId"])
        fulfillment.tracking, fulfillment.updated_at = tracking_from(trackingInfoInput), now_iso()
        self._echo(order, "fulfillments/update", fulfillment)
        return {"fulfillment": _node(order, fulfillment)}

    def create_event(self, fulfillmentEvent: Json) -> Json:
        order, fulfillment = self._fulfillment(fulfillmentEvent["fulfillmentId"])
        given = fulfillmentEvent.get("happenedAt")
        event = Event(
            id=self._shop.counters.next("FulfillmentEvent"),
            status=fulfillmentEvent["status"],
            happened_at=iso(parse(given)) if given else now_iso(),
            message=fulfillmentEvent.get("message"),
            place={key: fulfillmentEvent.get(key) for key in ("city", "province", "zip", "country")},
        )
        fulfillment.events.append(event)
        fulfillment.updated_at = now_iso()
        self._echo(order, "fulfillments/update", fulfillment)
        return {"fulfillmentEvent": event_node(event)}

    # ---------------------------------------------------------------- fulfillment orders

    def hold(self, id: str, fulfillmentHold: Json) -> Json:
        order, fo = self._fulfillment_order(id)
        handle = fulfillmentHold.get("handle") or ""
        if any(hold.handle == handle for hold in fo.holds):
            raise Refused(
                "The handle provided for the fulfillment hold is already in use.",
                ["fulfillmentHold", "handle"],
                "DUPLICATE_FULFILLMENT_HOLD_HANDLE",
            )
        if len(fo.holds) >= MOST_HOLDS:
            raise Refused(
                "The maximum number of holds was reached.", ["id"], "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED"
            )
        if "HOLD" not in fo.actions:
            raise Refused("The fulfillment order is not in a state to be held.", ["id"], "TAKEN")
        made = Hold(
            self._shop.counters.next("FulfillmentHold"),
            handle,
            fulfillmentHold["reason"],
            fulfillmentHold.get("reasonNotes"),
        )
        fo.holds.append(made)
        fo.settle()
        self._echo(order)
        return {"fulfillmentHold": hold_node(made), "fulfillmentOrder": _fo_node(order, fo)}

    def release_hold(self, id: str, holdIds: list[str] | None = None, externalId: str | None = None) -> Json:
        order, fo = self._fulfillment_order(id)
        going = {number_of(hold_id) for hold_id in holdIds} if holdIds else {hold.id for hold in fo.holds}
        fo.holds = [hold for hold in fo.holds if hold.id not in going]
        fo.settle()
        self._echo(order)
        return {"fulfillmentOrder": _fo_node(order, fo)}

    def move(self, id: str, newLocationId: str, fulfillmentOrderLineItems: list[Json] | None = None) -> Json:
        """What remains of the named lines, or of all, becomes a fulfillment order of the other location."""
        order, fo = self._fulfillment_order(id)
        if number_of(newLocationId) not in LOCATIONS:
            raise Refused("Location not found.", ["newLocationId"])
        if "MOVE" not in fo.actions:
            raise Refused("The fulfillment order is not in a state to be moved.", ["id"])
        named = {number_of(row["id"]): int(row["quantity"]) for row in fulfillmentOrderLineItems or ()}
        moved = split(order, self._shop.counters, fo, number_of(newLocationId), named)
        if moved is None:
            raise Refused("Nothing of the fulfillment order can be moved.", ["id"])
        self._echo(order)
        original = _fo_node(order, fo)
        return {
            "movedFulfillmentOrder": _fo_node(order, moved),
            "originalFulfillmentOrder": original,
            "remainingFulfillmentOrder": original if fo.status != "CLOSED" else None,
        }

    def report_progress(self, id: str, progressReport: Json | None = None) -> Json:
        order, fo = self._fulfillment_order(id)
        if "REPORT_PROGRESS" not in fo.actions:
            raise Refused(
                "The fulfillment order's status does not allow progress to be reported.",
                ["id"],
                "FULFILLMENT_ORDER_STATUS_INVALID",
            )
        fo.status = "IN_PROGRESS"
        fo.settle()
        self._echo(order)
        return {"fulfillmentOrder": _fo_node(order, fo)}

    # ---------------------------------------------------------------- inside

    def _fulfillment_order(self, node_id: str) -> tuple[ShopOrder, FulfillmentOrder]:
        number = number_of(node_id)
        for order in self._shop.orders.values():
            for fo in order.visible_fulfillment_orders:
                if fo.id == number:
                    return order, fo
        raise Refused("Fulfillment order does not exist.", ["id"], "FULFILLMENT_ORDER_NOT_FOUND")

    def _fulfillment(self, node_id: str) -> tuple[ShopOrder, Fulfillment]:
        number = number_of(node_id)
        for order in self._shop.orders.values():
            for fulfillment in order.fulfillments:
                if fulfillment.id == number:
                    return order, fulfillment
        raise Refused("Fulfillment does not exist.", ["id"])

    def _echo(self, order: ShopOrder, topic: str = "", fulfillment: Fulfillment | None = None) -> None:
        """Our write comes back: the fulfillment's own topic, and orders/updated."""
        order.rest["fulfillments"] = [rest_fulfillment(order, f) for f in order.fulfillments]
        order.touch()
        if not self._shop.switches.echo:
            return
        if fulfillment is not None:
            self._shop.announce(topic, json.dumps(rest_fulfillment(order, fulfillment)).encode())
        self._shop.announce("orders/updated", order.raw)


def _to_ship(fo: FulfillmentOrder, group: Json) -> list[Shipped]:
    """Which pieces of a fulfillment order are meant: the named ones, or all that remain."""
    if fo.service_location:
        raise Refused("The api_client does not have access to the fulfillment order.", ["fulfillment"])
    if "CREATE_FULFILLMENT" not in fo.actions or fo.status not in WORKABLE:
        raise Refused(
            f"Fulfillment order {fo.id} has an unfulfillable status= {fo.status.lower()}.", ["fulfillment"]
        )
    named = group.get("fulfillmentOrderLineItems")
    if not named:
        return [Shipped(line.line_item_id, line.remaining, line) for line in fo.lines if line.remaining]
    if len(named) > MOST_NAMED:
        raise Refused(
            f"The input array size of {len(named)} is greater than the maximum allowed of {MOST_NAMED}."
        )
    lines = {line.id: line for line in fo.lines}
    taken = []
    for row in named:
        line = lines.get(number_of(row["id"]))
        if line is None:
            raise Refused("Fulfillment order line item does not exist.", ["fulfillment"])
        if not 0 < row["quantity"] <= line.remaining:
            raise Refused("Invalid fulfillment order line item quantity requested.", ["fulfillment"])
        taken.append(Shipped(line.line_item_id, row["quantity"], line))
    return taken


def guarded(verb: Any, empty: str) -> Any:
    """A resolver that answers refusals as userErrors, with the payload's own field null."""

    def resolve(_info: object, **arguments: Any) -> Json:
        try:
            return {"userErrors": [], **verb(**arguments)}
        except Refused as refused:
            return {empty: None, "userErrors": [refused.row]}

    return resolve


def _node(order: ShopOrder, fulfillment: Fulfillment) -> Json:
    return fulfillment_node(
        fulfillment, lambda key: line_node(order, order.line(key)), lambda _info: order_node(order)
    )


def _fo_node(order: ShopOrder, fo: FulfillmentOrder) -> Json:
    return fulfillment_order_node(fo, order, lambda key: line_node(order, order.line(key)))
