"""All about one order's compliance: verdicts, a dry run, and how much the customer received."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from compliance.admin.events import verdict_pill
from crushsync.accounts.admin.markup import moment
from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from crushsync.vinoshipper.payloads import problem_sentence
from fulfillment.dry_run import dry_run
from fulfillment.volume import volume
from orders.models import Order


def compliance_page(request: HttpRequest, order_id: int, context: dict[str, Any]) -> HttpResponse:
    """GET shows what is known. POST makes a dry run: it calls out, and shows what would be sent."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    mine = Order.objects.visible_to(request.user).select_related("winery", "store__vinoshipper_account")
    order = get_object_or_404(mine, pk=order_id)
    may_act = has_role(request.user, Role.MANAGER, order.winery_id)
    if request.method == "POST" and not may_act:
        raise PermissionDenied
    told = dry_run(order) if request.method == "POST" else None
    said = [problem_sentence(item) for item in told.verdict.problems] if told and told.verdict else []
    zone_name = order.winery.time_zone
    context |= {
        "title": order.name,
        "order": order,
        "may_act": may_act,
        "dry_run": told,
        "said": said,
        "volume": volume(order, timezone.now()),
        "verdicts": [
            {"row": event, "pill": verdict_pill(event), "when": moment(event.at, zone_name)}
            for event in order.compliance_events.all()
        ],
    }
    return render(request, "admin/order/compliance_page.html", context)
