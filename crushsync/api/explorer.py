"""The API's description as a page: every address, to be read and tried, under our own policy."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crushsync.api.describing import as_yaml, document

SCHEMA = "#/components/schemas/"
# Refusal -> what it means, as docs/api.md has it; an error's `type` leads here.
CODES = {
    "not_authenticated": "No key came along.",
    "unknown_key": "The key is none of ours.",
    "expired_key": "The key's time is over.",
    "revoked_key": "Somebody revoked the key.",
    "missing_scope": "The key lacks the scope that is named.",
    "permission_denied": "The person's role does not permit it.",
    "not_found": "There is nothing, or it is another winery's.",
    "method_not_allowed": "This address does not take that method; Allow names those it takes.",
    "invalid": "Something in the request is not right: see fields and detail.",
    "invalid_cursor": "The cursor was not taken from next of a page.",
    "parse_error": "The body is no JSON object.",
    "too_large": "The body is too large.",
    "length_required": "The body came in chunks; it needs a Content-Length.",
    "unsupported_media_type": "The body has to be application/json.",
    "idempotency_key_missing": "A POST that does something needs the header Idempotency-Key.",
    "idempotency_key_invalid": "The header is not 1 to 200 visible ASCII characters.",
    "idempotency_running": "The first call with this key is under way.",
    "idempotency_key_reused": "The key was used for another call.",
    "if_match_missing": "An edit needs the header If-Match.",
    "if_match_invalid": "If-Match is no ETag of ours.",
    "changed_meanwhile": "Somebody changed it since you read it.",
    "not_allowed": "It makes no sense now; detail is the reason.",
    "exists": "There is one already.",
    "stale": "A newer state is known.",
    "no_work": "Nothing is decided about the order yet, or it goes to no Vinoshipper account.",
    "too_many": "Too much at once.",
    "vinoshipper_silent": "Vinoshipper had to be asked and did not answer.",
    "throttled": "Too many calls this minute.",
    "busy": "The database cannot be asked now; Retry-After says when to try again.",
    "internal": "Something went wrong here; it is logged under the request id.",
}


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every address by resource, with its parameters, body and answers, and every event that is told."""
    told = document()
    resources: dict[str, list[dict[str, Any]]] = {}
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            resources.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    events = [_event(name, item["post"]) for name, item in told["webhooks"].items()]
    schemas = [{"name": name, "schema": schema} for name, schema in told["components"]["schemas"].items()]
    context = {
        "resources": resources,
        "events": events,
        "schemas": schemas,
        "codes": CODES,
        "info": told["info"],
    }
    return render(request, "api/explorer.html", context)


@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document itself."""
    return HttpResponse(as_yaml(), content_type="application/yaml")


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    answers = [
        {"status": status, "schema": _named(answer), "told": answer.get("description", "")}
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method.upper(),
        "told": operation["description"],
        "scopes": operation["security"][0]["apiKey"],
        "parameters": operation.get("parameters", []),
        "body": _named(operation.get("requestBody", {})),
        "answers": answers,
        "can_be_tried": method == "get",
    }


def _event(name: str, operation: dict[str, Any]) -> dict[str, str]:
    return {"name": name, "told": operation["description"], "body": _named(operation["requestBody"])}


def _named(part: dict[str, Any]) -> str:
    schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).removeprefix(SCHEMA)
