"""Copies of requests and answers that may be kept: what was said about bottles, not about people."""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from crushsync.lib.text import clean_text

HIDDEN = "•••"
MAX_TEXT = 2_000
MAX_ITEMS = 200
MAX_DEPTH = 30
MAX_KEY = 100
TOO_DEEP = "(deeper levels left out)"
SHORTEST_NAME = 3  # shorter ones are hidden as part of the whole name: they are words and states, too

# Keys without case, "_" and "-". Each of these says something about a person, or opens a door. A block of
# keys under one that names a person is not hidden whole: its state and country stay.
_PERSONAL_WORDS = """
    firstname lastname fullname middlename salutation businessname email emails contactemail customeremail
    customerfirstname customerlastname address1 address2 address3 addressline1 addressline2 address
    city postalcode postcode zip zipcode latitude longitude dateofbirth birthdate birthday dob customerdob
    note notes customernote customernotes giftnote giftmessage producernote instructions idscanurl
    browserip remoteip ipaddress clientdetails useragent customeripaddress customeruseragent vatid taxvat
    orderstatusurl statuspageurl checkouturl landingsite referringsite
    addresses customer recipient buyer contact shipto billto
"""
PERSONAL = frozenset(_PERSONAL_WORDS.split())
PERSONAL_STARTS = ("phone", "telephone", "street")
SECRET_PARTS = (
    "token",
    "secret",
    "password",
    "authorization",
    "apikey",
    "accesskey",
    "consumerkey",
    "cookie",
)
# Inside a person's own block these name the person; elsewhere they name goods and carriers.
NAMES = frozenset({"name", "company", "displayname", "formatted", "formattedarea"})
PERSON_PARTS = ("address", "customer", "recipient", "consignee")
PERSONS = frozenset({"shipto", "billto", "billing", "shipping", "buyer", "contact", "person", "destination"})
# Lists of {key, value} and the like, which shops and customers fill with anything, birth dates among it.
FREE = frozenset(
    {"attributes", "customattributes", "noteattributes", "properties", "customfields"}
    | {"metafield", "metafields", "metadata"}
)
FREE_LABELS = frozenset({"id", "key", "name", "namespace", "type", "typename"})

_EMAIL = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]{1,255}")


# Named once: to build these unions at each of an answer's values would cost more than to look at it.
_AS_IT_IS = frozenset({bool, int, float, type(None)})
_NUMBERS = (bool, int, float)
_PLAIN = (Decimal, datetime.date)
_OBJECTS = (dict, Mapping)  # the plain class first: asking the abstract one is slow
_LISTS = (list, tuple)


class Rule(NamedTuple):
    """What a key says about its value."""

    shown: str  # the key as the copy has it
    may_hide: bool  # personal or a name: whether it is hidden has to be asked
    is_personal: bool  # hidden wherever it stands
    is_name: bool  # hidden inside a person's block
    is_label: bool  # all that stays inside a free list
    is_person: bool  # its block is a person's
    is_free: bool  # its block is a free list


def redact(value: Any) -> Any:
    """Return a copy for the record of an attempt: JSON that any database stores, with nobody in it.

    Personal data and secrets become "•••"; absent ones stay absent, so that a missing birth date shows.
    Structure, numbers, SKUs, prices, states and tracking stay; a Decimal becomes its digits as text. Text is
    cut at MAX_TEXT, lists and objects at MAX_ITEMS with a note, depth at MAX_DEPTH.
    """
    return _redact(value, False, False, 0)


def naming(words: Iterable[str]) -> re.Pattern[str] | None:
    """What finds these words of people in a text, each as a word of its own; None without any words.

    A name is found as it is written, with a capital or all in capitals: the customer Will May is hidden, and
    "it will" stays. What is of several words is found however it is written.
    """
    found = {word for text in words if len(word := " ".join(text.split())) >= SHORTEST_NAME}
    spelled = {
        f"(?i:{re.escape(word)})" if " " in word else re.escape(way)
        for word in found
        for way in (word, word.title(), word.upper())
    }
    if not spelled:
        return None
    longest_first = sorted(spelled, key=lambda way: (-len(way), way))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(longest_first)})(?![\w-])")


