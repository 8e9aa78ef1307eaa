"""A message to an order's customer: the draft is shown first, and sent only when a person says so."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from fulfillment.messages import NotSent, draft, send, why_not
from fulfillment.models import FulfillmentOrder


def message_page(
    request: HttpRequest, order_id: int, work_id: int, kind: str, context: dict[str, Any]
) -> HttpResponse:
    """GET shows the draft; POST has it sent in the words of the form, once."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    mine = FulfillmentOrder.objects.visible_to(request.user).select_related("order__winery", "order__store")
    work = get_object_or_404(mine, pk=work_id, order_id=order_id)
    if not has_role(request.user, Role.MANAGER, work.order.winery_id):
        raise PermissionDenied
    try:
        shown = draft(work, kind)
        if request.method == "POST":
            words = {name: request.POST.get(name, "") for name in ("subject", "body")}
            send(work.pk, kind, **words, actor=request.user.get_username())
            messages.success(request, _("The message is on its way to the customer."))
            return redirect("admin:orders_order_change", order_id)
    except NotSent as refusal:
        messages.error(request, refusal.sentence)
        return redirect("admin:orders_order_change", order_id)
    context |= {
        "title": shown.label,
        "work": work,
        "draft": shown,
        "refusal": why_not(work, kind),
        "mail_link": f"mailto:{quote(shown.to)}?subject={quote(shown.subject)}&body={quote(shown.body)}",
    }
    return render(request, "admin/order/message.html", context)
