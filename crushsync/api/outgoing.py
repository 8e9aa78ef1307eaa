"""The outgoing webhooks in the OpenAPI document: each event by its type, with what is told of it."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiResponse, OpenApiWebhook, extend_schema
from rest_framework import serializers

from notifications.events import EVENT_TYPES, NEWS

TAG: Final = "Webhooks"
TAKEN: Final = {
    "2XX": OpenApiResponse(description="It is taken, if this comes within 15 seconds."),
    "410": OpenApiResponse(description="Nobody wants these any more: the endpoint is switched off."),
    "default": OpenApiResponse(description="Anything else, a redirect too, is tried again for three days."),
}
HEADERS: Final = {
    name: {
        "name": name,
        "in": "header",
        "required": True,
        "description": told,
        "schema": {"type": kind, "examples": [example]},
    }
    for name, kind, told, example in (
        (
            "webhook-id",
            "string",
            "The same for each repeat: keep it, and do nothing the second time.",
            "msg_5c0f2f6b1f0e4a7d9b3c2e1a",
        ),
        ("webhook-timestamp", "integer", "When it was sent, in seconds since 1970.", 1795160000),
        (
            "webhook-signature",
            "string",
            "As Standard Webhooks has it; two, separated by a blank, while a secret is replaced.",
            "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        ),
    )
}


def _message(kind: str) -> type[serializers.Serializer[Any]]:
    """The body of every event of that kind, as `Happening.as_told` has it."""
    types = [(name, told) for name, told in EVENT_TYPES.items() if name.startswith(f"{kind}.")]
    fields = {
        "type": serializers.ChoiceField(types, help_text="What happened."),
        "timestamp": serializers.DateTimeField(help_text="When. Example: `2026-11-18T18:20:00Z`"),
        "data": NEWS[kind](help_text="What there is to tell."),
    }
    told = f"What an endpoint is told of `{kind}.*`."
    return type(f"{kind.title()}Message", (serializers.Serializer,), {**fields, "__doc__": told})


MESSAGES: Final = {kind: _message(kind) for kind in NEWS}
WEBHOOKS: Final = [
    OpenApiWebhook(
        name,
        extend_schema(
            request=MESSAGES[name.partition(".")[0]],
            responses=TAKEN,
            description=str(told),
            tags=[TAG],
        ),
    )
    for name, told in EVENT_TYPES.items()
]
