"""Showing Shopify's staff how an order stands. What has to be written is decided in marks."""

from collections.abc import Mapping
from typing import Any

from crushsync.lib.errors import PermanentError
from orders.storefronts.shopify import marks, operations
from orders.storefronts.shopify.graphql import AdminApi
from orders.storefronts.types import ShopMark, ShownMark


class Marks:
    """Writes marks through one shop's API."""

    def __init__(self, api: AdminApi) -> None:
        self._api = api
        self._is_number_defined = False

    def show(self, order: Mapping[str, Any], mark: ShopMark) -> ShownMark:
        """Write what differs between the mark and `order`, the answer to OrderMarks."""
        work = self._api.pages(
            operations.ORDER_MARKS,
            {"id": order.get("id")},
            order.get("fulfillmentOrders"),
            "order",
            "fulfillmentOrders",
        )
        return self._write(marks.plan_marks(order, list(work), mark))

    def show_first(self, order_id: str, mark: ShopMark) -> ShownMark:
        """Write the whole mark, unread: Shopify refuses what is no longer so, as PermanentError."""
        return self._write(marks.plan_first(order_id, mark))

    def _write(self, intended: marks.MarkPlan) -> ShownMark:
        for call in intended.calls:
            if call["numbers"]:
                self._define_number()
            # https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/fulfillmentOrderHold
            self._api.write(operations.ORDER_MARK, call, marks.ALREADY_HELD)
        done = ", ".join(intended.written)
        sentence = f"Shopify shows it now: {done}." if done else "Shopify shows it already."
        return ShownMark(intended.written, intended.is_held, sentence)

    def _define_number(self) -> None:
        """Pin the number to the order's page, once for each shop; unpinned it is seen by programs only.

        https://shopify.dev/docs/api/admin-graphql/2026-07/mutations/metafieldDefinitionCreate
        """
        if self._is_number_defined:
            return
        variables = {"definition": marks.DEFINITION}
        try:
            self._api.write(operations.METAFIELD_DEFINITION_CREATE, variables, marks.ALREADY_DEFINED)
        except PermanentError as refusal:
            if refusal.code != "user_error":
                raise
        self._is_number_defined = True  # or refused, as where twenty are pinned: not asked for again
