"""Cost points of GraphQL documents and the bucket they are taken from.

https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
"""

import time
from math import log
from threading import Lock

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from sandbox.shapes import Json

# https://shopify.dev/docs/api/usage/response-codes
THROTTLED: Json = {
    "message": "Throttled",
    "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
}


def too_costly(cost: float, most: float) -> Json:
    """The error for one question that asks for too much. https://shopify.dev/docs/api/usage/limits"""
    message = f"Query cost is {cost:.0f}, which exceeds the single query max cost limit ({most:.0f})."
    return {
        "message": message,
        "extensions": {"code": "MAX_COST_EXCEEDED", "cost": round(cost), "maxCost": round(most)},
    }


class Throttle:
    """Shopify's leaky bucket of cost points for one shop."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._used = 0.0
        self._at = time.monotonic()

    def take(self, cost: float, size: float, rate: float) -> tuple[bool, float]:
        """(may run, points left)."""
        with self._lock:
            moment = time.monotonic()
            self._used = max(0.0, self._used - (moment - self._at) * rate)
            self._at = moment
            if self._used + cost > size:
                return False, size - self._used
            self._used += cost
            return True, size - self._used

    def give_back(self, points: float) -> float:
        """What a question did not need; returns the points left since."""
        with self._lock:
            self._used = max(0.0, self._used - points)
            return self._used


def answer_cost(data: object, requested: float) -> float:
    """Points of what came back: 1 per object, never more than was asked for. Shopify gives the rest back."""
    return min(requested, max(_objects(data) - 1.0, 1.0))


def _objects(data: object) -> float:
    if isinstance(data, dict):
        return 1.0 + sum(map(_objects, data.values()))
    return sum(map(_objects, data)) if isinstance(data, list) else 0.0


def document_cost(tree: DocumentNode, operation_name: str | None = None) -> float:
    """Points of the operation: 1 per object, about 2 ln(n) per list of n, 10 for a mutation. An estimate."""
    fragments = {d.name.value: d for d in tree.definitions if isinstance(d, FragmentDefinitionNode)}
    total = 0.0
    for definition in tree.definitions:
        if isinstance(definition, OperationDefinitionNode) and _is_meant(definition, operation_name):
            total += 10 if definition.operation is OperationType.MUTATION else 0
            total += _selection_cost(definition.selection_set, fragments)
    return total


def root_fields(tree: DocumentNode, operation_name: str | None = None) -> list[str]:
    """The names of the operation's own fields."""
    return [
        node.name.value
        for definition in tree.definitions
        if isinstance(definition, OperationDefinitionNode) and _is_meant(definition, operation_name)
        for node in definition.selection_set.selections
        if isinstance(node, FieldNode)
    ]


def _is_meant(definition: OperationDefinitionNode, operation_name: str | None) -> bool:
    return operation_name is None or (definition.name is not None and definition.name.value == operation_name)


def _selection_cost(selection: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> float:
    total = 0.0
    for node in selection.selections:
        if isinstance(node, FragmentSpreadNode):
            total += _selection_cost(fragments[node.name.value].selection_set, fragments)
        elif isinstance(node, FieldNode):
            if node.selection_set:
                total += _size(node) * (1 + _selection_cost(node.selection_set, fragments))
        elif node_set := getattr(node, "selection_set", None):
            total += _selection_cost(node_set, fragments)
    return total


def _size(node: FieldNode) -> float:
    for argument in node.arguments or ():
        if argument.name.value == "first" and (value := getattr(argument.value, "value", "")):
            return max(1.0, 2 * log(int(value))) if str(value).isdigit() else 1.0
    return 1.0
