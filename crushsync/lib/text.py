"""Text and JSON from outside, made storable; our own JSON, written exactly."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

MAX_DEPTH = 100
MAX_DIGITS = 1_000
# Beyond a double's range no shop means what it says, and other JSON readers would see infinity.
MAX_EXPONENT = 308

# PostgreSQL stores neither NUL nor lone surrogates; the other controls only confuse whoever reads them.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTAINERS = (dict, list)  # named once: to build a union at each of the values would cost more


class MalformedBody(ValueError):
    """The bytes are not JSON we can use. The text says why and quotes nothing of them."""


def clean_text(value: object, limit: int) -> str:
    """Return `value` as text that both databases store alike: NFC, no controls, at most `limit` characters.

    Newline and tab stay. Numbers become their digits; None, booleans and containers become "".
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        return value[:limit]
    # Cut first: normalising a long run of combining marks is quadratic. Composing shrinks to a third at most.
    text = value[: 3 * limit].replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNSTORABLE.sub("", text))[:limit]


def parse_json(body: bytes) -> Any:
    """Read one JSON document from UTF-8 bytes (a byte order mark is tolerated); fractions become Decimal.

    Raises MalformedBody, and nothing else, for everything that is not one.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBody(f"not UTF-8 at byte {error.start}") from None
    if not text.strip():
        raise MalformedBody("empty")
    try:
        value = json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise MalformedBody(f"not JSON at character {error.pos}") from None
    except RecursionError:
        raise MalformedBody(f"nested deeper than {MAX_DEPTH} levels") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper_than(MAX_DEPTH, value):
        raise MalformedBody(f"nested deeper than {MAX_DEPTH} levels")
    return value


def dump_json(value: Any) -> str:
    """Write JSON in ASCII; a Decimal becomes the very digits it holds, never by way of a float.

    Raises ValueError for NaN and infinity, TypeError for what JSON has no word for.
    """
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("JSON has no word for NaN and infinity")
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(key)}:{dump_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dump_json, value)) + "]"
    return json.dumps(value, allow_nan=False)


def web_address(url: str) -> str:
    """The address if it leads to a web page, else "": one that came from outside could run something."""
    return url if url.startswith(("https://", "http://")) else ""


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError("a JSON key must be text")
    return encode_basestring_ascii(key)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise MalformedBody(f"a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > MAX_DIGITS:
        raise MalformedBody(f"a number of more than {MAX_DIGITS} digits")
    try:
        number = Decimal(digits)
    except ArithmeticError:
        raise MalformedBody("a number out of range") from None
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise MalformedBody("a number out of range")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedBody(f"{name} is not a number in JSON")


def _is_deeper_than(levels: int, value: Any) -> bool:
    layer = [value] if isinstance(value, _CONTAINERS) else []
    for _ in range(levels):
        if not layer:
            return False
        layer = [child for node in layer for child in _children(node) if isinstance(child, _CONTAINERS)]
    return bool(layer)


def _children(node: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node


def in_utc(value: datetime) -> str:
    """As we tell a time to other programs. Example: `2026-11-18T16:42:07Z`"""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
