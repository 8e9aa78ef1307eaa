"""Rows as JSON: every field described, fewer on request (`fields`), more on request (`expand`)."""

import hashlib
import re
from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, URLField
from rest_framework import serializers
from rest_framework.request import Request

from crushsync.api.errors import ApiError, Outdated, TagMissing
from crushsync.api.rendering import AlwaysJSON
from crushsync.lib.text import in_utc

# W/: packing an answer on its way makes its tag a weak one.
TAGS = re.compile(r'^(\*|(W/)?"[0-9a-f]{32}"(, ?(W/)?"[0-9a-f]{32}")*)$')
RowT = TypeVar("RowT", bound=Model)


class Told(serializers.Serializer[RowT]):
    """Something as JSON. What DRF asks of each field for each value anew is asked once for a page."""

    @cached_property
    def _tellers(self) -> list[tuple[str, Callable[[Any], Any]]]:
        return [(str(field.field_name), _teller(field)) for field in self._readable_fields]

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: tell(instance) for name, tell in self._tellers}


class RelatedId(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a related row, which is a column of this one."""

    get_attribute = serializers.Field.get_attribute

    def bind(self, field_name: str, parent: Any) -> None:
        super().bind(field_name, parent)
        self.source_attrs = [f"{self.source}_id"]

    def to_representation(self, value: Any) -> Any:
        return value


# Columns of these kinds hold what is shown, to the letter.
SHOWN_AS_THEY_ARE = (serializers.CharField, serializers.IntegerField, serializers.BooleanField, RelatedId)


def _teller(field: serializers.Field[Any, Any, Any, Any]) -> Callable[[Any], Any]:
    is_plain = type(field).get_attribute is serializers.Field.get_attribute and field.source_attrs
    take: Callable[[Any], Any] = (
        attrgetter(".".join(field.source_attrs))
        if is_plain and field.default is serializers.empty
        else field.get_attribute
    )
    if type(field) in SHOWN_AS_THEY_ARE:
        return take
    show = in_utc if type(field) is serializers.DateTimeField else field.to_representation

    def tell(row: Any) -> Any:
        value = take(row)
        return None if value is None else show(value)

    return tell


class Shown(Told[RowT], serializers.ModelSerializer[RowT]):
    """A row as it is shown. `Meta.words` names its fields and says what each means, examples included.

    What `Meta.expandable` names is left out unless `expand` asks for it. `Meta.loads` says what a field needs
    to be prefetched, which is done only where the field is shown.
    """

    serializer_related_field = RelatedId

    class Meta:
        model: ClassVar[type[Any]]
        words: ClassVar[dict[str, str]]
        expandable: ClassVar[tuple[str, ...]]
        loads: ClassVar[dict[str, tuple[Any, ...]]]

    # An address may be "", which the description must not call a URI.
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        URLField: serializers.CharField,
    }

    def get_field_names(self, declared_fields: Any, info: Any) -> list[str]:
        return list(self.Meta.words)

    def get_extra_kwargs(self) -> dict[str, dict[str, Any]]:
        return {name: {"read_only": True} for name in self.Meta.words}

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        may_be_blank = {column.name for column in self.Meta.model._meta.fields if column.blank}
        for name, field in fields.items():
            field.help_text = self.Meta.words[name]
            if isinstance(field, serializers.ChoiceField):
                field.allow_blank = name in may_be_blank  # which DRF forgets of what is only shown
        shape = self.context.get("shape") if self._is_outermost() else None
        if shape is None:
            return fields if self._is_described() else self._plain(fields)
        return {name: field for name, field in fields.items() if shape.shows(name)}

    def _plain(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {name: field for name, field in fields.items() if name not in expandable(type(self))}

    def _is_outermost(self) -> bool:
        parent: Any = self.parent
        return parent is None or (isinstance(parent, serializers.ListSerializer) and parent.parent is None)

    def _is_described(self) -> bool:
        """Whether this is for the OpenAPI document, which tells of all fields."""
        context: dict[str, Any] = dict(self.context)
        return getattr(context.get("view"), "swagger_fake_view", "view" not in context)


def expandable(serializer: type[Any]) -> tuple[str, ...]:
    found: tuple[str, ...] = getattr(getattr(serializer, "Meta", None), "expandable", ())
    return found


class Shape:
    """What a caller wants of each row: `fields` names what is shown, `expand` what is shown besides."""

    def __init__(self, request: Request, serializer: type[Any]) -> None:
        meta = getattr(serializer, "Meta", None)
        more = set(expandable(serializer))
        self.only = _names(request, "fields", set(getattr(meta, "words", ())))
        self.more = _names(request, "expand", more) | (self.only & more)
        self.hidden = more - self.more
        loads: dict[str, tuple[Any, ...]] = getattr(meta, "loads", {})
        ways = (way for name in loads if self.shows(name) for way in loads[name])
        self.prefetch = list(dict.fromkeys(ways))  # Prefetches of the same way are equal

    def shows(self, name: str) -> bool:
        if self.only:
            return name in self.only or name in self.more or name == "id"
        return name not in self.hidden


def _names(request: Request, parameter: str, known: set[str]) -> set[str]:
    given = request.query_params.get(parameter)
    names = set() if given is None else set(given.split(","))
    if unknown := sorted(names - known):
        told = ", ".join(sorted(known)) or "none"
        raise ApiError("invalid", f"`{parameter}` does not know {unknown[0]!r}. Known: {told}.")
    return names


def etag(data: Any, serializer: type[Any]) -> str:
    """The entity tag of a row as it is shown: changes when anything of it does.

    Its second half leaves out `Meta.drifting`, which changes while somebody edits the rest: an edit need not
    be made anew because the worker told a store meanwhile.
    """
    drifting: tuple[str, ...] = getattr(serializer.Meta, "drifting", ())
    whole = _digest(data)
    edited = _digest({name: data[name] for name in data if name not in drifting}) if drifting else whole
    return f'"{whole}{edited}"'


def _digest(data: Any) -> str:
    return hashlib.sha256(AlwaysJSON().render(data)).hexdigest()[:16]


def tags(header: str) -> set[str]:
    """The entity tags that a header names; a weak one stands for the same row as the strong one."""
    return {given.strip().removeprefix("W/") for given in header.split(",")}


def _edited(tag: str) -> str:
    return tag.strip('"')[16:]


def require_match(request: Request, current: str) -> None:
    """An edit names what it edits. Raises TagMissing without If-Match, Outdated if that was changed since."""
    given = request.headers.get("If-Match", "")
    if not given:
        raise TagMissing(
            "if_match_missing", "Send If-Match with the ETag that you read, or * to overwrite whatever it is."
        )
    if not TAGS.search(given):
        raise ApiError("if_match_invalid", "If-Match is an ETag of ours, quotes included, or *.")
    if given != "*" and _edited(current) not in map(_edited, tags(given)):
        raise Outdated("changed_meanwhile", "It was changed since you read it. Read it again.")
