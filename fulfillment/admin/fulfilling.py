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
from fulfillment.models import Fulfillment, FulfillmentStatus, OwnCarrier, StockLocation, StoreFulfillment
from fulfillment.reporting import report_again
from fulfillment.shipping import (
    Parcel,
    Refused,
    cancel_fulfillment,
    correct_tracking,
    create_fulfillment,
    map_place,
    move_on,
    parcel_of,
    remaining,
)
from fulfillment.shipping.choices import SPLITS, proposals
from fulfillment.stock import own_places
from orders.models import Order

PAGE = "admin:orders_order_change"
Context = dict[str, Any]


class ParcelForm(forms.Form):
    """What is told of the packages."""

    carrier = forms.CharField(
        label=lazy("Carrier"),
        required=False,
        widget=forms.TextInput(attrs={"list": "carriers"}),
        help_text=lazy("Empty: recognized by the number."),
    )
    numbers = forms.CharField(
        label=lazy("Tracking numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=lazy("One a line."),
    )
    tracking_url = forms.CharField(
        label=lazy("Tracking page"), required=False, help_text=lazy("Only for a carrier we do not know.")
    )
    package_count = forms.IntegerField(label=lazy("Packages"), min_value=1, max_value=999, initial=1)

    def parcel(self, **more: Any) -> Parcel:
        told = self.cleaned_data
        return Parcel(
            told["carrier"],
            tuple(told["numbers"].splitlines()),
            told["tracking_url"],
            told["package_count"],
            **more,
        )


class FulfillForm(ParcelForm):
    """Pieces of each line, the place, and the packages."""

    location = forms.ModelChoiceField(StockLocation.objects.none(), label=lazy("Ships from"), required=False)
    ship_date = forms.DateField(
        label=lazy("Ship date"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    notify = forms.TypedChoiceField(
        label=lazy("Mail from the store to the customer"),
        choices=[("", lazy("As the store's settings say")), ("yes", lazy("Yes")), ("no", lazy("No"))],
        coerce=lambda chosen: chosen == "yes",
        empty_value=None,
        required=False,
    )
    may_go_negative = forms.BooleanField(
        label=lazy("Ship even if the count says there are fewer"), required=False
    )
    key = forms.CharField(widget=forms.HiddenInput)
    field_order = ("location", "carrier", "numbers", "tracking_url", "package_count", "ship_date", "notify")

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["location"]
        place.queryset = own_places(order.winery_id)
        left = remaining(order)
        for line in order.lines.all():
            if count := left.get(line.pk):
                self.fields[f"line-{line.pk}"] = forms.IntegerField(
                    label=line.title, min_value=0, max_value=count, required=False, initial=count
                )

    def pieces(self) -> dict[int, int]:
        return {
            int(name.removeprefix("line-")): count
            for name, count in self.cleaned_data.items()
            if name.startswith("line-") and count
        }


def fulfill_page(request: HttpRequest, order_id: int, context: Context) -> HttpResponse:
    """Choose pieces, place and packages, and make the fulfillment: once, by the form's key."""
    order = _order(request, order_id)
    if request.method == "POST":
        form = FulfillForm(request.POST, order=order)
        if form.is_valid() and _tried(request, form, lambda: _make(request, order, form)):
            return redirect(PAGE, order.pk)
    else:
        form = FulfillForm(order=order, initial=_initial(request, order))
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
            "others": others,
            "splits": _split_links(order),
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
    place = get_object_or_404(own_places(row.order.winery_id), pk=request.POST.get("location") or 0)
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


def _initial(request: HttpRequest, order: Order) -> dict[str, Any]:
    """The proposal that was asked for, as the form's first values; without one, everything that is left."""
    split, wanted = request.GET.get("split", ""), request.GET.get("part", "0")
    first: dict[str, Any] = {
        "key": secrets.token_urlsafe(12),
        "location": own_places(order.winery_id).first(),
    }
    found = proposals(order, split) if split in SPLITS else []
    part = found[int(wanted)] if wanted.isdecimal() and int(wanted) < len(found) else None
    if part is None:
        return first
    lines = {f"line-{line.pk}": part.pieces.get(line.pk, 0) for line in order.lines.all()}
    return {**first, **lines, "location": part.place or first["location"]}


def _split_links(order: Order) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Each way to divide the order, with its parts, where there is more than one part."""
    labels = {"location": _("By location"), "availability": _("What is there now"), "size": _("By size")}
    titles = {line.pk: line.title for line in order.lines.all()}
    places = {place.pk: place.name for place in own_places(order.winery_id)}
    found = []
    for split in SPLITS:
        parts = [
            {
                "place": places.get(part.place or 0, ""),
                "what": ", ".join(f"{count} × {titles[line]}" for line, count in part.pieces.items()),
            }
            for part in proposals(order, split)
        ]
        if len(parts) > 1:
            found.append((split, labels[split], parts))
    return found


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
