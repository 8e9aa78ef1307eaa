"""The OpenAPI document: taken from the code it describes, so that it cannot say anything else."""

import json
import re
from functools import cache
from typing import Any, Final

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import process_webhooks
from drf_spectacular.renderers import OpenApiYamlRenderer

from crushsync.api.outgoing import HEADERS, WEBHOOKS
from crushsync.api.shaping import TAGS, expandable

EXAMPLE = re.compile(r"\s*Example: `([^`]*)`\.?$")
IDEMPOTENCY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for each thing to be done, the same when it is sent again: a repeated call has no "
    "second effect and gets the first answer. Kept for 48 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[\x21-\x7e]+$"},
}
IF_MATCH: Final = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of what you read, so that nobody's change is lost; * for whatever it is now.",
    "schema": {"type": "string", "pattern": TAGS.pattern},
}
IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what you have: 304 and no body as long as nothing of it changed.",
    "schema": {"type": "string"},
}
# Of answers. Those of every call (RateLimit-..., X-Request-ID) are in docs/api.md.
ANSWERED: Final = {
    "ETag": ("string", "Of the row as it is shown here: for If-Match and If-None-Match."),
    "Idempotent-Replayed": ("string", "`true`: it was answered before, and nothing was done again."),
    "Retry-After": ("integer", "In how many seconds to try again."),
}
# Header that is sent -> header that the answer to it has.
ANSWERS_TO: Final = {
    "If-None-Match": "ETag",
    "If-Match": "ETag",
    "Idempotency-Key": "Idempotent-Replayed",
}
SUCCESSES: Final = {"200": "As asked.", "201": "It is made.", "204": "It is done; there is nothing to show."}
REFUSALS: Final = {
    "400": ("Invalid", "Something in the request is not right."),
    "401": ("Unknown", "No key, or one that is unknown, expired or revoked."),
    "403": ("Forbidden", "The key lacks the scope, the person the role."),
    "404": ("NotFound", "No such row, or not yours to see."),
    "429": ("TooMany", "Too many calls this minute; Retry-After says when to go on."),
    "default": ("Refused", "Any other refusal; its code says which."),
}


class Describing(AutoSchema):
    """One operation of the document, and which query parameters it knows."""

    def parameter_names(self, view: Any) -> set[str]:
        names = {parameter["name"] for parameter in self._shaping(view)}
        if view.is_list and view.request.method in ("GET", "HEAD"):
            filters = getattr(view, "filterset_class", None)
            paging = view.paginator.get_schema_operation_parameters(view)
            names |= {one["name"] for one in paging} | set(filters.base_filters if filters else ())
        return names

    def _is_list_view(self, serializer: Any = None) -> bool:
        view: Any = self.view
        return bool(view.is_list and self.method == "GET")

    def _get_parameters(self) -> list[dict[str, Any]]:
        view: Any = self.view
        found: list[dict[str, Any]] = [*super()._get_parameters(), *self._shaping(view)]
        filters = getattr(view, "filterset_class", None)
        for parameter in found:
            if filters and not parameter.get("description") and parameter["name"] in filters.base_filters:
                parameter["description"] = filters.base_filters[parameter["name"]].extra["help_text"]
        handler = getattr(view, self.method.lower())
        if getattr(handler, "is_once", False):
            found.append(IDEMPOTENCY)
        if view.is_tagged and self.method in ("PATCH", "PUT", "DELETE"):
            found.append(IF_MATCH)
        if view.is_shown and self.method == "GET":
            found.append(IF_NONE_MATCH)
        return found

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        return super()._get_serializer_name(serializer, direction, bypass_extensions).removesuffix("Row")

    def get_tags(self) -> list[str]:
        view: Any = self.view
        return [view.tag]

    def _shaping(self, view: Any) -> list[dict[str, Any]]:
        serializer: Any = view.serializer_class
        words = list(getattr(getattr(serializer, "Meta", None), "words", ()))
        found = (
            [_names("fields", "Only these fields of each row, and its id, by name.", words)] if words else []
        )
        if words and (more := list(expandable(serializer))):
            found.append(_names("expand", "These fields besides, which cost a little more.", more))
        return found


