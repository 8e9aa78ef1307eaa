"""The fulfill page, corrections, cancellation and the packing slip. Works without scripts."""

import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from crushsync.accounts.models import Role
from crushsync.accounts.roles import has_role
from crushsync.lib.carriers import CARRIERS
from fulfillment.admin.parcel_forms import FulfillForm, ParcelForm
from fulfillment.models import Fulfillment, FulfillmentStatus, OwnCarrier, StoreFulfillment
from fulfillment.proposing import Proposal
from fulfillment.reporting import report_again
from fulfillment.shipping import (
    Refused,
    cancel_fulfillment,
    correct_tracking,
    create_fulfillment,
    map_place,
    move_on,
    parcel_of,
)
from fulfillment.shipping.choices import proposals
from fulfillment.stock import own_places
from orders.models import Order

PAGE = "admin:orders_order_change"
NOTHING_LEFT = lazy("Nothing of this order is left to ship here.")
SPLITS = {
    "location": lazy("By location"),
    "availability": lazy("What is there now"),
    "size": lazy("By size"),
}
Context = dict[str, Any]
Proposals = dict[str, list[Proposal]]


def fulfill_page(request: HttpRequest, order_id: int, context: Context) -> HttpResponse:
    """Choose pieces, place and packages, and make the fulfillment: once, by the form's key."""
    order = _order(request, order_id)
    found = proposals(order)
    if request.method == "POST":
        form = FulfillForm(request.POST, order=order)
        if form.is_valid() and _tried(request, form, lambda: _make(request, order, form)):
            return redirect(PAGE, order.pk)
    else:
        form = FulfillForm(order=order, initial=_initial(request, order, found))
    pieces = [form[name] for name in form.fields if name.startswith("line-")]
    others = [form[name] for name in form.fields if not name.startswith("line-") and name != "key"]
    return render(
        request,
        "admin/order/fulfill.html",
        {
            **context,
            "title": _("Fulfill %s") % order.name,
            "order": order,
            "form": form,
            "pieces": pieces,
            "nothing_left": NOTHING_LEFT,
            "others": others,
            "splits": _split_links(order, found),
            "carriers": _carriers(order),
        },
    )


def correct_page(request: HttpRequest, fulfillment_id: int, context: Context) -> HttpResponse:
    """Put other carrier, numbers or page in the place of the old ones."""
    made = _own(request, fulfillment_id)
    told = parcel_of(made)
    initial = {**{n: getattr(told, n) for n in ("carrier", "tracking_url", "package_count")}}
    form = ParcelForm(request.POST or None, initial={**initial, "numbers": "\n".join(told.tracking_numbers)})
    actor = request.user.get_username()
    is_asked = request.method == "POST" and form.is_valid()
    if is_asked and _tried(request, form, lambda: correct_tracking(made.pk, form.parcel(), actor=actor)):
        return redirect(PAGE, made.order_id)
    words = {"title": _("Correct the tracking of %s") % made.order, "made": made, "form": form}
    return render(
        request, "admin/order/correct.html", {**context, **words, "carriers": _carriers(made.order)}
    )


def cancel_page(request: HttpRequest, fulfillment_id: int, context: Context) -> HttpResponse:
    """Ask, saying what will happen and what will not; then cancel."""
    made = _own(request, fulfillment_id)
    if request.method == "POST":
        actor = request.user.get_username()
        _tried(request, None, lambda: cancel_fulfillment(made.pk, actor=actor))
        return redirect(PAGE, made.order_id)
    return render(
        request, "admin/order/cancel.html", {**context, "title": _("Cancel the fulfillment"), "made": made}
    )


def move_on_now(request: HttpRequest, fulfillment_id: int, status: str) -> HttpResponse:
    """The carrier has it, or it has arrived."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    made, actor = _own(request, fulfillment_id), request.user.get_username()
    if status in (FulfillmentStatus.SHIPPED, FulfillmentStatus.DELIVERED):
        _tried(request, None, lambda: move_on(made.pk, FulfillmentStatus(status), actor=actor))
    return redirect(PAGE, made.order_id)


def map_now(request: HttpRequest, row_id: int) -> HttpResponse:
    """One click: the store's location of this fulfillment is that place."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    rows = StoreFulfillment.objects.visible_to(request.user).select_related("order", "store")
    row = get_object_or_404(rows, pk=row_id)
    _allow(request, row.order)
    chosen = request.POST.get("location", "")
    place = get_object_or_404(own_places(row.order.winery_id), pk=chosen if chosen.isdecimal() else 0)
    count = map_place(row.store, row.place, place, actor=request.user.get_username())
    messages.success(request, _("Mapped. Fulfillments booked there: %d.") % count)
    return redirect(PAGE, row.order_id)


