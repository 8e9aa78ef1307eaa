"""Webhook endpoints: who is told, and how every delivery went."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role
from notifications.admin.acts import ActsAdmin, RowAct
from notifications.admin.deliveries import delivery_pill
from notifications.events import ENDPOINT_TEST, EVENT_TYPES
from notifications.models import Delivery, Endpoint
from notifications.webhooks import endpoints
from notifications.webhooks.replaying import replay_range

HOURS = {"hour": 1, "day": 24, "week": 24 * 7, "month": 24 * 30}


def type_choices() -> list[tuple[str, Any]]:
    chosen = [(name, format_html("<code>{}</code> {}", name, told)) for name, told in EVENT_TYPES.items()]
    return [("*", _("Everything")), *(choice for choice in chosen if choice[0] != ENDPOINT_TEST)]


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    event_types = forms.MultipleChoiceField(
        label=lazy("Told of"), choices=type_choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.fields.get("event_types")
        if isinstance(box, forms.MultipleChoiceField):
            known = [name for name, _label in type_choices()]
            # Such as order.*, chosen by the API.
            more = [(name, name) for name in self.instance.event_types if name not in known]
            box.choices = [*type_choices(), *more]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            for name in ("winery", "name", "url"):
                setattr(self.instance, name, data.get(name, getattr(self.instance, name, None)))
            endpoints.check(self.instance, data["event_types"])
        return data


def show_secret(request: HttpRequest, row: Endpoint, secret: str) -> HttpResponse:
    """The one time it is shown."""
    context = {
        **admin.site.each_context(request),
        "title": _("The secret of %(name)s") % {"name": row.name},
        "secret": secret,
        "old_until": moment(row.old_secret_until, row.winery.time_zone) if row.old_secret_until else "",
        "back": reverse("admin:notifications_endpoint_change", args=[row.pk]),
    }
    page = TemplateResponse(request, "admin/notifications/secret.html", context)
    page["Cache-Control"] = "no-store"
    return page.render()


def rotate(request: HttpRequest, row: Endpoint) -> HttpResponse:
    secret = endpoints.rotate_secret(row)
    return show_secret(request, Endpoint.objects.select_related("winery").get(pk=row.pk), secret)


def send_test(request: HttpRequest, row: Endpoint) -> str:
    endpoints.send_test(row)
    return _("A test is on its way. The deliveries below show what came of it.")


def on(request: HttpRequest, row: Endpoint) -> str:
    endpoints.switch_on(row)
    return _("It is told again of what happens from now on. Replay what it missed, if it is to have that.")


def off(request: HttpRequest, row: Endpoint) -> str:
    endpoints.switch_off(row)
    return _("It is told of nothing more. What happens is kept for 30 days and can be replayed.")


def replay_missed(request: HttpRequest, row: Endpoint) -> str:
    length = HOURS.get(request.POST.get("since", ""))
    if length is None:
        raise ValidationError(_("Choose since when."))
    now = timezone.now()
    count = replay_range(row, now - timedelta(hours=length), now)
    return ngettext("%(count)d delivery goes again.", "%(count)d deliveries go again.", count) % {
        "count": count
    }


def _seen(row: Endpoint) -> str:
    until: datetime | None = row.old_secret_until
    return f"{row.is_active} {until.isoformat() if until else ''}"


def _recent(delivery: Delivery) -> dict[str, Any]:
    return {
        "event": delivery.message.type,
        "url": reverse("admin:notifications_delivery_change", args=[delivery.pk]),
        "pill": delivery_pill(delivery),
        "tries": delivery.tries,
        "made": moment(delivery.created_at, delivery.endpoint.winery.time_zone),
    }


@admin.register(Endpoint)
class EndpointAdmin(ActsAdmin):
    """Addresses and secrets are the owner's: they say where the winery's news goes."""

    form = EndpointForm
    nothing_yet = lazy("No other program is told of anything yet. Add the address of the one that shall be.")
    list_display = ("name", "winery", "url", "told_of", "health", "last_delivery")
    list_select_related = ("winery",)
    fields = ("winery", "name", "url", "event_types", "health", "last_delivery")
    add_role = change_role = delete_role = Role.OWNER
    act_role = Role.OWNER
    acts = (
        RowAct("test", lazy("Send a test"), send_test, is_shown=lambda row: row.is_active),
        RowAct("replay", lazy("Replay what it missed"), replay_missed, is_shown=lambda row: False),
        RowAct(
            "rotate",
            lazy("New secret"),
            rotate,
            confirm=lazy(
                "A new secret is made and shown once. For 24 hours every delivery is signed with both, so "
                "nothing is lost while you put the new one in place. Nothing is delivered again."
            ),
            seen=_seen,
        ),
        RowAct("on", lazy("Switch on"), on, is_shown=lambda row: not row.is_active),
        RowAct(
            "off",
            lazy("Switch off"),
            off,
            is_shown=lambda row: row.is_active,
            is_dangerous=True,
            confirm=lazy(
                "This endpoint is told of nothing more, and what waits for it stays here. No order is held "
                "up, and no other endpoint is touched. What it misses can be replayed for 30 days."
            ),
            seen=_seen,
        ),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """How it goes is told once there is one."""
        return self.fields if obj else ("winery", "name", "url", "event_types")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("health", "last_delivery", *(("winery",) if obj else ()))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not self.has_change_permission(request, obj if change else None):
            raise PermissionDenied
        told = {"name": obj.name, "url": obj.url, "event_types": obj.event_types}
        if change:
            endpoints.change(obj, **told)
        else:
            made, _secret = endpoints.create(obj.winery, **told)
            obj.pk, obj.secrets = made.pk, made.secrets

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        endpoints.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            endpoints.delete(row)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        return show_secret(request, obj, obj.secrets["current"])

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        recent = row.deliveries.select_related("message", "endpoint__winery").order_by("-pk")[:10]
        return {
            "recent": [_recent(delivery) for delivery in recent],
            "notice": row.get_off_code_display(),
            "replays": reverse("admin:notifications_endpoint_act", args=[row.pk, "replay"]),
            "links": {
                _("All deliveries"): (
                    f"{reverse('admin:notifications_delivery_changelist')}?endpoint__id__exact={row.pk}"
                )
            },
        }

    @admin.display(description=lazy("told of"))
    def told_of(self, row: Endpoint) -> str:
        return str(_("Everything")) if "*" in row.event_types else ", ".join(row.event_types)

    @admin.display(description=lazy("health"))
    def health(self, row: Endpoint) -> Pill:
        if not row.pk or row.is_active:
            return (
                Pill("bad", "cross", lazy("Failing"))
                if row.failing_since
                else Pill("good", "check", lazy("Working"))
            )
        return Pill("quiet", "ban", row.get_off_code_display() or lazy("Switched off"))

    @admin.display(description=lazy("last delivery"), ordering="last_ok_at")
    def last_delivery(self, row: Endpoint) -> SafeString | str:
        return moment(row.last_ok_at, row.winery.time_zone) if row.pk else "–"
