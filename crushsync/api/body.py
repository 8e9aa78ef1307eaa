"""What comes in: one JSON object, read strictly."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from crushsync.api.errors import TooLarge
from crushsync.lib.text import MalformedBody, parse_json


class StrictJSONParser(BaseParser):
    """Fractions stay exact; NaN, deep nesting and anything but an object are refused with the place."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge("too_large", f"A body has at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")
        try:
            value = parse_json(body)
        except MalformedBody as error:
            raise ParseError(f"The body is no JSON: {error}.") from None
        if not isinstance(value, dict):
            raise ParseError("The body has to be a JSON object.")
        return value
