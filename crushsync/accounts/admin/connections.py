"""The pages of connections: settings anybody may read, credentials nobody can."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crushsync.accounts import connections
from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.admin.markup import Pill, connection_pill, moment, zone
from crushsync.accounts.models import Connection, Role
from crushsync.accounts.roles import has_role

PREFIX = "credential_"


class ConnectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Credentials go in and never come out: an empty box keeps what is there."""

    def save(self, commit: bool = True) -> Any:
        given = {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value
        }
        if given:
            self.instance._change_reason = f"{_('New:')} {', '.join(sorted(given))}"[:100]
        self.instance.credentials = {**self.instance.credentials, **given}
        return super().save(commit)


class SecretLines(forms.Textarea):
    """Several lines, and like a password box never filled, not even after a mistake elsewhere on the page."""

    def format_value(self, value: Any) -> str:
        return ""


def ending(secret: str) -> str:
    """The last four characters, by which people tell which one is entered; "" of one too short for that."""
    last = secret.strip()
    return f"…{last[-4:]}" if len(last) >= 12 else ""


def secret_box(name: str, label: str, entered: str) -> forms.CharField:
    """A box for one credential; a webhook secret may be two, old and new, one a line."""
    look = {"autocomplete": "new-password"}
    several = SecretLines(attrs={**look, "rows": 2})
    return forms.CharField(
        label=label,
        required=False,
        widget=several if name == "webhook_secret" else forms.PasswordInput(attrs=look),
        help_text=_told(entered),
    )


def _told(entered: str) -> str:
    if not entered:
        return str(_("Not entered yet."))
    if ends := ending(entered):
        return _("Entered, ending in %(ends)s. Leave empty to keep it.") % {"ends": ends}
    return str(_("Entered. Leave empty to keep it."))


class ConnectionAdmin(WineryAdmin):
    """Managers change settings; address, credentials and the switch are the owner's."""

    form = ConnectionForm
    formfield_overrides = {
        models.URLField: {"widget": forms.URLInput(attrs={"class": "vURLField"}), "assume_scheme": "https"}
    }
    change_role = Role.MANAGER
    owner_fields: ClassVar[tuple[str, ...]] = ("name", "base_url", "is_active")
    outside_fields: ClassVar[tuple[str, ...]] = ("health", "last_ok", "pause_sentence")

    def credential_fields(self, connection: Any) -> Mapping[str, Any]:
        """Name -> what staff are asked for, as text."""
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Times in the form are the winery's."""
        connection = self.get_object(request, object_id)
        if connection is None:
            return self._get_obj_does_not_exist_redirect()
        with timezone.override(zone(connection.winery.time_zone)):
            response = super().change_view(request, object_id, form_url, extra_context)
            return response.render() if hasattr(response, "render") else response

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        boxes = self._boxes(request, obj)
        kwargs["form"] = type(self.form.__name__, (self.form,), boxes)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        boxes = self._boxes(request, obj)
        return [*fieldsets, (_("Credentials"), {"fields": list(boxes)})] if boxes else fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        owned = () if self._is_owner(request, obj) else self.owner_fields
        return (*self.outside_fields, *(str(name) for name in self.readonly_fields), *owned)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """What the settings decided is decided again, and a paused connection is tried again."""
        if not self.has_change_permission(request, obj):
            raise PermissionDenied
        connections.keep(obj)

    @admin.display(description=_("health"))
    def health(self, row: Connection) -> Pill:
        return connection_pill(row)

    @admin.display(description=_("last good answer"))
    def last_ok(self, row: Connection) -> SafeString | str:
        return moment(row.last_ok_at, row.winery.time_zone)

    def _boxes(self, request: HttpRequest, obj: Any) -> dict[str, forms.CharField]:
        if obj is None or not self._is_owner(request, obj):
            return {}
        return {
            PREFIX + name: secret_box(name, label, str(obj.credentials.get(name) or ""))
            for name, label in self.credential_fields(obj).items()
        }

    def _is_owner(self, request: HttpRequest, obj: Any) -> bool:
        return obj is not None and has_role(request.user, Role.OWNER, obj.winery_id)
