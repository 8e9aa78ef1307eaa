"""Webhook endpoints and what became of each delivery."""

from typing import Any, ClassVar

from rest_framework import serializers

from crushsync.api.bodies import Body, OneOf, When
from crushsync.api.filters import LARGEST_ID
from crushsync.api.shaping import Shown
from notifications.events import EVENT_TYPES
from notifications.models import Delivery, DeliveryTry, Endpoint

KINDS = sorted({name.partition(".")[0] for name in EVENT_TYPES})
CHOICES = ["*", *(f"{kind}.*" for kind in KINDS), *EVENT_TYPES]


class EndpointRow(Shown[Endpoint]):
    """An address that is told of what happens."""

    event_types = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Endpoint
        words: ClassVar = {
            "id": "Its id here. Example: `6`",
            "winery": "Id of the winery. Example: `1`",
            "name": "As staff call it. Example: `Warehouse`",
            "url": "Where it is told. Example: `https://warehouse.example/hooks`",
            "event_types": "What it is told of, such as order.moved, fulfillment.* or *.",
            "is_active": "Whether it is told now.",
            "off_code": 'Why it is off although nobody switched it off; "" if not so. Example: `failing`',
            "failing_since": "Since when nothing comes through. Example: `2026-11-18T16:42:07Z`",
            "last_ok_at": "The last delivery that came through. Example: `2026-11-18T16:42:07Z`",
            "old_secret_until": "Until when the old secret signs, too. Example: `2026-11-19T16:42:07Z`",
            "created_at": "When it was added. Example: `2026-11-01T08:00:00Z`",
        }
        drifting: ClassVar = ("failing_since", "last_ok_at")


class NewEndpointRow(serializers.Serializer[Any]):
    """An endpoint and its secret."""

    endpoint = EndpointRow(help_text="The endpoint.")
    secret = serializers.CharField(
        help_text="Proves that a delivery is ours. Shown this once. Example: `whsec_MfKQ9r8GKYqr`"
    )


class EndpointBody(Body):
    """An address that is to be told."""

    name = serializers.CharField(max_length=120, help_text="As staff call it. Example: `Warehouse`")
    url = serializers.CharField(
        max_length=500,
        help_text="https, on port 443 of a public host. Example: `https://warehouse.example/hooks`",
    )
    event_types = serializers.ListField(
        child=OneOf(CHOICES),
        allow_empty=False,
        max_length=len(CHOICES),
        help_text="What it is told of: single events, all of a kind, or everything.",
    )


class NewEndpointBody(EndpointBody):
    """An address that is to be told, and whose it is."""

    winery = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="Id of the winery; needed by people who belong to several. Example: `1`",
    )


class EndpointChange(Body):
    """What may be changed of an endpoint; what is not said stays."""

    name = serializers.CharField(
        required=False, max_length=120, help_text="As staff call it. Example: `Warehouse`"
    )
    url = serializers.CharField(
        required=False, max_length=500, help_text="Where it is told. Example: `https://wine.example/h`"
    )
    event_types = serializers.ListField(
        child=OneOf(CHOICES),
        required=False,
        allow_empty=False,
        max_length=len(CHOICES),
        help_text="What it is told of.",
    )
    is_active = serializers.BooleanField(
        required=False, help_text="False: it is told no more. True: of what happens from now on."
    )


class TryRow(Shown[DeliveryTry]):
    """What was sent once, and what came back."""

    headers = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = DeliveryTry
        words: ClassVar = {
            "at": "When. Example: `2026-11-18T16:42:07Z`",
            "seconds": "How long it took. Example: `0.12`",
            "status": "The status answered; null if nothing was. Example: `200`",
            "sentence": "What came of it. Example: `Delivered.`",
            "headers": "What was sent with the body, without the signature.",
            "answer": "The beginning of the answer. Example: `ok`",
        }


class DeliveryRow(Shown[Delivery]):
    """One message on its way to one endpoint."""

    message_id = serializers.CharField(source="message.message_id", read_only=True)
    type = serializers.CharField(source="message.type", read_only=True)
    body = serializers.CharField(source="message.body", read_only=True)
    tries_made = TryRow(source="log", many=True, read_only=True)

    class Meta:
        model = Delivery
        words: ClassVar = {
            "id": "Its id here. Example: `77`",
            "endpoint": "Id of the endpoint. Example: `6`",
            "message_id": "webhook-id, the same on every try and replay. Example: `msg_2pYq`",
            "type": "What happened. Example: `fulfillment.shipped`",
            "about": "What it is about: told in order for each. Example: `order:1042`",
            "state": "How far it is. Example: `delivered`",
            "tries": "How often it was tried. Example: `1`",
            "next_at": "When it is tried next; null: not, or in line. Example: `2026-11-18T16:47:07Z`",
            "is_replay": "Whether somebody asked for it again.",
            "created_at": "When it was put in line. Example: `2026-11-18T16:42:07Z`",
            "delivered_at": "When it came through. Example: `2026-11-18T16:42:08Z`",
            "body": "The very text that is signed: JSON. By `expand`. Example: `{}`",
            "tries_made": "Each try, newest first. By `expand`.",
        }
        expandable: ClassVar = ("body", "tries_made")
        loads: ClassVar = {"tries_made": ("log",)}


class ReplayBody(Body):
    """Which time is to be told again."""

    since = When(help_text="From then on. Example: `2026-11-18T00:00:00Z`")
    until = When(help_text="Up to then, not included. Example: `2026-11-19T00:00:00Z`")
    only_missed = serializers.BooleanField(default=True, help_text="Leave out what was delivered.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["until"] < attrs["since"]:
            raise serializers.ValidationError({"until": ["It is before since."]})
        return attrs


class ReplayedRow(serializers.Serializer[Any]):
    """How much is told again."""

    count = serializers.IntegerField(help_text="How many deliveries were put in line. Example: `14`")


class SecretRow(serializers.Serializer[Any]):
    """A new secret."""

    secret = serializers.CharField(
        help_text="Shown this once; the old one signs for 24 hours more. Example: `whsec_MfKQ9r8GKYqr`"
    )
