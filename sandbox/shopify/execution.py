"""Runs GraphQL documents on the real schema: a wrong field or variable fails as it would at Shopify."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from sandbox import clock
from sandbox.shapes import Json
from sandbox.shopify.bulk import BulkMutations
from sandbox.shopify.cost import THROTTLED, Throttle, answer_cost, document_cost, root_fields, too_costly
from sandbox.shopify.inventory import InventoryMutations
from sandbox.shopify.mutations_fulfillment import FulfillmentMutations
from sandbox.shopify.mutations_order import OrderMutations
from sandbox.shopify.not_simulated import not_simulated
from sandbox.shopify.queries import Queries
from sandbox.shopify.shop import Shop

# https://shopify.dev/docs/api/usage/access-scopes
FULFILLMENT_SCOPE = "write_merchant_managed_fulfillment_orders"
SCOPE_OF = {
    "tagsAdd": "write_orders",
    "tagsRemove": "write_orders",
    "orderUpdate": "write_orders",
    "metafieldsSet": "write_orders",
    "fulfillmentCreate": FULFILLMENT_SCOPE,
    "fulfillmentTrackingInfoUpdate": FULFILLMENT_SCOPE,
    "fulfillmentCancel": FULFILLMENT_SCOPE,
    "fulfillmentOrderHold": FULFILLMENT_SCOPE,
    "fulfillmentOrderMove": FULFILLMENT_SCOPE,
    "fulfillmentOrderReleaseHold": FULFILLMENT_SCOPE,
    "fulfillmentOrderReportProgress": FULFILLMENT_SCOPE,
    "inventorySetQuantities": "write_inventory",
}

SCHEMA_FILE = Path(__file__).with_name("admin-subset-2026-07.graphql")


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The subset of the Admin schema 2026-07; times that are no times are refused as variables."""
    built = build_schema(SCHEMA_FILE.read_text())
    moment = built.type_map["DateTime"]
    if isinstance(moment, GraphQLScalarType):
        moment.coerce_input_value = _date_time
    return built


def _date_time(value: Any) -> Any:
    try:
        clock.parse(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"Could not coerce {value!r} to DateTime") from None
    return value


@lru_cache(maxsize=256)
def checked(document: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """The parsed document and what is wrong with it; clients send the same few texts all day."""
    try:
        tree = parse(document)
    except GraphQLError as error:
        return None, (error,)
    return tree, tuple(validate(schema(), tree))


class Executor:
    """GraphQL over one shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._throttle = Throttle()
        queries = Queries(shop)
        self._root: Json = {
            **queries.resolvers(),
            **BulkMutations(shop, queries.found, self._ask).resolvers(),
            **FulfillmentMutations(shop).resolvers(),
            **OrderMutations(shop).resolvers(),
            **InventoryMutations(shop).resolvers(),
        }
        for kind in (schema().query_type, schema().mutation_type):
            for name in kind.fields if kind else ():
                self._root.setdefault(name, not_simulated(name))

    def run(self, request: Json) -> Json:
        """The body of the answer to ``{query, variables, operationName}``; HTTP 200 whatever is in it."""
        tree, errors = checked(str(request.get("query") or ""))
        if tree is None or errors:
            return {"errors": [_plain(error) for error in errors]}
        operation = request.get("operationName")
        if (denied := self._denied(tree, operation)) is not None:
            return denied
        cost = document_cost(tree, operation)
        if cost > self._shop.switches.max_cost:
            return {"errors": [too_costly(cost, self._shop.switches.max_cost)]}
        may_run, left = self._take(cost)
        if not may_run:
            return {"errors": [THROTTLED], "extensions": {"cost": self._cost(cost, None, left)}}
        with self._shop.lock:
            result = execute_sync(
                schema(),
                tree,
                root_value=self._root,
                variable_values=request.get("variables") or {},
                operation_name=operation,
            )
        body: Json = {} if result.data is None and result.errors else {"data": result.data}
        if result.errors:
            body["errors"] = [_plain(error) for error in result.errors]
        actual = answer_cost(result.data, cost)
        left = self._give_back(cost - actual)
        return {**body, "extensions": {"cost": self._cost(cost, actual, left)}}

    def _ask(self, document: str, variables: Json) -> Json:
        """The data of a question inside of a bulk one; raises what is wrong with it."""
        tree, errors = checked(document)
        if tree is None or errors:
            raise errors[0]
        result = execute_sync(schema(), tree, root_value=self._root, variable_values=variables)
        if result.errors:
            raise result.errors[0]
        return result.data or {}

    def _denied(self, tree: DocumentNode, operation: str | None) -> Json | None:
        """ACCESS_DENIED for the first field whose scope the app was not given; nothing runs then."""
        for field in root_fields(tree, operation):
            scope = SCOPE_OF.get(field)
            if scope and scope not in self._shop.scopes:
                message = f"Access denied for {field} field. Required access: `{scope}` access scope."
                error = {"message": message, "path": [field], "extensions": {"code": "ACCESS_DENIED"}}
                return {"data": None, "errors": [error]}
        return None

    def _take(self, cost: float) -> tuple[bool, float]:
        switches = self._shop.switches
        if not switches.throttle:
            return True, switches.bucket - cost
        return self._throttle.take(cost, switches.bucket, switches.restore_rate)

    def _give_back(self, points: float) -> float:
        """Points left since."""
        switches = self._shop.switches
        return switches.bucket - (self._throttle.give_back(points) if switches.throttle else 0.0)

    def _cost(self, requested: float, actual: float | None, left: float) -> Json:
        switches = self._shop.switches
        return {
            "requestedQueryCost": round(requested),
            "actualQueryCost": None if actual is None else round(actual),
            "throttleStatus": {
                "maximumAvailable": switches.bucket,
                "currentlyAvailable": int(left),
                "restoreRate": switches.restore_rate,
            },
        }


def _plain(error: GraphQLError) -> Json:
    return {**error.formatted}
