"""What a person says of a fulfillment that is made, and of its packages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from fulfillment.models import StockLocation
from fulfillment.shipping import Parcel, remaining
from fulfillment.stock import own_places
from orders.models import Order


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
            name, count = f"line-{line.pk}", left.get(line.pk, 0)
            # Sent once more, or after somebody else's, it asks for more than is left: the act itself knows
            # whether it is done already, and refuses what is not there. Nothing is left out unsaid.
            if count or (line.pk in left and self.data.get(name)):
                box = forms.NumberInput(attrs={"max": count})
                self.fields[name] = forms.IntegerField(
                    label=line.title, min_value=0, required=False, initial=count, widget=box
                )

    def pieces(self) -> dict[int, int]:
        return {
            int(name.removeprefix("line-")): count
            for name, count in self.cleaned_data.items()
            if name.startswith("line-") and count
        }
