"""Pages by cursor: a page begins after the last row of the one before, however many rows came in since."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from crushsync.api.errors import ApiError

DEFAULT, MOST = 25, 100


class CursorPages(BasePagination):
    """The view's `order` names the columns, the last of them unique: ("-placed_at", "-id")."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request, self.order = request, tuple(view.order)
        self.size = _limit(request.query_params.get("limit"))
        rows: QuerySet[Any] = queryset.order_by(*self.order)
        if cursor := request.query_params.get("cursor"):
            rows = rows.filter(_after(self.order, _read(cursor, len(self.order))))
        found = list(rows[: self.size + 1])
        self.last = found[self.size - 1] if len(found) > self.size else None
        return found[: self.size]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self._next()})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        told = "Address of the next page, with every filter of this one; null on the last page."
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": {**schema, "description": "The rows of this page."},
                "next": {"type": ["string", "null"], "format": "uri", "description": told},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT}
        cursor = "Where the page begins: taken from `next` of the page before, never made up."
        return [
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": "How many rows.",
                "schema": size,
            },
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": cursor,
                "schema": {"type": "string"},
            },
        ]

    def _next(self) -> str | None:
        if self.last is None:
            return None
        values = [getattr(self.last, name.lstrip("-")) for name in self.order]
        plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
        cursor = base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)


class OnePage(CursorPages):
    """All rows at once, in the form of a page: for what there is little of."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT
    if not (given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= MOST):
        raise ApiError("invalid", f"`limit` is a number from 1 to {MOST}.")
    return int(given)


def _read(cursor: str, length: int) -> list[Any]:
    """The values a cursor holds. Its form is checked here; whether such a row exists does not matter."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != length:
            raise ValueError(cursor)
        *times, key = values
        if type(key) is not int or not 0 <= key < 2**63:
            raise ValueError(cursor)
        moments = [datetime.fromisoformat(value) for value in times]
        if any(moment.tzinfo is None for moment in moments):
            raise ValueError(cursor)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise ApiError(
            "invalid_cursor", "This cursor is not one of ours. Take it from `next` of a page."
        ) from None
    return [*moments, key]


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows after these values. The first column alone bounds the rows, so that its index is used."""
    found, equal = Q(), Q()
    for place, (name, value) in enumerate(zip(order, values, strict=True)):
        column, step = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        found |= equal & Q(**{f"{column}__{step}": value})
        if place == 0 and len(order) > 1:
            bound = Q(**{f"{column}__{step}e": value})
        equal &= Q(**{column: value})
    return found if len(order) == 1 else bound & found
