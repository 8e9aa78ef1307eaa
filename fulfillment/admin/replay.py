"""The page before a stored webhook is read again: what came, and what it points at."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from crushsync.accounts.admin.markup import moment
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from fulfillment.models import FulfillmentOrder
from fulfillment.refusals import NotAllowed
from fulfillment.replaying import NO_WEBHOOK, newest_of, preview, replay
from orders.models import InboundHint

ORDER_PAGE = "admin:orders_order_change"


def newest_replay(request: HttpRequest, order_id: int, work_id: int) -> HttpResponse:
    """To the preview of the newest webhook about an order."""
    mine = FulfillmentOrder.objects.visible_to(request.user).select_related("order")
    work = get_object_or_404(mine, pk=work_id, order_id=order_id)
    hint = newest_of(work)
    if hint is None:
        messages.error(request, NO_WEBHOOK)
        return redirect(ORDER_PAGE, order_id)
    return redirect("orders_inboundhint-replay", hint.pk)


def replay_page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the preview and changes nothing; POST replays. The body stays closed: it names people."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    mine = InboundHint.objects.visible_to(request.user)
    hint = get_object_or_404(mine.select_related("winery", "store", "vinoshipper_account"), pk=pk)
    if not has_role(request.user, Role.MANAGER, hint.winery_id):
        raise PermissionDenied
    if request.method == "POST":
        try:
            messages.success(request, replay(pk, actor=request.user.get_username()))
        except NotAllowed as refusal:
            messages.error(request, refusal.sentence)
        order = preview(hint).order
        return redirect(ORDER_PAGE, order.pk) if order else redirect("admin:orders_inboundhint_changelist")
    context = {
        **admin.site.each_context(request),
        "title": _("Replay"),
        "hint": hint,
        "preview": preview(hint),
        "received": moment(hint.received_at, hint.winery.time_zone),
        "size": len(bytes(hint.body)) if hint.body else 0,
    }
    return render(request, "admin/replay.html", context)
