"""Bodies nobody should send, and what is to become of each: its state and the sentence staff read.

All of them come signed, on the topic orders/create unless the row names another.
"""

from dataclasses import dataclass

MALFORMED, DONE, IGNORED, UNKNOWN = "malformed", "done", "ignored", "unknown"


@dataclass(frozen=True)
class Case:
    name: str
    body: bytes
    state: str
    sentence: str
    topic: str | None = "orders/create"


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def _unreadable(name: str, body: bytes, why: str) -> Case:
    return Case(name, body, MALFORMED, f"The body cannot be read: {why}.")


def _nameless(name: str, body: bytes) -> Case:
    return Case(name, body, MALFORMED, "The body names no order.")


def _read(name: str, body: bytes, number: str) -> Case:
    return Case(name, body, DONE, f"Hollow Oak has no order {number}.")


CORPUS = [
    _unreadable("garbage", bytes(range(256)), "not UTF-8 at byte 128"),
    _unreadable("empty", b"", "empty"),
    _unreadable("blanks", b" \r\n\t", "empty"),
    _unreadable("one byte", b"{", "not JSON at character 1"),
    _unreadable("a form", b"id=1&name=Elena", "not JSON at character 0"),
    _unreadable("a page", b"<!doctype html><html></html>", "not JSON at character 0"),
    _unreadable("cut off", b'{"id": 1, "line_items": [{"id"', "not JSON at character 30"),
    _unreadable("trailing text", b'{"id": 1} and more', "not JSON at character 10"),
    _unreadable("deep 5,000", nested(5_000), "nested deeper than 100 levels"),
    _unreadable("deep 100,000", nested(100_000), "nested deeper than 100 levels"),
    _unreadable("deep inside", b'{"id": 1, "a": ' + nested(300) + b"}", "nested deeper than 100 levels"),
    _unreadable("not UTF-8", b'{"id": 1, "note": "\xff\xfe"}', "not UTF-8 at byte 19"),
    _unreadable("UTF-16", '{"id": 1}'.encode("utf-16"), "not UTF-8 at byte 0"),
    _unreadable("a bare NUL", b'{"id": 1, "note": "\x00"}', "not JSON at character 19"),
    _unreadable("NaN", b'{"id": 1, "total": NaN}', "NaN is not a number in JSON"),
    _unreadable("infinity", b'{"id": 1, "total": -Infinity}', "-Infinity is not a number in JSON"),
    _unreadable("1e400", b'{"id": 1, "total": 1e400}', "a number out of range"),
    _unreadable(
        "5,000 digits", b'{"id": 1, "total": ' + b"9" * 5_000 + b"}", "a number of more than 1000 digits"
    ),
    _nameless("a list", b"[1, 2, 3]"),
    _nameless("null", b"null"),
    _nameless("a string", b'"order"'),
    _nameless("a number", b"42"),
    _nameless("an empty object", b"{}"),
    _nameless("id null", b'{"id": null}'),
    _nameless("id true", b'{"id": true}'),
    _nameless("id 0", b'{"id": 0}'),
    _nameless("id negative", b'{"id": -5}'),
    _nameless("id a fraction", b'{"id": 5.5}'),
    _nameless("id a list", b'{"id": [5]}'),
    _nameless("id of 30 digits", b'{"id": 123456789012345678901234567890}'),
    _nameless("id with NUL", b'{"id": "5\\u0000"}'),
    _nameless("id with a lone surrogate", b'{"id": "\\ud800"}'),
    _nameless("id in other digits", '{"id": "٥"}'.encode()),
    _read("a byte order mark", b'\xef\xbb\xbf{"id": 7}', "7"),
    _read("an escaped NUL", b'{"id": 7, "note": "\\u0000"}', "7"),
    _read("a lone surrogate", b'{"id": 7, "note": "\\ud800"}', "7"),
    _read("the same name twice", b'{"id": 6, "id": 7}', "7"),
    _read("2.4 MB", b'{"id": 7, "note": "' + b"x" * 2_400_000 + b'"}', "7"),
    _read("an emoji", '{"id": 7, "note": "\U0001f377"}'.encode(), "7"),
    Case("no topic", b'{"id": 7}', UNKNOWN, "Nobody has told us what the topic '' means.", None),
    Case("unknown topic", b"\xff", UNKNOWN, "Nobody has told us what the topic 'a/b' means.", "A/b"),
    Case(
        "markup as topic",
        b"{}",
        UNKNOWN,
        "Nobody has told us what the topic '<script>' means.",
        "<script>",
    ),
    Case(
        "a topic we leave alone",
        b"\xff",
        IGNORED,
        "Stock in the shop follows ours.",
        "inventory_levels/update",
    ),
    Case("a refund of nothing", b"{}", MALFORMED, "The body names no order.", "refunds/create"),
]
