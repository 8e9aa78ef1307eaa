"""API keys: made and shown once, changed with an overlap, revoked. An owner's business."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.keys import SCOPES, make_key, revoke, rotate
from crushsync.accounts.models import ApiKey, Role

LIST = "admin:accounts_apikey_changelist"


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=[(name, f"{name}: {told}") for name, told in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiKey
        fields = ("winery", "name", "scopes", "calls_per_minute", "expires_at")

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= timezone.now():
            raise ValidationError(_("That is over already."))
        return expires_at


@admin.register(ApiKey)
class ApiKeyAdmin(WineryAdmin):
    form = ApiKeyForm
    nothing_yet = _("No program may call yet. Make a key for the one that shall.")
    list_display = ("name", "winery", "state", "prefix", "scopes_shown", "used", "expires", "by")
    list_select_related = ("winery",)
    readonly_fields = ("state", "prefix", "scopes_shown", "used", "expires", "by")
    fields = ("name", "winery", *readonly_fields, "calls_per_minute")
    view_role = add_role = Role.OWNER
    change_form_template = "admin/api_key/page.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ApiKeyForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        found = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "winery" and found is not None and found.queryset.count() == 1:
            found.initial = found.queryset.get()
        return found

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the key; its text goes to the one page that shows it."""
        if change:
            raise Http404
        given = form.cleaned_data
        key, text = make_key(
            given["winery"],
            given["name"],
            given["scopes"],
            by=request.user.get_username(),
            expires_at=given["expires_at"],
            calls_per_minute=given["calls_per_minute"],
        )
        obj.pk, obj.prefix, obj.text = key.pk, key.prefix, text

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._shown_once(request, obj, obj.text)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/rotate/", self.admin_site.admin_view(self.rotate), name="accounts_apikey_rotate"),
            path("<int:pk>/revoke/", self.admin_site.admin_view(self.revoke), name="accounts_apikey_revoke"),
        ]
        return own + super().get_urls()

    def rotate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new key in the place of this one, which works for a day more."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            made, text = rotate(self._own(request, pk), by=request.user.get_username())
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect(LIST)
        return self._shown_once(request, made, text)

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """From now on the key opens nothing."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        key = self._own(request, pk)
        revoke(key)
        messages.success(request, _("%(key)s is revoked.") % {"key": key})
        return redirect(LIST)

    @admin.display(description=_("state"))
    def state(self, row: ApiKey) -> Pill:
        if row.revoked_at is not None:
            return Pill("quiet", "ban", _("Revoked"))
        return Pill("warn", "clock", _("Expired")) if row.is_expired else Pill("good", "check", _("Works"))

    @admin.display(description=_("may"))
    def scopes_shown(self, row: ApiKey) -> str:
        return ", ".join(row.scopes)

    @admin.display(description=_("last used"))
    def used(self, row: ApiKey) -> SafeString | str:
        return moment(row.last_used_at, row.winery.time_zone)

    @admin.display(description=_("expires"))
    def expires(self, row: ApiKey) -> SafeString | str:
        return moment(row.expires_at, row.winery.time_zone)

    @admin.display(description=_("made by"))
    def by(self, row: ApiKey) -> str:
        return row.created_by

    def _own(self, request: HttpRequest, pk: int) -> ApiKey:
        key: ApiKey | None = self.get_queryset(request).filter(pk=pk).first()
        if key is None or not self._may(request, Role.OWNER, key):
            raise Http404
        return key

    def _shown_once(self, request: HttpRequest, key: Model, text: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("New API key"),
            "key": key,
            "text": text,
        }
        response = render(request, "admin/api_key/made.html", context)
        response["Cache-Control"] = "no-store"
        return response
