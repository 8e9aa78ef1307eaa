"""Filters of lists. A value that makes no sense is refused; it never means "everything"."""

from typing import Any, ClassVar

from django import forms
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from crushsync.api.moments import NO_MOMENT, moment

LARGEST_ID = 2**63 - 1


class _MomentField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        if value in (None, ""):
            return None
        found = moment(str(value).replace(" ", "+"))  # an unescaped + arrives as a blank
        if found is None:
            raise forms.ValidationError(NO_MOMENT)
        return found


class _IdField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "min_value": 1, "max_value": LARGEST_ID})


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(filters.Filter):
    """A time with its offset."""

    field_class = _MomentField


@extend_schema_field({"type": "integer", "minimum": 1})
class Id(filters.Filter):
    """The id of a related row. One that is not the caller's finds nothing."""

    field_class = _IdField


def _words(choices: list[tuple[Any, Any]]) -> dict[str, Any]:
    """Options of a filter for these words. Whoever writes another is told which there are."""
    known = ", ".join(str(word) for word, _ in choices)
    told = f'"%(value)s" is not a valid choice. Known: {known}.'
    return {"choices": choices, "error_messages": {"invalid_choice": told}}


class OneOf(filters.ChoiceFilter):
    """One of a few words."""

    def __init__(self, *, choices: list[tuple[Any, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs, **_words(choices))


@extend_schema_field({"type": "boolean"})
class Flag(filters.TypedChoiceFilter):
    words: ClassVar[list[tuple[str, str]]] = [("true", "true"), ("false", "false")]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, **_words(self.words), coerce=lambda text: text == "true")


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": 100})
class Text(filters.CharFilter):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "max_length": 100})


BEGINNING = "^#?[^#].+"


@extend_schema_field({"type": "string", "minLength": 2, "maxLength": 100, "pattern": BEGINNING})
class Beginning(filters.Filter):
    """What a name begins with. A tenth of all orders begin with the same digit: one alone finds nobody's."""

    field_class = forms.RegexField

    def __init__(self, **kwargs: Any) -> None:
        told = "Two characters or more, # not counted; a shorter name is found whole, by `name`."
        rules = {"regex": BEGINNING, "max_length": 100, "strip": False, "error_messages": {"invalid": told}}
        super().__init__(**kwargs, **rules)
