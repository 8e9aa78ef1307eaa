"""The cellar's queue: what to pick today, by location, and what could be fulfilled next."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from fulfillment.models import Fulfillment, FulfillmentOrder, FulfillmentStatus
from fulfillment.models.fulfillment_orders import OPEN_HERE
from fulfillment.shipping.choices import proposals
from fulfillment.shipping.counting import remaining
from orders.models import Order

SHOWN = 200
OFFERED = 30


def cellar_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Reads only."""
    rows = Fulfillment.objects.visible_to(request.user).filter(
        fulfillment_order=None, status=FulfillmentStatus.PENDING
    )
    waiting = list(
        rows.select_related("order__store", "location")
        .prefetch_related("lines__order_line")
        .order_by("location__name", F("ship_date").asc(nulls_first=True), "pk")[:SHOWN]
    )
    places: dict[str, list[Fulfillment]] = {}
    for made in waiting:
        places.setdefault(made.location.name if made.location else _("No location"), []).append(made)
    return render(
        request,
        "admin/order/cellar.html",
        {**context, "title": _("Cellar"), "places": list(places.items()), "offers": _offers(request)},
    )


def _offers(request: HttpRequest) -> list[dict[str, Any]]:
    """Orders that the winery ships itself, of which something is left that is in stock now."""
    mine = Order.objects.visible_to(request.user).filter(
        cancelled_at=None,
        pk__in=FulfillmentOrder.objects.filter(OPEN_HERE).values("order"),
        lines__shipped_here__lt=F("lines__quantity"),
    )
    orders = mine.select_related("store").prefetch_related("lines").distinct().order_by("placed_at")
    offers = []
    for order in orders[:OFFERED]:
        if any(remaining(order).values()):
            parts = [part for part in proposals(order) if part.place is not None]
            offers.append({"order": order, "pieces": sum(sum(part.pieces.values()) for part in parts)})
    return offers
