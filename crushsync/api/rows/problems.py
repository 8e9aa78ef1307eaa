"""Open reasons why an order, or a connection, needs a person."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from compliance.problems import entry
from crushsync.api.bodies import Body, When
from crushsync.api.shaping import Shown
from fulfillment.models import Problem


class OpenedProblemRow(Shown[Problem]):
    """One reason why a person has to act. It closes by itself when its cause is gone."""

    is_open = serializers.BooleanField(read_only=True)
    cause = serializers.SerializerMethodField()
    steps = serializers.SerializerMethodField()
    owner = serializers.SerializerMethodField()
    assigned_to = serializers.CharField(
        source="assigned_to.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = Problem
        words: ClassVar = {
            "id": "Its id here. Example: `31`",
            "winery": "Id of the winery. Example: `1`",
            "order": "Id of the order; null: about a connection or the winery. Example: `1042`",
            "fulfillment_order": "Id of the work it is about, if any. Example: `88`",
            "code": "Which problem. It never changes. Example: `unknown_sku`",
            "subject": "What other orders' same problem is about, too: a SKU, a state. Example: `PN22`",
            "family": "What sort of problem. Example: `has_issue`",
            "sentence": "What is wrong. Example: `Vinoshipper does not know the SKU PN22.`",
            "cause": "Why it happened. Example: `The SKU in the shop is not the SKU at Vinoshipper.`",
            "steps": "What to do, in order.",
            "owner": "Who can do it. Example: `winery`",
            "is_open": "Whether it is still so.",
            "opened_at": "Since when. Example: `2026-11-18T16:42:07Z`",
            "closed_at": "Until when; null while open. Example: `2026-11-18T17:42:07Z`",
            "closed_how": 'How it ended; "" while open. Example: `mended`',
            "closed_by": 'Who ended it; "" is CrushSync itself. Example: `ana`',
            "assigned_to": "Login of who looks after it; null for nobody. Example: `ana`",
            "snoozed_until": "Not shown as urgent until then. Example: `2026-11-20T16:00:00Z`",
        }

    def get_cause(self, row: Problem) -> str:
        return str(entry(row.code).cause)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_steps(self, row: Problem) -> list[str]:
        return [str(step) for step in entry(row.code).steps]

    def get_owner(self, row: Problem) -> str:
        return str(entry(row.code).owner)


class AssignBody(Body):
    """Who is to look after it."""

    person = serializers.CharField(
        allow_null=True,
        allow_blank=True,
        max_length=150,
        help_text='Login of somebody of the winery; null, or "" as in actions, for nobody. Example: `ana`',
    )


class SnoozeBody(Body):
    """How long it is to be out of sight."""

    until = When(allow_null=True, help_text="Until then; null: back at once. Example: `2026-11-20T16:00:00Z`")
