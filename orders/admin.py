"""Stores, and what they sent. Orders have their page in fulfillment/admin, with all there is about them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.base import OwnRowsFilter, WineryAdmin
from crushsync.accounts.admin.connections import ConnectionAdmin, ConnectionForm
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from orders.connecting import keep
from orders.importing import lists_orders
from orders.models import HintState, InboundHint, Store, StoreToken, StoreWatch
from orders.storefronts.registry import STOREFRONTS
from orders.storefronts.shopify.connector import Shopify
from orders.stores import webhook_url
from orders.watch import notes


class LinesField(forms.CharField):
    """A list of names, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in str(value or "").splitlines())
        return [line for line in lines if line]


class StoreForm(ConnectionForm):
    birth_date_fields = LinesField(
        label=_("Birth date fields"),
        required=False,
        help_text=_("Where the shop keeps it, one name a line."),
    )
    ship_date_fields = LinesField(
        label=_("Ship date fields"), required=False, help_text=_("Of the requested ship date, one a line.")
    )
    gift_note_fields = LinesField(label=_("Gift note fields"), required=False, help_text=_("One a line."))
    access_point_fields = LinesField(
        label=_("Access point fields"),
        required=False,
        help_text=_("Of the UPS Access Point's id, one a line."),
    )
    fee_titles = LinesField(
        label=_("Fee lines"),
        required=False,
        help_text=_("Titles of lines that are a state's fee and no bottle, one a line."),
    )


@admin.register(Store)
class StoreAdmin(ConnectionAdmin):
    form = StoreForm
    nothing_yet = _(
        "No store is connected yet. Whoever runs CrushSync names it; its credentials are entered here."
    )
    list_display = ("name", "winery", "platform_label", "health", "last_ok", "vinoshipper_account")
    list_select_related = ("winery", "vinoshipper_account")
    readonly_fields = (
        "platform_label",
        "webhook_address",
        "number_prefix",
        "access",
        "poll_note",
        "connection_notes",
    )
    owner_fields = ("name", "base_url", "is_active", "vinoshipper_account")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    "platform_label",
                    "health",
                    "pause_sentence",
                    "last_ok",
                    "access",
                    "poll_note",
                    "connection_notes",
                )
            },
        ),
        (
            _("Connection"),
            {"fields": ("base_url", "webhook_address", "number_prefix", "vinoshipper_account", "is_active")},
        ),
        (_("Which orders"), {"fields": ("starts_at", "send_after", "sends_test_orders")}),
        (_("Telling the customer"), {"fields": ("notify_customer",)}),
        (_("Telling the shop's staff"), {"fields": ("shows_marks",)}),
        (
            _("What the shop writes where"),
            {
                "fields": (
                    "birth_date_fields",
                    "day_before_month",
                    "ship_date_fields",
                    "gift_note_fields",
                    "access_point_fields",
                    "fee_titles",
                )
            },
        ),
    )

    def credential_fields(self, connection: Any) -> Mapping[str, str]:
        storefront = STOREFRONTS.get(connection.platform)
        return storefront.credential_fields if storefront else {}

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        store = context["original"]
        can_import = store and lists_orders(store) and self.has_change_permission(request, store)
        return super().render_change_form(request, {**context, "can_import": can_import}, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        keep(obj)

    @admin.display(description=_("access token"))
    def access(self, row: Store) -> SafeString:
        """Until when we may speak to the shop, what is wrong if it is not renewed, and the way to install."""
        token = StoreToken.objects.filter(store=row).first()
        told: Any = _("As entered; it does not end.")
        if token is not None and token.expires_at is None:
            told = token.sentence or _("The first one is being fetched.")
        elif token is not None:
            ends = moment(token.expires_at, row.winery.time_zone)
            told = format_html("{} {} {}", _("Renewed by itself; the present one ends"), ends, token.sentence)
        if not (row.platform == Shopify.platform and row.credentials.get("client_id")):
            return format_html("{}", told)
        way = f"{reverse('shopify-install')}?store={row.pk}"
        return format_html('{} <a href="{}">{}</a>', told, way, _("Install the app in Shopify"))

    @admin.display(description=_("permissions and webhooks"))
    def connection_notes(self, row: Store) -> SafeString | str:
        """What the daily look found, a paragraph each."""
        seen = StoreWatch.objects.filter(store=row).first()
        if seen is None or seen.checked_at is None:
            return " ".join(notes(row)) or str(_("Not looked at yet."))
        zone = row.winery.time_zone
        parts: list[Any] = notes(row) or [_("All is well.")]
        if seen.made_again:
            told = str(_("Missing webhooks were made again {}: {}"))
            parts.append(format_html(told, moment(seen.made_again_at, zone), ", ".join(seen.made_again)))
        parts.append(format_html("{} {}", _("Looked at"), moment(seen.checked_at, zone)))
        return format_html_join("", "<p>{}</p>", ((part,) for part in parts))

    @admin.display(description=_("platform"))
    def platform_label(self, row: Store) -> str:
        storefront = STOREFRONTS.get(row.platform)
        return storefront.label if storefront else row.platform

    @admin.display(description=_("webhook address"))
    def webhook_address(self, row: Store) -> SafeString:
        address = webhook_url(row)
        return format_html('<code class="copyable">{}</code>', address)


HINT_PILLS = {
    HintState.WAITING: ("wait", "clock"),
    HintState.DONE: ("good", "check"),
    HintState.IGNORED: ("quiet", "dash"),
    HintState.UNKNOWN: ("warn", "question"),
    HintState.MALFORMED: ("bad", "cross"),
    HintState.FAILED: ("bad", "cross"),
}


@admin.register(InboundHint)
class InboundHintAdmin(WineryAdmin):
    """What came in, and what became of it. The body stays closed: it names people."""

    nothing_yet = _("Nothing has come in yet.")
    list_display = ("sender", "topic", "outcome", "what_came_of_it", "received", "again")
    list_display_links = None
    list_filter = ("state", "source", ("store", OwnRowsFilter))
    search_fields = ("order_number", "delivery_id")
    search_help_text = _("The order's id in the store, or the sender's id of the delivery")
    list_select_related = ("winery", "store", "vinoshipper_account")
    ordering = ("-pk",)
    view_role = Role.VIEWER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("body", "headers")

    def change_view(self, *args: Any, **kwargs: Any) -> Any:
        return self._get_obj_does_not_exist_redirect()

    @admin.display(description=_("from"))
    def sender(self, row: InboundHint) -> str:
        return f"{row.store or row.vinoshipper_account} · {row.get_source_display()}"

    @admin.display(description=_("outcome"), ordering="state")
    def outcome(self, row: InboundHint) -> Pill:
        return Pill(*HINT_PILLS[HintState(row.state)], row.get_state_display())

    @admin.display(description=_("what came of it"))
    def what_came_of_it(self, row: InboundHint) -> str:
        return row.sentence or (f"{_('Order')} {row.order_number}" if row.order_number else "–")

    @admin.display(description=_("received"), ordering="received_at")
    def received(self, row: InboundHint) -> SafeString | str:
        return moment(row.received_at, row.winery.time_zone)

    @admin.display(description=_("again"))
    def again(self, row: InboundHint) -> SafeString:
        page = reverse("orders_inboundhint-replay", args=[row.pk])
        return format_html('<a href="{}">{}</a>', page, _("Replay …"))
