"""Buttons on a row's page: a POST by somebody who may, confirmed where it matters, done once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role, winery_of

Outcome = str | HttpResponse


@dataclass(frozen=True)
class RowAct:
    """One button. `do` returns the sentence of what was done, or a page; ValidationError is shown."""

    name: str
    label: str | Promise
    do: Callable[[HttpRequest, Any], Outcome]
    is_shown: Callable[[Any], bool] = lambda row: True
    confirm: str | Promise = ""  # what happens, and what does not
    is_dangerous: bool = False
    # What of the row a second click on an old page would find changed.
    seen: Callable[[Any], str] = lambda row: ""


class ActsAdmin(WineryAdmin):
    """A page of a row with buttons above it."""

    change_form_template = "admin/notifications/row.html"
    acts: ClassVar[tuple[RowAct, ...]] = ()
    act_role = Role.MANAGER

    def get_urls(self) -> list[URLPattern]:
        info = f"{self.opts.app_label}_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(self.act)
        return [path("<int:pk>/act/<slug:name>/", view, name=info), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect()
        buttons = self._buttons(row) if has_role(request.user, self.act_role, winery_of(row).pk) else []
        context = {"buttons": buttons, **self.more(request, row), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def more(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What else the row's template shows."""
        return {}

    def act(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """GET asks where there is something to confirm, and changes nothing; POST does it."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        act = next((act for act in self.acts if act.name == name), None)
        if act is None:
            raise Http404
        if not has_role(request.user, self.act_role, winery_of(row).pk):
            raise PermissionDenied
        if request.method == "POST" and (not act.confirm or "confirmed" in request.POST):
            return self._do(request, act, row)
        if request.method in ("GET", "HEAD") and act.confirm:
            return self._ask(request, act, row)
        return HttpResponseNotAllowed(["POST"])

    def _do(self, request: HttpRequest, act: RowAct, row: Any) -> HttpResponse:
        page = redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        try:
            with transaction.atomic():
                locked = self.model._default_manager.select_for_update().get(pk=row.pk)
                if act.confirm and request.POST.get("seen", "") != act.seen(locked):
                    messages.warning(request, _("It has changed since. Nothing was done again."))
                    return page
                done = act.do(request, row)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return page
        if isinstance(done, HttpResponse):
            return done
        messages.success(request, done)
        return page

    def _ask(self, request: HttpRequest, act: RowAct, row: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": act.label,
            "act": act,
            "row": row,
            "opts": self.opts,
            "seen": act.seen(row),
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk]),
        }
        return TemplateResponse(request, "admin/notifications/confirm.html", context)

    def _buttons(self, row: Any) -> list[dict[str, Any]]:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        return [
            {"act": act, "url": reverse(name, args=[row.pk, act.name])}
            for act in self.acts
            if act.is_shown(row)
        ]