def _names(name: str, told: str, known: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": f"{told} Separated by commas.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "enum": known}, "minItems": 1},
    }


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of version 1."""
    generator: Any = SchemaGenerator
    found: dict[str, Any] = generator().get_schema(request=None, public=True)
    return found


def as_yaml() -> str:
    writer: Any = OpenApiYamlRenderer()
    text: bytes = writer.render(document(), renderer_context={})
    return text.decode()


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's last hook: examples out of the words, what is told by webhook, and every refusal."""
    result["webhooks"] = process_webhooks(WEBHOOKS, generator.registry)
    result["components"] = parts = generator.registry.build({})
    parts["parameters"] = HEADERS
    for told in result["webhooks"].values():
        told["post"]["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in HEADERS]
    for schema in parts["schemas"].values():
        for described in schema.get("properties", {}).values():
            _take_example(described)
    parts["schemas"]["Problem"] = PROBLEM
    refusal = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    parts["responses"] = {name: {"description": text, "content": refusal} for name, text in REFUSALS.values()}
    parts["responses"]["TooMany"]["headers"] = _headers("Retry-After")
    parts["headers"] = {
        name: {"description": text, "schema": {"type": kind}} for name, (kind, text) in ANSWERED.items()
    }
    for path, operations in result["paths"].items():
        for operation in operations.values():
            _finish_operation(operation, path)
    _without_marks(result)
    return result


def _finish_operation(operation: dict[str, Any], path: str) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path" and parameter["schema"]["type"] == "integer":
            parameter["description"] = "Its id here."
            parameter["schema"]["minimum"] = 1
    for status, response in operation["responses"].items():
        response["description"] = response["description"] or SUCCESSES[status]
    sent = [parameter["name"] for parameter in operation.get("parameters", [])]
    if headers := _headers(*(ANSWERS_TO[name] for name in sent if name in ANSWERS_TO)):
        for status, response in operation["responses"].items():
            if status != "204":
                response["headers"] = headers
    if IF_NONE_MATCH["name"] in sent:
        operation["responses"]["304"] = {"description": "Nothing of it changed.", "headers": headers}
    told = {status: {"$ref": f"#/components/responses/{name}"} for status, (name, _) in REFUSALS.items()}
    operation["responses"] = {**operation["responses"], **told}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _without_marks(part: Any) -> None:
    """drf-spectacular's own notes are no part of the document."""
    inner = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
    for value in inner:
        _without_marks(value)


def _take_example(described: dict[str, Any]) -> None:
    """What the description ends with becomes the field's example, as the field's type has it."""
    text = described.get("description", "")
    if found := EXAMPLE.search(text):
        described["description"] = text[: found.start()]
        kind = described.get("type", "string")
        kinds = kind if isinstance(kind, list) else [kind]
        is_text = "string" in kinds or "$ref" in str(described)
        described["examples"] = [found[1] if is_text else json.loads(found[1])]


def _text(description: str, example: str) -> dict[str, Any]:
    return {"type": "string", "description": description, "examples": [example]}


PROBLEM: Final = {
    "type": "object",
    "description": "Why a call was refused: problem details, RFC 9457.",
    "required": ["type", "title", "status", "code", "detail", "fields", "request_id"],
    "properties": {
        "type": {
            **_text("Where the code is explained.", "https://crushsync.example/api/docs#error-not_found"),
            "format": "uri",
        },
        "title": _text("The status in words.", "Not Found"),
        "status": {"type": "integer", "description": "The status of the answer.", "examples": [404]},
        "code": _text("Which refusal it is, for programs. It never changes.", "not_found"),
        "detail": _text("What is wrong and what to do, for people.", "There is nothing at this address."),
        "fields": {
            "type": "object",
            "description": "What is wrong by name in the body or query, dotted for nested ones; "
            'under "" what is wrong with no single field.',
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "examples": [{"lines.0.quantity": ["This field is required."]}],
        },
        "request_id": _text("Of this call; the server's log has it, too.", "6a1f0c2e9d3b4f5a"),
    },
}
