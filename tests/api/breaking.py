"""What a change of the OpenAPI document breaks for who built on it.

Adding is free: addresses, methods, optional parameters, fields of answers. Taking away is not, nor is asking
for more or changing a type.
"""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


def broken(old: Document, new: Document) -> list[str]:
    """Each breach in a sentence; empty: whoever built on `old` gets on with `new`."""
    return [*_addresses(old, new), *_events(old, new), *_fields(old, new)]


def _addresses(old: Document, new: Document) -> Iterator[str]:
    for path, operations in old["paths"].items():
        for method in filter(operations.__contains__, METHODS):
            told = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{told} is gone"
            else:
                yield from (f"{told}: {fault}" for fault in _operation(operations[method], now))


def _events(old: Document, new: Document) -> Iterator[str]:
    for name, told in old["webhooks"].items():
        now = new["webhooks"].get(name)
        if now is None:
            yield f"the event {name} is gone"
        elif _schema_of(told["post"]["requestBody"]) != _schema_of(now["post"]["requestBody"]):
            yield f"the event {name} tells something else"


def _operation(old: Document, new: Document) -> Iterator[str]:
    before = {(one["in"], one["name"]): one for one in old.get("parameters", [])}
    after = {(one["in"], one["name"]): one for one in new.get("parameters", [])}
    for place, name in before.keys() - after.keys():
        yield f"the {place} parameter {name} is gone"
    for (place, name), one in after.items():
        was_required = before.get((place, name), {}).get("required", False)
        if one.get("required") and not was_required:
            yield f"the {place} parameter {name} is required now"
        if (place, name) in before:
            yield from _type(f"parameter {name}", before[place, name]["schema"], one["schema"], is_taken=True)
    for status in old["responses"].keys() - new["responses"].keys():
        yield f"answer {status} is gone"
    if _schema_of(old.get("requestBody")) != _schema_of(new.get("requestBody")):
        yield "the body is another one"
    for status in old["responses"].keys() & new["responses"].keys():
        if _schema_of(old["responses"][status]) != _schema_of(new["responses"][status]):
            yield f"answer {status} is another one"


def _schema_of(part: Any) -> Any:
    content = (part or {}).get("content", {})
    return {kind: told.get("schema") for kind, told in content.items()}


def _fields(old: Document, new: Document) -> Iterator[str]:
    taken = _taken(new)
    for name, schema in old["components"]["schemas"].items():
        now = new["components"]["schemas"].get(name)
        if now is None:
            yield f"{name} is gone"
            continue
        for field, before in schema.get("properties", {}).items():
            after = now.get("properties", {}).get(field)
            if after is None:
                yield f"{name}.{field} is gone"
            else:
                yield from _type(f"{name}.{field}", before, after, is_taken=name in taken)
        if name in taken:
            for field in set(now.get("required", [])) - set(schema.get("required", [])):
                yield f"{name}.{field} is required now"


def _type(where: str, old: Document, new: Document, *, is_taken: bool) -> Iterator[str]:
    if old.get("type", old.get("$ref")) != new.get("type", new.get("$ref")):
        yield f"{where}: type was {old.get('type')}, is {new.get('type')}"
    if old.get("format") != new.get("format"):
        yield f"{where}: format was {old.get('format')}, is {new.get('format')}"
    # A caller may send fewer values than before, or has to understand more of them.
    lost = set(old.get("enum", [])) - set(new.get("enum", []))
    if is_taken and lost and "enum" in new:
        yield f"{where}: no longer takes {sorted(map(str, lost))}"


def _taken(document: Document) -> set[str]:
    """The names of the schemas that callers send."""
    return {
        told["schema"]["$ref"].rsplit("/", 1)[1]
        for operations in document["paths"].values()
        for operation in operations.values()
        for told in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in told["schema"]
    }
