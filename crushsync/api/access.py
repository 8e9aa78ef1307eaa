"""Who calls, and what it may."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import (
    AuthenticationFailed,
    NotAuthenticated,
    PermissionDenied,
    ValidationError,
)
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from crushsync.accounts.keys import find_key, note_use
from crushsync.accounts.models import KeyHolder, Role, Winery
from crushsync.accounts.roles import has_role, winery_of, with_role
from crushsync.api.errors import NoSuchRow

RowT = TypeVar("RowT", bound=Model)


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer cs_...`"""

    def authenticate(self, request: Request) -> tuple[KeyHolder, None] | None:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != "bearer":
            raise NotAuthenticated
        key = find_key(text.strip())
        if key is None:
            raise AuthenticationFailed("This API key is not known.", "unknown_key")
        if key.revoked_at is not None:
            raise AuthenticationFailed("This API key was revoked.", "revoked_key")
        if key.is_expired:
            raise AuthenticationFailed("This API key has expired.", "expired_key")
        note_use(key)
        return KeyHolder(key), None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="CrushSync"'


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of one winery, made in the admin under Winery, API keys. Each call names "
            "the scopes it needs.",
        }

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        return {self.name: scopes_of(auto_schema.view, auto_schema.method)}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "Somebody logged in to the admin; writes need the CSRF token, too.",
        }


class Permitted(BasePermission):
    """A key by its scopes, a person by the role in the row's winery."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in view.allowed_methods:
            return True  # it is refused as such
        user: Any = request.user
        if not user.is_authenticated:
            return False
        if isinstance(user, KeyHolder):
            return all(_has_scope(user, scope) for scope in scopes_of(view, request.method))
        return has_role(user, self.role(request, view))

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        user: Any = request.user
        if isinstance(user, KeyHolder):
            return True  # its winery is the only one it sees, and its scope was asked
        return has_role(user, self.role(request, view), winery_of(obj).pk)

    def role(self, request: Request, view: Any) -> Role:
        return Role.VIEWER if _reads(view, request.method) else view.write_role


def scopes_of(view: Any, method: str | None) -> list[str]:
    """The scopes that a call needs; none where any key will do.

    A view names its `resource`; a call that changes nothing needs `<resource>:read`, any other `:write`.
    """
    own = [f"{view.resource}:{'read' if _reads(view, method) else 'write'}"] if view.resource else []
    return [*own, *(["customers:read"] if view.names_customers else [])]


def _reads(view: Any, method: str | None) -> bool:
    return method in SAFE_METHODS or view.only_reads


def may_see_customers(user: Any) -> bool:
    """Whether names and addresses are shown: to people who see the order, to keys with a scope for it."""
    return "customers:read" in user.key.scopes if isinstance(user, KeyHolder) else True


def the_winery(user: Any, winery_id: int | None, role: Role) -> Winery:
    """The winery a new row is to belong to: the key's, or the person's. Raises ValidationError, NoSuchRow."""
    mine = with_role(Winery.objects.visible_to(user), user, role)
    if winery_id is not None:
        found: Winery = named(mine, "winery", winery_id, "a winery")
        return found
    only: list[Winery] = list(mine[:2])
    if len(only) != 1:
        raise ValidationError({"winery": ["You belong to several wineries: say which."]})
    return only[0]


def named(rows: QuerySet[RowT], field: str, pk: int, what: str) -> RowT:
    """The row whose id a field of the body holds. Raises NoSuchRow: several fields may hold ids."""
    found = rows.filter(pk=pk).first()
    if found is None:
        told = f"`{field}` is the id of {what}: {pk} is none, or is not yours to see."
        raise NoSuchRow("not_found", told, fields={field: [told]})
    return found


def _has_scope(user: KeyHolder, scope: str) -> bool:
    if scope not in user.key.scopes:
        raise PermissionDenied(f"This API key lacks the scope {scope}.", "missing_scope")
    return True


def caller_of(request: Request) -> str:
    """A short name of who calls, never a secret. A key that takes another's place keeps its name: what was
    sent with the old one and is repeated with the new one is known."""
    user: Any = request.user
    return f"key {user.key.first_pk}" if isinstance(user, KeyHolder) else f"person {user.pk}"
