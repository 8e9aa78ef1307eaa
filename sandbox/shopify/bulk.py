"""Bulk operations: a question without pages is worked on aside, and its answer is a file of JSON lines.

https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    parse,
    print_ast,
)

from sandbox.clock import now_iso
from sandbox.shapes import Json
from sandbox.shopify.gid import gid
from sandbox.shopify.mutations_fulfillment import Refused, guarded
from sandbox.shopify.orders import ShopOrder
from sandbox.shopify.shop import Shop

Ask = Callable[[str, Json], Json]  # runs a document with variables and gives its data

MOST_CONNECTIONS = 5
DEEPEST = 3  # the list itself, and two below it
# Fields that are plain lists: what they hold may have no connection.
PLAIN_LISTS = frozenset({"fulfillments", "refunds", "returns", "transactions"})
LIST = "list_"  # an alias that marks what was a connection


@dataclass
class Bulk:
    """One operation; its file is there once `ready_at` (by the monotonic clock) has passed."""

    id: str
    lines: list[str]
    roots: int
    ready_at: float
    error: str = ""
    created_at: str = field(default_factory=now_iso)

    @property
    def status(self) -> str:
        if time.monotonic() < self.ready_at:
            return "RUNNING"
        return "FAILED" if self.error else "COMPLETED"

    @property
    def file(self) -> bytes:
        return "".join(f"{line}\n" for line in self.lines).encode()


class BulkMutations:
    """bulkOperationRunQuery over one shop; called under the shop's lock."""

    def __init__(self, shop: Shop, found: Callable[[str | None], list[ShopOrder]], ask: Ask) -> None:
        self._shop, self._found, self._ask = shop, found, ask

    def resolvers(self) -> Json:
        return {"bulkOperationRunQuery": guarded(self.run, "bulkOperation")}

    def run(self, query: str, groupObjects: bool = False) -> Json:
        search, wanted = _asked(query)
        if any(bulk.status == "RUNNING" for bulk in self._shop.bulks.values()):
            raise Refused("A bulk query operation for this app and shop is already in progress.", ["query"])
        orders = [self._order(order, wanted) for order in self._found(search)]
        rows = [row for order in orders for row in _rows(order, None, 0)]
        if not groupObjects:  # then nothing says that the parts of an order come together
            rows.sort(key=lambda row: row[0])
        number = self._shop.counters.next("BulkOperation")
        ready_at = time.monotonic() + self._shop.switches.bulk_seconds
        lines = [json.dumps(row, separators=(",", ":")) for _, row in rows]
        bulk = Bulk(number, lines, len(orders), ready_at, self._shop.switches.bulk_error)
        self._shop.bulks[number] = bulk
        return {"bulkOperation": bulk_node(self._shop, bulk)}

    def _order(self, order: ShopOrder, wanted: str) -> Json:
        document = f"query ($id: ID!) {{ order(id: $id) {wanted} }}"
        found: Json = self._ask(document, {"id": gid("Order", order.id)})["order"]
        return found


def bulk_node(shop: Shop, bulk: Bulk) -> Json:
    is_done = bulk.status == "COMPLETED"
    address = f"{shop.outside_url}/shopify/{shop.name}/bulk/{bulk.id}.jsonl?signature=made-up"
    return {
        "__typename": "BulkOperation",
        "id": gid("BulkOperation", bulk.id),
        "status": bulk.status,
        "errorCode": bulk.error or None if bulk.status == "FAILED" else None,
        "objectCount": str(len(bulk.lines) if is_done else 0),
        "rootObjectCount": str(bulk.roots if is_done else 0),
        "fileSize": str(len(bulk.file)) if is_done else None,
        "createdAt": bulk.created_at,
        "completedAt": now_iso() if is_done else None,
        # Shopify gives no address where nothing was found.
        "url": address if is_done and bulk.lines else None,
    }


