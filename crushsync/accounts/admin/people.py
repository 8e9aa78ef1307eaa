"""Wineries and who works for them."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.admin.base import WineryAdmin
from crushsync.accounts.models import Membership, Role, Winery
from crushsync.lib.states import state_code


class WineryForm(forms.ModelForm):  # type: ignore[type-arg]
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[(name, name.replace("_", " ")) for name in sorted(available_timezones())],
    )

    def clean_holiday_state(self) -> str:
        """Of a state that nobody knows the federal holidays alone would count, without a word."""
        return state_code(self.cleaned_data["holiday_state"])


BASICS = ("name", "slug", "time_zone")


@admin.register(Winery)
class WineryPage(WineryAdmin):
    form = WineryForm
    list_display = ("name", "time_zone")
    fieldsets = (
        (None, {"fields": (*BASICS, "writes_to_customers")}),
        (
            _("When an order is late"),
            {"fields": ("send_within", "ship_within", "report_within", "holiday_state")},
        ),
    )
    change_role = Role.OWNER

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """What the machine keeps on the row is left alone: a worker may be writing it at this moment."""
        obj.save(update_fields=form.changed_data if change else None)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new winery has the usual promises; they are changed on its page."""
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": BASICS})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if request.user.is_superuser else ("slug",)


class RoleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Membership
        fields: tuple[str, ...] = ("role",)

    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        if self.instance.pk and role != Role.OWNER and is_last_owner(self.instance, is_leaving=True):
            raise ValidationError(_("A winery keeps at least one owner."))
        return role


class NewMembershipForm(RoleForm):
    """Names the login instead of listing them: whoever works elsewhere is nobody's business here."""

    login = forms.CharField(
        label=_("Login name"), help_text=_("Whoever runs CrushSync makes logins; here they get a role.")
    )

    class Meta(RoleForm.Meta):
        fields = ("winery", "role")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        user = User.objects.filter(username=data.get("login", ""), is_active=True).first()
        if user is None:
            raise ValidationError({"login": _("There is no such login.")})
        if Membership.objects.filter(user=user, winery=data.get("winery")).exists():
            raise ValidationError({"login": _("This person has a role there already.")})
        self.instance.user = user
        return data


def is_last_owner(membership: Membership, *, is_leaving: bool = False) -> bool:
    """Whether the winery would be without an owner if this one left. Reads the role as it is stored.

    `is_leaving`: inside the transaction in which this one leaves. Of two who leave at the same time, the
    later one waits here for the other and is the last.
    """
    owners = Membership.objects.filter(winery=membership.winery_id, role=Role.OWNER).order_by("pk")
    owners = owners.select_for_update() if is_leaving else owners
    return [owner.pk for owner in owners] == [membership.pk]


@admin.register(Membership)
class MembershipAdmin(WineryAdmin):
    deleting = _(
        "This person sees and does nothing at the winery any more. The login stays, and so does what they did"
        " under their name."
    )
    list_display = ("user", "winery", "role")
    list_select_related = ("user", "winery")
    view_role = add_role = change_role = delete_role = Role.OWNER

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, form=RoleForm if obj else NewMembershipForm, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "winery", "role") if obj else ("login", "winery", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "winery") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and is_last_owner(obj))

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """Asked once more: the other owner may have left since."""
        if is_last_owner(obj, is_leaving=True):
            raise PermissionDenied
        super().delete_model(request, obj)


class OperatorOnly:
    """Logins belong to the whole installation."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


admin.site.unregister([User, Group])


@admin.register(User)
class PersonAdmin(OperatorOnly, UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "email", "is_active", "is_superuser")
    list_filter = ()
    actions = None
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (None, {"fields": ("first_name", "last_name", "email")}),
        (_("May"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
