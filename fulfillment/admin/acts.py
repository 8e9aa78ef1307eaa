"""A person's click on the order's page: allowed by role, confirmed where it matters, done once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from crushsync.lib.queue import clock
from fulfillment.actions import ACTIONS, REASON_LENGTH, Action, Ask, Asked, run, why_not
from fulfillment.models import FulfillmentOrder
from fulfillment.refusals import NotAllowed
from orders.models import EventKind, OrderEvent

PAGE = "admin:orders_order_change"
CONFIRM = "admin:orders_order_confirm"
ACT = "admin:orders_order_act"


# These look, or say who takes care: they change nothing about where the order goes.
QUIET = frozenset(
    {"reread", "replay", "recheck-compliance", "compare", "show-again", "assign", "snooze", "wake", "note"}
)
DAYS = {"1": lazy("1 day"), "3": lazy("3 days"), "7": lazy("A week")}


@dataclass(frozen=True)
class Button:
    action: Action
    refusal: str  # empty: allowed
    url: str
    is_post: bool  # else it leads to a question first

    @property
    def is_quiet(self) -> bool:
        return self.action.name in QUIET


def button(action: Action, work: FulfillmentOrder) -> Button:
    """The action as the order's page offers it now; some have a page of their own that shows more."""
    order = (work.order_id, work.pk)
    match action.name:
        case "compare":
            page, is_post = reverse("admin:orders_order_compare", args=order), True
        case "recheck-compliance":
            page, is_post = reverse("admin:orders_order_compliance", args=order[:1]), True
        case "replay":
            page, is_post = reverse("admin:orders_order_replay", args=order), False
        case name:
            is_post = not needs_confirmation(action, work)
            page = reverse(ACT if is_post else CONFIRM, args=[*order, name])
    return Button(action, why_not(action, work), page, is_post)


def needs_confirmation(action: Action, work: FulfillmentOrder) -> bool:
    return action.is_dangerous or action.asks != Ask.NOTHING or bool(action.question(work))


def asked_by(request: HttpRequest) -> Asked:
    """Who asks, and what the form says besides."""
    days = request.POST.get("days", "")
    return Asked(
        request.user.get_username(),
        request.POST.get("reason", "").strip()[:REASON_LENGTH],
        request.POST.get("person"),
        clock() + timedelta(days=int(days)) if days in DAYS else None,
        _day(request.POST.get("day", "")),
    )


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # the 31st of February
        return None


def people_of(wineries: Iterable[int]) -> QuerySet[User]:
    """Who may be given a problem of these wineries."""
    return (
        User.objects.filter(memberships__winery__in=wineries, is_active=True).distinct().order_by("username")
    )


def last_act(order_id: int) -> int:
    """The newest thing a person did to the order. A click made before it was made on an old page."""
    acts = OrderEvent.objects.filter(order_id=order_id, kind=EventKind.ACTED)
    return acts.aggregate(newest=Max("pk"))["newest"] or 0


def act(request: HttpRequest, order_id: int, work_id: int, action_name: str) -> HttpResponse:
    """Do it, and go back to the order's page with a sentence of what was done, or why not."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    action, work = _asked_for(request, order_id, work_id, action_name)
    asked = asked_by(request)
    if needs_confirmation(action, work) and "confirmed" not in request.POST:
        return redirect(CONFIRM, order_id, work_id, action_name)
    if lack := asked.lacks(action.asks):
        messages.error(request, lack)
        return redirect(CONFIRM, order_id, work_id, action_name)
    try:
        done = _do_once(action, work, request.POST.get("seen", ""), asked)
    except NotAllowed as refusal:
        messages.error(request, refusal.sentence)
        # Not the act was refused, but what was said with it: it is asked again.
        if needs_confirmation(action, work) and not why_not(action, work):
            return redirect(CONFIRM, order_id, work_id, action_name)
    else:
        messages.success(request, done)
    return redirect(PAGE, order_id)


def confirm(
    request: HttpRequest, order_id: int, work_id: int, action_name: str, context: dict[str, Any]
) -> HttpResponse:
    """Say what will happen and what will not, and ask for the reason. Changes nothing."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    action, work = _asked_for(request, order_id, work_id, action_name)
    refusal = why_not(action, work)
    if refusal:
        messages.error(request, refusal)
        return redirect(PAGE, order_id)
    return render(
        request,
        "admin/order/confirm.html",
        {
            **context,
            "title": action.label,
            "action": action,
            "question": action.question(work),
            "work": work,
            "seen": last_act(order_id),
            "people": people_of([work.order.winery_id]),
            "days": DAYS.items(),
        },
    )


def _asked_for(
    request: HttpRequest, order_id: int, work_id: int, action_name: str
) -> tuple[Action, FulfillmentOrder]:
    """The action and its row: 404 for what the user cannot see, 403 for what they may not do."""
    if action_name not in ACTIONS:
        raise Http404
    mine = FulfillmentOrder.objects.visible_to(request.user).select_related("order")
    work = get_object_or_404(mine, pk=work_id, order_id=order_id)
    if not has_role(request.user, Role.MANAGER, work.order.winery_id):
        raise PermissionDenied
    return ACTIONS[action_name], work


def _do_once(action: Action, work: FulfillmentOrder, seen: str, asked: Asked) -> str:
    """Under the row's lock: a second click finds that somebody has acted since the page was shown."""
    if action.calls_out:  # it changes nothing, and holds nobody up meanwhile
        return run(action.name, work.pk, asked)
    with transaction.atomic():
        FulfillmentOrder.objects.select_for_update().get(pk=work.pk)
        if seen != str(last_act(work.order_id)):
            return _("Somebody has acted on this order since the page was shown. Nothing was done again.")
        return run(action.name, work.pk, asked)
