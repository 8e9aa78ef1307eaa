"""Problems: what needs a person."""

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.problems import Family
from crushsync.api.base import ListRows, OnRow, ShowRow
from crushsync.api.bodies import Nothing
from crushsync.api.filters import Flag, Id, Moment, OneOf, Text
from crushsync.api.once import once
from crushsync.api.rows.problems import AssignBody, OpenedProblemRow, SnoozeBody
from fulfillment.models import Problem
from fulfillment.problems.handling import assign, resolve_one, snooze
from fulfillment.refusals import NotAllowed


class ProblemFilters(filters.FilterSet):
    """Which problems."""

    order = Id(field_name="order", help_text="Of this order.")
    store = Id(field_name="order__store", help_text="Of this store's orders.")
    code = Text(field_name="code", help_text="With this code.")
    subject = Text(field_name="subject", help_text="About this SKU, state or connection.")
    family = OneOf(choices=Family.choices, help_text="Of this sort.")
    is_open = Flag(method="still", help_text="Whether it is still so.")
    opened_after = Moment(field_name="opened_at", lookup_expr="gte", help_text="Opened then or later.")

    def still(self, rows: QuerySet[Problem], name: str, value: bool) -> QuerySet[Problem]:
        return rows.filter(closed_at__isnull=value)


class Problems(ListRows[Problem]):
    """Problems, newest first; without `is_open` the closed ones, too."""

    resource, tag = "problems", "Problems"
    serializer_class = OpenedProblemRow
    filterset_class = ProblemFilters
    queryset = Problem.objects.select_related("assigned_to")


class OneProblem(ShowRow[Problem]):
    """One problem."""

    resource, tag = "problems", "Problems"
    serializer_class = OpenedProblemRow
    queryset = Problems.queryset


class _OnProblem(OnRow[Problem]):
    resource, tag = "problems", "Problems"
    serializer_class = OpenedProblemRow
    queryset = Problems.queryset

    def the_open(self) -> QuerySet[Problem]:
        """The row as the functions take it. Raises NotAllowed for one that is closed."""
        if not self.found().is_open:
            raise NotAllowed("It is closed already.")
        return Problem.objects.visible_to(self.request.user).filter(pk=self.kwargs["id"])

    def now(self) -> Response:
        return Response(self.shown(self.found()))


class Assign(_OnProblem):
    """Give it to somebody."""

    @extend_schema(request=AssignBody, responses={200: OpenedProblemRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Assign a problem to somebody who works for the winery, or to nobody."""
        login = AssignBody.read(request)["person"]
        person = None
        if login:
            colleagues = User.objects.filter(memberships__winery=self.found().winery_id, is_active=True)
            person = colleagues.filter(username=login).first()
            if person is None:
                raise ValidationError({"person": ["Nobody of this winery has this login."]})
        assign(self.the_open(), person, actor=request.user.get_username())
        return self.now()


class Snooze(_OnProblem):
    """Put it out of sight."""

    @extend_schema(request=SnoozeBody, responses={200: OpenedProblemRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Snooze a problem until a time, or wake it. It closes meanwhile if its cause goes."""
        until = SnoozeBody.read(request)["until"]
        snooze(self.the_open(), until, actor=request.user.get_username())
        return self.now()


class Resolve(_OnProblem):
    """Declare it settled."""

    @extend_schema(request=None, responses={200: OpenedProblemRow})
    @once
    def post(self, request: Request, id: int) -> Response:
        """Settle a problem that nothing outside can mend; one that closes by itself is refused."""
        Nothing.read(request)
        self.found()
        resolve_one(id, actor=request.user.get_username())
        return self.now()
