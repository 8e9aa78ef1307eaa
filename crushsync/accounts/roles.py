"""What a person may do in a winery: asked of the memberships once per request."""

from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet

from crushsync.accounts.models import KeyHolder, Role, roles_of, winery_path

Person = User | AnonymousUser | KeyHolder
RowsT = TypeVar("RowsT", bound=QuerySet[Any])

RANK: dict[str, int] = {Role.VIEWER: 1, Role.MANAGER: 2, Role.OWNER: 3}


def has_role(user: Person, role: Role, winery_id: int | None = None) -> bool:
    """Whether the user is at least `role` in that winery; without a winery: in some winery."""
    if user.is_superuser or not user.is_active:
        return user.is_active
    held = roles_of(user)
    ranks = [RANK[held[winery_id]] for winery_id in ([winery_id] if winery_id else held) if winery_id in held]
    return max(ranks, default=0) >= RANK[role]


def with_role(rows: RowsT, user: Person, role: Role) -> RowsT:
    """Those of the rows whose winery the user is at least `role` in."""
    if user.is_superuser and user.is_active:
        return rows
    path = winery_path(rows.model)
    return rows.filter(**{f"{path or 'pk'}__in": [pk for pk in roles_of(user) if has_role(user, role, pk)]})


def winery_of(row: Any) -> Any:
    """The winery a row belongs to."""
    for name in filter(None, winery_path(type(row)).split("__")):
        row = getattr(row, name)
    return row
