"""The cellar's queue: what to pick today, by location, and what could be fulfilled next."""

from collections import Counter
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from crushsync.accounts.admin.markup import Pill
from fulfillment.models import Fulfillment, FulfillmentStatus, StockLocation
from fulfillment.shipping import to_ship_here
from fulfillment.stock.promises import promised
from orders.models import Order

SHOWN = 200
OFFERED = 30


def cellar_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Reads only."""
    rows = Fulfillment.objects.visible_to(request.user).filter(
        fulfillment_order=None, status=FulfillmentStatus.PENDING
    )
    waiting = list(
        rows.select_related("order__store", "location__winery")
        .prefetch_related("lines__order_line")
        .order_by("location__name", "location_id", F("ship_date").asc(nulls_first=True), "pk")[: SHOWN + 1]
    )
    places: dict[StockLocation | None, list[Fulfillment]] = {}
    for made in waiting[:SHOWN]:
        places.setdefault(made.location, []).append(made)
    told = {
        "title": _("Cellar"),
        "places": list(places.items()),
        "is_cut": len(waiting) > SHOWN,
        "shown": SHOWN,
        "offers": _offers(request),
        "cancelled": Pill("bad", "cross", _("Canceled in the store")),
    }
    return render(request, "admin/order/cellar.html", {**context, **told})


def _offers(request: HttpRequest) -> list[dict[str, Any]]:
    """Orders that the winery ships itself, of which something is left: first those that are in stock now, in
    line, then those that wait for stock."""
    mine = Order.objects.visible_to(request.user).filter(to_ship_here())
    orders = mine.select_related("store").order_by("placed_at", "pk")
    pieces = _in_stock(orders)
    ready = list(orders.filter(pk__in=list(pieces)[:OFFERED]))
    waiting = orders.exclude(pk__in=list(pieces))[: OFFERED - len(ready)]
    return [{"order": order, "pieces": pieces[order.pk]} for order in (*ready, *waiting)]


def _in_stock(orders: QuerySet[Order]) -> Counter[int]:
    """Pieces that each order is promised from where they are, by the order's id; the first in line first."""
    found: Counter[int] = Counter()
    for winery_id in dict.fromkeys(orders.values_list("winery_id", flat=True)[:SHOWN]):
        for promise in promised(winery_id):
            if promise.is_there:
                found[promise.order_id] += promise.quantity
    return found
