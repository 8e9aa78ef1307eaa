"""Acts on many orders of the list: on the ticked ones, or on all that its filters let through."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from crushsync.accounts.models import Role, Winery
from crushsync.accounts.roles import has_role, with_role
from crushsync.lib.signing import new_token
from fulfillment.actions import FOR_MANY, Action
from fulfillment.admin.acts import DAYS, asked_by, people_of
from fulfillment.admin.views import shown_count
from fulfillment.batches import TooMany, start
from fulfillment.models import FulfillmentOrder
from fulfillment.refusals import NotAllowed
from orders.models import Order

PAGE = 500  # ids that a page carries; more are chosen by the filter


def ask(
    request: HttpRequest,
    action_name: str,
    chosen: Sequence[Any],
    matching: QuerySet[Order],
    context: dict[str, Any],
    refusal: str = "",
) -> HttpResponse:
    """Say what will happen and what will not, and to which orders. Changes nothing."""
    action = FOR_MANY[action_name]
    mine = with_role(Winery.objects.all(), request.user, Role.MANAGER)
    across = request.POST.get("select_across") == "1" or request.POST.get("scope") == "matching"
    return render(
        request,
        "admin/batch/confirm.html",
        {
            **context,
            "title": action.label,
            "action": action,
            "people": people_of(mine.values_list("pk", flat=True)),
            "days": DAYS.items(),
            "chosen": chosen[:PAGE],
            "matching": shown_count(matching),
            "doubtful": _doubtful(action, Order.objects.visible_to(request.user).filter(pk__in=chosen)),
            "doubtful_matching": _doubtful(action, matching),
            "scope": "matching" if across or not chosen else "chosen",
            "query": request.GET.urlencode(),
            "token": new_token(),
            "refusal": refusal,
        },
    )


def _doubtful(action: Action, orders: QuerySet[Order]) -> str:
    """How many of them the act would ask about; "" for none."""
    if action.doubt is None:
        return ""
    rows = FulfillmentOrder.objects.filter(
        status=action.doubt.status, order__in=orders.order_by().values("pk")
    )
    count = shown_count(rows)
    return "" if count == "0" else count


def begin(
    request: HttpRequest, action_name: str, matching: QuerySet[Order], context: dict[str, Any]
) -> HttpResponse:
    """Start it, and go to the page that shows how far it is."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if action_name not in FOR_MANY:
        raise Http404
    if not has_role(request.user, Role.MANAGER):
        raise PermissionDenied
    chosen = [pk for pk in request.POST.getlist("chosen") if pk.isdecimal()]
    orders = matching
    if request.POST.get("scope") != "matching":
        orders = Order.objects.visible_to(request.user).filter(pk__in=chosen)
    try:
        made = start(
            action_name,
            with_role(orders, request.user, Role.MANAGER),
            asked_by(request),
            token=request.POST.get("token", "")[:64] or new_token(),
            is_sure="doubtful" in request.POST,
        )
    except (NotAllowed, TooMany) as refusal:
        return ask(request, action_name, chosen, matching, context, refusal.sentence)
    if len(made) > 1:
        return redirect("admin:fulfillment_batch_changelist")
    return redirect("admin:fulfillment_batch_change", made[0].pk)