def hide(value: Any, pattern: re.Pattern[str]) -> Any:
    """The same text, or the same JSON, with what the pattern finds in its texts hidden."""
    if isinstance(value, str):
        return pattern.sub(HIDDEN, value)
    if isinstance(value, _OBJECTS):
        return {key: hide(item, pattern) for key, item in value.items()}
    return [hide(item, pattern) for item in value] if isinstance(value, _LISTS) else value


def _redact(value: Any, in_person: bool, in_free: bool, depth: int) -> Any:
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is str:
        return _redact_text(value)
    if kind is Decimal:
        return str(value)
    if isinstance(value, _OBJECTS):
        return _redact_mapping(value, in_person, in_free, depth + 1) if depth < MAX_DEPTH else TOO_DEEP
    if isinstance(value, _LISTS):
        return _redact_list(value, in_person, in_free, depth + 1) if depth < MAX_DEPTH else TOO_DEEP
    if isinstance(value, _NUMBERS):
        return value
    if isinstance(value, str):
        return _redact_text(value)
    return str(value) if isinstance(value, _PLAIN) else f"({kind.__name__})"


def _redact_list(value: Sequence[Any], in_person: bool, in_free: bool, depth: int) -> list[Any]:
    copy = [_redact(item, in_person, in_free, depth) for item in value[:MAX_ITEMS]]
    rest = len(value) - MAX_ITEMS
    return [*copy, f"({rest} more left out)"] if rest > 0 else copy


def _redact_mapping(value: Mapping[Any, Any], in_person: bool, in_free: bool, depth: int) -> dict[str, Any]:
    copy: dict[str, Any] = {}
    for key, item in islice(value.items(), MAX_ITEMS):
        rule = _rule(key if type(key) is str and len(key) <= MAX_KEY else str(key)[:MAX_KEY])
        if (rule.may_hide or in_free) and _is_hidden(rule, item, in_person, in_free):
            copy[rule.shown] = HIDDEN
        elif type(item) in _AS_IT_IS:
            copy[rule.shown] = item
        elif type(item) is str:
            copy[rule.shown] = _redact_text(item)
        else:
            copy[rule.shown] = _redact(item, in_person or rule.is_person, in_free or rule.is_free, depth)
    if len(value) > MAX_ITEMS:
        copy["…"] = f"({len(value) - MAX_ITEMS} more left out)"
    return copy


def _is_hidden(rule: Rule, item: Any, in_person: bool, in_free: bool) -> bool:
    is_stray = in_free and not rule.is_label
    is_told = rule.is_personal or (rule.is_name and in_person)
    if not (is_stray or is_told) or item is None or item in ("", [], {}):
        return False
    is_block = isinstance(item, _OBJECTS) or (isinstance(item, _LISTS) and isinstance(item[0], _OBJECTS))
    return not (is_block and rule.is_person) and (is_told or not is_block)


def _redact_text(text: str) -> str:
    if len(text) <= MAX_TEXT and "@" not in text and text.isascii() and text.isprintable():
        return text  # nearly all of them
    text = clean_text(text, MAX_TEXT)
    return _EMAIL.sub(HIDDEN, text) if "@" in text else text


@lru_cache(maxsize=4096)
def _rule(key: str) -> Rule:
    word = re.sub(r"[^a-z0-9]", "", key.lower())
    is_secret = any(part in word for part in SECRET_PARTS)
    is_personal = word in PERSONAL or word.startswith(PERSONAL_STARTS) or is_secret
    return Rule(
        shown=_redact_text(key),
        may_hide=is_personal or word in NAMES,
        is_personal=is_personal,
        is_name=word in NAMES,
        is_label=word in FREE_LABELS,
        is_person=(word in PERSONS or any(part in word for part in PERSON_PARTS)) and not is_secret,
        is_free=word in FREE,
    )
