"""What every address of the API is held to."""

import re
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from crushsync.accounts.models import Role
from crushsync.accounts.roles import with_role
from crushsync.api import errors
from crushsync.api.access import ApiKeyAuthentication, Permitted
from crushsync.api.body import StrictJSONParser
from crushsync.api.describing import Describing
from crushsync.api.errors import ApiError, NoLength
from crushsync.api.pace import PerCaller
from crushsync.api.paging import CursorPages
from crushsync.api.rendering import AlwaysJSON
from crushsync.api.shaping import Shape, etag, require_match, tags

RowT = TypeVar("RowT", bound=Model)
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")


@method_decorator([gzip_page, never_cache], name="dispatch")
class Api(GenericAPIView[RowT]):
    """One address. `resource` names the scope it asks for; "" is open to every key."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [Permitted]
    throttle_classes = [PerCaller]
    parser_classes = [StrictJSONParser]
    renderer_classes = [AlwaysJSON]
    filter_backends = [DjangoFilterBackend]
    pagination_class = CursorPages
    metadata_class = None
    schema = Describing()
    http_method_names = ["get", "head", "post", "patch", "put", "delete"]

    resource: ClassVar[str] = ""
    tag: ClassVar[str]  # under which the description shows it
    write_role: ClassVar[Role] = Role.MANAGER
    only_reads: ClassVar[bool] = False  # a POST that changes nothing
    names_customers: ClassVar[bool] = False  # all of its answer would be void without them
    is_list: ClassVar[bool] = False
    is_shown: ClassVar[bool] = False  # one row, with an ETag
    is_tagged: ClassVar[bool] = False  # that is changed with If-Match
    order: ClassVar[tuple[str, ...]] = ("-id",)
    # The way to the few rows that own these. Named by their ids: the database knows how many rows each has,
    # and not how many a winery has that is two tables away.
    within: ClassVar[str] = ""

    # ------------------------------------------------------------------------------------------ in and out

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        mine = super().initialize_request(request, *args, **kwargs)
        given = request.headers.get("X-Request-ID", "")
        mine.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex  # type: ignore[attr-defined]
        return mine

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            _refuse_chunks(request)
            self._refuse_unknown_parameters(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["X-Request-ID"] = getattr(request, "request_id", "")
        if counted := getattr(request, "rate_limit", None):
            names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
            for name, value in zip(names, counted, strict=True):
                response[name] = str(value)
        return response

    def get_exception_handler(self) -> Callable[..., Response]:
        return errors.answer

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return AlwaysJSON(), AlwaysJSON.media_type

    def calls_out(self, **_: Any) -> bool:
        """Whether a POST asks somebody outside, and changes nothing: then no transaction is held open."""
        return False

    # ------------------------------------------------------------------------------------------------ rows

    def rows(self) -> QuerySet[Any]:
        """The rows of this address as far as the caller sees them; for a change: may change them."""
        seen = super().get_queryset().visible_to(self.request.user)  # type: ignore[attr-defined]
        if self.within:
            owners: Any = super().get_queryset().model._meta.get_field(self.within).related_model
            mine = owners.objects.visible_to(self.request.user).values_list("pk", flat=True)
            seen = seen.filter(**{f"{self.within}__in": list(mine)})
        changes = not (self.only_reads or self.request.method in ("GET", "HEAD"))
        return with_role(seen, self.request.user, self.write_role) if changes else seen

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows().prefetch_related(*self.shape.prefetch)

    @property
    def shape(self) -> Shape:
        if not hasattr(self, "_shape"):
            self._shape = Shape(self.request, self.get_serializer_class())
        return self._shape

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        return context if getattr(self, "swagger_fake_view", False) else {**context, "shape": self.shape}

    def shown(self, row: RowT) -> Any:
        """The row as JSON, as a GET of it shows it."""
        return self.get_serializer(row).data

    def tagged(self, data: Any, status: int = 200) -> Response:
        """The answer that shows a row, with its ETag."""
        return Response(data, status, headers={"ETag": etag(data, self.get_serializer_class())})

    def _refuse_unknown_parameters(self, request: Request) -> None:
        """A filter with a slip in its name would silently show everything."""
        known = Describing().parameter_names(self)
        for name, values in request.query_params.lists():
            if name not in known:
                told = ", ".join(sorted(known)) or "none"
                raise ApiError("invalid", f"There is no parameter {name!r} here. Known: {told}.")
            if len(values) > 1 or not values[0]:
                raise ApiError("invalid", f"The parameter {name!r} is to be given once, and not empty.")


def _refuse_chunks(request: Request) -> None:
    """Django reads a body of unknown length as an empty one: an edit would pass for "leave everything"."""
    if "Transfer-Encoding" in request.headers:
        raise NoLength("length_required", "Send the body whole, with its Content-Length, and not in chunks.")


class ListRows(Api[RowT]):
    """GET: a page of rows."""

    is_list = True

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ShowRow(Api[RowT]):
    """GET: one row, with an ETag; nothing if the caller has it already."""

    is_shown = True

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.tagged(self.shown(self.get_object()))
        if found["ETag"] in tags(request.headers.get("If-None-Match", "")):
            return Response(status=304, headers={"ETag": found["ETag"]})
        return found


class OnRow(Api[RowT]):
    """Something that is done with one row; its address holds the row's id as `id`."""

    lookup_url_kwarg = "id"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A row that is not the caller's is not there, whatever else is wrong with the call."""
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            self.found()

    def found(self) -> RowT:
        row: RowT = get_object_or_404(self.rows(), pk=self.kwargs["id"])
        self.check_object_permissions(self.request, row)
        return row


class EditRow(ShowRow[RowT]):
    """GET, and what changes the row: the caller names what they have read of it."""

    is_tagged = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A row that is not the caller's is not there, whatever else is wrong with the call."""
        super().initial(request, *args, **kwargs)
        if request.method in ("PATCH", "PUT", "DELETE") and request.method in self.allowed_methods:
            self.get_object()

    def locked(self) -> RowT:
        """The row as it is now, with its lock; it is the one the caller read. Call inside a transaction."""
        row = self.get_object()
        type(row)._default_manager.select_for_update().get(pk=row.pk)
        row = self.get_object()
        require_match(self.request, self.tagged(self.shown(row))["ETag"])
        return row
