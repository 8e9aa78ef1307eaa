"""What callers may say: named fields, and a refusal for any other name."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from crushsync.api.moments import NO_MOMENT, moment
from fulfillment.actions import REASON_LENGTH, Asked


class Body(serializers.Serializer[Any]):
    """A JSON object. A name that is not known is refused: a slip must not pass for "leave it"."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            told = ", ".join(self.fields) or "none"
            raise serializers.ValidationError(
                {name: [f"There is no such field. Known: {told}."] for name in unknown}
            )
        return super().to_internal_value(data)

    @classmethod
    def read(cls, request: Request, **options: Any) -> dict[str, Any]:
        """The body of the call, checked. Raises ValidationError with what is wrong, by field."""
        body = cls(data=request.data, **options)
        body.is_valid(raise_exception=True)
        found: dict[str, Any] = body.validated_data
        return found


class Nothing(Body):
    """The body of a call that is told nothing: none, or {}."""


class When(serializers.DateTimeField):
    """A time with its offset; kept in UTC."""

    def to_internal_value(self, value: Any) -> Any:
        if (found := moment(value)) is None:
            raise serializers.ValidationError(NO_MOMENT)
        return found


class OneOf(serializers.ChoiceField):
    """One of a few words. Whoever writes another is told which there are."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, **options)
        self.error_messages["invalid_choice"] += f" Known: {', '.join(self.choices)}."


class Day(serializers.DateField):
    """A date between 1880 and 2200: arithmetic with it stays within the calendar."""

    def to_internal_value(self, value: Any) -> Any:
        day = super().to_internal_value(value)
        if not 1880 <= day.year < 2200:
            raise serializers.ValidationError("A date between 1880 and 2200.")
        return day


class Saying(Body):
    """What an action may ask for."""

    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=REASON_LENGTH,
        default="",
        help_text="Why, for the history; void-sync and note require it. Example: `Customer canceled`",
    )
    person = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=150,
        help_text='Login of somebody of the winery, "" for nobody; assign requires it. Example: `ana`',
    )
    until = When(required=False, help_text="Until then; snooze requires it. Example: `2026-11-20T16:00:00Z`")
    day = Day(
        required=False,
        allow_null=True,
        help_text="For ship-date; without one the store's counts. Example: `2026-12-01`",
    )

    @staticmethod
    def asked(request: Request, body: dict[str, Any]) -> Asked:
        """What the caller has said."""
        actor = request.user.get_username()
        return Asked(actor, body["reason"], body.get("person"), body.get("until"), body.get("day"))
