"""The delivery log: what was sent, and what was answered."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.admin.base import OwnRowsFilter
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from crushsync.accounts.roles import winery_of
from notifications.admin.acts import ActsAdmin, RowAct
from notifications.models import Delivery, DeliveryState
from notifications.webhooks.replaying import replay

DELIVERY_PILLS = {
    DeliveryState.WAITING: ("wait", "clock"),
    DeliveryState.DELIVERED: ("good", "check"),
    DeliveryState.FAILED: ("bad", "cross"),
    DeliveryState.MISSED: ("quiet", "dash"),
}


def delivery_pill(row: Delivery) -> Pill:
    return Pill(*DELIVERY_PILLS[DeliveryState(row.state)], row.get_state_display())


def again(request: HttpRequest, row: Delivery) -> str:
    replay(row)
    return _("It is delivered now, under the same id.")


@admin.register(Delivery)
class DeliveryAdmin(ActsAdmin):
    nothing_yet = lazy("Nothing was to be delivered yet.")
    list_display = ("event", "endpoint", "outcome", "tries", "next_try", "made")
    list_filter = ("state", ("endpoint", OwnRowsFilter))
    list_select_related = ("endpoint__winery", "message")
    search_fields = ("message__type", "message__message_id", "about")
    search_help_text = lazy("Event, id of the message, or what it is about, such as order:17")
    fields = ("event", "endpoint", "outcome", "tries", "next_try", "made")
    readonly_fields = fields
    act_role = Role.OWNER
    # One that waits, too: it may be many hours until its next try.
    acts = (RowAct("replay", lazy("Deliver again"), again),)

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        name = winery_of(row).time_zone
        log = [{"when": moment(one.at, name), "try": one} for one in row.log.order_by("-pk")]
        return {"body": row.message.body, "message_id": row.message.message_id, "log": log}

    @admin.display(description=lazy("event"), ordering="message__type")
    def event(self, row: Delivery) -> str:
        return f"{row.message.type} · {row.about}"

    @admin.display(description=lazy("outcome"), ordering="state")
    def outcome(self, row: Delivery) -> Pill:
        return delivery_pill(row)

    @admin.display(description=lazy("next try"))
    def next_try(self, row: Delivery) -> SafeString | str:
        return moment(row.next_at, winery_of(row).time_zone)

    @admin.display(description=lazy("made"), ordering="created_at")
    def made(self, row: Delivery) -> SafeString | str:
        return moment(row.created_at, winery_of(row).time_zone)