def _rows(node: Json, parent: str | None, depth: int) -> Iterator[tuple[int, Json]]:
    """A node and, each after its parent, what its lists hold; with how deep it stands."""
    own = {name: value for name, value in node.items() if not name.startswith(LIST)}
    yield depth, {**own, "__parentId": parent} if parent else own
    for name, value in node.items():
        if name.startswith(LIST):
            for inner in value["nodes"]:
                yield from _rows(inner, node["id"], depth + 1)


def _asked(query: str) -> tuple[str | None, str]:
    """The search of `{ orders(query: ...) { edges { node { ... } } } }`, and what is wanted of each order."""
    try:
        document = parse(query)
    except GraphQLError as error:
        raise Refused(f"Invalid bulk query: {error.message}", ["query"]) from None
    root = _only(document)
    _refuse_what_bulk_has_not(root)
    texts = [a.value.value for a in root.arguments or () if isinstance(a.value, StringValueNode)]
    return (texts[0] if texts else None), print_ast(_pages(_node(root)))


def _only(document: DocumentNode) -> FieldNode:
    definition = document.definitions[0]
    fields = _fields(definition.selection_set) if isinstance(definition, OperationDefinitionNode) else []
    found = next((field for field in fields if field.name.value == "orders"), None)
    if found is None or _has(found, "nodes"):
        raise Refused("Bulk queries must contain at least one connection of orders, by edges.", ["query"])
    return found


def _refuse_what_bulk_has_not(root: FieldNode) -> None:
    """https://shopify.dev/docs/api/usage/bulk-operations/queries#operation-restrictions"""
    found = list(_connections(root, 1, False))
    if any(_has(field, "nodes") for field, _, _ in found):
        raise Refused("Selecting via 'nodes' is not supported in a bulk query: use 'edges' > 'node'.")
    if len(found) > MOST_CONNECTIONS:
        raise Refused(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
    if any(depth > DEEPEST for _, depth, _ in found):
        raise Refused("Bulk queries cannot contain connections with a nesting depth greater than 2.")
    if any(in_list for _, _, in_list in found):
        raise Refused(
            "Queries that contain a connection field within a list field are not currently supported."
        )


def _connections(field: FieldNode, depth: int, in_list: bool) -> Iterator[tuple[FieldNode, int, bool]]:
    """Each connection with how deep it stands, and whether inside a plain list."""
    is_one = _has(field, "edges") or _has(field, "nodes")
    if is_one:
        yield field, depth, in_list
    inner = in_list or field.name.value in PLAIN_LISTS
    for child in _fields(_node(field) if _has(field, "edges") else field.selection_set):
        yield from _connections(child, depth + is_one, inner)


def _pages(selection: SelectionSetNode) -> SelectionSetNode:
    """The same with each connection as a first page, which the schema here knows."""
    return SelectionSetNode(selections=tuple(map(_page, _fields(selection))))


def _page(field: FieldNode) -> FieldNode:
    if not field.selection_set:
        return field
    if not _has(field, "edges"):
        return FieldNode(
            alias=field.alias,
            name=field.name,
            arguments=field.arguments,
            directives=(),
            selection_set=_pages(field.selection_set),
        )
    name = field.name.value
    text = f"{{ {LIST}{name}: {name}(first: 250) {{ nodes {print_ast(_pages(_node(field)))} }} }}"
    definition = parse(text).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)  # noqa: S101 - that is what was written
    return _fields(definition.selection_set)[0]


def _node(field: FieldNode) -> SelectionSetNode:
    """What is selected under `edges { node { ... } }`."""
    edges = next(child for child in _fields(field.selection_set) if child.name.value == "edges")
    node = next((child for child in _fields(edges.selection_set) if child.name.value == "node"), None)
    if node is None or node.selection_set is None:
        raise Refused("Bulk queries must contain edges and their node.", ["query"])
    return node.selection_set


def _has(field: FieldNode, name: str) -> bool:
    return any(child.name.value == name for child in _fields(field.selection_set))


def _fields(selection: SelectionSetNode | None) -> list[FieldNode]:
    return [one for one in selection.selections if isinstance(one, FieldNode)] if selection else []
