"""Stores and Vinoshipper accounts: settings and health, never a credential."""

from typing import Any, ClassVar

from rest_framework import serializers

from crushsync.accounts.models import Connection, VinoshipperAccount
from crushsync.api.bodies import Body, When
from crushsync.api.filters import LARGEST_ID
from crushsync.api.shaping import Shown
from crushsync.lib.states import STATES
from orders.models import Store

HEALTH = {
    "is_active": "Whether it is switched on.",
    "is_paused": "Whether it refused us and is left alone for a while.",
    "paused_until": "When it is tried again; null unless paused. Example: `2026-11-18T16:47:07Z`",
    "pause_code": "Why it is paused. Example: `credentials`",
    "pause_sentence": "The same in words. Example: `Shopify refused the access token.`",
    "last_ok_at": "The last good answer. Example: `2026-11-18T16:42:07Z`",
}
DRIFTING = tuple(name for name in HEALTH if name != "is_active")


class StoreRow(Shown[Store]):
    """A shop of the winery."""

    is_paused = serializers.BooleanField(read_only=True)

    class Meta:
        model = Store
        words: ClassVar = {
            "id": "Its id here. Example: `4`",
            "winery": "Id of the winery. Example: `1`",
            "name": "As staff call it. Example: `Estate shop`",
            "platform": "Whose software it runs. Example: `shopify`",
            "base_url": "Its address. Example: `https://estate.myshopify.com`",
            "vinoshipper_account": "Id of the account that ships its orders; null for none. Example: `3`",
            "starts_at": "Orders placed before are never sent. Example: `2026-11-01T00:00:00Z`",
            "notify_customer": "Whether the shop mails the customer of each shipment.",
            "shows_marks": "Whether the shop's staff see on each order how it stands.",
            "send_after": "Seconds that an order waits before it is sent. Example: `60`",
            "sends_test_orders": "Whether test orders are sent.",
            "poll_note": "Which orders the platform does not show us, and what to do.",
            **HEALTH,
        }
        drifting: ClassVar = (*DRIFTING, "poll_note")


class StoreChange(Body):
    """What a manager may change of a store."""

    starts_at = When(
        required=False, help_text="Orders placed before are never sent. Example: `2026-11-01T00:00:00Z`"
    )
    notify_customer = serializers.BooleanField(
        required=False, help_text="Whether the shop mails the customer of each shipment."
    )
    shows_marks = serializers.BooleanField(
        required=False, help_text="Whether the shop's staff see on each order how it stands."
    )
    send_after = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=3600,
        help_text="Seconds that an order waits before it is sent. Example: `60`",
    )
    sends_test_orders = serializers.BooleanField(required=False, help_text="Whether test orders are sent.")


class NewStore(Body):
    """A store without a connector, whose orders are pushed by API."""

    winery = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="Id of the winery; needed by people who belong to several. Example: `1`",
    )
    name = serializers.CharField(max_length=120, help_text="As staff call it. Example: `Tasting room`")
    vinoshipper_account = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=LARGEST_ID,
        help_text="Id of the account that ships its orders; null: the winery ships them itself. Example: `3`",
    )
    starts_at = When(
        required=False,
        help_text="Orders placed before are never sent; now, if not said. Example: `2026-11-01T00:00:00Z`",
    )


class AccountRow(Shown[VinoshipperAccount]):
    """An account of the winery at Vinoshipper."""

    is_paused = serializers.BooleanField(read_only=True)
    ship_to_states = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = VinoshipperAccount
        words: ClassVar = {
            "id": "Its id here. Example: `3`",
            "winery": "Id of the winery. Example: `1`",
            "name": "As staff call it. Example: `Vinoshipper`",
            "base_url": "Its address. Example: `https://vinoshipper.com`",
            "producer_id": "Vinoshipper's id of the producer. Example: `2310`",
            "ship_to_states": "Orders to other states are not sent; two letters each.",
            "send_days_ahead": "How many days before a requested ship date an order is sent. Example: `14`",
            "customer_mails": "Whether Vinoshipper writes to the customer itself.",
            "report_at_label": "Whether the shop hears of a shipment when its label is printed.",
            "ships_itself": "Whether the winery ships the goods itself, under Vinoshipper's license.",
            **HEALTH,
        }
        drifting: ClassVar = DRIFTING


class AccountChange(Body):
    """What a manager may change of a Vinoshipper account."""

    ship_to_states = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(STATES)),
        required=False,
        max_length=60,
        help_text="Orders to other states are not sent; two letters each.",
    )
    send_days_ahead = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=365,
        help_text="How many days before a requested ship date an order is sent. Example: `14`",
    )
    customer_mails = serializers.BooleanField(
        required=False, help_text="Whether Vinoshipper writes to the customer itself."
    )
    report_at_label = serializers.BooleanField(
        required=False, help_text="Whether the shop hears of a shipment when its label is printed."
    )
    ships_itself = serializers.BooleanField(
        required=False, help_text="Whether the winery ships the goods itself, under Vinoshipper's license."
    )


class ConnectionRow(serializers.Serializer[Any]):
    """The health of one outside account."""

    kind = serializers.CharField(help_text="store or vinoshipper_account. Example: `store`")
    id = serializers.IntegerField(help_text="Its id among those. Example: `4`")
    name = serializers.CharField(help_text="As staff call it. Example: `Estate shop`")
    is_active = serializers.BooleanField(help_text=HEALTH["is_active"])
    is_paused = serializers.BooleanField(help_text=HEALTH["is_paused"])
    paused_until = serializers.DateTimeField(allow_null=True, help_text=HEALTH["paused_until"])
    pause_code = serializers.CharField(help_text=HEALTH["pause_code"])
    pause_sentence = serializers.CharField(help_text=HEALTH["pause_sentence"])
    last_ok_at = serializers.DateTimeField(allow_null=True, help_text=HEALTH["last_ok_at"])

    def to_representation(self, row: Connection) -> Any:
        row.kind = "store" if isinstance(row, Store) else "vinoshipper_account"  # type: ignore[attr-defined]
        return super().to_representation(row)
