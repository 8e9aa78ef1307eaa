"""What would happen: to an order if it were sent now, to open orders if states were chosen otherwise."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.models import VinoshipperAccount
from crushsync.api.base import OnRow
from crushsync.api.bodies import Body, Nothing, OneOf
from crushsync.api.views.orders import ExplanationRow, OfOrder
from crushsync.lib.states import STATES
from fulfillment.dry_run import dry_run
from fulfillment.what_if import what_if


class CheckRow(serializers.Serializer[Any]):
    """One of our own checks."""

    code = serializers.CharField(help_text="Which check. Example: `under_age`")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="What it looks for. Example: `under 21`"
    )
    level = serializers.CharField(help_text="What it comes to here. Example: `passes`")
    is_off = serializers.BooleanField(help_text="Whether a setting switched it off.")
    sentences = serializers.ListField(child=serializers.CharField(), help_text="What it found.")
    setting = serializers.CharField(
        help_text="The setting that rules it. Example: `Vinoshipper account: checks`"
    )


class EstimateRow(serializers.Serializer[Any]):
    """What Vinoshipper would compute, beside what the shop charged; null: it did not say."""

    taxes_charged = serializers.DecimalField(12, 2, help_text="By the shop. Example: `17.36`")
    taxes = serializers.DecimalField(12, 2, allow_null=True, help_text="Computed. Example: `16.83`")
    fees_charged = serializers.DecimalField(12, 2, help_text="State fees, by the shop. Example: `0.00`")
    fees = serializers.DecimalField(12, 2, allow_null=True, help_text="Computed. Example: `0.28`")
    shipping_charged = serializers.DecimalField(12, 2, help_text="By the shop. Example: `24.95`")
    shipping = serializers.DecimalField(
        12, 2, allow_null=True, help_text="By the carrier and rate code that would be sent. Example: `21.50`"
    )
    is_known_customer = serializers.BooleanField(
        allow_null=True, help_text="Whether Vinoshipper knows the customer's e-mail address."
    )
    sentences = serializers.ListField(child=serializers.CharField(), help_text="All of it in words.")


class DryRunRow(serializers.Serializer[Any]):
    """Everything but the sending."""

    number = serializers.CharField(help_text="The number it would have there. Example: `CS4F7KQ2-6411001042`")
    decision = ExplanationRow(help_text="Where it goes, rule by rule.")
    checks = CheckRow(many=True, help_text="Our own checks.")
    is_compliant = serializers.BooleanField(
        source="verdict.is_compliant",
        default=None,
        allow_null=True,
        help_text="Vinoshipper's verdict; null: it was not asked.",
    )
    not_asked = serializers.CharField(
        help_text='Why not; "" if it was. Example: `Nothing in it travels in a box.`'
    )
    estimate = EstimateRow(allow_null=True, help_text="Its sums; null: it was not asked.")
    payload = serializers.CharField(
        source="payload_text",
        help_text="What would be sent, as JSON text; it names the customer. Example: `{}`",
    )


class DryRun(OfOrder):
    """Ask everything that can be asked without sending. It calls Vinoshipper; nothing is sent."""

    serializer_class = DryRunRow
    only_reads = names_customers = True

    @extend_schema(request=None, responses={200: DryRunRow})
    def post(self, request: Request, id: int) -> Response:
        Nothing.read(request)
        return Response(DryRunRow(dry_run(self.found())).data)


class WhatIfBody(Body):
    """Settings nobody has saved."""

    ship_to_states = serializers.ListField(
        child=OneOf(sorted(STATES)),
        max_length=60,
        help_text="States shipped to, two letters each.",
    )


class ChangedRow(serializers.Serializer[Any]):
    """One open order that would be decided about otherwise."""

    order = serializers.IntegerField(source="order_id", help_text="Id of the order. Example: `1042`")
    name = serializers.CharField(source="order", help_text="Its name. Example: `#1042`")
    state = serializers.CharField(help_text="Where it goes. Example: `TX`")
    before = serializers.CharField(source="before.verdict", help_text="As it is now. Example: `not_required`")
    after = serializers.CharField(source="after.verdict", help_text="As it would be. Example: `send`")
    reason = serializers.CharField(source="after.sentence", help_text="Why. Example: `Goes to Vinoshipper.`")


class WhatIfRow(serializers.Serializer[Any]):
    """What would change."""

    looked_at = serializers.IntegerField(help_text="How many open orders were looked at. Example: `311`")
    is_all = serializers.BooleanField(help_text="False: there are more than were looked at.")
    changes = ChangedRow(many=True, help_text="The orders for which something would change.")


class WhatIf(OnRow[VinoshipperAccount]):
    """What other states would do to the open orders. Nothing is saved."""

    resource, tag, only_reads = "stores", "Vinoshipper accounts", True
    serializer_class = WhatIfRow
    queryset = VinoshipperAccount.objects.select_related("winery")

    @extend_schema(request=WhatIfBody, responses={200: WhatIfRow})
    def post(self, request: Request, id: int) -> Response:
        account = self.found()
        account.ship_to_states = sorted(set(WhatIfBody.read(request)["ship_to_states"]))
        return Response(WhatIfRow(what_if(account, [], timezone.now())).data)
