"""The page that lays store and Vinoshipper side by side. Looking is asked for by POST: it calls out."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render

from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from crushsync.lib.errors import SyncError
from fulfillment.actions import ACTIONS
from fulfillment.admin.acts import Button, button, last_act
from fulfillment.comparing import Comparison, Row, compare
from fulfillment.models import FulfillmentOrder


def compare_page(request: HttpRequest, order_id: int, work_id: int, context: dict[str, Any]) -> HttpResponse:
    """What differs, each row with its one fix; before anybody asked, the button that asks."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    mine = FulfillmentOrder.objects.visible_to(request.user).select_related("order__winery", "account")
    work = get_object_or_404(mine, pk=work_id, order_id=order_id)
    if work.account is None:
        raise Http404
    compared, refusal = None, ""
    if request.method == "POST":
        try:
            compared = compare(work, actor=request.user.get_username())
        except SyncError as error:
            refusal = error.sentence
    may_act = has_role(request.user, Role.MANAGER, work.order.winery_id)
    return render(
        request,
        "admin/order/compare.html",
        {
            **context,
            "title": work.order.name,
            "work": work,
            "compared": compared,
            "rows": _with_buttons(work, compared, may_act) if compared else [],
            "refusal": refusal,
            "seen": last_act(order_id),
        },
    )


def _with_buttons(
    work: FulfillmentOrder, compared: Comparison, may_act: bool
) -> list[tuple[Row, Button | None]]:
    """Each row with the button of its fix; None where there is none, or none for this user."""
    return [
        (row, button(ACTIONS[row.action], work) if may_act and row.action else None) for row in compared.rows
    ]
