"""The page of a month's taxes and fees: what the shops charged beside what Vinoshipper computed."""

from datetime import date, timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from crushsync.accounts.admin.markup import zone
from crushsync.accounts.models import Role, Winery
from crushsync.accounts.roles import has_role, with_role
from fulfillment.money import of_month

SHOWN = 100  # names of orders that differ


def page(request: HttpRequest) -> HttpResponse:
    """Sums by account of one month, `?month=2026-11`; the present one unless another is named. Reads only."""
    if not has_role(request.user, Role.MANAGER):
        raise PermissionDenied
    wineries = list(with_role(Winery.objects.order_by("name"), request.user, Role.MANAGER))
    today = timezone.now().astimezone(zone(wineries[0].time_zone if wineries else "UTC")).date()
    month = _month(request.GET.get("month", ""), today.replace(day=1))
    following = (month + timedelta(days=31)).replace(day=1)
    context = {
        **admin.site.each_context(request),
        "title": _("Taxes and fees"),
        "month": month,
        "before": (month - timedelta(days=1)).replace(day=1),
        "after": following if following <= today else None,
        "sums": [(winery, account) for winery in wineries for account in of_month(winery, month)],
        "is_several": len(wineries) > 1,
        "shown": SHOWN,
        "first": f":{SHOWN}",
    }
    return render(request, "admin/money.html", context)


def _month(text: str, fallback: date) -> date:
    """The month's first day; the fallback for what is no month of ours."""
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return fallback
    return month if 2000 <= month.year <= fallback.year else fallback
