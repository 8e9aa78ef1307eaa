"""The inbox of problems: by cause, and one by one. A click on either works on all that it shows."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from compliance.problems import Family, entry
from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.admin.markup import Pill, moment
from crushsync.accounts.models import Role, Winery
from crushsync.accounts.roles import has_role
from fulfillment.actions import ACTIONS
from fulfillment.admin.acts import DAYS, Button, asked_by, button, last_act, people_of
from fulfillment.admin.mending import cause_url, mending_of
from fulfillment.admin.views import problem_key
from fulfillment.models import Problem
from fulfillment.problems.finding import NEEDED, place_of
from fulfillment.problems.grouping import awake, groups, map_group, of_group, suggestions
from fulfillment.problems.handling import Handled, assign, note, resolve, snooze
from fulfillment.problems.retrying import retry
from fulfillment.refusals import NotAllowed

WAKE = "0"  # in the place of how long
SHOWN = 100  # rows on the page of a cause; a click works on all
LOOKS = {
    Family.NEVER_REACHED: ("bad", "cross"),
    Family.HAS_ISSUE: ("warn", "question"),
    Family.AFTER_PURCHASE: ("bad", "ban"),
    Family.REPORT: ("warn", "refresh"),
    Family.LATE: ("wait", "clock"),
    Family.CONNECTION: ("bad", "pause"),
    Family.STOCK: ("wait", "box"),
}


class StateFilter(admin.SimpleListFilter):
    title = lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("snoozed", _("Snoozed")), ("mine", _("Mine")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "snoozed":
                return queryset.filter(closed_at__isnull=True, snoozed_until__gt=timezone.now())
            case "mine":
                return queryset.filter(closed_at__isnull=True, assigned_to=request.user.pk)
            case "closed":
                return queryset.filter(closed_at__isnull=False)
            case _:
                return awake(queryset, timezone.now())

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:  # type: ignore[override]
        """As Django's; what stands for all is what is open."""
        for choice in super().choices(changelist):
            yield choice | {"display": _("Open")} if choice["display"] == _("All") else choice  # type: ignore[misc]


def _assign(request: HttpRequest, rows: QuerySet[Problem]) -> str:
    name = request.POST.get("to", "")
    to = get_object_or_404(User, username=name, is_active=True) if name else None
    return _sentence(assign(rows, to, actor=request.user.get_username()))


def _note(request: HttpRequest, rows: QuerySet[Problem]) -> str:
    return _sentence(
        note(rows, request.POST.get("note", "").strip()[:2000], actor=request.user.get_username())
    )


def _snooze(request: HttpRequest, rows: QuerySet[Problem]) -> str:
    asked = asked_by(request)
    if asked.until is None and request.POST.get("days") != WAKE:
        raise NotAllowed(_("Choose for how long."))
    return _sentence(snooze(rows, asked.until, actor=asked.actor))


def _settle(request: HttpRequest, rows: QuerySet[Problem]) -> str:
    return _handled(resolve(rows, actor=request.user.get_username()))


def _retry(request: HttpRequest, rows: QuerySet[Problem]) -> str:
    return _handled(retry(rows, actor=request.user.get_username()))


def _sentence(count: int) -> str:
    return ngettext("%d problem was changed.", "%d problems were changed.", count) % count


def _handled(handled: Handled) -> str:
    if not handled.done:
        raise NotAllowed(" ".join(handled.refusals) or _("There is nothing left to do."))
    return " ".join([_("Done for %(count)d.") % {"count": handled.done}, *handled.refusals])


ACTS: dict[str, Callable[[HttpRequest, QuerySet[Problem]], str]] = {
    "assign": _assign,
    "note": _note,
    "snooze": _snooze,
    "settle": _settle,
    "retry": _retry,
}


