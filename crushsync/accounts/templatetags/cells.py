"""Names for the cells of a list: on a phone its rows are cards, without the line of headings."""

import re
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()
CELL = re.compile(r"<t[dh]\b")


@register.filter
def named(cells: Sequence[SafeString], headers: Sequence[dict[str, Any]]) -> list[SafeString]:
    """The cells of a row as Django's list has made them, each with its heading as `data-label`."""
    return [
        cell if "action-checkbox" in str(header["class_attrib"]) else _named(cell, header["text"])
        for cell, header in zip(cells, headers, strict=True)
    ]


def _named(cell: SafeString, heading: Any) -> SafeString:
    label = f'data-label="{escape(capfirst(str(heading)))}"'
    return mark_safe(CELL.sub(lambda tag: f"{tag[0]} {label}", cell, count=1))  # noqa: S308 - both are escaped