def report_again_now(request: HttpRequest, fulfillment_id: int) -> HttpResponse:
    """The store is told again what it was not told, of whoever's shipment."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    rows = Fulfillment.objects.visible_to(request.user).select_related("order")
    made: Fulfillment = get_object_or_404(rows, pk=fulfillment_id)
    _allow(request, made.order)
    if report_again(made.pk, actor=request.user.get_username()):
        messages.success(request, _("The store is told again."))
    else:
        messages.info(request, _("The store knows, or is about to be told."))
    return redirect(PAGE, made.order_id)


def packing_slip(request: HttpRequest, fulfillment_id: int) -> HttpResponse:
    """What is in the box and where it goes, to be printed and put in."""
    rows = Fulfillment.objects.visible_to(request.user).select_related("order__winery", "location")
    made = get_object_or_404(rows.prefetch_related("lines__order_line"), pk=fulfillment_id)
    return render(
        request, "admin/order/packing_slip.html", {"made": made, "ship_to": made.order.ship_to or {}}
    )


def _make(request: HttpRequest, order: Order, form: FulfillForm) -> Fulfillment:
    told = form.cleaned_data
    return create_fulfillment(
        order.pk,
        form.pieces(),
        form.parcel(ship_date=told["ship_date"], notify_customer=told["notify"]),
        location=told["location"],
        actor=request.user.get_username(),
        key=told["key"][:100],
        may_go_negative=told["may_go_negative"],
    )


def _tried(request: HttpRequest, form: forms.Form | None, do: Callable[[], Any]) -> bool:
    """Whether it was done; if not, the page says why."""
    try:
        do()
    except (Refused, ValidationError) as refusal:
        sentence = refusal.sentence if isinstance(refusal, Refused) else " ".join(refusal.messages)
        if form is None:
            messages.error(request, sentence)
        else:
            form.add_error(None, sentence)
        return False
    messages.success(request, _("Done. The store is told."))
    return True


def _initial(request: HttpRequest, order: Order, found: Proposals) -> dict[str, Any]:
    """The proposal that was asked for, as the form's first values; without one, everything that is left, from
    where most of it is."""
    parts, wanted = found.get(request.GET.get("split", ""), []), request.GET.get("part", "0")
    best = next((part.place for part in found["location"] if part.place), None)
    first: dict[str, Any] = {
        "key": secrets.token_urlsafe(12),
        "location": best or own_places(order.winery_id).first(),
    }
    part = next((part for number, part in enumerate(parts) if str(number) == wanted), None)
    if part is None:
        return first
    lines = {f"line-{line.pk}": part.pieces.get(line.pk, 0) for line in order.lines.all()}
    return {**first, **lines, "location": part.place or first["location"]}


def _split_links(order: Order, found: Proposals) -> list[tuple[str, Any, list[dict[str, Any]]]]:
    """Each way to divide the order, with its parts, where there is more than one part."""
    titles = {line.pk: line.title for line in order.lines.all()}
    places = {place.pk: place.name for place in own_places(order.winery_id)}
    links = []
    for split, label in SPLITS.items():
        parts = [
            {
                "place": places.get(part.place or 0, ""),
                "what": ", ".join(f"{count} × {titles[line]}" for line, count in part.pieces.items()),
            }
            for part in found[split]
        ]
        if len(parts) > 1:
            links.append((split, label, parts))
    return links


def _carriers(order: Order) -> list[str]:
    own = OwnCarrier.objects.filter(winery=order.winery_id).values_list("name", flat=True)
    return [*(carrier.label for carrier in CARRIERS.values()), *own]


def _order(request: HttpRequest, order_id: int) -> Order:
    rows = Order.objects.visible_to(request.user).select_related("store", "winery")
    order: Order = get_object_or_404(rows.prefetch_related("lines"), pk=order_id)
    _allow(request, order)
    return order


def _own(request: HttpRequest, fulfillment_id: int) -> Fulfillment:
    rows = Fulfillment.objects.visible_to(request.user).select_related("order__winery", "location")
    made: Fulfillment = get_object_or_404(rows, pk=fulfillment_id, fulfillment_order=None)
    _allow(request, made.order)
    return made


def _allow(request: HttpRequest, order: Order) -> None:
    if not has_role(request.user, Role.MANAGER, order.winery_id):
        raise PermissionDenied
