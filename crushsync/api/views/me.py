"""Who is calling, and what is not there."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.models import KeyHolder, Winery
from crushsync.api.base import Api


class WineryRow(serializers.Serializer[Any]):
    """A winery the caller belongs to."""

    id = serializers.IntegerField(help_text="Its id here. Example: `1`")
    name = serializers.CharField(help_text="Its name. Example: `Cedar Hollow`")
    slug = serializers.CharField(help_text="Its short name. Example: `cedar-hollow`")
    time_zone = serializers.CharField(help_text="Where it is. Example: `America/Los_Angeles`")


class MeRow(serializers.Serializer[Any]):
    """Who is calling."""

    name = serializers.CharField(help_text="As history names the caller. Example: `API key warehouse`")
    kind = serializers.CharField(help_text="key or person. Example: `key`")
    scopes = serializers.ListField(
        child=serializers.CharField(), help_text="What the key may; empty for a person, whose role decides."
    )
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="When the key ends; null if it does not. Example: `2027-11-18T16:42:07Z`"
    )
    wineries = WineryRow(many=True, help_text="Whose rows the caller sees.")


class Me(Api[Winery]):
    """Who is calling: a first call to try a key with."""

    tag = "Caller"
    serializer_class = MeRow
    queryset = Winery.objects.order_by("pk")

    def get(self, request: Request) -> Response:
        user: Any = request.user
        key = user.key if isinstance(user, KeyHolder) else None
        told = {
            "name": user.get_username(),
            "kind": "key" if key else "person",
            "scopes": key.scopes if key else [],
            "expires_at": key.expires_at if key else None,
            "wineries": list(self.rows()[:100]),
        }
        return Response(MeRow(told).data)


@extend_schema(exclude=True)
class Nowhere(Api[Winery]):
    """Any other address."""

    tag = "Caller"
    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    queryset = Winery.objects.none()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is no such address. docs/openapi.yaml, or /api/docs, lists those there are.")
