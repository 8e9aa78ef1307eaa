"""What every page of the admin is held to: staff see their wineries' rows, and act as their role allows."""

from typing import Any, ClassVar, NoReturn

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime, RelatedFieldWidgetWrapper
from django.core.paginator import Paginator
from django.db.models import Field, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crushsync.accounts.models import OwnedQuerySet, Role
from crushsync.accounts.roles import has_role, winery_of, with_role


class RoleRules:
    """Who may view, add, change and delete: the least role for each; None is nobody, by hand.

    Django's own permissions play no part: a Membership is all that staff need.
    """

    view_role: ClassVar[Role | None] = Role.VIEWER
    add_role: ClassVar[Role | None] = None
    change_role: ClassVar[Role | None] = None
    delete_role: ClassVar[Role | None] = None
    model: type[Model]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.view_role)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.view_role, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.add_role)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.change_role, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.delete_role, obj)

    def _may(self, request: HttpRequest, role: Role | None, obj: Any = None) -> bool:
        if role is None or not request.user.is_staff:
            return False
        # An inline asks with the row its page is about, which belongs to the same winery.
        return has_role(request.user, role, winery_of(obj).pk if obj else None)

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Choices are rows of wineries in which the user may make the change; no shortcuts to other forms."""
        found = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if found and isinstance(found.widget, AdminSplitDateTime):  # Django labels the pair, not its boxes
            for box, label in zip(found.widget.widgets, (_("Date"), _("Time")), strict=True):
                box.attrs["aria-label"] = label
        if isinstance(found, ModelChoiceField):
            if isinstance(found.widget, RelatedFieldWidgetWrapper):
                found.widget = found.widget.widget
            if isinstance(found.queryset, OwnedQuerySet):
                found.queryset = with_role(found.queryset, request.user, self.change_role or Role.OWNER)
                if found.required and len(found.queryset[:2]) == 1:
                    found.empty_label = None  # there is nothing to choose
        return found


class ShortPaginator(Paginator):  # type: ignore[type-arg]
    """Counts to MOST and no further: who looks for an older row narrows the list."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[: self.MOST].count()


class WineryAdmin(RoleRules, admin.ModelAdmin):  # type: ignore[type-arg]
    """The base of every page. `fields_from_outside` are shown and never edited."""

    actions = None
    paginator = ShortPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    empty_value_display = "–"
    nothing_yet: ClassVar[Any] = ""  # said where the list has no row, ever
    deleting: ClassVar[Any] = ""  # said before a row is deleted: what happens, and what does not

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user)  # type: ignore[attr-defined,no-any-return]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return super().delete_view(request, object_id, {"deleting": self.deleting, **(extra_context or {})})

    def _get_obj_does_not_exist_redirect(self, *_: Any) -> NoReturn:
        """Another winery's row is not there at all."""
        raise Http404


class WineryInline(RoleRules, admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    show_change_link = False


class OwnRowsFilter(admin.RelatedFieldListFilter):
    """Choices of a filter by a related row: only the user's own."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> list[tuple[str, Any]]:
        rows = field.related_model.objects.visible_to(request.user)
        return [(str(row.pk), str(row)) for row in rows]
