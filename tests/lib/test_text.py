import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crushsync.lib.text import MalformedBody, clean_text, dump_json, parse_json


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ("plain", "plain"),
        ("a\x00b\x07c\x7fd\x9be", "abcde"),
        ("one\r\ntwo\rthree\n\tfour", "one\ntwo\nthree\n\tfour"),
        ("\ud800broken\udfff", "broken"),
        ("\U0001f377 Ch\u00e2teau", "\U0001f377 Ch\u00e2teau"),
        ("Rene\u0301", "Ren\u00e9"),
        ("", ""),
        (None, ""),
        (True, ""),
        ({"a": 1}, ""),
        (["a"], ""),
        (b"bytes", ""),
        (94558, "94558"),
        (Decimal("1.50"), "1.50"),
    ],
)
def test_clean_text(value: object, clean: str) -> None:
    assert clean_text(value, 100) == clean


@pytest.mark.parametrize(("text", "cut"), [("a" * 11, "a" * 10), ("e\u0301" * 11, "\u00e9" * 10)])
def test_clean_text_cuts_characters_not_bytes(text: str, cut: str) -> None:
    assert clean_text(text, 10) == cut


def test_clean_text_is_quick_with_combining_marks() -> None:
    assert len(clean_text("\u0315\u0300" * 500_000, 200)) == 200


@given(st.text(st.characters(codec=None)), st.integers(0, 50))
def test_clean_text_is_storable_and_stays_clean(text: str, limit: int) -> None:
    clean = clean_text(text, limit)
    clean.encode("utf-8")
    assert "\x00" not in clean
    assert len(clean) <= limit


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1.10}', {"a": Decimal("1.10")}),
        (b"\xef\xbb\xbf[]", []),
        (b" null ", None),
        (b'"top"', "top"),
        (b"-0", 0),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'"\\ud800"', "\ud800"),
        (b'"\\u0000"', "\x00"),
        (b"[" * 100 + b"]" * 100, json.loads("[" * 100 + "]" * 100)),
        (b"[" + b"[],{}," * 500 + b"1]", [*[[], {}] * 500, 1]),
        (b"9007199254740993", 9007199254740993),
        (b"1e308", Decimal("1e308")),
    ],
)
def test_parse_json(body: bytes, value: Any) -> None:
    assert parse_json(body) == value


def test_fractions_keep_their_digits() -> None:
    assert str(parse_json(b"[12.50]")[0]) == "12.50"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff", "not UTF-8 at byte 0"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8 at byte 0"),
        ('{"a":1}'.encode("utf-16-le"), "not JSON at character 1"),
        (b'{"a": NaN}', "NaN is not a number in JSON"),
        (b"[Infinity]", "Infinity is not a number in JSON"),
        (b"[-Infinity]", "-Infinity is not a number in JSON"),
        (b"[1e400]", "a number out of range"),
        (b"[1e-400]", "a number out of range"),
        (b"[1e99999999999999999999]", "a number out of range"),
        (b"1" * 5000, "a number of more than 1000 digits"),
        (b"1." + b"1" * 5000, "a number of more than 1000 digits"),
        (b"[" * 101 + b"]" * 101, "nested deeper than 100 levels"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "nested deeper than 100 levels"),
        (b"[" * 100_000, "nested deeper than 100 levels"),
        (b'{"a": 1} x', "not JSON at character 9"),
        (b'{"name": "Elena', "not JSON at character 9"),
        (b"{'a': 1}", "not JSON at character 1"),
        (b'"a\x00"', "not JSON at character 2"),
    ],
)
def test_malformed_bodies(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        parse_json(body)
    assert str(caught.value) == reason
    assert caught.value.__cause__ is None


@given(st.binary(max_size=200))
def test_parse_json_raises_nothing_else(body: bytes) -> None:
    with suppress(MalformedBody):
        parse_json(body)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "-0.00"),
        (Decimal("0.1") + Decimal("0.2"), "0.3"),
        ({"a": [1, None, True, 1.5, 'x"\n\u00e9\ud800']}, '{"a":[1,null,true,1.5,"x\\"\\n\\u00e9\\ud800"]}'),
        ((), "[]"),
    ],
)
def test_dump_json(value: Any, text: str) -> None:
    assert dump_json(value) == text


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), {"a": float("inf")}])
def test_dump_json_refuses_what_is_no_number(value: Any) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        dump_json(value)


@pytest.mark.parametrize("value", [b"bytes", {1: "a"}, object(), {"a"}])
def test_dump_json_refuses_what_json_cannot_say(value: Any) -> None:
    with pytest.raises(TypeError):
        dump_json(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(-(10**9), 10**9, places=2),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_what_is_written_reads_back_exactly(value: Any) -> None:
    assert parse_json(dump_json(value).encode()) == value
