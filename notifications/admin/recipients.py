"""Who gets which mails, and how each mail went."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Membership, Role
from crushsync.accounts.roles import with_role
from notifications.admin import preview
from notifications.admin.acts import ActsAdmin, RowAct
from notifications.mails import recipients
from notifications.mails.lane import send_again
from notifications.models import Kind, Mail, MailState, Recipient

MAIL_PILLS = {
    MailState.WAITING: ("wait", "clock"),
    MailState.SENT: ("good", "check"),
    MailState.SKIPPED: ("quiet", "dash"),
    MailState.FAILED: ("bad", "cross"),
    MailState.UNKNOWN: ("warn", "question"),
    MailState.BOUNCED: ("bad", "cross"),
}


class RecipientForm(forms.ModelForm):  # type: ignore[type-arg]
    kinds = forms.MultipleChoiceField(
        label=lazy("Gets"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        """Only who works at the winery may be told what happens there, unless by an address typed in."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        user, winery = data.get("user"), data.get("winery", getattr(self.instance, "winery", None))
        if user and not Membership.objects.filter(user=user, winery=winery).exists():
            raise ValidationError({"user": _("This person has no role at the winery.")})
        return data


def test_mail(request: HttpRequest, row: Recipient) -> str:
    recipients.send_test(row)
    return _("A test is on its way. The list of mails shows what came of it.")


@admin.register(Recipient)
class RecipientAdmin(ActsAdmin):
    form = RecipientForm
    nothing_yet = lazy("Nobody gets mails yet. Add whoever shall know of orders that need somebody.")
    list_display = ("who", "winery", "gets", "state")
    list_select_related = ("user", "winery")
    add_role = change_role = delete_role = Role.MANAGER
    fieldsets = (
        (None, {"fields": ("winery", "user", "address", "is_active")}),
        (lazy("Mails"), {"fields": ("kinds", "daily_at")}),
        (lazy("Quiet hours"), {"fields": ("quiet_from", "quiet_to")}),
    )
    formfield_overrides = {
        models.TimeField: {"widget": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}
    }
    acts = (RowAct("test", lazy("Send a test"), test_mail),)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(preview.page), name="notifications_recipient_preview"),
            path("preview/mail/", view(preview.mail), name="notifications_recipient_preview_mail"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return recipients.standing(super().get_queryset(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("winery",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user":
            mine = with_role(Membership.objects.all(), request.user, Role.MANAGER)
            kwargs["queryset"] = User.objects.filter(pk__in=mine.values("user"), is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        may = self.has_change_permission(request, obj) if change else self.has_add_permission(request, obj)
        if not may:
            raise PermissionDenied
        recipients.keep(obj)

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        links = {
            _("Preview"): f"{reverse('admin:notifications_recipient_preview')}?recipient={row.pk}",
            _("Mails"): f"{reverse('admin:notifications_mail_changelist')}?recipient={row.pk}",
        }
        return {"links": links}

    @admin.display(description=lazy("who"), ordering="address")
    def who(self, row: Recipient) -> SafeString:
        name = row.user.get_username() if row.user else row.address
        aside = row.email if row.user else ""
        return format_html('<span class="number">{}</span> <span class="aside">{}</span>', name, aside)

    @admin.display(description=lazy("gets"))
    def gets(self, row: Recipient) -> str:
        return " · ".join(str(Kind(kind).label) for kind in row.kinds)

    @admin.display(description=lazy("state"))
    def state(self, row: Recipient) -> Pill:
        if row.bounced_at:
            return Pill("bad", "cross", lazy("Bounced"))
        if row.unsubscribed_at:
            return Pill("quiet", "dash", lazy("Unsubscribed"))
        if not row.is_active:
            return Pill("quiet", "ban", lazy("Switched off"))
        if not row.is_of_winery:
            return Pill("quiet", "ban", lazy("No longer at the winery"))
        if not row.email:
            return Pill("warn", "question", lazy("The login has no address"))
        return Pill("good", "check", lazy("Active"))


def again(request: HttpRequest, row: Mail) -> str:
    send_again(row)
    return _("It is sent again.")


@admin.register(Mail)
class MailAdmin(ActsAdmin):
    """What was sent, and what came of it."""

    nothing_yet = lazy("No mail was written yet.")
    list_display = ("kind", "to", "outcome", "what_came_of_it", "made")
    list_filter = ("state", "kind")
    list_select_related = ("recipient__user", "winery")
    fields = ("kind", "to", "outcome", "what_came_of_it", "made")
    readonly_fields = fields
    acts = (
        RowAct(
            "again",
            lazy("Send again"),
            again,
            is_shown=lambda mail: mail.state in (MailState.FAILED, MailState.UNKNOWN, MailState.BOUNCED),
            confirm=lazy(
                "The mail is written anew and sent. If the earlier one did arrive after all, they get it "
                "twice. No order is touched."
            ),
            seen=lambda mail: f"{mail.state} {mail.fence}",
        ),
    )

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "recipient" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description=lazy("to"))
    def to(self, row: Mail) -> str:
        return str(row.recipient)

    @admin.display(description=lazy("outcome"), ordering="state")
    def outcome(self, row: Mail) -> Pill:
        return Pill(*MAIL_PILLS[MailState(row.state)], row.get_state_display())

    @admin.display(description=lazy("what came of it"))
    def what_came_of_it(self, row: Mail) -> str:
        return row.sentence or "–"

    @admin.display(description=lazy("made"), ordering="created_at")
    def made(self, row: Mail) -> SafeString | str:
        return moment(row.created_at, row.winery.time_zone)