@admin.register(Problem)
class ProblemAdmin(WineryAdmin):
    nothing_yet = lazy("No problem is open.")
    list_display = ("what", "concerned", "kind", "since", "carer")
    list_display_links = None
    list_filter = (StateFilter, "family")
    list_select_related = ("order", "winery", "assigned_to")
    search_fields = ("order__name", "subject", "sentence")
    search_help_text = lazy("Order, SKU, state or what is wrong")
    change_list_template = "admin/problem/list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        cause = "cause/<int:winery_id>/<slug:code>/"
        return [
            path(cause, view(self._cause), name="fulfillment_problem_cause"),
            path(f"{cause}map/", view(self._map), name="fulfillment_problem_map"),
            path(f"{cause}<slug:act>/", view(self._act_on_cause), name="fulfillment_problem_cause_act"),
            path("<int:pk>/act/<slug:act>/", view(self._act), name="fulfillment_problem_act"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        rows = awake(self.get_queryset(request), timezone.now())
        causes = [
            {"group": group, "pill": pill(group.family)} for group in groups(rows, 20) if group.count > 1
        ]
        return super().changelist_view(request, {"causes": causes})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None:
            return self._get_obj_does_not_exist_redirect()
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._page(request, self.get_queryset(request).filter(pk=row.pk), row.winery, row.sentence)

    def _cause(self, request: HttpRequest, winery_id: int, code: str) -> HttpResponse:
        return self._cause_page(request, winery_id, code, request.GET.get("about", ""))

    def _cause_page(
        self, request: HttpRequest, winery_id: int, code: str, about: str, sku: str = "", refusal: str = ""
    ) -> HttpResponse:
        """The page of a cause; with the SKU that was written, and why it cannot be it."""
        winery, about, rows = self._of_cause(request, winery_id, code, about)
        found = groups(rows)
        if not found:
            messages.success(request, _("This is solved."))
            return redirect("admin:fulfillment_problem_changelist")
        context = {"group": found[0], "about": about, "is_cause": True, "as_list": problem_key(code, about)}
        if found[0].maps_sku:
            found_skus = suggestions(winery, about, sku)
            context |= {"suggestions": found_skus, "mending": None, "sku": sku, "refusal": refusal}
        return self._page(request, rows, winery, found[0].title, context)

    def _page(
        self, request: HttpRequest, rows: QuerySet[Any], winery: Winery, title: str, more: Any = None
    ) -> HttpResponse:
        shown = list(rows.select_related(*NEEDED).order_by("opened_at", "pk")[:SHOWN])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "entry": entry(shown[0].code),
            "rows": [{"row": row, "place": place_of(row), "since": _since(row)} for row in shown],
            "row": shown[0],
            "pill": pill(shown[0].family),
            "mending": mending_of(shown[0]),
            "buttons": _buttons(shown[0]) if len(shown) == 1 else [],
            "seen": last_act(shown[0].order_id or 0),
            "people": people_of([winery.pk]),
            "days": [*DAYS.items(), (WAKE, lazy("Wake it"))],
            "may_act": shown[0].is_open and has_role(request.user, Role.MANAGER, winery.pk),
            "winery": winery,
            **(more or {}),
        }
        return render(request, "admin/problem/page.html", context)

    def _act(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        self._do(request, act, self.get_queryset(request).filter(pk=pk), row.winery_id)
        return redirect("admin:fulfillment_problem_change", pk)

    def _act_on_cause(self, request: HttpRequest, winery_id: int, code: str, act: str) -> HttpResponse:
        about = request.POST.get("about", "")
        _winery, _about, rows = self._of_cause(request, winery_id, code, about)
        self._do(request, act, rows, winery_id)
        return redirect(cause_url(winery_id, code, about))

    def _map(self, request: HttpRequest, winery_id: int, code: str) -> HttpResponse:
        about = request.POST.get("about", "")
        winery, about, _rows = self._of_cause(request, winery_id, code, about)
        self._check(request, winery_id)
        sku = request.POST.get("sku", "").strip()
        try:
            count = map_group(winery, about, sku, actor=request.user.get_username())
        except NotAllowed as refusal:
            return self._cause_page(request, winery_id, code, about, sku, refusal.sentence)
        messages.success(request, ngettext("%d order goes again.", "%d orders go again.", count) % count)
        return redirect(cause_url(winery_id, code, about))

    def _do(self, request: HttpRequest, act: str, rows: QuerySet[Any], winery_id: int) -> None:
        self._check(request, winery_id)
        if act not in ACTS:
            raise Http404
        try:
            messages.success(request, ACTS[act](request, rows))
        except NotAllowed as refusal:
            messages.error(request, refusal.sentence)

    def _check(self, request: HttpRequest, winery_id: int) -> None:
        """Managers of the winery, by POST."""
        if request.method != "POST" or not has_role(request.user, Role.MANAGER, winery_id):
            raise PermissionDenied

    def _of_cause(
        self, request: HttpRequest, winery_id: int, code: str, about: str
    ) -> tuple[Winery, str, QuerySet[Any]]:
        winery = get_object_or_404(Winery.objects.visible_to(request.user), pk=winery_id)
        return winery, about, of_group(self.get_queryset(request).filter(winery=winery), code, about)

    @admin.display(description=lazy("problem"))
    def what(self, row: Problem) -> SafeString:
        page = reverse("admin:fulfillment_problem_change", args=[row.pk])
        return format_html(
            '<a class="number" href="{}">{}</a> <span class="aside">{}</span>', page, row, row.note
        )

    @admin.display(description=lazy("order"), ordering="order__name")
    def concerned(self, row: Problem) -> SafeString | str:
        if row.order is None:
            return row.subject or "–"
        page = reverse("admin:orders_order_change", args=[row.order_id])
        return format_html('<a href="{}">{}</a>', page, row.order)

    @admin.display(description=lazy("kind"), ordering="family")
    def kind(self, row: Problem) -> Pill:
        return pill(row.family)

    @admin.display(description=lazy("assigned to"), ordering="assigned_to")
    def carer(self, row: Problem) -> str | None:
        return row.assigned_to.get_username() if row.assigned_to else None

    @admin.display(description=lazy("since"), ordering="opened_at")
    def since(self, row: Problem) -> SafeString | str:
        return _since(row)


def _buttons(row: Problem) -> list[Button]:
    """What its steps name of the acts on its order, as far as the order allows it now."""
    work = row.fulfillment_order
    offered = (button(ACTIONS[name], work) for name in entry(row.code).acts) if work else ()
    return [shown for shown in offered if not shown.refusal]


def pill(family: str) -> Pill:
    return Pill(*LOOKS[Family(family)], Family(family).label)


def _since(row: Problem) -> SafeString | str:
    return moment(row.opened_at, row.winery.time_zone)
