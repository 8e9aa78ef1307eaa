"""What people do with stock: one form for each act. Its token makes a second click the same act."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import Role
from crushsync.accounts.roles import with_role
from crushsync.lib.signing import new_token
from fulfillment import stock
from fulfillment.models import MovementReason, StockLevel, StockLocation

MOST = 10_000_000  # pieces in one act


def choose_the_only(field: Any) -> None:
    """Of the places to choose from; most wineries have one."""
    found = list(field.queryset[:2])
    if len(found) == 1:
        field.initial = found[0].pk


class ActForm(forms.Form):
    """Where, and of what. The places are those of wineries in which the user may act."""

    location = forms.ModelChoiceField(queryset=StockLocation.objects.none(), label=_("Location"))
    sku = forms.CharField(label=_("SKU"), max_length=100)
    token = forms.RegexField(r"^[\w-]{16,64}$", widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, data: Any = None) -> None:
        super().__init__(data, initial={**request.GET.dict(), "token": new_token()})
        mine = with_role(StockLocation.objects.filter(is_active=True), request.user, Role.MANAGER)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = mine
        choose_the_only(self.fields["location"])
        self.actor = request.user.get_username()

    @property
    def reference(self) -> str:
        return f"by hand:{self.cleaned_data['token']}"

    def book(self) -> bool:
        """Do it; False: this very act was done before. Raises ValidationError."""
        raise NotImplementedError


class NoteForm(ActForm):
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    @property
    def told(self) -> dict[str, str]:
        return {"actor": self.actor, "note": self.cleaned_data["note"]}


class ReceiveForm(NoteForm):
    quantity = forms.IntegerField(label=_("How many came in"), min_value=1, max_value=MOST)
    field_order = ("location", "sku", "quantity", "note")

    def book(self) -> bool:
        given = self.cleaned_data
        made = stock.receive(given["location"], given["sku"], given["quantity"], self.reference, **self.told)
        return made is not None


class CountForm(NoteForm):
    counted = forms.IntegerField(label=_("How many are there"), min_value=0, max_value=MOST)
    field_order = ("location", "sku", "counted", "note")

    def book(self) -> bool:
        given = self.cleaned_data
        place, sku, counted, note = given["location"], given["sku"], given["counted"], given["note"]
        made = stock.count(place, sku, counted, self.reference, actor=self.actor, note=note)
        return made is not None


class TransferForm(NoteForm):
    target = forms.ModelChoiceField(queryset=StockLocation.objects.none(), label=_("To"))
    quantity = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST)
    field_order = ("location", "target", "sku", "quantity", "note")

    def book(self) -> bool:
        given = self.cleaned_data
        made = stock.transfer(
            given["location"], given["target"], given["sku"], given["quantity"], self.reference, **self.told
        )
        return made is not None


class AdjustForm(NoteForm):
    reason = forms.ChoiceField(
        label=_("Why"), choices=[(reason.value, reason.label) for reason in stock.ADJUSTMENTS]
    )
    quantity = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST)
    field_order = ("location", "sku", "reason", "quantity", "note")

    def book(self) -> bool:
        given = self.cleaned_data
        reason = MovementReason(given["reason"])
        made = stock.adjust(
            given["location"], given["sku"], given["quantity"], reason, self.reference, **self.told
        )
        return made is not None


class WarnForm(ActForm):
    low_at = forms.IntegerField(
        label=_("Warn at"),
        min_value=0,
        max_value=MOST,
        required=False,
        help_text=_("A notice when so many or fewer are available. Empty: no notice."),
    )
    field_order = ("location", "sku", "low_at")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        known = StockLevel.objects.filter(location=given.get("location"), sku=given.get("sku", ""))
        if not self.errors and not known.exists():
            raise forms.ValidationError(_("Nothing of this SKU was ever there."))
        return given

    def book(self) -> bool:
        stock.warn_at(self.cleaned_data["location"], self.cleaned_data["sku"], self.cleaned_data["low_at"])
        return True


@dataclass(frozen=True)
class StockAct:
    """`says`: what happens, and what does not."""

    name: str
    label: Any  # lazily translated, as the next one
    says: Any
    form: type[ActForm]


ACTS = {
    act.name: act
    for act in (
        StockAct("receive", _("Receive"), _("Bottles came in: they are added to the level."), ReceiveForm),
        StockAct(
            "count",
            _("Count"),
            _("The level becomes what you counted, by a movement of the difference. Nothing is shipped."),
            CountForm,
        ),
        StockAct(
            "transfer",
            _("Move"),
            _("Bottles went to another location. More than are there cannot be moved."),
            TransferForm,
        ),
        StockAct(
            "adjust",
            _("Correct"),
            _("Bottles are gone or came back, for a reason. No order and no customer is told."),
            AdjustForm,
        ),
        StockAct("warn", _("Warn"), _("Only a notice: no level changes."), WarnForm),
    )
}
