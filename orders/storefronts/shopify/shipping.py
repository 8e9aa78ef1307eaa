"""The calls that show a shipment in Shopify, or cancel it there. What is to be called: shipments.py."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any

from crushsync.lib.errors import OutcomeUnknown, PermanentError
from orders.storefronts.shipments import ReportAction, ReportedShipment, ShipmentData
from orders.storefronts.shopify import operations
from orders.storefronts.shopify.fulfillments import ShippingState
from orders.storefronts.shopify.graphql import AdminApi
from orders.storefronts.shopify.shipments import Plan, TrackingChange, next_event, plan, shown_as
from orders.storefronts.shopify.values import as_dict, gid, legacy_id

_SENTENCES = {
    ReportAction.CREATED: "Shopify shows the shipment.",
    ReportAction.ADOPTED: "Shopify showed the shipment already.",
    ReportAction.UPDATED: "Shopify shows the new tracking.",
    ReportAction.UNCHANGED: "Shopify shows all of it already.",
}


class Shipments:
    """The calls about one shop's shipments."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api

    def show(self, read: Callable[[], ShippingState], shipment: ShipmentData) -> ReportedShipment:
        """Write what is missing of the shipment; `read` is asked again where work had to be moved first."""
        intended = plan(read(), shipment)
        if intended.moves:
            for move in intended.moves:
                self._api.execute(operations.FULFILLMENT_ORDER_MOVE, move)
            intended = plan(read(), shipment)
        if intended.moves:
            raise OutcomeUnknown("Shopify has not moved the work to the location yet.", code="not_moved")
        for change in intended.changes:
            self._change_tracking(change, shipment)
        created = [self._create(fulfillment, shipment) for fulfillment in intended.creations]
        known = [made.id for made in intended.existing]
        events = {made.id: made.events for made in intended.existing} | {key: frozenset() for key in created}
        refusals = [self._tell_event(key, events[key], shipment) for key in events]
        action = _action(intended, shipment)
        own = shipment.fulfillment_id if shipment.fulfillment_id in known else [*known, *created][0]
        sentence = " ".join([_SENTENCES[action], *filter(None, refusals)])
        return ReportedShipment(own, action, sentence, (*known, *created))

    def cancel(self, state: ShippingState, shipment: ShipmentData) -> ReportedShipment:
        """Cancel what of the shipment is alive there: one fulfillment at each location it was made at.

        Raises PermanentError "by_hand" where Shopify refuses, as for one that was delivered.
        """
        # Once its id is known, one that staff made by hand of the same pieces is another one.
        alive = shown_as(state, replace(shipment, lines=()) if shipment.fulfillment_id else shipment)
        for made in alive:
            try:
                self._api.execute(operations.FULFILLMENT_CANCEL, {"id": gid("Fulfillment", made.id)})
            except PermanentError as refusal:
                if refusal.code == "user_error":
                    refusal.code = "by_hand"
                raise
        told = "Shopify has canceled the shipment." if alive else "Shopify does not show the shipment."
        ids = tuple(made.id for made in alive)
        return ReportedShipment(shipment.fulfillment_id, ReportAction.CANCELED, told, ids)

    def _create(self, fulfillment: dict[str, Any], shipment: ShipmentData) -> str:
        payload = self._api.execute(
            operations.FULFILLMENT_CREATE,
            {"fulfillment": fulfillment, "message": f"Shipped as order {shipment.reference}"},
        )
        fulfillment_id = legacy_id(as_dict(payload.get("fulfillment")).get("id"))
        if not fulfillment_id:
            raise OutcomeUnknown("Shopify did not say whether it shows the shipment now.", code="garbage")
        return fulfillment_id

    def _change_tracking(self, change: TrackingChange, shipment: ShipmentData) -> None:
        """https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/fulfillmentTrackingInfoUpdate"""
        self._api.execute(
            operations.FULFILLMENT_TRACKING_UPDATE,
            {
                "id": gid("Fulfillment", change.fulfillment_id),
                "tracking": change.tracking,
                "notifyCustomer": shipment.notify_customer and change.is_news,
            },
        )

    def _tell_event(self, fulfillment_id: str, known: frozenset[str], shipment: ShipmentData) -> str:
        """Add the event that is missing. The tracking is shown already, so a refusal is told, not raised.

        https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/fulfillmentEventCreate
        """
        missing = next_event(known, shipment)
        if missing is None:
            return ""
        status, when = missing
        event = {"fulfillmentId": gid("Fulfillment", fulfillment_id), "status": status}
        if when:
            event["happenedAt"] = f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        try:
            self._api.execute(operations.FULFILLMENT_EVENT_CREATE, {"event": event})
        except PermanentError as refusal:
            return f"Its progress could not be added: {refusal.sentence}"
        return ""


def _action(intended: Plan, shipment: ShipmentData) -> ReportAction:
    if not intended.existing:
        return ReportAction.CREATED
    if shipment.fulfillment_id not in {made.id for made in intended.existing}:
        return ReportAction.ADOPTED
    return ReportAction.UPDATED if intended.changes or intended.creations else ReportAction.UNCHANGED
